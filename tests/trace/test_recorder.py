"""A trace tells the truth: each snapshot made of deltas equals a look at the whole machine at that moment."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import gupkit
from gupkit.kernel import Kernel
from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.runner import Runner
from gupkit.trace import Diff, Recorder, Snapshot, Trace, take_snapshot

PAGE = 4096
SOURCE = Path(gupkit.__file__).parent


LOOKS = 250
"""A run with fewer events is looked at after each, a longer one (512 pages in one step) at even distances."""


def recorded(scenario: Scenario) -> tuple[Trace, dict[int, Snapshot]]:
    """The trace of a run, and full looks at the machine taken beside it, by the number of events before each."""
    every = 1 + len(Runner(scenario).run()) // LOOKS
    runner = Runner(scenario)
    ends = itertools.count(1)
    seen = {0: take_snapshot(runner.kernel, runner.world.named_pins())}

    def look(name: str, fields: dict[str, Any], place: str) -> None:
        number = next(ends)
        if number % every == 0 or name == "done":
            seen[number] = take_snapshot(runner.kernel, runner.world.named_pins())

    runner.kernel.listen(look)
    return runner.run(), seen


@cache
def builtin(name: str) -> Trace:
    """A built-in scenario's trace."""
    return Runner(Scenario.load(name)).run()


def difference(one: Snapshot, two: Snapshot) -> dict[str, Any]:
    """Fields that differ (pins aside: they are renamed only between operations)."""
    fields = ("clock", "processes", "frames", "files", "swap", "free", "origin")
    return {f: (getattr(one, f), getattr(two, f)) for f in fields if getattr(one, f) != getattr(two, f)}


@pytest.mark.parametrize("name", builtin_names())
def test_every_snapshot_is_what_was_there(name: str) -> None:
    """A snapshot equals a fresh look at the whole machine, and at the end of each step names the pins that are held."""
    trace, seen = recorded(Scenario.load(name))
    assert len(trace) == len(trace.events) + 1
    assert len(seen) >= min(LOOKS / 2, len(trace) - 1)
    for i, fresh in seen.items():
        assert difference(trace[i], fresh) == {}, f"{name}: after {trace.events[i - 1] if i else 'start'}"
    for step in trace.steps:
        assert trace[step.last].pins == seen[step.last].pins


@pytest.mark.parametrize("name", ["dirty-cow", "swap", "swap-pin", "truncate", "fork-pin", "accounting"])
def test_a_diff_names_what_differs(name: str) -> None:
    """Between any neighbours, `diff` names exactly the entries, frames, VMAs, cache pages, slots, locks that differ."""
    trace = builtin(name)
    for i in range(1, len(trace)):
        old, new = trace[i - 1], trace[i]
        assert new.diff(old) == by_hand(new, old)
        assert bool(new.diff(old)) == bool(by_hand(new, old))
    assert trace[-1].diff(trace[0]) == by_hand(trace[-1], trace[0])


def by_hand(new: Snapshot, old: Snapshot) -> Diff:
    """The difference of two snapshots, found by walking all of both."""
    ptes, vmas, locks = [], [], []
    for snapshot in (new, old):
        ptes.append({(n, a): e for n, q in snapshot.processes.items() for a, e in q.ptes()})
        vmas.append({(n, v.start, v) for n, q in snapshot.processes.items() for v in q.vmas})
        locks.append({n: q.mmap_sem for n, q in snapshot.processes.items()})
    tables = [{(n, a) for n, q in s.processes.items() for a in empty_tables(q.pgd, 0, 0)} for s in (new, old)]
    cache = [{(n, v, i): x for n, f in s.files.items() for v in ("cache", "disk") for i, x in getattr(f, v).items()}
             for s in (new, old)]  # fmt: skip
    return Diff(
        frozenset(keys(*ptes) | (tables[0] ^ tables[1])),
        frozenset(keys(new.frames, old.frames)),
        frozenset((n, start) for n, start, _ in vmas[0] ^ vmas[1]),
        frozenset((n, i) for n, _, i in keys(*cache)),
        frozenset(keys(new.swap, old.swap)),
        frozenset(keys(*locks)),
        frozenset(pin.name for pin in set(new.pins) ^ set(old.pins)),
    )


