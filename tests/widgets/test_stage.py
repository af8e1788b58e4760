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
        """The last message that shows something."""
        return [message for message in self.heard if "place" in message][-1]

    def ask_ahead(self) -> list[dict[str, Any]]:
        """Ask for what may come next until nothing is left; all that came."""
        came = []
        while message := self.say(want="ahead"):
            came.append(message)
        return came

    def press(self, name: str) -> dict[str, Any]:
        """Switch a toggle; what the page is told to show then."""
        self.heard.clear()
        button = self.explorer.controls[name]
        button.value = not button.value
        return self.told

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
    (head,), ((number, batch),) = told["films"], told["batches"]
    assert (number, batch["first"]) == (0, told["place"])
    assert head["places"] == len(page.explorer.model.trace)
    assert page.explorer.panel.plain.layout.display == "none"


def test_the_first_views_come_first(page: Page) -> None:
    """A film brings the two views that stand on top; the others follow at once, for the same place."""
    first = page.say(want="film")
    (_, more) = page.heard
    ((_, begun),), ((number, completed),) = first["batches"], more["batches"]
    (there,), (then,) = begun["shots"], completed["shots"]
    assert (more["run"], number, completed["first"]) == (first["run"], 0, first["place"])
    assert [number == LATER for number in there["views"]] == [False, False, True, True]
    assert [number == LATER for number in then["views"]] == [True, True, False, False]


def test_batches_are_of_the_film_that_is_shown(page: Page) -> None:
    """Pictures come from the place that was asked for; what is asked of a film that is gone gets no answer."""
    run = page.say(want="film")["run"]
    ((_, batch),) = page.say(want="shots", film=0, first=3, run=run)["batches"]
    assert batch["first"] == 3
    assert len(batch["shots"]) >= 1
    assert page.press("FOLL_WRITE")["run"] == run + 1
    assert page.say(want="shots", film=0, first=3, run=run) is None
    assert page.say(want="shots", film=7, first=3, run=run + 1) is None


def test_a_toggle_brings_another_film_at_the_readers_place(page: Page) -> None:
    """Where the reader went in the page is where the new film opens, in the run that corresponds to it."""
    page.say(want="film")
    page.go(9, "event")
    assert (page.explorer.model.place, page.explorer.model.unit) == (9, "event")
    assert page.explorer.controls["event"].value == 9
    told = page.press("FOLL_TOUCH")
    assert (told["place"], told["unit"]) == (9, "event")


def values(told: dict[str, Any]) -> int:
    """How many values a message brings."""
    return sum(len(part["values"]) for part in [*told.get("films", []), *(batch for _, batch in told["batches"])])


def test_what_a_page_was_told_is_not_told_again(page: Page) -> None:
    """A toggle and back show the film that the page has; a page that is opened anew is told everything."""
    first = page.say(want="film")
    assert first["afresh"]
    assert "samples" in first
    assert values(page.press("FOLL_TOUCH")) < values(first) / 4
    back = page.press("FOLL_TOUCH")
    assert back == {"run": first["run"], "batches": [], "place": first["place"], "unit": first["unit"]}
    assert page.heard == [back]
    again = page.say(want="film")
    assert again["afresh"]
    assert values(again) == values(first)


def test_what_the_toggles_lead_to_is_told_ahead(page: Page) -> None:
    """The four common toggles, first views first, one message each time; pressing one then only says which to show."""
    page.say(want="film")
    came = page.ask_ahead()
    assert [("films" in message, "place" in message) for message in came] == [(True, False)] * 4 + [(False, False)] * 4
    assert [message["run"] for message in came] == [2, 3, 4, 5] * 2
    drawn = [[number == LATER for number in message["batches"][0][1]["shots"][0]["views"]] for message in came]
    assert drawn == [[False, False, True, True]] * 4 + [[True, True, False, False]] * 4
    place, run = page.explorer.model.place, page.explorer.model.trace
    told = page.press("vmas")
    assert (told["run"], told["batches"]) == (5, [])
    assert page.heard == [told]
    assert page.explorer.model.trace is not run
    assert told["place"] == page.explorer.model.place == place


