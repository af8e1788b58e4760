"""Schedules as scenarios: what is placed where."""

from gupkit.interleave.plan import Inside, Ops, Placed, at_path, interrupted, paths
from gupkit.scenario import Scenario


def test_an_op_can_be_put_anywhere() -> None:
    """An op goes inside another at a point, a second one at the same point after it, and one inside that."""
    entries = (Placed(0), Placed(1))
    one = interrupted(entries, (1,), "cond_resched", 2, Placed(2))
    two = interrupted(one, (1,), "cond_resched", 2, Placed(3))
    three = interrupted(two, (1, 0, 1), "up_read", 1, Placed(4))
    assert at_path(three, (1, 0, 1)) == Placed(3, (Inside("up_read", 1, (Placed(4),)),))
    assert [placed.op for _, placed in paths(three)] == [0, 1, 2, 3, 4]
    assert entries == (Placed(0), Placed(1))


def test_a_plan_is_an_ordinary_scenario() -> None:
    """What the plan says is what the scenario has: the steps as they are, with the races that were put in."""
    ops = Ops(Scenario.load("race-dirty-cow"))
    step = ops.step(Placed(1, (Inside("cond_resched", 3, (ops.placed(2),)),)))
    assert step.op == "mem_write"
    assert [(race.at, race.nth, [inner.op for inner in race.do]) for race in step.race] == [
        ("cond_resched", 3, ["madvise"])
    ]


def test_own_races_keep_their_place() -> None:
    """The scenario's own injections are numbered after its steps, and stand where they are written."""
    ops = Ops(Scenario.load("dirty-cow"))
    written, planned = ops.steps[1].race[0], ops.step(ops.placed(1)).race[0]
    assert (planned.at, planned.nth, planned.do) == (written.at, written.nth, written.do)
    assert ops.placed(1).inside[0].own == 0
    assert ops.tops == 4
    assert ops.task(4) == "T2"


def test_a_step_that_stands_twice_is_two_ops() -> None:
    """The same object twice in a scenario is two ops with an identity each."""
    scenario = Scenario.load("race-dirty-cow")
    ops = Ops(Scenario(scenario.title, steps=(scenario.steps[0], scenario.steps[0])))
    assert ops.steps[0] == ops.steps[1]
    assert ops.steps[0] is not ops.steps[1]
