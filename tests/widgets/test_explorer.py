"""The widget: its controls say their state, do what the model does, and stay usable after a refusal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest

import gupkit as gk
from gupkit.errors import GupkitError
from gupkit.trace.snapshot import Process, Snapshot
from gupkit.widgets import Explorer, SnapshotModel
from tests.draw.machines import million, small

ROOT = Path(gk.__file__).resolve().parents[1]


def everything(widget: Any) -> Iterator[Any]:
    """A widget and all that lies in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything(child)


@pytest.fixture
def explorer() -> Explorer:
    """An explorer on a scenario with a race."""
    return Explorer("munmap-waits")


def press(explorer: Explorer, name: str) -> None:
    """What a click on a control does in the kernel."""
    control = explorer.controls[name]
    if isinstance(control, widgets.ToggleButton):
        control.value = not control.value
    else:
        control.click()


def test_toggles_say_their_state(explorer: Explorer) -> None:
    """The text of each toggle tells whether it is on: stock buttons do not tell a screen reader otherwise."""
    words = [explorer.controls[name].description for name in ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas")]
    assert words == ["FOLL_WRITE: on", "FOLL_FORCE: off", "nonblocking: NULL", "vmas[]: array"]
    for name in ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas"):
        press(explorer, name)
    words = [explorer.controls[name].description for name in ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas")]
    assert words == ["FOLL_WRITE: off", "FOLL_FORCE: on", "nonblocking: pointer to 1", "vmas[]: NULL"]


@pytest.mark.parametrize("source", ["munmap-waits", "dirty-cow", "foll-write-cow", small()])
def test_every_control_has_a_name(source: object) -> None:
    """Each control has words of its own, and its text is on the page; none is a slider, which can have no name."""
    explorer = Explorer(source)
    shown = list(everything(explorer))
    assert not [w for w in shown if "Slider" in type(w).__name__]
    for name, control in explorer.controls.items():
        assert control.description, name
        assert any(c == f"gk-{name}" for c in control._dom_classes)
    assert {id(c) for c in explorer.panel.texts.values() if c.value} <= {id(w) for w in shown}


def test_a_toggle_changes_picture_and_words(explorer: Explorer) -> None:
    """Both pictures, the call and the spoken line follow FOLL_WRITE."""
    before = {name: text.value for name, text in explorer.texts.items()}
    press(explorer, "FOLL_WRITE")
    after = {name: text.value for name, text in explorer.texts.items()}
    assert {"page-map", "say", "facts"} <= {name for name in before if before[name] != after[name]}
    assert "FOLL_WRITE: off; the scenario ran again." in after["say"]
    assert "the zero page" in after["facts"]


def test_pictures_have_a_role_and_words(explorer: Explorer) -> None:
    """Each picture is an image with a description, and the line about the place speaks by itself."""
    for name in ("page-map", "page-table"):
        assert 'role="img"' in explorer.texts[name].value
        assert "<desc>" in explorer.texts[name].value
    assert 'aria-live="polite"' in explorer.texts["say"].value


def test_the_current_event_is_marked_by_more_than_colour(explorer: Explorer) -> None:
    """Of the listed events exactly one is the current one: by attribute, by a sign and by its frame."""
    listed = explorer.texts["events"].value
    assert listed.count('aria-current="step"') == 1
    assert listed.count("▶ ") == 1
    press(explorer, "first")
    assert "aria-current" not in explorer.texts["events"].value


def test_stepping_moves_the_place_shown(explorer: Explorer) -> None:
    """Every button moves as it says, and number field and list of steps follow."""
    seen = []
    for name in ("first", "event-forward", "event-forward", "event-back", "step-forward", "step-back", "last"):
        press(explorer, name)
        seen.append(explorer.controls["event"].value)
    last = len(explorer.model.trace) - 1
    assert seen == [0, 1, 2, 1, 5, 0, last]
    explorer.controls["event"].value = 3
    assert "Event 3 of" in explorer.texts["say"].value
    explorer.controls["step"].value = 1
    assert explorer.model.place == explorer.model.step(1).last
    explorer.controls["step"].value = -1
    assert explorer.model.place == 0


def test_waiting_is_shown(explorer: Explorer) -> None:
    """munmap at a chosen moment: the reader sees who waits, in the table, in the list and in the picture."""
    explorer.controls["meanwhile"].value = "munmap"
    moments = [value for _, value in explorer.controls["when"].options]
    explorer.controls["when"].value = moments[2]
    blocked = next(e.seq for e in explorer.model.trace.events if e.name == "blocked")
    explorer.controls["event"].value = blocked + 1
    assert "held for reading by P; T2 waits for it" in explorer.texts["facts"].value
    assert "‖ munmap must wait" in explorer.texts["events"].value
    assert "T2" in explorer.texts["page-map"].value


def test_moments_are_offered_only_when_something_happens(explorer: Explorer) -> None:
    """While nothing happens there is no moment to choose, and the list says so."""
    explorer.controls["meanwhile"].value = "nothing"
    when = explorer.controls["when"]
    assert (when.disabled, when.label) == (True, "at no time")
    explorer.controls["meanwhile"].value = "fork"
    assert not when.disabled
    assert "cond_resched" in when.label
    assert "It strikes between two pages" in explorer.texts["advice"].value


def test_as_the_scenario_has_it(explorer: Explorer) -> None:
    """One button undoes every choice."""
    for name in ("FOLL_WRITE", "nonblocking"):
        press(explorer, name)
    explorer.controls["meanwhile"].value = "nothing"
    press(explorer, "reset")
    assert explorer.controls["FOLL_WRITE"].value
    assert explorer.controls["meanwhile"].value == "as written"
    assert explorer.model.scenario is explorer.model.runs.scenario


def test_a_refusal_is_said_and_undone() -> None:
    """What cannot happen is said in one line, and the control shows again what is."""
    explorer = Explorer({"title": "fast", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"store": {"at": "A", "byte": 1}},
        {"gup": {"as": "p", "at": "A", "api": "get_user_pages_fast"}},
    ]})  # fmt: skip
    explorer.controls["meanwhile"].value = "munmap"
    assert "passes no schedule point" in explorer.texts["alert"].value
    assert explorer.controls["meanwhile"].value == "nothing"
    press(explorer, "event-back")
    assert explorer.texts["alert"].value == ""