def keys(one: Any, two: Any) -> set[Any]:
    """Keys whose values are not the same in both."""
    return {k for k in one.keys() | two.keys() if one.get(k) != two.get(k)}


def empty_tables(table: Any, depth: int, base: int) -> list[int]:
    """Addresses of tables with nothing in them."""
    found = []
    for index, below in table.items() if depth < 3 else ():
        address = base + (index << (39, 30, 21)[depth])
        found += [address] if not below else empty_tables(below, depth + 1, address)
    return found


@pytest.mark.parametrize("name", ["swap", "dirty-cow", "fork-pin"])
def test_what_did_not_change_is_shared(name: str) -> None:
    """Neighbouring snapshots share the very objects of whatever the event left alone."""
    trace = builtin(name)
    for i in range(1, len(trace)):
        old, new = trace[i - 1], trace[i]
        changed = new.diff(old)
        for pfn in new.frames.keys() - trace.deltas[i - 1].frames.keys():
            assert new.frames[pfn] is old.frames[pfn]
        if not changed.cache:
            assert all(new.files[n].cache is old.files[n].cache for n in new.files if n in old.files)
        for process in new.processes.keys() & old.processes.keys():
            if not any(p == process for p, _ in changed.ptes):
                assert new.processes[process].pgd is old.processes[process].pgd
    quiet = [i for i in range(1, len(trace)) if not trace.deltas[i - 1].frames]
    assert quiet
    assert all(trace[i].frames is trace[i - 1].frames for i in quiet)


def test_events_carry_their_place_in_the_source() -> None:
    """Each event names one file of the simulator and a line that is a call which passes a trace point."""
    places = {e.where for name in builtin_names() for e in builtin(name).events}
    for place in places:
        name, _, line = place.partition(":")
        lines = (SOURCE / name).read_text(encoding="utf-8").splitlines()
        nearby = "\n".join(lines[int(line) - 1 : int(line) + 3])
        assert re.search(r"emit|schedule|_traced", nearby), place


def test_a_caller_outside_of_the_package_is_its_file() -> None:
    """What a test or a notebook emits itself carries that file's bare name."""
    kernel = Kernel()
    with Recorder(kernel) as recorder:
        kernel.emit("note")
    assert recorder.trace().events[0].where.startswith("test_recorder.py:")


def test_events_are_numbered_and_timed() -> None:
    """Events are numbered from 0, their clock never runs backwards, their task is a name."""
    for name in ("dirty-cow", "nonblocking", "munmap-waits"):
        events = builtin(name).events
        assert [e.seq for e in events] == list(range(len(events)))
        clocks = [e.clock for e in events]
        assert clocks == sorted(clocks)
        assert all(e.task for e in events)


def test_an_injected_op_is_deeper() -> None:
    """Events of an op that interrupts another have a greater depth."""
    events = builtin("munmap-waits").events
    assert {e.depth for e in events if e.name == "do_munmap"} == {1}
    assert {e.depth for e in events if e.name == "follow_page"} == {0}


def test_a_trace_is_a_sequence() -> None:
    """Length, negative indices, slices, iteration and IndexError work as with any sequence."""
    trace = builtin("dontneed")
    n = len(trace)
    assert trace[-1] is trace[n - 1]
    assert trace[-n] is trace[0]
    assert trace[2:5] == [trace[2], trace[3], trace[4]]
    assert trace[::-1][0] is trace[-1]
    assert list(trace) == trace[:]
    assert list(trace.events[1:3]) == [trace.events[1], trace.events[2]]
    for wrong in (n, -n - 1):
        with pytest.raises(IndexError):
            trace[wrong]


def test_step_at_finds_the_step() -> None:
    """Every snapshot but the first and the last belongs to the step whose events led to it."""
    trace = builtin("dontneed")
    assert trace.step_at(0) is None
    for step in trace.steps:
        assert all(trace.step_at(i) is step for i in range(step.first + 1, step.last + 1))
    assert "dontneed" not in repr(trace)
    assert str(len(trace)) in repr(trace)


