"""Where something stands in a scenario's source, and the one line that says what is wrong there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..errors import ScenarioError
from .words import hint, quote

Path: TypeAlias = "tuple[str | int, ...]"
"""The keys and indices from the top of the file down to a value: ``("steps", 2, "mmap", "pages")``."""


@dataclass(frozen=True, slots=True)
class Where:
    """The source's name, and the line of every value in it (none, if it was not read from text).

    >>> where = Where("a.yaml", {(): 1, ("steps", 0): 4})
    >>> str(where.refuse(("steps", 0, "mmap"), "no such op"))
    'a.yaml:4: no such op'
    >>> str(Where("dict").refuse(("steps", 0, "mmap"), "no such op"))
    'dict: steps[0].mmap: no such op'
    """

    name: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of the value at ``path``, or of the nearest thing around it; 0 if there are no lines."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0

    def refuse(self, path: Path, message: str) -> ScenarioError:
        """The error to raise: one line with the place and the message."""
        line = self.line(path)
        place = f"{self.name}:{line}" if line else f"{self.name}: {spell(path)}" if path else self.name
        return ScenarioError(one_line(f"{place}: {message}"))

    def unknown(self, path: Path, what: str, word: object, choices: tuple[str, ...]) -> ScenarioError:
        """The error for a word that is not among ``choices``, with the nearest one that is."""
        return self.refuse(path, f"unknown {what} {quote(word)}{hint(word, choices)}")


def one_line(text: str) -> str:
    r"""``text`` without anything that could end or garble a line.

    >>> one_line("a\nb\x07c\u2028d")
    'a b c d'
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def spell(path: Path) -> str:
    """A path as a reader writes it.

    >>> spell(("steps", 2, "mmap", "pages"))
    'steps[2].mmap.pages'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
