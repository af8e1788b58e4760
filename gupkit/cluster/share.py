"""How the work of a search is cut up for several: the shares of one wave, all of about the same size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeAlias

from ..interleave.expand import Arrival
from ..interleave.search import DoAll, Work
from .worker import Piece, beyond, find, opened

Each: TypeAlias = "Callable[[Callable[..., Any], Sequence[Sequence[Any]]], Iterable[list[Any]]]"
"""Has a function of :mod:`.worker` done for each share, by whoever is free; what came of it, in order."""

PLENTY = 16
"""So many places for each core are worth sharing out as they are; fewer, and each of them is cut up."""
MOST = 16
"""Pieces of work in one share: enough to be worth the way, few enough that a lost one costs little."""


def shared(each: Each, cores: int) -> DoAll:
    """Do the work of a search by ``each``, in shares for so many cores.

    Early in a search there are few places, and much to do at each: the ways on from one are then shared out, too.
    """

    def do_all(works: Sequence[Work]) -> Iterator[list[Arrival]]:
        if len(works) >= PLENTY * cores:
            return chain.from_iterable(each(find, _shares(works, cores)))
        return _in_pieces(works, each, cores)

    return do_all


def _in_pieces(works: Sequence[Work], each: Each, cores: int) -> Iterator[list[Arrival]]:
    found = list(chain.from_iterable(each(opened, [[work] for work in works])))
    pieces: list[Piece] = [
        (*work, part) for work, parts in zip(works, found, strict=True) for part in parts
        if not isinstance(part, Arrival)
    ]  # fmt: skip
    more = chain.from_iterable(each(beyond, _shares(pieces, cores)))
    for parts in found:
        yield [way for part in parts for way in ([part] if isinstance(part, Arrival) else next(more))]


def _shares(works: Sequence[Any], cores: int) -> list[Sequence[Any]]:
    size = max(1, min(MOST, len(works) // (cores * 4)))
    return [works[i : i + size] for i in range(0, len(works), size)]
