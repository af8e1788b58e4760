"""What is sent to the page: one film, or two to be shown side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..trace.trace import Trace
from .film import Film
from .front import samples
from .place import moved

At = tuple[int, int]
"""A place of one of the films: the film's number, and the place in it."""


class Reel:
    """Films that are shown together. ``names`` say which is which where there are two.

    ``pairs`` then has, for each place of the first, the one of the second that corresponds to it.
    """

    def __init__(self, films: Sequence[Film], names: Sequence[str] = ()) -> None:
        self.films = films
        self.names = names
        self.pairs = pairs_of(films[0].trace, films[1].trace) if len(films) > 1 else None

    def at(self, place: int) -> list[At]:
        """What is shown while the reader stands at ``place`` of the first film."""
        return [(0, place), *([(1, self.pairs[place])] if self.pairs else [])]

    def heads(self) -> dict[str, Any]:
        """What is told of the whole."""
        return {"films": [film.head() for film in self.films], "pairs": self.pairs, "names": list(self.names)}

    def batches(self, at: Iterable[At], count: int = 1, views: slice = slice(None)) -> list[tuple[int, dict[str, Any]]]:
        """Some of the views of ``count`` places from each of these on, with the number of the film they are of."""
        return [(number, self.films[number].shots(place, count, views=self.films[number].views[views]))
                for number, place in at]


def whole(films: Sequence[Film], names: Sequence[str] = (), unit: str = "step") -> dict[str, Any]:
    """All that a page needs which asks nobody: every place of the films, open at the first."""
    reel = Reel(films, names)
    heads = reel.heads()  # first: values are numbered in the order in which they are told
    batches = reel.batches([(number, 0) for number in range(len(films))], count=1 << 30)
    return {**heads, "batches": batches, "place": 0, "unit": unit, "samples": samples()}


def pairs_of(one: Trace, other: Trace) -> list[int]:
    """For each place of ``one`` the place of ``other`` where the same has just happened, or nearly.

    >>> from gupkit.api import run
    >>> trace = run("leak")
    >>> pairs_of(trace, trace) == list(range(len(trace)))
    True
    """
    return [moved(one, place, other) for place in range(len(one))]
