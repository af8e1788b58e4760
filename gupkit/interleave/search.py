"""The search: the graph of schedules, looked at node by node until nothing is left, or samples of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeAlias

from .expand import Arrival, Ending, Expander, Place
from .graph import End, Graph

Work: TypeAlias = "tuple[Place, int]"
"""A place, and how many switches there may be until the next one."""
DoAll: TypeAlias = "Callable[[Sequence[Work]], Iterable[list[Arrival]]]"
"""Finds the ways on from each place, in the same order: here, or on other cores and machines."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: places looked at and known so far (more may come), schedules run to their end."""

    done: int
    known: int
    run: int


class Log(Protocol):
    """Where a search writes down what it has found, so that an interrupted one can go on."""

    def recall(self, work: Work) -> list[Arrival] | None:
        """The ways on from a place, if they were found before."""

    def note(self, work: Work, arrivals: list[Arrival]) -> None:
        """Write down the ways on from a place."""


def every_interleaving(
    max_switches: int, do_all: DoAll, log: Log | None = None, progress: Callable[[Progress], object] | None = None
) -> Graph:
    """The graph of all schedules with at most ``max_switches``, whoever does the work."""
    graph = Graph(max_switches)
    looked_at = 0
    for wave in graph.waves():
        works = [(node.place, max_switches - node.used) for node in wave]
        for node, arrivals in zip(wave, _found(works, do_all, log), strict=True):
            graph.add(node, arrivals)
            looked_at += 1
            if progress is not None:
                progress(Progress(looked_at, graph.nodes, graph.run))
    return graph


def _found(works: Sequence[Work], do_all: DoAll, log: Log | None) -> Iterator[list[Arrival]]:
    """The ways on from each place: remembered, or found now and noted."""
    if log is None:
        yield from do_all(works)
        return
    known = [log.recall(work) for work in works]
    fresh = iter(do_all([work for work, arrivals in zip(works, known, strict=True) if arrivals is None]))
    for work, arrivals in zip(works, known, strict=True):
        if arrivals is None:
            arrivals = next(fresh)
            log.note(work, arrivals)
        yield arrivals


def here(expander: Expander) -> DoAll:
    """Do the work in this process, one place after the other."""
    return lambda works: (list(expander.ways_on(*work)) for work in works)


def every_placement(expander: Expander, max_switches: int, place: Place | None = None) -> Iterator[Arrival]:
    """The end of every single schedule, each run from the place where it parts from the one before: no two are taken
    for the same. This is what the search is measured against; the expander's ``merge`` should be off.
    """
    for arrival in expander.ways_on(place or Place(), max_switches):
        if arrival.end is not None:
            yield arrival
        else:
            yield from every_placement(expander, max_switches - arrival.cost, arrival.place)


def sampled(expander: Expander, max_switches: int, count: int, seed: int) -> tuple[int, dict[Ending, End]]:
    """Walks through the graph at random: how many different schedules they were, and the shortest for each outcome.

    Each walk takes one of the ways on from where it stands, all with the same chance, within the bound.
    """
    random = Random(seed)
    ways: dict[Work, list[Arrival]] = {}
    seen: set[Place] = set()
    ends: dict[Ending, End] = {}
    for _ in range(count):
        end = _walk(expander, max_switches, random, ways)
        seen.add(end.place)
        best = ends.get(end.ending)
        if best is None or end.rank < best.rank:
            ends[end.ending] = end
    return len(seen), ends


def _walk(expander: Expander, max_switches: int, random: Random, ways: dict[Work, list[Arrival]]) -> End:
    place = Place()
    while True:
        work = place, max_switches - len(place.switches)
        if work not in ways:
            ways[work] = list(expander.ways_on(*work))
        arrival = random.choice(ways[work])
        if arrival.end is not None:
            return End(arrival.place, arrival.end)
        place = arrival.place
