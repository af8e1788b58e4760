"""Python's side of the live view: films on request, places that are told, wishes that are done."""

from pathlib import Path
from typing import Any

import pytest

import gupkit as gk
from gupkit.film.film import LATER
from gupkit.widgets import Explorer
from tests.draw.machines import flat


class Page:
    """What a page says to an explorer, and what it hears."""

    def __init__(self, explorer: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.explorer = explorer
        self.stage = explorer.panel.stage
        self.heard: list[dict[str, Any]] = []
        monkeypatch.setattr(self.stage.widget, "send", lambda content, buffers=None: self.heard.append(content))

    def say(self, **message: Any) -> dict[str, Any] | None:
        """Send a message; the first that came back, if anything did."""
        self.heard.clear()
        self.stage.widget._handle_custom_msg(message, [])
        return self.heard[0] if self.heard else None

    @property
    def told(self) -> dict[str, Any]:
        """The last message with a film."""
        return [message for message in self.heard if "film" in message][-1]

    def go(self, place: int, unit: str) -> None:
        """Tell where the reader went, as the page's state does."""
        self.heard.clear()
        self.stage.widget.set_state({"place": place, "unit": unit})


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page that shows a scenario with a question."""
    return Page(Explorer("leak"), monkeypatch)


def test_a_page_gets_a_film_and_the_plain_view_steps_aside(page: Page) -> None:
    """The first request brings heads and the pictures of the reader's place; the plain widgets are put away."""
    told = page.say(want="film")
    assert told["place"] == page.explorer.model.place
    (film,) = told["film"]
    assert film["batch"]["first"] == told["place"]
    assert film["head"]["places"] == len(page.explorer.model.trace)
    assert page.explorer.panel.plain.layout.display == "none"


def test_the_first_views_come_first(page: Page) -> None:
    """A film brings the two views that stand on top; the others follow at once, for the same place."""
    first = page.say(want="film")
    (_, more) = page.heard
    (there,) = first["film"][0]["batch"]["shots"]
    (then,) = more["shots"]["shots"]
    assert (more["run"], more["shots"]["first"]) == (first["run"], first["place"])
    assert [number == LATER for number in there["views"]] == [False, False, True, True]
    assert [number == LATER for number in then["views"]] == [True, True, False, False]


def test_batches_are_of_the_film_that_is_shown(page: Page) -> None:
    """Pictures come from the place that was asked for; what is asked of a film that is gone gets no answer."""
    run = page.say(want="film")["run"]
    batch = page.say(want="shots", film=0, first=3, run=run)["shots"]
    assert batch["first"] == 3
    assert len(batch["shots"]) >= 1
    page.explorer.controls["FOLL_WRITE"].value = False
    assert page.told["run"] == run + 1
    assert page.say(want="shots", film=0, first=3, run=run) is None
    assert page.say(want="shots", film=7, first=3, run=run + 1) is None


def test_a_toggle_brings_another_film_at_the_readers_place(page: Page) -> None:
    """Where the reader went in the page is where the new film opens, in the run that corresponds to it."""
    page.say(want="film")
    page.go(9, "event")
    assert (page.explorer.model.place, page.explorer.model.unit) == (9, "event")
    assert page.explorer.controls["event"].value == 9
    page.explorer.controls["FOLL_TOUCH"].value = True
    assert (page.told["place"], page.told["unit"]) == (9, "event")


def test_what_a_page_was_told_is_not_told_again(page: Page) -> None:
    """A toggle and back bring hardly a value; a page that is opened anew is told everything."""
    def values(told: dict[str, Any]) -> int:
        (film,) = told["film"]
        return len(film["head"]["values"]) + len(film["batch"]["values"])

    first = page.say(want="film")
    assert first["afresh"]
    assert "samples" in first
    page.explorer.controls["FOLL_TOUCH"].value = True
    page.explorer.controls["FOLL_TOUCH"].value = False
    back = page.told
    assert not back["afresh"]
    assert "samples" not in back
    assert values(back) == 0
    again = page.say(want="film")
    assert again["afresh"]
    assert values(again) == values(first)


def test_a_page_that_was_told_very_much_begins_anew(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered on both sides does not grow without end."""
    page.say(want="film")
    monkeypatch.setattr("gupkit.widgets.stage.MOST_VALUES", 10)
    page.explorer.controls["FOLL_TOUCH"].value = True
    assert page.told["afresh"]


def test_places_that_are_not_there_are_not_gone_to(page: Page) -> None:
    """A page that is behind may tell a place that this run does not have: nothing happens."""
    page.say(want="film")
    place = page.explorer.model.place
    page.go(10_000, "event")
    page.go(3, "mile")
    assert page.explorer.model.place == place


def test_python_moves_the_page(page: Page) -> None:
    """A place chosen in Python goes to the page without another film."""
    page.say(want="film")
    page.heard.clear()
    page.explorer.controls["event"].value = 5
    assert page.heard == []
    assert (page.stage.widget.place, page.stage.widget.unit) == (5, "event")


def test_wishes_of_the_page_are_done(page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A moment on the timeline and a guess do in Python what the page says; an unknown wish does nothing."""
    monkeypatch.setenv("GUPKIT_PROGRESS", str(tmp_path / "progress.jsonl"))
    page.say(want="film")
    page.explorer.controls["meanwhile"].value = "munmap"
    moment = page.explorer.model.moments[0]
    page.say(do="strike", at=moment.at, nth=moment.nth)
    assert page.explorer.model.choices.moment == (moment.at, moment.nth)
    page.explorer.controls["reset"].click()
    page.say(do="guess", step=4, choice="1")
    assert gk.progress().summary.startswith("1 question answered: 1 right")
    assert page.say(do="dance") is None


def test_a_snapshot_opens_and_folds_in_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a reader opens in a snapshot is drawn in parts, and folds again."""
    page = Page(Explorer(flat(3_000)), monkeypatch)
    film = page.say(want="film")["film"][0]
    assert (film["head"]["places"], film["head"]["opened"]) == (1, 0)
    shapes = len(film["batch"]["pictures"]["0"]["shapes"])
    told = page.say(do="open", key="pte:P:0x7f1200000000+512")
    assert told["film"][0]["head"]["opened"] == 1
    assert len(told["film"][0]["batch"]["pictures"]["0"]["shapes"]) > shapes
    assert page.say(do="open", key="")["film"][0]["head"]["opened"] == 0
