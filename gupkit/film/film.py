"""A trace packed for a page: what is told of every place at once, and pictures for as many places as are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from time import perf_counter
from typing import Any

from ..draw.keys import changed_keys
from ..trace.event import Event
from ..trace.step import Step
from ..trace.trace import Trace
from ..trace.words import sentence
from . import place as places
from .call import Call, lock_words
from .camera import TITLES, Camera, Wishes, lenses
from .changes import changes_words
from .source_lines import excerpt
from .table import Table
from .view import KINDS, NOTHING_YET, address_of

LATER = -2
"""In the place of a picture's number: it has not been drawn yet."""

Facts = Sequence[tuple[str, Sequence[str]]]
"""Rows of a table: a head and its lines."""


class Film:
    """The film of one trace. Everything it gives is plain JSON values.

    ``step_words`` tell what a step does (None: its own text); ``call_at`` is the call that is shown at a place, or
    None; ``strikes`` are the moments at which something can be made to happen (``place``, ``at``, ``nth``, ``label``,
    ``chosen``); ``wishes`` say how pictures are drawn, ``views`` which of them and in
    which order. ``table`` has the values that the page knows already (None: none); one page's films share it.

    >>> from gupkit.api import run
    >>> film = Film(run("leak"))
    >>> film.head()["places"], len(film.shots(0, 5)["shots"])
    (37, 5)
    """

    def __init__(
        self,
        trace: Trace,
        step_words: Callable[[Step], str] | None = None,
        call_at: Callable[[int], Call | None] = lambda _: None,
        strikes: Sequence[Mapping[str, Any]] = (),
        wishes: Wishes = Wishes(),  # noqa: B008 (immutable)
        views: Sequence[str] = tuple(TITLES),
        table: Table | None = None,
    ) -> None:
        self.trace = trace
        self.step_words = step_words or (lambda step: step.text)
        self.call_at = call_at
        self.strikes = strikes
        self.table = Table() if table is None else table
        self.camera = Camera(self.table, wishes)
        self.processes = _processes(trace)
        self.views = views
        self.lenses = lenses(self.processes, views)

    def head(self) -> dict[str, Any]:
        """What is told of the whole: title, steps, an event for each place, where it stands in the source.

        ``events`` has a list for each place from 1 on: number of the sentence, the function, the place in the
        source, who ran, the clock, how many operations were interrupted, and its kind.
        """
        events = [self._event(event) for event in self.trace.events]
        steps = [self._step(step) for step in self.trace.steps]
        views = [{"name": name, "title": TITLES[name]} for name in self.views]
        return {
            "title": self.trace.title, "about": self.trace.about, "era": self.trace.era,
            "backend": self.trace.backend, "problem": self.trace.problem, "places": len(self.trace), "events": events,
            "steps": steps, "views": views, "processes": self.processes, "nothing": NOTHING_YET,
            "sources": self._sources(), "moments": list(map(dict, self.strikes)),
            "opened": len(self.camera.wishes.opened), "values": self.table.news(),
        }  # fmt: skip

    def shots(
        self, first: int, count: int = 1 << 30, seconds: float = float("inf"), views: Collection[str] | None = None
    ) -> dict[str, Any]:
        """The places from ``first`` on, at most ``count`` of them, and no more than ``seconds`` allow (at least one).

        ``shots`` has one for each place: what changed with its event and, at the end of a step, with the step; facts;
        for each lens the number of its picture. ``pictures`` are those that come first here, by number. Only ``views``
        are drawn, where given, and the others told as :data:`LATER`.
        """
        begin, shots, pictures = perf_counter(), [], dict[str, Any]()
        self.camera.forget()
        for place in range(first, min(first + count, len(self.trace))):
            shots.append(self._shot(place, pictures, self.views if views is None else views))
            if perf_counter() - begin > seconds:
                break
        return {"first": first, "shots": shots, "pictures": pictures, "values": self.table.news()}

    def _event(self, event: Event) -> list[Any]:
        number = self.table.number
        return [
            number(sentence(event)), number(event.name), number(event.where), number(event.task), event.clock,
            event.depth, KINDS.get(event.name, ""),
        ]  # fmt: skip

    def _step(self, step: Step) -> dict[str, Any]:
        asks = dict(step.predict) if step.predict else None
        if asks:
            asks["because"] = step.note or (sentence(self.trace.events[step.last - 1]) if step.last else "")
        return {
            "index": step.index, "by": step.by, "first": step.first, "last": step.last, "note": step.note,
            "words": self.step_words(step), "predict": asks,
        }  # fmt: skip

    def _sources(self) -> dict[str, Any]:
        """The lines around each place in the simulator's source, by place."""
        found = {where: excerpt(where) for where in dict.fromkeys(event.where for event in self.trace.events)}
        return {where: [lines.first, lines.marked, list(lines.text)] for where, lines in found.items() if lines}

    def _shot(self, place: int, pictures: dict[str, Any], drawn_views: Collection[str]) -> dict[str, Any]:
        snapshot, number = self.trace[place], self.table.number
        diff = snapshot.diff(self.trace[max(0, place - 1)])
        around = address_of(self.trace.events[place - 1]) if place else None
        views = []
        for lens in self.lenses:
            if lens.view not in drawn_views:
                views.append(LATER)
                continue
            picture, drawn = self.camera.take(lens, snapshot, diff, around)
            if drawn is not None:
                pictures[str(picture)] = drawn
            views.append(picture)
        shot = {
            "changed": changed_keys(diff), "changes": number(changes_words(diff)),
            "facts": number(self._facts(place)), "views": views,
        }  # fmt: skip
        step = places.step_of(self.trace, place)
        if step is not None and place == step.last:
            whole = snapshot.diff(self.trace[step.first])
            shot["step"] = {"changed": changed_keys(whole), "changes": number(changes_words(whole))}
        return shot

    def _facts(self, place: int) -> list[Any]:
        snapshot = self.trace[place]
        rows = call_rows(self.call_at(place))
        for name, process in sorted(snapshot.processes.items()):
            if process.alive and snapshot.locks_known:
                rows.append((f"mmap_sem of {name}", [lock_words(snapshot, name)]))
        reports = [sentence(event) for event in self.trace.events[:place] if event.name == "BUG"]
        return [*map(list, rows), *([["reports", reports]] if reports else [])]


def call_rows(call: Call | None) -> list[tuple[str, list[str]]]:
    """A call as rows of a table; none without one."""
    if call is None:
        return []
    return [
        (call.function, [call.state]), ("returns", [call.returned]), ("gup_flags", [call.flags]),
        ("*nonblocking", [call.nonblocking]), ("pages[]", list(call.pages)), ("vmas[]", list(call.vmas)),
        ("faults", list(call.faults)),
    ]  # fmt: skip


def _processes(trace: Trace) -> list[str]:
    """Every process that is there at the beginning, or at the end of a step; the oldest first."""
    seen: dict[str, int] = {}
    for place in dict.fromkeys([0, *(step.last for step in trace.steps), len(trace) - 1]):
        for name, process in trace[place].processes.items():
            seen.setdefault(name, process.pid)
    return sorted(seen, key=lambda name: (seen[name], name))
