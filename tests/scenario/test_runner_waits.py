"""Who waits for whom: injected ops, steps, and runs that cannot go on."""

import pytest

from tests.scenario.story import names, story, unmet

PINNED = """
- mmap: {as: A, pages: 2}
- mmap: {as: B, pages: 2}
"""


def test_an_injected_munmap_waits_for_the_lock() -> None:
    """Injected ops that need mmap_sem for writing wait for the call that holds it, and run when it is released."""
    trace = story(PINNED + """
- gup: {as: pins, at: A, flags: [WRITE]}
  race: [{at: cond_resched, do: [{munmap: {by: T2, at: A}}]}]
  expect: {ret: 2, absent: A}
""")
    assert not unmet(trace)
    order = names(trace, "race", "blocked", "up_read", "woken", "raced")
    assert [name for name, _ in order] == ["race", "blocked", "up_read", "woken", "raced"]


@pytest.mark.parametrize("op", ["mprotect: {by: T2, at: B, prot: r}", "fork: {by: T2}",
                                "madvise: {by: T2, at: B, advice: DONTFORK}", "mlock: {by: T2, at: B}",
                                "mmap: {by: T2, as: N, pages: 1}", "munlock: {by: T2, at: B}"])  # fmt: skip
def test_what_changes_vmas_waits(op: str) -> None:
    """mprotect, fork, mlock, mmap and advice that changes VMAs need mmap_sem for writing."""
    trace = story(PINNED + f"- gup: {{as: pins, at: A}}\n  race: [{{at: cond_resched, do: [{{{op}}}]}}]")
    assert [name for name, _ in names(trace, "blocked", "woken", "raced")] == ["blocked", "woken", "raced"]


@pytest.mark.parametrize("op", ["madvise: {by: T2, at: B, advice: DONTNEED}", "ftruncate: {file: f, length: 0}",
                                "invalidate_inode_pages2: {file: f}", "reclaim: {at: B}", "reclaim: {pages: 1}",
                                "drop_caches: ", "load: {by: T2, at: B}", "fsync: {file: f}"])  # fmt: skip
def test_what_needs_no_write_lock_runs_at_once(op: str) -> None:
    """DONTNEED, truncation, invalidation, reclaim and faults run in the middle of a call that holds the lock."""
    trace = story(PINNED + f"- gup: {{as: pins, at: A}}\n  race: [{{at: cond_resched, do: [{{{op}}}]}}]")
    seen = [name for name, _ in names(trace, "blocked", "race", "raced", "up_read")]
    assert seen.index("raced") < len(seen) - 1
    assert "blocked" not in seen


def test_a_retry_lets_the_waiter_in() -> None:
    """When the call itself drops mmap_sem, to wait for a cold page, the waiting munmap runs there and then."""
    trace = story("""
- mmap: {as: A, pages: 2, file: cold}
- mmap: {as: B, pages: 2}
- gup: {as: pins, at: A, nonblocking: 1}
  race: [{at: cond_resched, do: [{munmap: {by: T2, at: B}}]}]
  expect: {ret: 0, nonblocking: 0, absent: B}
""")
    assert not unmet(trace)
    order = [e.name for e in trace.events if e.name in ("blocked", "up_read", "woken", "end_io", "done")]
    assert order[-5:] == ["blocked", "up_read", "woken", "end_io", "done"]


def test_a_lock_held_over_the_step_makes_the_injection_wait_for_its_release() -> None:
    """What never gets the lock within its step runs later, and the trace says so."""
    trace = story(PINNED + """
- down_read: {by: T3}
- gup: {as: pins, at: A}
  race: [{at: cond_resched, do: [{munmap: {by: T2, at: B}}]}]
- up_read: {by: T3}
  expect: {absent: B}
- load: {at: B}
  expect: {signal: SIGSEGV}
""")
    assert not unmet(trace)
    assert names(trace, "woken") == [("woken", "munmap")]


def test_a_step_that_waits_lets_later_steps_run() -> None:
    """A step that needs a page lock which T2 holds waits until a later step unlocks it, and then succeeds."""
    trace = story("""
- mmap: {as: A, pages: 1, file: f, share: shared}
- gup: {as: pins, at: A, flags: [WRITE]}
- lock_page: {by: T2, pin: "pins[0]"}
- set_page_dirty_lock: {pin: pins}
- unlock_page: {by: T2, pin: "pins[0]"}
- put_page: {pin: pins}
  expect: {leaked: 0}
""")
    assert trace.ok
    done = [e["index"] for e in trace.events if e.name == "done"]
    assert done == [0, 1, 2, 4, 3, 5]


