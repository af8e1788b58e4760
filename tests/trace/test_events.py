"""Events and snapshots as values: plain, equal by what they say, and shown in few letters."""

import json

from gupkit.scenario import Scenario
from gupkit.scenario.runner import run
from gupkit.trace import Event, Snapshot, Step
from gupkit.trace.snapshot import Frame, Lock, Process, Pte, Vma


def test_events_survive_json() -> None:
    """An event is plain values: through JSON and back it is the same."""
    for event in run(Scenario.load("dontneed")).events:
        assert Event.from_dict(json.loads(json.dumps(event.to_dict()))) == event


def test_steps_survive_json() -> None:
    """So is a step, with its result, its pages and its sentences."""
    for step in run(Scenario.load("dontneed")).steps:
        again = Step.from_dict(json.loads(json.dumps(step.to_dict())))
        assert again.to_result() == step.to_result()
        assert again == step


def test_a_process_walks_its_tables() -> None:
    """Entries come in address order, within the range asked for; holes and missing tables are None."""
    trace = run(Scenario.load({"title": "t", "steps": [
        {"mmap": {"as": "A", "pages": 3, "addr": 0x7F00_001F_F000}},
        {"store": {"at": "A[2]", "byte": 1}}, {"store": {"at": "A[0]", "byte": 2}}]}))  # fmt: skip
    process = trace[-1].processes["P"]
    base = 0x7F00_001F_F000
    assert [address - base >> 12 for address, _ in process.ptes()] == [0, 2]
    assert [address - base >> 12 for address, _ in process.ptes(base + 4096)] == [2]
    assert [address - base >> 12 for address, _ in process.ptes(0, base + 4096)] == [0]
    assert process.pte(base + 4096) is None
    assert process.pte(0x1000) is None
    assert process.tables() == {"pgd": 1, "pud": 1, "pmd": 1, "pte": 2}
    assert process.find_vma(base + 4096).start == base
    assert process.find_vma(base - 1) is None
    assert trace[-1].frame("P", base).byte == 2
    assert trace[-1].frame("P", base + 4096) is None


def test_views_say_what_they_are() -> None:
    """Small views answer small questions: pages, rights, sharing, who holds a lock, which cache."""
    vma = Vma(0x1000, 0x4000, ("READ", "EXEC", "MAYSHARE"))
    assert (vma.pages, vma.prot, vma.shared) == (3, "r-x", True)
    assert not Vma(0, 4096).shared
    assert [Lock().held, Lock(("P",)).held, Lock((), "P").held] == ["none", "read", "write"]
    assert Frame(1, "file").cached
    assert [Frame(1, "anon", swap=slot).swapcache for slot in (3, None)] == [True, False]
    assert Pte(present=True, write=True, dirty=False, young=None).letters == "PW-?"
    assert Process("P").pte(0) is None


def test_equal_snapshots_do_not_differ() -> None:
    """Two snapshots that say the same are equal, and their diff is empty and false."""
    one, two = (run(Scenario.load("swap")) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        assert a == b
        assert not a.diff(b)
    assert not Snapshot().diff(Snapshot())
    assert one[-1].diff(Snapshot()).ptes
