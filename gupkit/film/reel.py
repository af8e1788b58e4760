"""What is sent to the page: one film, or two to be shown side by side, with the place where the reader stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..trace.trace import Trace
from .film import Film
from .front import samples
from .place import moved


def message(
    films: Sequence[Film], place: int, unit: str = "step", names: Sequence[str] = (), count: int = 1,
    most_views: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The films' heads and ``count`` places of each, from where the reader stands on.

    Only the first ``most_views`` views are drawn, where that is given; :func:`rest` draws the others.

    ``names`` say which is which where there are two; ``pairs`` then has, for each place of the first, the one of the
    second that corresponds to it.
    """
    pairs = pairs_of(films[0].trace, films[1].trace) if len(films) > 1 else None
    at = [place, *([pairs[place]] if pairs else [])]
    parts = [
        (film.head(), film.shots(first, count, views=film.views[:most_views]))
        for film, first in zip(films, at, strict=True)
    ]
    return {
        "film": [{"head": head, "batch": batch} for head, batch in parts],
        "pairs": pairs, "place": place, "unit": unit, "names": list(names), "samples": samples(),
    }  # fmt: skip


def rest(films: Sequence[Film], told: dict[str, Any], drawn_views: int) -> Iterator[dict[str, Any]]:
    """What is left of a message of which only so many views were drawn: for each film a batch."""
    for film, part in zip(films, told["film"], strict=True):
        yield film.shots(part["batch"]["first"], 1, views=film.views[drawn_views:])


def pairs_of(one: Trace, other: Trace) -> list[int]:
    """For each place of ``one`` the place of ``other`` where the same has just happened, or nearly.

    >>> from gupkit.api import run
    >>> trace = run("leak")
    >>> pairs_of(trace, trace) == list(range(len(trace)))
    True
    """
    return [moved(one, place, other) for place in range(len(one))]