def test_a_fault_waits_for_a_locked_page() -> None:
    """A nonblocking call on a page that somebody else locked comes back with 0, but only after the unlock."""
    trace = story("""
- mmap: {as: A, pages: 1, file: f}
- mmap: {as: B, pages: 1, file: f}
- gup: {as: first, at: A}
- lock_page: {by: T2, pin: "first[0]"}
- gup: {as: second, at: B, nonblocking: 1}
  expect: {ret: 0, nonblocking: 0, faults: {minor: 1, major: 0}}
- unlock_page: {by: T2, pin: "first[0]"}
""")
    assert trace.ok
    assert [e["index"] for e in trace.events if e.name == "done"][-2:] == [5, 4]


def test_waiting_for_a_lock_nobody_releases_ends_the_run() -> None:
    """A wait without end is a deadlock, and every step after it is told as unmet."""
    trace = story("""
- mmap: {as: A, pages: 1}
- down_write: {by: T2}
- load: {at: A}
- load: {at: A, by: T3}
""")
    assert trace.problem.startswith("deadlock")
    assert "P waits for mmap_sem of P (read), held by T2" in trace.problem
    assert "T3 waits for mmap_sem of P (read), held by T2" in trace.problem
    assert list(unmet(trace)) == [2, 3]
    assert not trace.ok


def test_a_deadlock_over_a_page_names_its_holder() -> None:
    """The message about a page lock names who waits and who holds it."""
    trace = story("""
- mmap: {as: A, pages: 1}
- store: {at: A, byte: 1}
- gup: {as: pins, at: A}
- lock_page: {by: T2, pin: "pins[0]"}
- mem_write: {by: T3, at: A, byte: 9}
""")
    assert "T3 waits" in trace.problem
    assert "held by T2" in trace.problem


def test_two_that_wait_for_each_other_are_both_named() -> None:
    """T2 holds a page lock and wants mmap_sem; P holds mmap_sem and wants the page lock."""
    trace = story("""
- mmap: {as: A, pages: 1}
- store: {at: A, byte: 1}
- gup: {as: pins, at: A}
- lock_page: {by: T2, pin: "pins[0]"}
- down_write: {}
- load: {by: T2, at: "A[5]"}
- mem_write: {by: P, at: A, byte: 3}
""")
    assert trace.problem.startswith("deadlock")
    assert "T2 waits for mmap_sem of P (read), held by P" in trace.problem


def test_a_nested_reader_behind_a_writer_deadlocks() -> None:
    """get_user_pages_fast under mmap_sem never returns once a writer queues (C17)."""
    trace = story(PINNED + """
- down_read: {}
- munmap: {by: T2, at: B}
- gup: {as: pins, at: A, api: get_user_pages_fast}
""")
    assert trace.problem.startswith("deadlock")
    assert "P waits for mmap_sem of P (read), held by P, behind T2 (write)" in trace.problem


def test_a_nested_reader_behind_an_injected_writer_deadlocks_once() -> None:
    """The same within one step: the writer arrives between the two down_read, and never runs."""
    trace = story(PINNED + """
- gup: {as: pins, at: A, api: get_user_pages_fast, lock: read}
  race: [{at: down_read, nth: 2, do: [{munmap: {by: T2, at: B}}]}]
""")
    assert trace.problem.startswith("deadlock")
    assert names(trace, "race") == [("race", "munmap")]
    assert not names(trace, "raced")


def test_a_task_that_waits_for_itself_deadlocks() -> None:
    """munmap under one's own read lock can never go on: the task's later up_read is not reached."""
    trace = story(PINNED + "- down_read: {}\n- munmap: {at: A}\n- up_read: {}\n- load: {at: A}")
    assert trace.problem.startswith("deadlock")
    assert not trace.steps[4].result


def test_first_come_first_served() -> None:
    """Whoever queued first runs first when the lock is free: the writer, and then the reader behind it."""
    trace = story("""
- mmap: {as: A, pages: 2}
- down_read: {}
- munmap: {by: T2, at: "A[1]"}
- madvise: {by: T3, at: "A[0]", advice: DONTNEED}
- up_read: {}
- load: {at: "A[0]"}
""")
    assert trace.ok
    done = [e["index"] for e in trace.events if e.name == "done"]
    assert done.index(2) < done.index(3)


@pytest.mark.parametrize("op", ['mem_write: {by: T3, at: "A[0]", byte: 9}',
                                'process_vm_writev: {by: T3, at: "A[0]", byte: 9}',
                                'odirect_read: {by: T3, at: "A[0]", file: f}',
                                'vmsplice: {by: T3, at: "A[0]", pipe: x}',
                                'uring_register: {by: T3, at: "A[0]", as: r}',
                                'mlock: {by: T3, at: "A[0]"}'])  # fmt: skip