def test_what_is_told_ahead_is_what_a_toggle_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before or after the toggle is pressed, it is the same film with the same pictures."""
    def parts(message: dict[str, Any], known: list[Any]) -> tuple[Any, ...]:
        (head,), ((_, batch),) = message["films"], message["batches"]
        news = [*known, *head["values"], *batch["values"]]
        pictures = {n: [news[i] for i in p["shapes"][::3]] for n, p in batch["pictures"].items()}
        return [news[event[0]] for event in head["events"]], head["steps"], pictures

    one, other = (Page(Explorer("leak"), monkeypatch) for _ in range(2))
    first = [one.say(want="film"), *one.heard[1:]]
    known = [v for m in first for p in [*m.get("films", []), *(b for _, b in m["batches"])] for v in p["values"]]
    before = one.say(want="ahead")
    other.say(want="film")
    assert parts(before, known) == parts(other.press("FOLL_WRITE"), known)


def test_rare_toggles_are_told_ahead_when_they_can_be_seen(page: Page) -> None:
    """With the row of rare flags shown, each of those that the kernel has is prepared as well."""
    page.say(want="film")
    page.explorer.panel.more.value = True
    told = [message["run"] for message in page.ask_ahead() if "films" in message]
    assert len(told) == len(page.explorer.model.toggles)


def test_a_reader_who_moved_is_told_of_the_new_place(page: Page) -> None:
    """What was told ahead is completed for the place where the reader stands now, or else the toggle brings that."""
    page.say(want="film")
    page.ask_ahead()
    page.go(9, "event")
    told = page.press("vmas")
    assert "films" not in told
    assert [batch["first"] for _, batch in told["batches"]] == [told["place"]] == [9]
    page.go(5, "event")
    assert {message["batches"][0][1]["first"] for message in page.ask_ahead()} == {5}
    assert page.press("FOLL_WRITE")["batches"] == []


def test_two_runs_side_by_side_are_told_ahead(page: Page) -> None:
    """Both films come, each with the place that belongs to the reader's."""
    page.say(want="film")
    page.explorer.controls["beside"].value = "Linux 6.18"
    ahead = page.say(want="ahead")
    assert [head["era"] for head in ahead["films"]] == ["2.6.39", "6.18"]
    place = page.explorer.model.toggled("FOLL_WRITE").place
    assert [(number, batch["first"]) for number, batch in ahead["batches"]] == [(0, place), (1, ahead["pairs"][place])]


def test_what_cannot_be_switched_is_not_told_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system call sets its flags itself, and a trace is finished."""
    for source in ("race-dirty-cow", gk.run("leak")):
        page = Page(Explorer(source), monkeypatch)
        assert page.say(want="film")
        assert page.ask_ahead() == []


def test_a_slow_machine_does_nothing_that_nobody_asked_for(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once preparing took long, it is left: what the reader does would have to wait for it."""
    page.say(want="film")
    monkeypatch.setattr("gupkit.widgets.stage.AHEAD", 0.0)
    assert page.say(want="ahead")
    monkeypatch.undo()
    monkeypatch.setattr(page.stage.widget, "send", lambda content, buffers=None: page.heard.append(content))
    assert page.say(want="ahead") is None


def test_a_page_that_was_told_very_much_begins_anew(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered on both sides does not grow without end, and nothing is told ahead into a full memory."""
    page.say(want="film")
    monkeypatch.setattr("gupkit.widgets.stage.MOST_VALUES", 10)
    assert page.ask_ahead() == []
    assert page.press("FOLL_TOUCH")["afresh"]


def test_films_of_long_ago_are_forgotten(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many films the page is told which to forget: the one shown longest ago, never what is shown."""
    monkeypatch.setattr("gupkit.widgets.stage.MOST_FILMS", 2)
    first = page.say(want="film")
    assert page.press("FOLL_TOUCH")["forgets"] == []
    assert page.press("vmas")["forgets"] == [first["run"]]
    assert page.press("FOLL_TOUCH")["forgets"] == [first["run"] + 1]
    assert page.press("FOLL_TOUCH")["batches"] == []


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
    def shapes(told: dict[str, Any]) -> int:
        return len(told["batches"][0][1]["pictures"]["0"]["shapes"])

    folded = page.say(want="film")
    (head,) = folded["films"]
    assert (head["places"], head["opened"]) == (1, 0)
    opened = page.say(do="open", key="pte:P:0x7f1200000000+512")
    assert opened["films"][0]["opened"] == 1
    assert shapes(opened) > shapes(folded)
    again = page.say(do="open", key="")
    assert (again["run"], again["batches"]) == (folded["run"], [])
