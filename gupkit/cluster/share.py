"""How the work of a search is cut up for several: in shares, each for the one who has the machines it begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..interleave.expand import Arrival, Place
from ..interleave.search import Work
from ..interleave.trial import Trial
from .worker import beyond, find, opened

PLENTY = 16
"""So many places for each worker are worth sharing out as they are; fewer, and each of them is cut up."""
MOST = 16
"""Pieces of work in one share: enough to be worth the way, few enough that a lost one costs little."""


@dataclass(frozen=True, slots=True)
class Share:
    """Some of the work of a wave, and the number of the worker who had better do it."""

    home: int
    what: Sequence[Any]


Done: TypeAlias = "tuple[int, Any]"
"""Who did a piece of work, and what came of it."""
Each: TypeAlias = "Callable[[Callable[..., Any], Sequence[Share]], Iterable[tuple[int, list[Any]]]]"
"""Has a function of :mod:`.worker` done for each share: who did it, and what came of it, in the order of the shares."""


class Shared:
    """Does the work of a search (:data:`~gupkit.interleave.search.DoAll`) by ``each``, in shares for so many workers.

    Whoever found a place has its machine saved and goes on from it; anybody else has to make it again first. Early in a
    search there are few places, and much to do at each: the ways on from one are then shared out, too, and what is left
    of those after a while is shared out again.
    """

    def __init__(self, each: Each, workers: int) -> None:
        self.each = each
        self.workers = workers
        self._homes: dict[int, int] = {}

    def __call__(self, works: Sequence[Work]) -> Iterator[list[Arrival]]:
        """The ways on from each place, in order."""
        homes = [self._homes.pop(_name(place), number % self.workers) for number, (place, _) in enumerate(works)]
        if len(works) < PLENTY * self.workers:
            yield from self._in_pieces(works, homes)
            return
        for by, arrivals in self._done(find, works, homes):
            yield self._noted(by, arrivals)

    def _in_pieces(self, works: Sequence[Work], homes: Sequence[int]) -> Iterator[list[Arrival]]:
        found = [[(by, part) for part in parts] for by, parts in self._done(opened, works, homes)]
        while cut := [
            (by, (*work, part)) for work, parts in zip(works, found, strict=True) for by, part in parts
            if isinstance(part, Trial)
        ]:  # fmt: skip
            more = self._done(beyond, [piece for _, piece in cut], [by for by, _ in cut])
            found = [[way for part in parts for way in _replaced(part, more)] for parts in found]
        for parts in found:
            yield [way for by, part in parts for way in self._noted(by, [part])]

    def _noted(self, by: int, arrivals: list[Arrival]) -> list[Arrival]:
        """Remember whose the places are: who is the first to find one is the first to save its machine."""
        for arrival in arrivals:
            if arrival.end is None:
                self._homes.setdefault(_name(arrival.place), by)
        return arrivals

    def _done(self, work: Callable[..., Any], items: Sequence[Any], homes: Sequence[int]) -> Iterator[Done]:
        """Have it done for each item, in shares; the results are in the order of the items."""
        cut = _cut(homes, max(1, min(MOST, len(items) // (self.workers * 16))))
        found: dict[int, Done] = {}
        turn = 0
        shares = [Share(homes[numbers[0]], [items[number] for number in numbers]) for numbers in cut]
        for numbers, (by, results) in zip(cut, self.each(work, shares), strict=True):
            found.update((number, (by, result)) for number, result in zip(numbers, results, strict=True))
            while turn in found:
                yield found.pop(turn)
                turn += 1


def _replaced(part: Done, more: Iterator[Done]) -> list[Done]:
    """A piece of work gives way to what came of it."""
    if not isinstance(part[1], Trial):
        return [part]
    by, ways = next(more)
    return [(by, way) for way in ways]


def _name(place: Place) -> int:
    """Where a machine stands depends on its steps only. Two of the same name would cost time, nothing else."""
    return hash(place.entries)


def _cut(homes: Sequence[int], size: int) -> list[list[int]]:
    """The numbers of the items in shares of one home each, in the order of the first of each."""
    shares: list[list[int]] = []
    last: dict[int, list[int]] = {}
    for number, home in enumerate(homes):
        if home not in last or len(last[home]) == size:
            last[home] = []
            shares.append(last[home])
        last[home].append(number)
    return shares
