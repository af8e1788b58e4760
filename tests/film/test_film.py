"""A film holds what the pictures show: what a page makes of it is what Python would have drawn."""

import json
from typing import Any

import pytest

from gupkit import run
from gupkit.draw import frames, page_map, page_table, vma_strip
from gupkit.draw.svg import live
from gupkit.film.camera import LEFT_OUT, WIDTHS, Lens, Wishes, lenses
from gupkit.film.film import Film
from gupkit.film.view import address_of
from gupkit.trace.words import sentence
from gupkit.widgets.model import ExplorerModel


class Page:
    """What a page does with a film: takes batches in and looks pictures up."""

    def __init__(self, film: Film) -> None:
        self.head = json.loads(json.dumps(film.head()))
        self.values = list(self.head["values"])
        self.shots: dict[int, Any] = {}
        self.pictures: dict[int, Any] = {}

    def add(self, batch: dict[str, Any]) -> None:
        """Take a batch in, as it comes over a wire."""
        batch = json.loads(json.dumps(batch))
        self.values += batch["values"]
        for number, picture in batch["pictures"].items():
            if "like" in picture:
                other, head, tail = picture["like"]
                like = self.pictures[other]["shapes"]
                picture["shapes"] = [*like[:head], *picture["shapes"], *like[len(like) - tail :]]
            self.pictures[int(number)] = picture
        self.shots |= {batch["first"] + i: shot for i, shot in enumerate(batch["shots"])}

    def shapes(self, place: int, lens: int) -> list[tuple[str, float, float]] | None:
        """Markup, x and y of every shape of a picture; None where there is none."""
        number = self.shots[place]["views"][lens]
        if number < 0:
            return None
        flat = self.pictures[number]["shapes"]
        return [(self.values[flat[i]], flat[i + 1], flat[i + 2]) for i in range(0, len(flat), 3)]


def drawn(trace: Any, place: int, lens: Lens) -> list[tuple[str, float, float]] | None:
    """The same as drawn by itself, without a film's memory."""
    snapshot = trace[place]
    if lens.process and lens.process not in snapshot.processes:
        return None
    diff = snapshot.diff(trace[max(0, place - 1)])
    width, process = WIDTHS[lens.view], lens.process or None
    around = address_of(trace.events[place - 1]) if place else None
    scene = {
        "page_table": lambda: page_table(snapshot, process, None, diff, around, width=width),
        "page_map": lambda: page_map(snapshot, process, None, diff, width=width),
        "vma_strip": lambda: vma_strip(snapshot, process, None, diff, width=width),
        "frames": lambda: frames(snapshot, None, diff, width=width),
    }[lens.view]()
    shown = [live(shape) for shape in scene.shapes if shape.role not in LEFT_OUT]
    return [(markup, round(x, 1), round(y, 1)) for markup, x, y in shown]


@pytest.mark.parametrize("name", ["leak", "munmap-waits", "fork-pin", "swap", "invalidate", "dirty-cow"])
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_every_picture_is_the_one_that_would_be_drawn(name: str, size: int) -> None:
    """At every place every view, taken out of the film in batches of any size, has the shapes of the drawing."""
    trace = run(name)
    film = Film(trace)
    page = Page(film)
    for first in range(0, len(trace), size):
        page.add(film.shots(first, size))
    assert sorted(page.shots) == list(range(len(trace)))
    for place in range(0, len(trace), 3):
        for number, lens in enumerate(film.lenses):
            assert page.shapes(place, number) == drawn(trace, place, lens), (place, lens)


def test_batches_may_come_in_any_order() -> None:
    """A reader who jumps gets that place first; earlier ones come later and are right all the same."""
    trace = run("invalidate")
    film = Film(trace)
    page = Page(film)
    for first in (30, 10, 0, 20, 40, 50):
        page.add(film.shots(first, 10))
    for place in (0, 9, 10, 29, 30, 57):
        for number, lens in enumerate(film.lenses):
            assert page.shapes(place, number) == drawn(trace, place, lens)


def test_a_long_run_with_folded_pictures() -> None:
    """Where 512 pages are folded, each place still has the pictures that would be drawn of it."""
    trace = run("thp-split-under-pin")
    film = Film(trace)
    page = Page(film)
    page.add(film.shots(1_300, 4))
    for place in range(1_300, 1_304):
        for number, lens in enumerate(film.lenses):
            assert page.shapes(place, number) == drawn(trace, place, lens)


