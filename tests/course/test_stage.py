"""Machines with a history: what a recipe says is done, told in words, and compared by names."""

import pytest

from gupkit.course.calls import ENDLESS, calls
from gupkit.course.stage import STEPS, WORDS, Stage, in_words
from gupkit.course.touches import Accesses
from gupkit.errors import GupkitError
from gupkit.kernel.page import alloc_page
from gupkit.kernel.sched import cond_resched
from tests.course import common

HISTORY = [
    ["thread", "T2"], ["spawn", "D"], ["file", "a.dat", 2, False], ["map", "A", 2, {"file": "a.dat"}], ["load", "A", 1],
    ["map", "B", 3, {"behind": "A"}], ["store", "B", 0], ["store", "B", 1], ["protect", "B", 1, 1, "r"],
    ["reclaim", "B", 0], ["make old", "B", 1], ["make clean", "B", 1], ["hold", "B", 1, 2], ["unmap", "B", 2, 1],
    ["map", "Z", 1, {}], ["load", "Z", 0], ["count zero", "Z", 0], ["fork", "C"], ["exit", "C"],
    ["refuse frame", 1], ["kill", "D"],
]  # fmt: skip
CALL = {
    "steps": [["thread", "T2"], ["map", "A", 1, {}]], "start": ["A", 0, 7], "pages": 1, "flags": ["WRITE", "GET"],
    "runs": "P", "tsk": "P", "arrays": ["pages"], "nonblocking": False, "meanwhile": [],
}  # fmt: skip
WITH_STORIES = ("ps3", "ps5")


def test_a_history_is_done_and_told() -> None:
    """Every kind of step there is can be done, and is a clause of the machine's story."""
    assert {what for what, *_ in HISTORY} == set(STEPS) == set(WORDS)
    told = repr(Stage(HISTORY)).split("; ")
    assert told == [in_words(step) for step in HISTORY]
    assert "P maps B, 3 pages, behind A" in told
    assert "rights of 1 page from B[1]: r" in told


def test_what_changed_is_told_by_names_whatever_the_frames() -> None:
    """Two pages that are touched in either order leave the same behind, though their frames have changed places."""

    def left(*order: int) -> dict[str, object]:
        stage = Stage([["map", "A", 2]])

        def touch() -> dict[str, object]:
            for page in order:
                stage.kernel.store(stage.tasks["P"], stage.address("A", page), b"P")
            return {}

        return stage.left_behind(touch)

    assert left(0, 1) == left(1, 0)
    assert left(0)["P: entry of A[0]"] == "PWDA, leads to the new frame of A[0]"


def test_a_frame_that_was_freed_and_taken_again_is_new() -> None:
    """An old frame's name is not given to whoever has its number now."""
    stage = Stage([["map", "A", 2], ["store", "A", 0]])
    task, kernel = stage.tasks["P"], stage.kernel

    def again() -> dict[str, object]:
        kernel.madvise(task, stage.address("A", 0), 4096, "DONTNEED")
        kernel.store(task, stage.address("A", 1), b"P")
        return {}

    assert stage.left_behind(again)["P: entry of A[1]"] == "PWDA, leads to the new frame of A[1]"


def test_a_frame_that_nothing_maps_is_told_too() -> None:
    """Whoever takes a frame and maps it nowhere leaves it behind, by a name."""
    stage = Stage([["map", "A", 1]])
    told = stage.left_behind(lambda: {"taken": alloc_page(stage.kernel) is not None})
    assert told["frame 1 that is mapped nowhere: references"] == 1


def test_a_call_without_an_end_is_ended() -> None:
    """Whoever lets others run for ever is stopped, with a line that says so."""

    def for_ever(tsk, mm, *more):
        while True:
            cond_resched(mm.kernel)

    (call,) = calls([CALL]).values()
    with pytest.raises(GupkitError, match=f"{ENDLESS} times another task could have run"):
        call.ask(for_ever)


def test_a_call_tells_what_came() -> None:
    """The answer, the arrays place by place, and nothing of what the machine keeps to itself."""
    (call,) = calls([CALL]).values()
    assert repr(call) == (
        "before: P has a thread T2; P maps A, 1 page\n"
        "call:   1 page from A[0] + 7 bytes, WRITE | GET, pages, P runs, tsk P"
    )
    told = call.ask(lambda tsk, mm, start, count, flags, pages, vmas, nonblocking: pages.append(flags) or -14)
    assert told == {"returned": {"errno": "EFAULT"}, "pages": {"[3]": {"a": "FOLL"}, "places": 4}, **told}
    assert told["P: mmap_sem is held"] == "read"


@pytest.mark.parametrize("problem_set", WITH_STORIES)
def test_every_example_of_a_machine_tells_its_story(problem_set) -> None:
    """Printed, it says what was before, then what comes, and what others do meanwhile."""
    judge = common.judge(problem_set)
    rule = judge.rule("alice")
    for check in judge.set.checks:
        for case in judge.visible(rule)[check.name]:
            world = check.build(rule, case.inputs)
            for one in world.values() if isinstance(world, dict) else [world] if isinstance(world, Accesses) else []:
                starts = [line[:8] for line in repr(one).split("\n") if not line.startswith(" ")]
                assert starts[0] == "before: "
                assert starts[1] in ("call:   ", "then:   ")
                assert set(starts[2:]) <= {"others: "}


def test_a_machine_with_many_regions_tells_each_story_in_a_line() -> None:
    """Each region begins a line, with the file behind it."""
    steps = [["map", "A", 1, {}], ["store", "A", 0], ["file", "b.dat", 1], ["map", "B", 1, {"file": "b.dat"}]]
    assert repr(Accesses(Stage(steps), [("A", 0, True)])).split("\n") == [
        "before: P maps A, 1 page; P writes to A[0]",
        "        b.dat has 1 page, in memory; P maps B, 1 page, file b.dat",
        "then:   accesses to each of them, 1 in all",
    ]  # fmt: skip