def test_an_unforeseen_error_leaves_the_explorer_usable(explorer: Explorer) -> None:
    """An error that is no answer of the kit's goes on to the log; the reader is told, and the next click works."""
    with pytest.raises(ZeroDivisionError):
        explorer.panel._doing(lambda: 1 // 0)()
    assert "a fault of the kit" in explorer.texts["alert"].value
    press(explorer, "event-back")
    assert explorer.texts["alert"].value == ""


def test_what_is_read_is_escaped() -> None:
    """A title that looks like HTML is shown as text."""
    explorer = Explorer({"title": "<b>bold</b>", "about": "a < b", "steps": [{"mmap": {"as": "A", "pages": 1}}]})
    assert "<b>bold</b>" not in explorer.texts["title"].value
    assert "&lt;b&gt;bold" in explorer.texts["title"].value


def test_several_processes_can_be_looked_at() -> None:
    """After a fork the reader chooses whose page tables are drawn; before it there is nothing to choose."""
    explorer = Explorer("fork-pin")
    process = explorer.controls["process"]
    press(explorer, "last")
    assert process.layout.display is None
    process.value = "C"
    assert "Page tables of C" in explorer.texts["page-table"].value
    press(explorer, "first")
    assert process.layout.display == "none"
    assert "Page tables of P" in explorer.texts["page-table"].value


def test_a_trace_has_no_toggles_on_the_page() -> None:
    """A finished trace shows what there is to see and offers nothing to change."""
    explorer = Explorer(gk.run("munmap-waits"))
    shown = list(everything(explorer))
    assert explorer.controls["FOLL_WRITE"] not in shown
    assert explorer.controls["event-back"] in shown
    press(explorer, "event-back")
    assert "Event 28" in explorer.texts["say"].value


def test_a_system_call_shows_its_flags_and_forbids_switching() -> None:
    """Where a system call sets the flags, the toggles are there, disabled, and the reader is told why."""
    explorer = Explorer("dirty-cow")
    assert explorer.controls["FOLL_WRITE"].disabled
    assert "A system call sets the flags here" in explorer.texts["advice"].value


def test_several_calls_can_be_looked_at() -> None:
    """A scenario with more than one call has a list of them."""
    explorer = Explorer("foll-write-cow")
    assert explorer.controls["call"] in list(everything(explorer))
    explorer.controls["call"].value = explorer.model.calls[1]
    assert explorer.controls["FOLL_WRITE"].value


def test_a_snapshot_shows_its_process() -> None:
    """A snapshot has pictures, a list of VMAs in words, and a filter by name or address."""
    snapshot = small()
    explorer = Explorer(snapshot)
    first = next(iter(snapshot.processes.values()))
    assert f"Page tables of {first.name}" in explorer.texts["page-table"].value
    assert f"{first.vmas[0].start:#x}" in explorer.texts["vmas"].value
    explorer.controls["find"].value = hex(first.vmas[0].start + 5)
    assert explorer.model.found() == (first.vmas[0],)
    explorer.controls["find"].value = "nothing is called so"
    assert f"0 of {len(first.vmas)} VMAs match" in explorer.texts["vmas"].value
    explorer.controls["find"].value = "0xzz"
    assert explorer.model.found() == ()


def test_ones_own_process_can_be_looked_at() -> None:
    """The process that runs this (or the recording that stands for it) opens, and its list finds the heap."""
    explorer = Explorer(gk.own_process())
    explorer.controls["find"].value = "[heap]"
    assert "[heap]" in explorer.texts["vmas"].value
    assert "<svg" in explorer.texts["page-table"].value


def test_a_snapshot_folds_and_unfolds() -> None:
    """Folding is the reader's choice."""
    model = SnapshotModel(small())
    model.refold(True)
    folded = model.page_table()
    model.refold(False)
    assert len(model.page_table().shapes) >= len(folded.shapes)
    explorer = Explorer(small())
    explorer.controls["fold"].value = "never"
    assert explorer.model.fold is False


def test_a_million_pages_stay_folded() -> None:
    """A process with 2,000 VMAs and a million pages opens in few shapes, and cannot be unfolded."""
    explorer = Explorer(million())
    assert explorer.texts["page-table"].value.count("<g") <= 400
    assert "2,000 VMAs; the first 40 are listed" in explorer.texts["vmas"].value
    explorer.controls["fold"].value = "never"
    assert "too many to draw one by one" in explorer.texts["alert"].value
    assert explorer.controls["fold"].value == "where needed"


def test_another_process_of_a_snapshot() -> None:
    """A snapshot with several processes has a list of them."""
    p, q = Process("P", 1, alive=False), Process("Q", 2)
    explorer = Explorer(Snapshot(processes={"P": p, "Q": q}))
    assert explorer.controls["process"].value == "Q"
    explorer.controls["process"].value = "P"
    assert "P, pid 1" in explorer.texts["vmas"].value


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Explorer(Snapshot()), "this snapshot has no process to show"),
        (lambda: Explorer(small(), process="Z"), "no process 'Z' in this snapshot"),
        (lambda: Explorer(small(), era="2.6.39"), "takes no era"),
        (lambda: Explorer("no such thing"), "no such file"),
        (lambda: Explorer(None), "not a NoneType"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(make: Any, message: str) -> None:
    """A wrong source, process or era is a GupkitError of one line."""
    with pytest.raises(GupkitError) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
