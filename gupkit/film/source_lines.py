"""The simulator's own source around the line that an event names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
AROUND = 4
"""Lines shown before and after."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines ``first`` to ``first + len(text) - 1`` of a file, of which ``marked`` is the one that is meant."""

    first: int
    marked: int
    text: tuple[str, ...]


@lru_cache(maxsize=1024)
def excerpt(where: str) -> Excerpt | None:
    """The lines around ``kernel/gup.py:67``; None for what does not lie in the package.

    >>> excerpt("errors.py:1").text[0]
    '\"\"\"What the person at the keyboard got wrong.'
    >>> excerpt("elsewhere.py:3") is None
    True
    """
    name, _, line = where.partition(":")
    if not name or not line.isdigit() or not (PACKAGE / name).is_file():
        return None
    lines, marked = _lines(name), int(line)
    first = max(1, marked - AROUND)
    return Excerpt(first, marked, tuple(lines[first - 1 : marked + AROUND]))


@lru_cache(maxsize=64)
def _lines(name: str) -> list[str]:
    return (PACKAGE / name).read_text(encoding="utf-8").splitlines()