@pytest.mark.parametrize("shared", ["fork: {}", "load: {at: A}"])
def test_an_op_that_has_to_start_again_holds_nothing(op: str, shared: str) -> None:
    """An injected op that meets a locked page lets go of pins and locks while it waits, and does its work later."""
    trace = story(f"""
- mmap: {{as: A, pages: 3}}
- store: {{at: A, byte: 1}}
- gup: {{as: pins, at: "A[0]"}}
- {shared}
- lock_page: {{by: T2, pin: "pins[0]"}}
- store: {{at: "A[1]", byte: 1}}
  race: [{{at: alloc_page, do: [{{{op}}}]}}]
- unlock_page: {{by: T2, pin: "pins[0]"}}
- munmap: {{at: "A[2]"}}
- put_page: {{pin: pins}}
  expect: {{leaked: 0}}
""")
    assert trace.problem == ""
    assert not unmet(trace)
    assert names(trace, "raced")


def test_an_op_by_nobody_is_not_told_as_the_waiting_task() -> None:
    """While T2 waits, a driver's set_page_dirty_lock by P must wait as P."""
    trace = story("""
- mmap: {as: A, pages: 1}
- store: {at: A, byte: 1}
- gup: {as: pins, at: A}
- lock_page: {by: T2, pin: "pins[0]"}
- down_write: {}
- load: {by: T3, at: "A[5]"}
- set_page_dirty_lock: {pin: pins}
""")
    assert "the kernel waits for the lock of page" in trace.problem


def test_nth_counts_from_one_within_the_op() -> None:
    """`nth: 3` fires when its point is passed for the third time in this step, whatever earlier steps passed."""
    trace = story("""
- mmap: {as: A, pages: 3}
- gup: {as: a, at: "A[0]"}
- gup: {as: pins, at: A, flags: [WRITE]}
  race: [{at: cond_resched, nth: 3, do: [{madvise: {by: T2, at: "A[0]", advice: DONTNEED}}]}]
  expect: {ret: 3, absent: "A[0]", present: "A[1:3]"}
""")
    assert trace.ok
    before = [e.name for e in trace.events[: next(e.seq for e in trace.events if e.name == "race")]]
    assert before.count("follow_page") == 2


def test_any_fires_at_the_first_schedule_point() -> None:
    """`at: any` fires where the op first gives others a chance."""
    trace = story("- mmap: {as: A, pages: 1}\n- store: {at: A, byte: 1}\n  race: [{at: any, do: [{drop_caches: }]}]")
    first = next(i for i, e in enumerate(trace.events) if e.name == "race")
    assert not [e for e in trace.events[:first] if e.name == "handle_mm_fault"]


def test_an_injection_that_is_not_reached_is_told() -> None:
    """An injection whose point is never passed leaves an event that says which."""
    trace = story(PINNED + "- load: {at: A}\n  race: [{at: direct_io, nth: 2, do: [{drop_caches: }]}]")
    (event,) = [e for e in trace.events if e.name == "race_not_reached"]
    assert event.fields == {"at": "direct_io", "nth": 2}


@pytest.mark.parametrize(("made", "used"), [
    ("fork: {as: C}", "load: {by: C, at: 'A[0]'}"),
    ("fork: {as: C}", "gup: {by: T3, of: C, as: q, at: A}"),
    ("mmap: {as: D, pages: 1}", "store: {by: T3, at: 'D[0]', byte: 1}"),
    ("gup: {as: p, at: A}", "page_load: {by: T3, pin: 'p[0]'}"),
])  # fmt: skip
def test_nobody_uses_what_the_waiter_has_yet_to_make(made: str, used: str) -> None:
    """Others run while P waits for a page lock, but not with a child, a region or a pin that P makes after it, and
    none of their steps overtakes another."""
    trace = story(f"""
- mmap: {{as: A, pages: 1, file: f, share: shared}}
- mmap: {{as: B, pages: 1, file: f, share: shared}}
- load: {{at: A}}
- lock_page: {{by: T2, at: 'A[0]'}}
- load: {{at: B}}
- {made}
- {used}
- load: {{by: T3, at: A}}
- unlock_page: {{by: T2, at: 'A[0]'}}
""")
    assert (trace.problem, unmet(trace)) == ("", {})
    done = [event["index"] for event in trace.events if event.name == "done"]
    assert done.index(8) < done.index(4) < done.index(5) < done.index(6)
    assert ("T3" not in used) or done.index(6) < done.index(7)
