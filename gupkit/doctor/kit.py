"""The kit itself: its Python, its libraries, its notebooks, and a first run."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ..errors import GupkitError
from ..handout import PACKAGE, checkout, files
from .finding import Finding

LEAST = (3, 11)


def kit() -> Iterator[Finding]:
    """What the simulator and the pictures stand on."""
    yield python()
    yield simulator()
    yield notebooks()
    yield matplotlib()


def python() -> Finding:
    """The Python that runs this."""
    what = f"{platform.python_version()} at {sys.executable}"
    mend = f"install Python {LEAST[0]}.{LEAST[1]} or newer"
    return Finding("Python", sys.version_info >= LEAST, what, mend, needed=True)


def simulator() -> Finding:
    """Whether a built-in scenario comes out as it says."""
    from ..api import run

    mend = "install the kit anew: pip install --force-reinstall gupkit"
    try:
        ok = run("foll-write-cow").ok
    except (GupkitError, ImportError, OSError) as problem:
        return Finding("simulated kernel", False, f"does not run: {problem}", mend, needed=True)
    return Finding("simulated kernel", ok, f"runs, from {PACKAGE}" if ok else "does not hold", mend, needed=True)


def notebooks() -> Finding:
    """Whether the notebooks came with the package, and the problem sets."""
    found = [path for path, _ in files() if path.suffix == ".ipynb"]
    here: Path | None = checkout()
    where = f"in the checkout {here}" if here else "in the package; gupkit lab hands out copies"
    return Finding("notebooks", bool(found), f"{len(found)} {where}", "install the kit from its wheel", needed=True)


def matplotlib() -> Finding:
    """Whether figures can be painted; the pictures themselves are SVG."""
    try:
        return Finding("matplotlib", True, metadata.version("matplotlib"))
    except metadata.PackageNotFoundError:
        what = "missing: pictures are shown as SVG, and .plot() is refused"
        return Finding("matplotlib", False, what, "pip install matplotlib")
