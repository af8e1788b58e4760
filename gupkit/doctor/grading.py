"""What an instructor needs besides."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

from .finding import Finding

EXTRA = 'pip install "gupkit[grading]"'


def grading() -> Iterator[Finding]:
    """nbgrader, and the wall around what students hand in."""
    try:
        yield Finding("nbgrader", True, metadata.version("nbgrader"))
    except metadata.PackageNotFoundError:
        yield Finding("nbgrader", False, "missing: needed to release, collect and grade problem sets", EXTRA)
        return
    yield wall()


def wall() -> Finding:
    """Whether student code can be walled in on this machine."""
    from ..course.sandbox.wall import why_no_wall

    reason = why_no_wall()
    if reason:
        return Finding("wall for student code", False, reason, "grade on a machine or in a container that has it")
    return Finding("wall for student code", True, "bubblewrap works")
