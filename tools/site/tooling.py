"""JupyterLite's own programs, in an environment of their own beside what the build fetches.

They come with a lab extension that every JupyterLab of the same environment would load, for a kernel that it cannot
start. So they are no part of the kit's environment, nor of any extra that could be installed into it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.site.pyodide import Unfit

GROUP = "site"
"""The dependency group in pyproject.toml."""

DONE = "installed.txt"
"""A file of the environment that says what is installed in it: written last, so it is there only if all is."""

KERNEL_EXTENSION = "@jupyterlite/pyodide-kernel-extension"
ASK = "from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION; print(PYODIDE_VERSION)"


@dataclass(frozen=True)
class Tools:
    """The environment with JupyterLite in it."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def kernel_extension(self) -> Path:
        """The lab extension with JupyterLite's kernel, and the wheels that this kernel is made of."""
        return self.folder / "share" / "jupyter" / "labextensions" / KERNEL_EXTENSION

    def pyodide_version(self) -> str:
        """The version of Pyodide that this kernel was made for."""
        return subprocess.run([self.python, "-c", ASK], capture_output=True, text=True, check=True).stdout.strip()


def install_tools(root: Path, folder: Path, constraints: Path | None) -> Tools:
    """The environment in ``folder``, made anew if it was made of something else. Unfit if pip cannot."""
    wanted = requirements(root)
    recipe = "\n".join([sys.version, str(folder), *wanted, constraints.read_text() if constraints else "newest", ""])
    done = folder / DONE
    if not done.exists() or done.read_text(encoding="utf-8") != recipe:
        print("Installing JupyterLite for the build (once) ...", file=sys.stderr)
        _install(folder, wanted, constraints)
        done.write_text(recipe, encoding="utf-8")
    return Tools(folder)


def requirements(root: Path) -> list[str]:
    """What pyproject.toml lists for the build of the site."""
    groups = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    return [str(requirement) for requirement in groups[GROUP]]


def _install(folder: Path, wanted: list[str], constraints: Path | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    pins = ["--constraint", str(constraints)] if constraints else []
    pip = [str(Tools(folder).python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", str(folder)], [*pip, *pins, *wanted]):
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            raise Unfit(f"JupyterLite could not be installed: {' '.join(answer.stderr.split())[-300:]}")
