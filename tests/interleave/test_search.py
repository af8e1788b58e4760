"""The search finds what running every single schedule finds, and counts what it did not run."""

from typing import Any

import pytest

from gupkit.errors import GupkitError
from gupkit.interleave import explore
from gupkit.interleave.expand import Ending, Expander
from gupkit.interleave.races import RACES
from gupkit.interleave.search import every_interleaving, every_placement, here, sampled
from gupkit.kernel.eras import ERAS
from gupkit.scenario import Scenario
from tests.interleave.small import scenario

MOST = 3000
"""Random scenarios with more schedules than this are left out."""


def compare(which: Scenario, era: str, max_switches: int) -> tuple[int, int]:
    """Run every schedule, and search: the outcomes are the same, and so is the number of schedules. (all, run)"""
    expander = Expander(which, era)
    graph = every_interleaving(max_switches, here(expander))
    total = graph.count()
    if total > MOST:
        return 0, 0
    ends: list[Ending] = []
    for arrival in every_placement(Expander(which, era, merge=False), max_switches):
        assert arrival.end is not None
        ends.append(arrival.end)
    assert set(graph.ends) == set(ends)
    assert (total, graph.run <= total) == (len(ends), True)
    return total, graph.run


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.scenario)
def test_the_built_in_races_lose_nothing(race: Any) -> None:
    """Every outcome of the built-in races is found, and the schedules that were not run are counted to the last."""
    total, run = compare(Scenario.load(race.scenario), "2.6.39", 2)
    assert 0 < run < total


def test_at_least_five_times_fewer() -> None:
    """Of all schedules of the built-in races with at most two switches, fewer than one in five is run to its end."""
    found = [explore(Scenario.load(race.scenario), "2.6.39") for race in RACES]
    assert sum(x.schedules + x.pruned for x in found) >= 5 * sum(x.schedules for x in found)


@pytest.mark.parametrize("seed", range(8))
def test_random_scenarios_lose_nothing(seed: int) -> None:
    """The same for small random scenarios with up to four tasks, in every era in turn."""
    compare(scenario(seed), list(ERAS)[seed % len(ERAS)], 2)


@pytest.mark.prove
@pytest.mark.parametrize("part", range(40))
def test_many_random_scenarios_lose_nothing(part: int) -> None:
    """Ten random scenarios, half of them longer, some with a third switch."""
    for seed in range(1000 + part * 10, 1010 + part * 10):
        compare(scenario(seed, 4 + seed % 2), list(ERAS)[seed % len(ERAS)], 2 + (seed % 10 == 0))


def story(*steps: dict[str, Any]) -> Scenario:
    """A scenario of these steps."""
    return Scenario.load({"title": "t", "files": {"f": [0x61]}, "steps": list(steps)})


MAP: dict[str, Any] = {"mmap": {"as": "A", "pages": 1}}


def test_no_switch_is_the_order_written() -> None:
    """With no switch there is one schedule, and it is what gupkit run runs."""
    found = explore(Scenario.load("race-dirty-cow"), max_switches=0)
    assert (found.schedules, found.pruned, found.violations) == (1, 0, [])
    (violation,) = explore(story(MAP, {"load": {"at": "A"}, "expect": {"byte": 9}}), max_switches=0).violations
    assert (violation.switches, violation.schedule) == (0, [])


def test_one_task_has_one_order() -> None:
    """Nobody else is there who could act: one schedule, whatever the bound."""
    found = explore(story(MAP, {"store": {"at": "A", "byte": 1}}, {"load": {"at": "A"}}), max_switches=5)
    assert (found.schedules, found.pruned) == (1, 0)


def test_two_steps_of_one_task_are_one_switch() -> None:
    """What a task does in a row at one place counts once."""
    both = story(MAP, {"load": {"at": "A"}, "expect": {"byte": 0}}, {"store": {"by": "T2", "at": "A", "byte": 1}},
                 {"store": {"by": "T2", "at": "A", "byte": 2}})  # fmt: skip
    seen = {violation.unmet[0][-1]: violation.switches for violation in explore(both, max_switches=1).violations}
    assert seen == {"1": 1, "2": 1}


def test_a_switch_is_one_tasks() -> None:
    """A task that goes on in its switch does so in that one, not in one that came inside its step."""
    busy = story(MAP, {"load": {"at": "A"}}, {"store": {"by": "T2", "at": "A", "byte": 1}},
                 {"store": {"by": "T2", "at": "A", "byte": 2}}, {"load": {"by": "T3", "at": "A"}})  # fmt: skip
    expander = Expander(busy, merge=False)
    switches = [switch for arrival in every_placement(expander, 2) for switch in arrival.place.switches]
    assert max(len(switch.ops) for switch in switches) == 2
    assert all(len({expander.ops.task(op) for op in switch.ops}) == 1 for switch in switches)


def test_an_op_is_interrupted_at_every_point() -> None:
    """A race whose moment is open is tried at each schedule point, the first of which is no switch."""
    other = {"load": {"by": "T2", "at": "A"}}
    raced = story(MAP, {"store": {"at": "A", "byte": 1}, "race": [{"at": "any", "do": [other]}]})
    points = ["down_read", "alloc_page", "up_read"]
    graph = every_interleaving(1, here(Expander(raced)))
    assert graph.count() == len(points)
    assert explore(raced, max_switches=0).schedules == 1


