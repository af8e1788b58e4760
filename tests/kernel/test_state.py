"""Saving a machine and putting it back: what comes after is what came the first time."""

import pytest

from gupkit.errors import GupkitError
from gupkit.host.compare.sequences import sequence
from gupkit.kernel import Kernel
from gupkit.kernel.eras import ERAS
from gupkit.scenario import Scenario, checkpoint
from gupkit.scenario.runner import Runner
from gupkit.trace import Recorder, Snapshot, take_snapshot

SEED = 7_2011
NAMES = tuple("dirty-cow double-put no-lock swap nonblocking thp-split-under-pin vmsplice-leak truncate".split())
"""Scenarios with something of everything: freed VMAs, pipes, swap slots, huge pages, requests to the disk."""


def finished(runner: Runner) -> tuple[list[object], Snapshot]:
    """The answers of the steps that are left, and the machine after them."""
    while runner.advance():
        runner.kernel.check()
    answers = [(index, record.result, record.faults, record.unmet) for index, record in sorted(runner.records.items())]
    return answers, take_snapshot(runner.kernel)


def straight_and_put_back(scenario: Scenario, era: str, step: int) -> None:
    """Run to the end, go back to the state before ``step``, run again: the ends are the same, and so are the traces."""
    runner = Runner(scenario, era)
    for _ in range(step):
        if not runner.advance():
            break
    if runner.queue:
        return
    before, saved = take_snapshot(runner.kernel), checkpoint.save(runner)
    straight, events = finished(runner), list(runner.recorder.trace().events)
    checkpoint.restore(runner, saved)
    assert take_snapshot(runner.kernel) == before
    runner.kernel.check()
    assert finished(runner) == straight
    assert list(runner.recorder.trace().events) == events


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_goes_on_as_before(name: str) -> None:
    """From whatever step a scenario is put back to, it comes to the same answers, machine and events."""
    scenario = Scenario.load(name)
    for step in range(len(scenario.steps)):
        straight_and_put_back(scenario, scenario.era, step)


@pytest.mark.parametrize("era", ERAS)
def test_a_random_machine_goes_on_as_before(era: str) -> None:
    """The same for random sequences of ops, put back in the middle."""
    for number in range(12):
        scenario = Scenario.load(sequence(SEED, number))
        straight_and_put_back(scenario, era, len(scenario.steps) // 2)


def test_a_state_can_be_restored_again_and_again() -> None:
    """What happens after one restore leaves no trace in the next."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x")
    saved, before = k.save(), take_snapshot(k)
    for byte in (b"y", b"z"):
        k.fork(p, "C")
        k.store(p, a, byte)
        k.munmap(p, a, 4096)
        k.restore(saved)
        assert take_snapshot(k) == before
        k.check()


def test_objects_stay_what_they_are() -> None:
    """A page, a VMA and a task that somebody has in hand are the machine's own after a restore, freed ones included."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page, vma, saved = k.page_at(p, a), p.mm.mmap[0], k.save()
    k.munmap(p, a, 4096)
    assert k.dmesg == []
    assert vma.vm_start == a
    assert len(k.dmesg) == 1
    k.restore(saved)
    assert k.page_at(p, a) is page
    assert p.mm.mmap[0] is vma
    assert (vma.vm_start, k.dmesg) == (a, [])


def test_not_in_the_middle_of_an_operation() -> None:
    """A call under way has variables that nobody can put back, so saving and restoring are refused there."""
    k = Kernel()
    p = k.spawn("P")
    saved, said = k.save(), []

    def interrupted(name: str, fields: dict[str, object]) -> None:
        for attempt in (k.save, lambda: k.restore(saved)):
            with pytest.raises(GupkitError, match="under way"):
                attempt()
            said.append(name)

    k.on_point = interrupted
    k.mmap(p, pages=1)
    assert said


def test_a_state_belongs_to_its_machine() -> None:
    """Another machine's state, and one under a recorder that would not notice, are refused with what to do."""
    k, other = Kernel(), Kernel()
    with pytest.raises(GupkitError, match="another machine"):
        k.restore(other.save())
    saved = k.save()
    with Recorder(k), pytest.raises(GupkitError, match="its restore"):
        k.restore(saved)


def test_a_recorder_goes_back_with_its_machine() -> None:
    """A recorder put back forgets what came after, and records what comes then."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=1)
    with Recorder(k) as recorder:
        k.store(p, a, b"1")
        saved, start = recorder.save(), recorder.trace()
        last = start[-1]
        k.munmap(p, a, 4096)
        recorder.restore(saved)
        k.store(p, a, b"2")
        longer = recorder.trace(start=start, same=len(start.events))
        assert [event.name for event in longer.events] == [event.name for event in recorder.trace().events]
        assert longer[len(start) - 1] is last
        assert longer[-1] == take_snapshot(k)
    assert [event["byte"] for event in recorder.trace().events if event.name == "store"] == [ord("1"), ord("2")]
