"""Whose turn it may be."""

from typing import Any

from gupkit.interleave.lanes import Lanes
from gupkit.interleave.plan import Ops
from gupkit.scenario import Scenario


def lanes(*steps: dict[str, Any]) -> Lanes:
    """The lanes of these steps."""
    return Lanes(Ops(Scenario.load({"title": "t", "files": {"f": [1]}, "steps": list(steps)})))


def free(
    which: Lanes, done: tuple[int, ...] = (), busy: tuple[str, ...] = (), waiting: tuple[str, ...] = ()
) -> list[int]:
    """The ops that may begin once ``done`` are."""
    return list(which.free(done, done, busy, waiting))


MAP = {"mmap": {"as": "A", "pages": 1}}
LOAD, LOAD_T2 = {"load": {"at": "A"}}, {"load": {"by": "T2", "at": "A"}}


def test_each_task_keeps_its_order() -> None:
    """Of each task only the first step that is left may begin."""
    found = lanes(MAP, LOAD, LOAD_T2, {"store": {"at": "A", "byte": 1, "by": "T2"}})
    assert free(found, (0,)) == [1, 2]
    assert free(found, (0, 2)) == [1, 3]


def test_names_must_be_there() -> None:
    """Regions, processes, pins and pipes are there once the op that makes them is done, not before."""
    found = lanes(
        MAP,
        {"fork": {"as": "C"}},
        {"gup": {"as": "p", "at": "A"}},
        {"load": {"by": "C", "at": "A"}},
        {"page_load": {"by": "T2", "pin": "p[0]"}},
        {"vmsplice": {"by": "T3", "at": "A", "pipe": "z"}},
        {"pipe_read": {"by": "T4", "pipe": "z"}},
    )
    assert free(found) == [0]
    assert free(found, (0,)) == [1, 5]
    assert free(found, (0, 1)) == [2, 3, 5]
    assert free(found, (0, 1, 2)) == [3, 4, 5]
    assert free(found, (0, 1, 2, 5)) == [3, 4, 6]


def test_an_expectation_needs_its_names_too() -> None:
    """A step that expects something of a pin waits for the pin."""
    found = lanes(MAP, {"gup": {"as": "p", "at": "A"}},
                  {"load": {"by": "T2", "at": "A"}, "expect": {"same_frame": ["A[0]", "p[0]"]}})  # fmt: skip
    assert free(found, (0,)) == [1]
    assert free(found, (0, 1)) == [2]


def test_a_task_in_the_middle_of_an_op_begins_no_other() -> None:
    """Who is interrupted or sleeps does nothing else; what is nobody's in particular goes on while its task sleeps."""
    found = lanes(MAP, {"pread": {"file": "f"}}, {"load": {"by": "T2", "at": "A"}})
    assert free(found, (0,), busy=("P",)) == [2]
    assert free(found, (0,), busy=("P",), waiting=("P",)) == [1, 2]


def test_a_process_exits_last() -> None:
    """Its threads have done what is theirs before; another process does not matter."""
    found = lanes(MAP, {"fork": {"as": "C"}}, {"load": {"by": "C", "at": "A"}}, LOAD_T2, {"exit": {}})
    assert free(found, (0, 1)) == [2, 3]
    assert free(found, (0, 1, 3)) == [4, 2]


def test_nobody_takes_memory_away_from_a_call() -> None:
    """While a thread's call is under way, or another process works in its memory, a process does not exit: the address
    space lives until its last user is gone."""
    found = lanes(MAP, LOAD_T2, {"exit": {}})
    assert list(found.free((0, 1), (0,), ("T2",), ())) == []
    found = lanes(MAP, {"fork": {"as": "C"}}, {"mem_read": {"by": "C", "of": "P", "at": "A"}}, {"exit": {}})
    assert list(found.free((0, 1, 2), (0, 1), ("C",), ())) == []
    assert free(found, (0, 1)) == [3, 2]
