"""The wheels that the browser's Python needs: which, in which version, fetched by name, and what each says of itself.

Pyodide installs only wheels for any platform. Which version: the one that Pyodide's own lock names, where it names one;
otherwise the one that is installed here, with which the kit was tested.
"""

from __future__ import annotations

import email
import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from tools.site.pyodide import Unfit

NOT_HERE = {
    "jupyterlab": "the site is one",
    "jupyterlab-widgets": "its front end lies in the site",
    "widgetsnbextension": "is for the classic notebook",
    "matplotlib": "has compiled parts; the pictures are SVG without it",
}
"""What is required on a computer and left out in a browser, and why."""

BROWSER = {
    "sys_platform": "emscripten", "platform_system": "Emscripten", "os_name": "posix", "platform_machine": "wasm32",
    "implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": "",
}  # fmt: skip
"""By these values of the environment markers, and its Python's version, a requirement holds in the browser or not."""


@dataclass(frozen=True)
class Wheel:
    """A wheel file, and what it says of itself to a browser whose Python has this version (``3.14.2``)."""

    path: Path
    python: str

    @property
    def name(self) -> str:
        """The distribution's name in its canonical spelling."""
        return parse_wheel_filename(self.path.name)[0]

    @property
    def version(self) -> str:
        """Its version."""
        return str(parse_wheel_filename(self.path.name)[1])

    @cached_property
    def files(self) -> list[str]:
        """The names of all files in it."""
        with zipfile.ZipFile(self.path) as archive:
            return archive.namelist()

    @cached_property
    def requirements(self) -> list[Requirement]:
        """What it itself requires in a browser."""
        (name,) = (name for name in self.files if name.endswith(".dist-info/METADATA") and name.count("/") == 1)
        with zipfile.ZipFile(self.path) as archive:
            lines = email.message_from_bytes(archive.read(name)).get_all("Requires-Dist", [])
        all_of_them = (Requirement(line) for line in lines)
        return [r for r in all_of_them if canonicalize_name(r.name) not in NOT_HERE and holds(r, self.python)]

    @property
    def depends(self) -> list[str]:
        """The canonical names of its requirements."""
        return sorted({canonicalize_name(r.name) for r in self.requirements})

    @property
    def imports(self) -> list[str]:
        """The top-level names that it makes importable."""
        tops = {name.split("/")[0] for name in self.files if name.endswith(".py")}
        return sorted(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data")))

    @property
    def sha256(self) -> str:
        """The digest of the file, in hexadecimal."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def short(python: str) -> str:
    """A Python's version without its last part: ``3.14`` for ``3.14.2``."""
    return ".".join(python.split(".")[:2])


def holds(requirement: Requirement, python: str) -> bool:
    """Whether the requirement's marker, if it has one, is true in a browser with this Python."""
    here = {**BROWSER, "python_version": short(python), "python_full_version": python}
    return requirement.marker is None or requirement.marker.evaluate(here)


def closure(given: Iterable[Wheel], roots: Iterable[str], lock: Mapping[str, Any], kept: Path) -> list[Wheel]:
    """The ``given`` wheels, the ``roots`` by name, and all that they require; fetched into ``kept``."""
    found = {wheel.name: wheel for wheel in given}
    wanted = {Requirement(name) for name in roots} | {r for wheel in found.values() for r in wheel.requirements}
    while wanted:
        new = {canonicalize_name(r.name) for r in wanted} - found.keys()
        fetched = fetch({name: version_of(name, lock) for name in sorted(new)}, lock["info"]["python"], kept)
        found |= {wheel.name: wheel for wheel in fetched}
        check_bounds(wanted, found)
        wanted = {r for wheel in fetched for r in wheel.requirements}
    return sorted(found.values(), key=lambda wheel: wheel.name)


def version_of(name: str, lock: Mapping[str, Any]) -> str:
    """Which version of a distribution to take."""
    if name in lock["packages"]:
        return str(lock["packages"][name]["version"])
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        raise Unfit(f"{name} is neither in Pyodide's lock nor installed here, so no version of it is known") from None


def check_bounds(wanted: Iterable[Requirement], found: Mapping[str, Wheel]) -> None:
    """Raise Unfit if a version that was chosen is not one that a requirement allows."""
    for requirement in wanted:
        wheel = found[canonicalize_name(requirement.name)]
        if not requirement.specifier.contains(wheel.version, prereleases=True):
            raise Unfit(f"{wheel.name} {wheel.version} would be in the site, but {requirement} is required")


def fetch(versions: Mapping[str, str], python: str, kept: Path) -> list[Wheel]:
    """These distributions as wheels for any platform: those in ``kept``, the others by one call of pip."""
    missing = [f"{name}=={version}" for name, version in versions.items() if not _kept(name, version, python, kept)]
    if missing:
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(kept),
            "--platform=any", "--implementation=py", "--abi=none", f"--python-version={short(python)}",
        ]  # fmt: skip
        answer = subprocess.run([*command, *missing], capture_output=True, text=True, check=False)
        if answer.returncode:
            raise Unfit(f"pip could not fetch {' '.join(missing)}: {' '.join(answer.stderr.split())[-300:]}")
    return [wheel for name, version in versions.items() if (wheel := _kept(name, version, python, kept))]


def _kept(name: str, version: str, python: str, kept: Path) -> Wheel | None:
    wheels = (Wheel(path, python) for path in kept.glob("*-any.whl"))
    return next((wheel for wheel in wheels if (wheel.name, wheel.version) == (name, version)), None)


def build_wheel(root: Path, into: Path, python: str) -> Wheel:
    """The kit's own wheel, built from the checkout ``root``, for a browser with this Python."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into)]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Unfit(f"the wheel could not be built: {answer.stderr[-600:]}")
    (path,) = into.glob("*.whl")
    return Wheel(path, python)
