"""The simulated 2.6.39 against the recording of a real one: every scenario, every step, every value."""

from __future__ import annotations

import pytest

from . import replay_access, replay_counts, replay_files, replay_huge, replay_memory  # noqa: F401  (they register their replays)
from .driver import Replay
from .recording import scenarios
from .registry import REPLAYS

NOT_REPLAYED = {
    "0.env": "says what machine was recorded; nothing was done",
}
"""Recorded scenarios without a replay, and why."""

LEFT_OUT = {
    "13.io/insert_page": "no kind of mapping stands for vm_insert_page",
    "13.io/vm_insert_page": "likewise",
    "13.io/ip": "likewise",
    "34.hugetlb/mmap": "the answer of mmap is not an address",
    "30.procmem/open": "opening is not an op: mem_write opens by itself",
}
"""Single recorded steps without a counterpart, and why."""


WRONG_CALLS = {"33.semwrite_pages_null"}
"""Recorded scenarios in which the device itself breaks the calling convention."""


def test_every_recorded_scenario_is_replayed_or_excused() -> None:
    """No recorded scenario is forgotten, and no excuse outlives its reason."""
    assert REPLAYS.keys() | NOT_REPLAYED.keys() == scenarios().keys()
    assert not REPLAYS.keys() & NOT_REPLAYED.keys()


@pytest.mark.parametrize("name", sorted(REPLAYS))
def test_the_simulation_answers_as_the_real_kernel_did(name: str) -> None:
    """Results, faults, counters, locks, entries, pages and bytes agree at each recorded step, and the debug
    layer speaks up exactly where the caller was wrong."""
    replay = Replay(name)
    REPLAYS[name](replay)
    replay.finish()
    assert replay.differences == []
    assert bool(replay.k.dmesg) == (name in WRONG_CALLS)
    assert replay.left_out == [step for step in LEFT_OUT if step.startswith(f"{name}/")]


def test_a_wrong_answer_is_noticed() -> None:
    """A replay on memory in another state than the recorded one reports the fields that differ."""
    replay = Replay("3.ro_write")
    replay.gup("anon_ro_write", replay.anon())
    fields = {difference.split(": ")[1] for difference in replay.differences}
    assert fields == {"ret", "faults", "nfilled", "tsk_min"}


def test_a_step_out_of_order_is_refused() -> None:
    """A replay cannot pass over a recorded step."""
    with pytest.raises(LookupError, match="hole_first"):
        Replay("2.hole").gup("after_hole", 0)
