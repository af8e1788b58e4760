"""A snapshot is the same whichever way it is come to: event by event, or in one go."""

import random

import pytest

import gupkit as gk
from gupkit.scenario import builtin_names
from gupkit.trace.delta import Delta
from gupkit.trace.snapshot import Snapshot
from gupkit.trace.trace import Trace


def afresh(trace: Trace) -> Trace:
    """The same trace with no snapshot made yet."""
    return Trace(trace[0], trace.events, trace.deltas, trace.steps)


@pytest.mark.parametrize("era", ["2.6.39", "6.18"])
def test_a_jump_comes_to_the_same_snapshot(era: str) -> None:
    """In every built-in scenario, whatever place is asked for first."""
    choose = random.Random(era)
    for name in builtin_names():
        trace = gk.run(name, era)
        one_by_one: list[Snapshot] = list(trace)
        for first in {len(trace) - 1, *choose.choices(range(len(trace)), k=2)}:
            jumped = afresh(trace)
            assert jumped[first] == one_by_one[first], (name, first)
            assert jumped[first // 2] == one_by_one[first // 2], (name, first)


def test_a_place_shares_with_the_one_before() -> None:
    """After a jump too, what an event leaves alone is the same object on both sides of it."""
    trace = gk.run("leak")
    quiet = next(place for place in range(len(trace) - 1, 0, -1) if trace.deltas[place - 1].quiet)
    jumped = afresh(trace)
    assert jumped[quiet].frames is jumped[quiet - 1].frames


def test_a_name_that_comes_again_is_another_file() -> None:
    """What a removed file held is not found in a later one of the same name, however one gets there."""
    told = [{("f", 0): (2, False, 7, 1)}, {("f", 0): (-1, False, None, None)}, {("f", 1): (2, False, 8, 2)}]
    deltas = [Delta(clock, files=files) for clock, files in enumerate(told)]
    one_by_one, jumped = Trace(Snapshot(), deltas=deltas), Trace(Snapshot(), deltas=deltas)
    assert jumped[3] == list(one_by_one)[3]
    assert dict(jumped[3].files["f"].cache) == {1: 8}
