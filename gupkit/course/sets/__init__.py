"""The problem sets, one file each: what is public of them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files

from ...errors import GupkitError
from ..model import ProblemSet


def names() -> list[str]:
    """The names of all problem sets.

    >>> "ps1" in names()
    True
    """
    stems = (entry.name.removesuffix(".py") for entry in files(__name__).iterdir() if entry.name.endswith(".py"))
    return sorted(stem for stem in stems if stem.startswith("ps"))


@cache
def load(name: str) -> ProblemSet:
    """The problem set of that name, GupkitError for another."""
    if name not in names():
        raise GupkitError(f"no problem set {name!r}: there are {', '.join(names())}")
    found = import_module(f"{__name__}.{name}").PROBLEM_SET
    assert isinstance(found, ProblemSet)
    return found
