"""The explorer's parts by themselves: what is injected, where one stands in another run, how it is written down."""

import pytest

from gupkit.errors import GupkitError
from gupkit.film.view import Row
from gupkit.scenario import Scenario
from gupkit.trace.delta import Delta
from gupkit.trace.event import Event
from gupkit.trace.snapshot import Process, Snapshot
from gupkit.trace.step import Step
from gupkit.trace.trace import Trace
from gupkit.widgets import panels
from gupkit.widgets.choices import Choices, as_written
from gupkit.widgets.edit import edited
from gupkit.widgets.meanwhile import KINDS, injected, left_out, offered, scene
from gupkit.widgets.model import ExplorerModel
from gupkit.widgets.runs import KEPT, Runs


def scenario(*steps: dict, **more: object) -> Scenario:
    """A scenario whose first step maps four pages as A."""
    return Scenario.load({"title": "t", "steps": [{"mmap": {"as": "A", "pages": 4}}, *steps], **more})


@pytest.mark.parametrize(
    ("gup", "at"),
    [
        ({"at": "A"}, "A"),
        ({"at": "A[1:3]"}, "A[1:3]"),
        ({"at": "A[1]", "pages": 2}, "A[1:3]"),
        ({"at": "A[1]+100"}, "A[1]"),
        ({"at": "A[1]", "pages": 99}, "A[1]"),
        ({"at": "A", "pages": -1}, "A"),
        ({"at": "0x7f0000001000"}, "0x7f0000001000"),
    ],
)
def test_what_strikes_strikes_the_pages_of_the_call(gup: dict, at: str) -> None:
    """The injected operation covers whole pages: those the call is about, never more than its region has."""
    assert str(injected(scenario({"gup": gup}), 1, "munmap").args["at"]) == at


def test_the_other_thread_is_another() -> None:
    """A call by T2 is interrupted by T3; what the kernel does itself is told of the owner of the memory."""
    story = scenario({"gup": {"at": "A", "by": "T2"}})
    assert injected(story, 1, "munmap").by == "T3"
    assert injected(story, 1, "swap-out").by == "P"


def test_a_forked_child_gets_a_name_that_is_free() -> None:
    """The name of a process that the scenario makes, even in a race, is not given twice."""
    story = scenario({"fork": {}}, {"gup": {"at": "A"}, "race": [{"at": "any", "do": [{"fork": {"as": "C2"}}]}]})
    assert injected(story, 2, "fork").args["as"] == "C3"
    assert edited(story, Choices(2, meanwhile="fork", moment=("cond_resched", 1))).steps[2].race[0].do[0].op == "fork"


def test_without_a_place_only_nothing_can_happen() -> None:
    """A step that names no place offers nothing, and says why for each."""
    story = scenario({"process_vm_readv": {"iov": [["A[0]", 8]]}})
    assert offered(story, 1) == ()
    assert scene(story, 1).at is None
    assert all(name in left_out(story, 1) for name in KINDS)


def test_with_a_file_everything_is_offered() -> None:
    """Where a file is mapped in the first process all seven are there, and nothing is explained away."""
    story = Scenario.load({"title": "t", "files": {"f": [1]}, "steps": [
        {"mmap": {"as": "A", "pages": 1, "file": "f"}}, {"gup": {"at": "A"}},
    ]})  # fmt: skip
    assert offered(story, 1) == tuple(KINDS)
    assert left_out(story, 1) == ""


def test_an_edit_keeps_what_it_does_not_change() -> None:
    """Other flags, other steps and the scenario's name stay; the author's own choices give the very same scenario."""
    story = scenario({"gup": {"at": "A", "flags": ["WRITE", "NOWAIT"]}}, {"load": {"at": "A"}})
    assert edited(story, as_written(story, 1)) is story
    changed = edited(story, Choices(1, frozenset({"FOLL_FORCE", "FOLL_NOWAIT", "nonblocking"}), "nothing"))
    assert changed.steps[1].args["flags"] == ("NOWAIT", "FORCE")
    assert changed.steps[1].args["nonblocking"] == 1
    assert changed.steps[2].args == story.steps[2].args
    assert changed.source == story.source


def test_an_unknown_toggle_is_refused() -> None:
    """A toggle that there is not is a GupkitError that names the nearest."""
    with pytest.raises(GupkitError) as caught:
        Choices(1).toggled("FOLL_WRTE")
    assert "'FOLL_WRITE'" in str(caught.value)


def test_only_so_many_runs_are_kept() -> None:
    """The memory of runs is bounded, and what fell out of it is run again to the same end."""
    runs = Runs(scenario({"gup": {"at": "A", "flags": ["WRITE"]}}), None)
    first = Choices(1, frozenset(), "nothing")
    before = [event.name for event in runs.trace(first).events]
    for nth in range(1, KEPT + 3):
        runs.trace(Choices(1, frozenset(), "swap-out", ("cond_resched", nth)))
    assert len(runs._kept) == KEPT
    assert [event.name for event in runs.trace(first).events] == before


def test_a_moment_before_any_other_is_the_first() -> None:
    """Where a call no longer passes the kind of point chosen, what was to happen happens at its first one."""
    runs = Runs(scenario({"gup": {"at": "A"}}), None)
    settled = runs.settled(Choices(1, frozenset(), "munmap", ("wait_on_page_locked", 1)))
    assert settled.moment == ("down_read", 1)


def test_panels_leave_out_what_there_is_not() -> None:
    """No events, no note, no problem: no empty headings."""
    assert panels.events([]) == ""
    assert panels.hint("") == panels.alert("") == ""
    assert panels.title("t", " ") == '<p class="gk-name">t</p>'


def test_panels_say_what_went_wrong() -> None:
    """A run that ended early says so in the spoken line, reports stand in the table, a bug has its sign."""
    model = ExplorerModel({"title": "stuck", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"down_write": {"by": "T2"}}, {"gup": {"at": "A"}},
    ]})  # fmt: skip
    assert "The run ended early: deadlock" in panels.say(model.view())
    assert "✗ BUG" in panels.events([Row(1, "P", "BUG: x.", 0, False, "bug")])
    model = ExplorerModel({"title": "twice", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"gup": {"as": "p", "at": "A", "flags": ["WRITE"]}},
        {"munmap": {"at": "A"}}, {"put_page": {"pin": "p"}}, {"put_page": {"pin": "p"}},
    ]})  # fmt: skip
    model.goto(len(model.trace) - 1)
    assert model.view().reports
    assert '<th scope="row">reports</th>' in panels.facts(model.view())


def test_a_trace_without_words_can_be_seen() -> None:
    """An event that has no words of its own shows its name and fields."""
    event = Event(0, "novel", "P", 1, fields={"address": 4096})
    start = Snapshot(processes={"P": Process("P", 1)})
    model = ExplorerModel(Trace(start, [event], [Delta(clock=1)], [Step(0, "x", "P", last=1)]))
    assert model.view().sentence == "novel: address 0x1000."
    model.stride("event", -1)
    assert "Nothing has happened yet" in model.view().sentence
