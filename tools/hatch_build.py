"""What hatch does when it builds the wheel or the source archive, beyond packing what lies here.

The wheel gets, in ``gupkit/shipped``, the notebooks and the problem sets as students get them; the source archive gets
these problem sets in ``exercises/release``. Neither gets solutions, hidden tests or judges. Built from a source
archive, the wheel takes the released sets that lie there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = "gupkit/shipped"
MADE = {"__pycache__"}
LINKS = {"../exercises/source/": "exercises/", "../exercises/README.md": "exercises/ps1/ps1.ipynb"}
"""Where the lectures' links lead in a checkout, and where a learner has the same."""


class ShipNotebooks(BuildHookInterface):  # type: ignore[type-arg]  # of no builder in particular
    """The hook; pyproject.toml names this file."""

    PLUGIN_NAME = "custom"
    scratch: tempfile.TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """What the build itself needs: nbgrader and the kit's own libraries, where there are sets to release."""
        if not self.sources.is_dir():
            return []
        core = self.metadata.core
        return [*core.dependencies, *core.optional_dependencies["grading"]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the build: say which files go where. An editable install runs on the checkout itself."""
        if version == "editable":
            return
        self.scratch = tempfile.TemporaryDirectory()
        sets = self.released()
        if self.target_name == "sdist":
            self.add(build_data, sets, "exercises/release")
            return
        self.add(build_data, self.lectures(), f"{SHIPPED}/notebooks")
        self.add(build_data, sets, f"{SHIPPED}/exercises")

    def lectures(self) -> Path:
        """The notebooks as a learner gets them: the problem sets lie below them, not beside."""
        into = Path(self.made, "notebooks")
        shutil.copytree(Path(self.root, "notebooks"), into, ignore=shutil.ignore_patterns(".*"))
        for path in into.glob("*.ipynb"):
            text = path.read_text(encoding="utf-8")
            for here, there in LINKS.items():
                text = text.replace(here, there)
            path.write_text(text, encoding="utf-8", newline="\n")
        return into

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After the build: remove what was made for it."""
        if self.scratch is not None:
            self.scratch.cleanup()

    @property
    def made(self) -> str:
        """A folder for what is made on the way."""
        assert self.scratch is not None
        return self.scratch.name

    @property
    def sources(self) -> Path:
        """Where the problem sets lie with their solutions, in a checkout."""
        return Path(self.root, "exercises", "source")

    def released(self) -> Path:
        """Where the released sets lie: made now, or brought by the source archive."""
        if not self.sources.is_dir():
            return Path(self.root, "exercises", "release")
        into, script = Path(self.made, "exercises"), Path(self.root, "tools", "release.py")
        into.mkdir()
        command = [sys.executable, str(script), str(self.sources.parent), str(into)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode:
            raise RuntimeError(f"the problem sets could not be released:\n{answer.stderr[-3000:]}")
        return into

    def add(self, build_data: dict[str, Any], folder: Path, target: str) -> None:
        """Have every file of a folder packed under ``target``."""
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(part in MADE or part.startswith(".") for part in inside.parts):
                build_data["force_include"][str(path)] = f"{target}/{inside.as_posix()}"
