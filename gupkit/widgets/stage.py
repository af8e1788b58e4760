"""The live view: films for the page, which steps through them by itself and says where the reader stands.

Needs anywidget; :func:`make_stage` answers None without it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from ..film.film import Film
from ..film.front import css, samples, script
from ..film.reel import At, Reel
from ..film.table import Table
from .turns import Turns

if TYPE_CHECKING:
    from .stage_widget import StageWidget

BATCH = 64
"""Places of a film that are sent at once, at most."""

SECONDS = 0.02
"""Time that drawing a batch may take: what the reader does next must not wait long."""

AT_ONCE = 2
"""Views that come with a film; the others follow while the page draws those."""

MOST_VALUES = 50_000
"""Values that a page is to remember, about: with the next film that is shown it begins anew."""

MOST_FILMS = 32
"""Films that a page is to remember, at most."""

AHEAD = 0.1
"""Seconds that preparing what nobody has asked for yet may take; where it takes longer, no more is prepared."""

Act = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Showing:
    """Films that can be shown, with the reader at ``place`` of the first, where ``unit`` brought them.

    ``what`` tells them apart from others; ``make`` makes them with a table of values; ``names`` say which is which
    where there are two.
    """

    what: Hashable
    make: Callable[[Table], Sequence[Film]]
    place: int
    unit: str = "step"
    names: Sequence[str] = ()


class Told:
    """Films that a page has under the number ``run``, and of which places it has pictures."""

    def __init__(self, run: int, reel: Reel) -> None:
        self.run = run
        self.reel = reel
        self.begun: set[At] = set()
        """Places of which the page has the first views at least."""
        self.whole: set[At] = set()

    def begin(self, place: int) -> list[tuple[int, dict[str, Any]]]:
        """Batches with the first views of what is shown at ``place``, as far as the page lacks them."""
        at = [one for one in self.reel.at(place) if one not in self.begun]
        self.begun.update(at)
        return self.reel.batches(at, views=slice(AT_ONCE))

    def complete(self) -> list[tuple[int, dict[str, Any]]]:
        """Batches with the other views of all places that were begun."""
        at = sorted(self.begun - self.whole)
        self.whole.update(at)
        return self.reel.batches(at, views=slice(AT_ONCE, None))

    def more(self, number: int, first: int) -> list[tuple[int, dict[str, Any]]]:
        """A batch of film ``number``, from place ``first`` on."""
        batch = self.reel.films[number].shots(first, BATCH, SECONDS)
        at = {(number, first + i) for i in range(len(batch["shots"]))}
        self.begun |= at
        self.whole |= at
        return [(number, batch)]


class Stage:
    """What the page shows: one film, or two side by side. The page keeps what it was told, seen or not.

    Everything heard from the page is done in ``turns``. ``acts`` are what the reader can ask for besides pictures:
    name → what to do with the message. ``moved(place, unit)`` is called when the reader has gone somewhere;
    ``started()`` once, when a page really shows the widget. ``ahead()`` are the showings that the reader's next
    choice could lead to, the likeliest first: the page asks for them while the reader looks.
    """

    def __init__(
        self, widget: StageWidget, turns: Turns, acts: dict[str, Act], moved: Callable[[int, str], None],
        started: Callable[[], None] = lambda: None, ahead: Callable[[], Iterable[Showing]] = lambda: (),
    ) -> None:  # fmt: skip
        self.widget = widget
        self.acts = acts
        self.moved = moved
        self.started = started
        self.ahead = ahead
        self.live = False
        self._shown: Told | None = None
        self._showing = Showing(None, lambda _: (), 0)
        self._table = Table()
        """What the page has been told, of whichever film: a toggle changes little of one."""
        self._told: dict[Hashable, Told] = {}
        self._numbered = 0
        self._in_time = True
        widget.on_msg(lambda _, content, __: turns.take(lambda: self._hear(content)))
        widget.observe(lambda _: turns.take(self._went), names=["place", "unit"])

    def show(self, showing: Showing) -> None:
        """Show this; where it is shown already, only go to its place. Before a page is there: only remember."""
        shown, self._showing = self._showing, showing
        if not self.live:
            return
        if showing.what != shown.what:
            self._show()
            return
        with self.widget.hold_sync():
            self.widget.unit, self.widget.place = showing.unit, showing.place

    def _begin(self, showing: Showing, *, shows: bool = False) -> bool:
        """Tell the page what it lacks of the first views of this, and (``shows``) to show it; whether it lacked any."""
        message: dict[str, Any] = {}
        if not self._told:  # the page is to forget all it had
            self._table = Table()
            message = {"afresh": True, "samples": samples()}
        told = self._told.pop(showing.what, None)
        if told is None:
            self._numbered += 1
            told = Told(self._numbered, Reel(showing.make(self._table), showing.names))
            message |= told.reel.heads() | {"forgets": self._forgotten()}
        self._told[showing.what] = told  # now the last to be forgotten
        message["batches"] = batches = told.begin(showing.place)
        if shows:
            self._shown = told
            message |= {"place": showing.place, "unit": showing.unit}
        if shows or batches:
            self.widget.send({"run": told.run, **message})
        return bool(batches)

    def _complete(self, showing: Showing) -> bool:
        """Tell the page what it lacks to show the other views; whether it lacked any."""
        told = self._told[showing.what]
        batches = told.complete()
        if batches:
            self.widget.send({"run": told.run, "batches": batches})
        return bool(batches)

    def _show(self) -> None:
        if self._is_full():
            self._told.clear()
        self._begin(self._showing, shows=True)
        sleep(0)  # let the thread that sends it have the processor before this one goes on
        self._complete(self._showing)

    def _is_full(self) -> bool:
        return len(self._table) > MOST_VALUES

    def _forgotten(self) -> list[int]:
        """Numbers of films that the page is to forget, that it may have another: what was shown or told longest ago."""
        surplus = list(self._told)[: max(0, len(self._told) - MOST_FILMS + 1)]
        return [self._told.pop(what).run for what in surplus]

    def _tell_ahead(self) -> None:
        """Tell some of what the reader's next choice could lead to, if that is quickly done: first views first."""
        begin = perf_counter()
        if self._in_time and not self._is_full():
            any(map(self._begin, self.ahead())) or any(map(self._complete, self.ahead()))
        self._in_time = perf_counter() - begin < AHEAD

    def _went(self) -> None:
        place, unit = self.widget.place, self.widget.unit
        if (place, unit) != (self._showing.place, self._showing.unit):
            self._showing = replace(self._showing, place=place, unit=unit)
            self.moved(place, unit)

    def _hear(self, content: dict[str, Any]) -> None:
        if content.get("want") == "film":
            first, self.live = not self.live, True
            self._told.clear()  # the page that asks knows of nothing
            self._show()
            if first:
                self.started()
        elif content.get("want") == "shots":
            self._send_shots(content)
        elif content.get("want") == "ahead":
            self._tell_ahead()
        elif content.get("do") in self.acts:
            self.acts[content["do"]](content)

    def _send_shots(self, content: dict[str, Any]) -> None:
        shown, number, first = self._shown, content["film"], content["first"]
        if shown is None or content["run"] != shown.run or not 0 <= number < len(shown.reel.films):
            return  # asked of a film that is no longer shown
        self.widget.send({"run": shown.run, "batches": shown.more(number, first)})


def make_stage(
    turns: Turns, acts: dict[str, Act], moved: Callable[[int, str], None], started: Callable[[], None] = lambda: None,
    ahead: Callable[[], Iterable[Showing]] = lambda: (),
) -> Stage | None:
    """A stage with its widget; None where anywidget is not installed."""
    try:
        from .stage_widget import StageWidget
    except ImportError:
        return None
    return Stage(StageWidget(_esm=script(), _css=css()), turns, acts, moved, started, ahead)