def test_nothing_is_recorded_while_nobody_listens() -> None:
    """Without a recorder no event is made, and a recorder that has stopped leaves the kernel as it was."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=2)
    assert not k.tracing
    with Recorder(k) as recorder:
        k.store(p, a, b"x")
        assert k.tracing
    count = recorder.count
    assert not k.tracing
    assert k.journal is None
    k.store(p, a + PAGE, b"y")
    assert recorder.count == count
    assert recorder.trace()[-1].processes["P"].pte(a + PAGE) is None


def test_two_recorders_may_follow_each_other() -> None:
    """A second recording starts from what the first left."""
    k = Kernel()
    p = k.spawn("P")
    a = k.mmap(p, pages=1)
    with Recorder(k) as one:
        k.store(p, a, b"x")
    with Recorder(k) as two:
        k.munmap(p, a, PAGE)
    first, second = one.trace(), two.trace()
    assert second[0] == first[-1]
    assert second[-1] == take_snapshot(k)


def test_snapshots_are_made_when_asked_for() -> None:
    """The last snapshot may be asked for first, and earlier ones stay as they were."""
    trace = builtin("swap")
    again = Runner(Scenario.load("swap")).run()
    assert again[-1] == trace[-1]
    assert again[3] == trace[3]


def test_a_result_is_plain() -> None:
    """`to_result` has the title, the backend, the era, ok and the steps, and a problem only if there was one."""
    trace = builtin("dontneed")
    told = trace.to_result()
    assert list(told) == ["title", "backend", "era", "ok", "steps"]
    assert told["ok"] is trace.ok is True
    problem = replace(trace.steps[0], unmet=("no",))
    broken = Trace(trace[0], steps=(problem,), problem="deadlock: x")
    assert broken.to_result()["problem"] == "deadlock: x"
    assert not broken.ok


WATCHED = {
    "swap cache": """
- mmap: {as: A, pages: 2}
- store: {at: A, byte: 1}
- gup: {as: pins, at: "A[0]", flags: [WRITE]}
- reclaim: {at: A}
- page_store: {pin: "pins[0]", byte: 9}
- load: {at: "A[0]"}
- put_page: {pin: pins}
- reclaim: {at: A}
- load: {at: "A[0]"}
- munmap: {at: "A[0]"}
""",
    "files": """
- mmap: {as: F, pages: 2, file: f, share: shared}
- store: {at: F, byte: 1}
- fsync: {file: f}
- pwrite: {file: f, offset: 6, byte: 7, length: 5000}
- ftruncate: {file: f, length: 4100}
- fadvise_dontneed: {file: f}
- drop_caches: {}
- mmap: {as: C, pages: 2, file: cold}
- load: {at: C}
- mmap: {as: M, pages: 2, file: m, share: shared}
- store: {at: M, byte: 4}
- reclaim: {at: M}
- load: {at: M}
- pread: {file: m}
- ftruncate: {file: m, length: 0}
- odirect_write: {at: F, file: cold, offset: 3}
- msync: {at: F}
""",
    "processes": """
- mmap: {as: A, pages: 4, flags: [LOCKED]}
- mmap: {as: S, pages: 1, share: shared}
- store: {at: S, byte: 3}
- mmap: {as: G, pages: 1, flags: [GROWSDOWN]}
- store: {at: G, byte: 1}
- fork: {as: C}
- store: {by: C, at: "A[1]", byte: 1}
- mprotect: {at: "A[1:3]", prot: r}
- madvise: {at: "A[0]", advice: DONTFORK}
- fork: {as: D}
- mlock: {by: C, at: A}
- vmsplice: {by: C, at: A, pipe: x}
- uring_register: {at: A, as: r}
- munlock: {at: A}
- exit: {by: C}
- hwpoison: {at: "A[3]"}
- uring_unregister: {as: r}
- pipe_read: {pipe: x}
- exit: {by: D}
- exit: {}
""",
}


@pytest.mark.parametrize("steps", WATCHED.values(), ids=WATCHED)
def test_rarer_changes_are_seen_too(steps: str) -> None:
    """The same agreement, event by event, over what the built-in scenarios do not touch."""
    files = "files: {f: [97, 98], cold: {pages: [48, 49, 50], cached: false}, m: {pages: [1, 2], memfd: true}}"
    trace, seen = recorded(Scenario.from_text(f"title: t\n{files}\nsteps:{steps}"))
    for i, fresh in seen.items():
        assert difference(trace[i], fresh) == {}, f"after {trace.events[i - 1] if i else 'start'}"
