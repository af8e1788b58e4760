"""The live view: films for the page, which steps through them by itself and says where the reader stands.

Needs anywidget; :func:`make_stage` answers None without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import sleep
from typing import TYPE_CHECKING, Any

from ..film.film import Film
from ..film.front import css, script
from ..film.reel import message, rest
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
"""Values that a page is to remember, at most: with the first film past that it begins anew."""

Act = Callable[[dict[str, Any]], None]


class Stage:
    """What the page shows: one film, or two side by side.

    Everything heard from the page is done in ``turns``. ``acts`` are what the reader can ask for besides pictures:
    name → what to do with the message. ``moved(place, unit)`` is called when the reader has gone somewhere;
    ``started()`` once, when a page really shows the widget.
    """

    def __init__(
        self, widget: StageWidget, turns: Turns, acts: dict[str, Act], moved: Callable[[int, str], None],
        started: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.widget = widget
        self.acts = acts
        self.moved = moved
        self.started = started
        self.live = False
        self.run = 0
        self._make: Callable[[Table], Sequence[Film]] = lambda _: ()
        self._table = Table()
        """What the page has been told, of this film and those before it: a toggle changes little of a film."""
        self._films: Sequence[Film] = ()
        self._names: Sequence[str] = ()
        self._place, self._unit = 0, "step"
        widget.on_msg(lambda _, content, __: turns.take(lambda: self._hear(content)))
        widget.observe(lambda _: turns.take(self._went), names=["place", "unit"])

    def show(
        self, make: Callable[[Table], Sequence[Film]], place: int, unit: str = "step", names: Sequence[str] = ()
    ) -> None:
        """Show the films that ``make`` makes with a table, with the reader at ``place``.

        Before a page is there: only remember.
        """
        self._make, self._names = make, names
        self._place, self._unit = place, unit
        if self.live:
            self._send_film()

    def go(self, place: int, unit: str) -> None:
        """Have the page go to another place of the same film."""
        self._place, self._unit = place, unit
        if self.live:
            with self.widget.hold_sync():
                self.widget.unit, self.widget.place = unit, place

    def _send_film(self, afresh: bool = False) -> None:
        """``afresh``: a page listens that has been told nothing."""
        self.run += 1
        if afresh or len(self._table) > MOST_VALUES:
            self._table, afresh = Table(), True
        self._films = self._make(self._table)
        told = message(self._films, self._place, self._unit, self._names, most_views=AT_ONCE)
        if not afresh:
            del told["samples"]  # they are always the same
        self.widget.send({**told, "run": self.run, "afresh": afresh})
        sleep(0)  # let the thread that sends it have the processor before this one goes on
        for number, batch in enumerate(rest(self._films, told, AT_ONCE)):
            self._send_batch(number, batch)

    def _went(self) -> None:
        place, unit = self.widget.place, self.widget.unit
        if (place, unit) != (self._place, self._unit):
            self._place, self._unit = place, unit
            self.moved(place, unit)

    def _hear(self, content: dict[str, Any]) -> None:
        if content.get("want") == "film":
            first, self.live = not self.live, True
            self._send_film(afresh=True)
            if first:
                self.started()
        elif content.get("want") == "shots":
            self._send_shots(content)
        elif content.get("do") in self.acts:
            self.acts[content["do"]](content)

    def _send_shots(self, content: dict[str, Any]) -> None:
        number, first = content["film"], content["first"]
        if content["run"] != self.run or not 0 <= number < len(self._films):
            return  # asked of a film that is no longer shown
        batch = self._films[number].shots(first, BATCH, SECONDS)
        self._send_batch(number, batch)

    def _send_batch(self, number: int, batch: dict[str, Any]) -> None:
        self.widget.send({"run": self.run, "film_number": number, "shots": batch})


def make_stage(
    turns: Turns, acts: dict[str, Act], moved: Callable[[int, str], None], started: Callable[[], None] = lambda: None
) -> Stage | None:
    """A stage with its widget; None where anywidget is not installed."""
    try:
        from .stage_widget import StageWidget
    except ImportError:
        return None
    return Stage(StageWidget(_esm=script(), _css=css()), turns, acts, moved, started)