def test_pictures_that_do_not_change_are_sent_once() -> None:
    """Events that change nothing in memory share their pictures."""
    trace = run("leak")
    batch = Film(trace).shots(0)
    named = [number for shot in batch["shots"] for number in shot["views"]]
    assert len(set(named)) == len(batch["pictures"])
    assert len(batch["pictures"]) < len(named) / 2


def test_the_head_tells_every_event() -> None:
    """Each place has its sentence, function and line of the simulator, and the lines around that are there."""
    trace = run("leak")
    page = Page(Film(trace))
    assert len(page.head["events"]) == len(trace) - 1
    for event, told in zip(trace.events, page.head["events"], strict=True):
        say, name, where, task, clock, depth, _ = told
        assert [page.values[n] for n in (say, name, where, task)] == [
            sentence(event), event.name, event.where, event.task]
        assert (clock, depth) == (event.clock, event.depth)
        first, marked, lines = page.head["sources"][event.where]
        assert marked == int(event.where.partition(":")[2])
        assert any(word in "".join(lines[marked - first :][:4]) for word in ("emit", "schedule", "_traced"))


def test_changes_of_events_and_of_steps() -> None:
    """What an event changed has keys and words; the end of a step also has what the whole step changed."""
    trace = run("leak")
    film = Film(trace)
    page = Page(film)
    page.add(film.shots(0))
    step = trace.steps[1]
    whole = page.shots[step.last]["step"]
    assert {"pte:P:0x7f0000000000", "pin:pins[0]"} <= set(whole["changed"])
    assert "the pins pins[0] and pins[1]" in page.values[whole["changes"]]
    assert "step" not in page.shots[step.last - 1]
    assert page.shots[0]["changed"] == []


def test_steps_ask_with_a_reason() -> None:
    """A question comes with its choices, the answer, and a reason: the author's note, else what the kernel did."""
    asks = [step["predict"] for step in Film(run("leak")).head()["steps"] if step["predict"]]
    assert asks == [{
        "question": "The process is gone. How many frames are still held?", "choices": ["0", "1", "2"], "answer": "1",
        "because": "Step 5 ends: exit answers 0.",
    }]  # fmt: skip


def test_each_process_has_views_of_its_own() -> None:
    """A child's page tables are there from fork on; before, the film says that there are none."""
    trace = run("fork-pin")
    film = Film(trace)
    assert film.processes == ["P", "C"]
    assert [lens.name for lens in film.lenses] == [
        "page_map", "page_table:P", "page_table:C", "vma_strip:P", "vma_strip:C", "frames"]
    assert film.shots(0, 1)["shots"][0]["views"][2] == -1
    assert film.shots(len(trace) - 1, 1)["shots"][0]["views"][2] >= 0
    assert lenses([]) == [Lens("page_map"), Lens("frames")]


def test_facts_follow_the_call() -> None:
    """The call's rows stand at each place as the explorer tells them, with locks and reports."""
    model = ExplorerModel("leak")
    film = model.films()[0]
    page = Page(film)
    page.add(film.shots(0))
    rows = dict(page.values[page.shots[model.step(1).last]["facts"]])
    assert rows["__get_user_pages"] == ["returned"]
    assert rows["returns"] == ["2"]
    assert rows["mmap_sem of P"] == ["free"]
    assert "leak: a reference to frame" in dict(page.values[page.shots[len(model.trace) - 1]["facts"]])["reports"][0]


def test_wishes_are_heard() -> None:
    """Indices may be hexadecimal, and pictures unfolded."""
    trace = run("leak")
    film = Film(trace, wishes=Wishes(base="hex"))
    page = Page(film)
    page.add(film.shots(20, 1))
    labels = " ".join(markup for markup, _, _ in page.shapes(20, 1) or [])
    assert "0x0fe" in labels
    assert "0o376" not in labels


def test_time_is_limited_but_one_place_always_comes() -> None:
    """With no time at all a batch has one place; with all time it has as many as asked for."""
    film = Film(run("leak"))
    assert len(film.shots(3, seconds=0)["shots"]) == 1
    assert len(film.shots(3, 5)["shots"]) == 5
    assert film.shots(36, 9)["first"] == 36


def test_what_the_fast_way_took_is_in_the_array() -> None:
    """A system call that never comes to the slow way has filled its pages all the same, and from that event on."""
    model = ExplorerModel("vmsplice-leak")
    taken = next(e.seq + 1 for e in model.trace.events if e.name == "__get_user_pages_fast")
    before, after = model.call_at(taken - 1), model.call_at(taken)
    assert before is not None
    assert after is not None
    assert before.pages == ("empty",)
    assert after.pages[0].startswith("[0] frame 4096, references ")
