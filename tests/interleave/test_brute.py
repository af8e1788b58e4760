"""The search finds what brute force finds, which shares no line with it and never takes two states for the same."""

from typing import Any

import pytest

from gupkit.interleave.expand import Expander
from gupkit.interleave.graph import Graph
from gupkit.interleave.search import every_interleaving, here
from gupkit.kernel.eras import ERAS
from gupkit.scenario import Scenario
from tests.interleave.brute import Brute, Outcome, Sleeps
from tests.interleave.small import scenario

STUCK = {"deadlock", "stuck", "invariant", "lockup"}
"""Runs that do not come to their end: brute force knows only those that do."""


def searched(which: Scenario, era: str, most: int) -> Graph:
    """The graph of all schedules."""
    return every_interleaving(most, here(Expander(which, era)))


def outcomes(graph: Graph) -> set[Outcome]:
    """What came out of the schedules that came to their end."""
    return {
        Outcome(
            ending.results,
            frozenset(problem.about for problem in ending.problems if problem.kind == "unmet"),
            frozenset(problem.name for problem in ending.problems if problem.kind == "clause"),
            any(problem.kind == "leak" for problem in ending.problems),
        )
        for ending in graph.ends
        if not STUCK & {problem.kind for problem in ending.problems}
    }


def compare(which: Scenario, era: str, most: int) -> bool:
    """The same outcomes, and, where none is stuck, the same number of schedules; False if brute force cannot do it."""
    graph = searched(which, era, most)
    try:
        brute = Brute(which.to_dict(), era, most).run()
    except Sleeps:
        return False
    assert outcomes(graph) == brute.outcomes
    stuck = any(STUCK & {problem.kind for problem in ending.problems} for ending in graph.ends)
    assert stuck or graph.count() == brute.schedules
    return True


SAMPLE = [("race-short", 2), ("race-invalidate", 2), ("race-vmsplice", 1), ("race-direct-io", 1)]
REST = [("race-dirty-cow", 2), ("race-vmsplice", 2), ("race-direct-io", 2), ("race-pin-fork", 1), ("race-lost-byte", 1)]


@pytest.mark.parametrize(
    ("name", "most"), [*SAMPLE, *(pytest.param(*race, marks=pytest.mark.prove) for race in REST)]
)  # fmt: skip
def test_brute_force_finds_the_same_in_the_built_in_races(name: str, most: int) -> None:
    """Every schedule written out and run from its start: the same answers, unmet expectations, broken clauses, leaks,
    and as many schedules."""
    assert compare(Scenario.load(name), "2.6.39", most)


@pytest.mark.parametrize("kind", ["io", "pfnmap", "mixedmap"])
def test_brute_force_finds_the_same_in_device_memory(kind: str) -> None:
    """The memory of a device has no frame to be handed out; what it holds is a part of the state all the same."""
    steps: list[dict[str, Any]] = [
        {"mmap": {"as": "A", "pages": 1, "kind": kind, "share": "shared"}}, {"store": {"at": "A[0]", "byte": 1}},
        {"store": {"by": "T2", "at": "A[0]", "byte": 2}}, {"load": {"by": "T2", "at": "A[0]"}},
    ]  # fmt: skip
    assert compare(Scenario.load({"title": "a device", "steps": steps}), "2.6.39", 2)


@pytest.mark.parametrize("seed", [3, 11, 12, 21, 42])
def test_brute_force_finds_the_same_in_random_scenarios(seed: int) -> None:
    """The same for random scenarios of several tasks, in every era in turn."""
    assert compare(scenario(seed, 3), list(ERAS)[seed % len(ERAS)], 2)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(12))
def test_brute_force_finds_the_same_in_many_random_scenarios(part: int) -> None:
    """Ten random scenarios, of three or four steps; those with races of their own or steps that sleep are left out."""
    compared = 0
    for seed in range(2000 + part * 10, 2010 + part * 10):
        which = scenario(seed, 3 + seed % 2)
        if not any(step.race for step in which.steps):
            compared += compare(which, list(ERAS)[seed % len(ERAS)], 1 + (seed % 3 == 0))
    assert compared


def test_brute_force_finds_out_a_search_that_merges_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """If any two places were taken for the same that have the same steps behind them, it would be noticed."""
    monkeypatch.setattr("gupkit.interleave.expand.fingerprint", lambda run, more=(): repr(more))
    which = Scenario.load("race-invalidate")
    assert outcomes(searched(which, "2.6.39", 2)) < Brute(which.to_dict(), "2.6.39", 2).run().outcomes