def test_an_open_race_is_found_at_its_one_moment() -> None:
    """Dirty COW with the race in the scenario: one switch moves it to where it does harm."""
    data = Scenario.load("dirty-cow").to_dict()
    data["steps"][1]["race"][0] = {"at": "any", "do": data["steps"][1]["race"][0]["do"]}
    data["steps"][2].pop("expect")
    data["steps"][3]["expect"] = {"bytes": "41"}
    (violation,) = explore(Scenario.load(data), max_switches=1).violations
    assert [(s["op"], s["at"], s["nth"]) for s in violation.schedule] == [("mem_write", "cond_resched", 3)]
    assert violation.scenario.steps[1].race[0].at == "cond_resched"


def test_interrupted_ops_can_be_interrupted() -> None:
    """A third task acts inside the second, which acts inside the first."""
    three = story(
        MAP, {"store": {"at": "A", "byte": 1}}, {"load": {"by": "T2", "at": "A"}, "expect": {"byte": 1}},
        {"store": {"by": "T3", "at": "A", "byte": 3}},
    )  # fmt: skip
    depths = set()
    for arrival in every_placement(Expander(three, merge=False), 2):
        depths.add(repr(arrival.place.entries).count("Inside("))
    assert depths == {0, 1, 2}


def test_a_child_is_not_there_before_its_fork() -> None:
    """While P waits for a page lock, the child that it forks later does nothing, in no order."""
    waits = story(
        {"mmap": {"as": "A", "pages": 1, "file": "f", "share": "shared"}},
        {"mmap": {"as": "B", "pages": 1, "file": "f", "share": "shared"}}, {"load": {"at": "A"}},
        {"lock_page": {"by": "T2", "at": "A[0]"}}, {"load": {"at": "B"}}, {"fork": {"as": "C"}},
        {"load": {"by": "C", "at": "A"}}, {"unlock_page": {"by": "T2", "at": "A[0]"}},
    )  # fmt: skip
    total, run = compare(waits, "2.6.39", 2)
    assert 0 < run < total


def test_who_waits_lets_others_run() -> None:
    """While a step waits for a page lock, every other task is tried, not only the next one written."""
    waits = story(
        MAP, {"store": {"at": "A", "byte": 1}}, {"gup": {"as": "p", "at": "A", "flags": ["WRITE"]}},
        {"lock_page": {"by": "T3", "pin": "p[0]"}}, {"set_page_dirty_lock": {"pin": "p"}},
        {"unlock_page": {"by": "T3", "pin": "p[0]"}}, {"load": {"by": "T2", "at": "A"}}, {"put_page": {"pin": "p"}},
    )  # fmt: skip
    found = explore(waits, max_switches=1)
    assert not [v for v in found.violations if any(p.kind in ("deadlock", "stuck", "invariant") for p in v.problems)]
    assert found.schedules + found.pruned > 10


def test_a_deadlock_is_a_finding() -> None:
    """A caller of the fast variant who holds mmap_sem: with a writer in between neither goes on."""
    stuck = story(
        MAP, {"down_read": {}}, {"gup": {"as": "p", "at": "A", "api": "get_user_pages_fast"}}, {"up_read": {}},
        {"put_page": {"pin": "p"}}, {"munmap": {"by": "T2", "at": "A"}},
    )  # fmt: skip
    found = explore(stuck, max_switches=1).violations
    assert any(problem.kind == "deadlock" for violation in found for problem in violation.problems)
    assert all(violation.whose == "caller" for violation in found)


def test_a_soft_lockup_is_a_finding() -> None:
    """A rule that never ends the loop of faults is caught, with no switch at all."""
    from gupkit.kernel.eras import ForcedWrite, find_era

    rule = ForcedWrite(after_copy=lambda foll_flags: foll_flags, may_follow=lambda *_: False)
    found = explore(Scenario.load("race-dirty-cow"), find_era("2.6.39").but(forced_write=rule), 0)
    assert [problem.kind for problem in found.violations[0].problems] == ["lockup"]
    assert found.violations[0].whose == "kernel"


def test_ops_that_share_nothing_cost_nothing() -> None:
    """Two tasks that work on pages of their own: hundreds of orders, one outcome, and a handful of runs."""
    apart = story(
        {"mmap": {"as": "A", "pages": 2}}, {"mmap": {"as": "B", "pages": 2}},
        *({"store": {"at": f"A[{i}]", "byte": i}} for i in (0, 1)),
        *({"store": {"by": "T2", "at": f"B[{i}]", "byte": i}} for i in (0, 1)),
    )  # fmt: skip
    found = explore(apart, max_switches=3)
    assert (found.outcomes, found.violations) == (1, [])
    assert found.schedules * 3 <= found.schedules + found.pruned


def test_a_sample_repeats_itself() -> None:
    """The same seed draws the same schedules, another one others; a sample never calls itself exhaustive."""
    which = Scenario.load("race-pin-fork")
    one, two = (explore(which, sample=15, seed=4) for _ in range(2))
    assert one.to_dict() == two.to_dict()
    assert not one.exhaustive
    assert 1 < one.schedules <= 15
    seeds = {sampled(Expander(which), 2, 15, seed)[0] for seed in range(6)}
    assert len(seeds) > 1


@pytest.mark.parametrize("wrong", [{"max_switches": -1}, {"max_switches": True}, {"sample": 0}, {"era": "2.6.40"}])
def test_bad_bounds_are_refused(wrong: dict[str, Any]) -> None:
    """A bound that is none, and an unknown kernel, are errors of the person in one line."""
    with pytest.raises(GupkitError):
        explore(Scenario.load("race-dirty-cow"), **wrong)
