"""What the search over interleavings spares: schedules, the way back to their start, and time on a second core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

import gupkit as gk
from gupkit.contract.story import Story
from gupkit.interleave.expand import Arrival, Ending, Expander
from gupkit.interleave.judge import Problem, problems
from gupkit.interleave.plan import Placed
from gupkit.interleave.races import RACES
from gupkit.interleave.run import Run
from gupkit.interleave.search import every_interleaving, every_placement, here

from .measure import side_by_side, timed
from .row import Row

SWITCHES = 2
SCENARIOS = [gk.Scenario.load(race.scenario) for race in RACES]
LARGE = {
    "title": "three threads, a child and a flusher",
    "files": {"f": [0x61, 0x62]},
    "steps": [
        {"mmap": {"as": "A", "pages": 2}}, {"store": {"at": "A", "byte": 1}},
        {"mmap": {"as": "F", "pages": 2, "file": "f", "share": "shared"}},
        {"gup": {"as": "p", "at": "A", "flags": ["WRITE"]}}, {"page_store": {"pin": "p[0]", "byte": 3}},
        {"set_page_dirty_lock": {"pin": "p"}}, {"put_page": {"pin": "p"}}, {"load": {"at": "A"}},
        {"gup": {"by": "T2", "as": "q", "at": "F", "flags": ["WRITE"]}},
        {"page_store": {"by": "T2", "pin": "q[0]", "byte": 5}},
        {"set_page_dirty_lock": {"by": "T2", "pin": "q"}}, {"put_page": {"by": "T2", "pin": "q"}},
        {"fork": {"by": "T3", "as": "C"}}, {"madvise": {"by": "T3", "at": "A[1]", "advice": "DONTNEED"}},
        {"store": {"by": "C", "at": "A", "byte": 7}},
        {"writeback": {"by": "T4", "file": "f"}}, {"invalidate_inode_pages2": {"by": "T4", "file": "f"}},
    ],
}  # fmt: skip
"""A search of half a minute, so that what two processes need to start does not count."""


class FromStart(Run):
    """A schedule that is run from its start on a machine of its own, with the same questions asked in the end."""

    def whole(self, entries: tuple[Placed, ...]) -> tuple[Problem, ...]:
        """What is wrong with the schedule that begins with these steps."""
        self.check = True
        self._plan(entries)
        while self.advance():
            pass
        self.story = Story(self.recorder.trace(self.records.values()))
        return problems(self)


def one_by_one() -> list[list[Arrival]]:
    """Every schedule of every built-in race; no two are taken for the same."""
    return [list(every_placement(Expander(scenario, merge=False), SWITCHES)) for scenario in SCENARIOS]


def fewer(all_schedules: list[list[Arrival]]) -> Row:
    """How many schedules there are over how many are run; the outcomes are the same."""
    run = 0
    for scenario, arrivals in zip(SCENARIOS, all_schedules, strict=True):
        graph = every_interleaving(SWITCHES, here(Expander(scenario)))
        assert set(graph.ends) == {arrival.end for arrival in arrivals}
        run += graph.run
    total = sum(map(len, all_schedules))
    return Row(
        "every placement, built-in races", "schedules the search runs", total / run, ">=", 5,
        detail=f"{total} and {run}, at most {SWITCHES} switches, the same outcomes",
    )


def faster(all_schedules: list[list[Arrival]]) -> Row:
    """The time to run all of them from their start, over the time from where each parts from the one before.

    Nothing is pruned on either side, both check the machine after each step, and the side that starts over is told what
    the other has to find: which schedules there are.
    """
    known: list[tuple[gk.Scenario, Arrival, Ending]] = [
        (scenario, arrival, arrival.end)
        for scenario, arrivals in zip(SCENARIOS, all_schedules, strict=True)
        for arrival in arrivals if arrival.end is not None
    ]  # fmt: skip

    def again() -> None:
        for scenario, arrival, end in known:
            assert FromStart(scenario).whole(arrival.place.entries) == end.problems

    pair = side_by_side(timed(again), timed(one_by_one), 5)
    rates = f"{len(known) / pair.second:.0f} and {len(known) / pair.first:.0f} schedules a second"
    return Row("schedules a second", "each from its start", pair.ratio, ">=", 1.7, detail=rates)


def parallel(rounds: int = 3) -> Row:
    """A search by one process over the same by two, their start included, in turn.

    Beside it what there is to gain: two processes that have nothing to do with each other search side by side, and
    together they do so many times the work of one that is alone.
    """
    with ProcessPoolExecutor(2, get_context("spawn")) as strangers:
        one, two = timed(whole_search), timed(lambda: whole_search(workers=2))
        both = timed(lambda: list(strangers.map(whole_search, (1, 1))))
        times = [(one(), two(), both()) for _ in range(rounds)]
    ratio, ceiling = (median(first / second for first, second, _ in times),
                      median(2 * first / third for first, _, third in times))  # fmt: skip
    alone, shared = (median(column) for column in list(zip(*times, strict=True))[:2])
    detail = f"{alone:.1f} and {shared:.1f} s, medians of {rounds}; two searches at once do {ceiling:.2f} x one's work"
    return Row("search, one process", "two workers", ratio, ">=", 1.6, detail=detail)


def whole_search(workers: int = 1) -> int:
    """The schedules run for the large scenario."""
    return gk.explore(LARGE, workers=workers).schedules


def rows() -> Iterator[Row]:
    """Three rows; the last only where there are two cores."""
    all_schedules = one_by_one()
    yield fewer(all_schedules)
    yield faster(all_schedules)
    if (os.cpu_count() or 1) > 1:
        yield parallel()
