"""The timeline: what happened from top to bottom, a column for each task, steps as headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from gupkit.draw import layout, style
from gupkit.draw.canvas import LINE, MARGIN, WIDTH, Canvas
from gupkit.draw.describe import LISTED
from gupkit.draw.mappages import chunks
from gupkit.draw.scene import Line, Rect, Scene, Text
from gupkit.draw.states import count
from gupkit.draw.tree import MOST_SHAPES
from gupkit.trace.event import Event
from gupkit.trace.step import Step

if TYPE_CHECKING:
    from gupkit.trace.trace import Trace

ROW = 22.0
GAP = 4.0
CLOCK = 70.0
"""Width of the column of the clock, in px."""

INDENT = 14.0
"""How far an operation that interrupts another is moved to the right, in px."""

MOST_ROWS = 75
"""A folded timeline has at most so many rows of events."""


@dataclass(slots=True)
class _Row:
    """Events drawn as one box: ``first`` is the number of the first one."""

    first: int
    events: list[Event]

    @property
    def words(self) -> str:
        names = dict.fromkeys(event.name for event in self.events)
        if len(names) == 1:
            return f"{len(self.events)} × {next(iter(names))}" if len(self.events) > 1 else next(iter(names))
        return f"{len(self.events)} events, {self.events[0].name} to {self.events[-1].name}"


def timeline(trace: Trace, at: int | None = None, fold: bool | None = None, *, width: float = WIDTH) -> Scene:
    """The events of ``trace`` in order, ``width`` px wide; ``at`` is the number of a snapshot whose event is marked.

    ``fold``: None makes one box of an event that repeats when there would be more than 400 shapes, True always,
    False never. A folded timeline has at most 75 rows: beyond, neighbours become one, whoever did them.

    >>> from gupkit.trace.snapshot import Snapshot
    >>> from gupkit.trace.trace import Trace
    >>> timeline(Trace(Snapshot(), title="nothing")).description
    'Timeline of nothing: 0 events in 0 steps.'
    """
    rows = [_Row(i, [event]) for i, event in enumerate(trace.events)]
    if fold or (fold is None and 2 * len(rows) + 2 * len(trace.steps) + 20 > MOST_SHAPES):
        rows = _folded(rows, trace, at)
    return _draw(trace, rows, at, width)


def _folded(rows: list[_Row], trace: Trace, at: int | None) -> list[_Row]:
    """Repeated events as one; then, if that is still too much, neighbours of one task within a step."""
    rows = _joined(rows, trace, at, by_name=True, most=1 << 60)
    if len(rows) > MOST_ROWS:
        rows = _joined(rows, trace, at, by_name=False, most=-(-len(rows) // MOST_ROWS) * 2)
    if len(rows) > MOST_ROWS:
        rows = [_Row(part[0].first, [e for row in part for e in row.events]) for part in chunks(rows, MOST_ROWS)]
    return rows


def _joined(rows: list[_Row], trace: Trace, at: int | None, *, by_name: bool, most: int) -> list[_Row]:
    def kind(row: _Row) -> tuple[Any, ...]:
        event, here = row.events[0], row.first + 1 == at
        step = trace.step_at(row.first + 1)
        name = event.name if by_name else ""
        return event.task, name, event.depth, step.index if step else None, here

    joined = []
    for _, group in groupby(rows, key=kind):
        alike = list(group)
        for i in range(0, len(alike), most):
            part = alike[i : i + most]
            joined.append(_Row(part[0].first, [event for row in part for event in row.events]))
    return joined


def _draw(trace: Trace, rows: list[_Row], at: int | None, width: float) -> Scene:
    canvas = Canvas(f"Timeline of {trace.title or 'a trace'}", trace.about, width)
    canvas.mark = "the last event before the snapshot that is shown"
    seen = {event.task for event in trace.events}
    tasks = [task for task in dict.fromkeys([step.by for step in trace.steps] + sorted(seen)) if task in seen]
    lane = (canvas.width - 2 * MARGIN - CLOCK) / max(1, len(tasks))
    canvas.text(Text(MARGIN, canvas.top + LINE / 2, "clock", muted=True, role="heading"))
    for i, task in enumerate(tasks):
        name = layout.shorten(task, lane - 10, mono=False)
        canvas.text(Text(MARGIN + CLOCK + i * lane, canvas.top + LINE / 2, name, bold=True, role="heading"))
    y, step, clock = canvas.top + LINE + 6, None, None
    for row in rows:
        now = trace.step_at(row.first + 1)
        if now is not None and now is not step:
            y = _heading(canvas, f"{now.index + 1}. {now.by}: {_asked(now)}", y)
        step = now
        if row.events[0].clock != clock:
            clock = row.events[0].clock
            canvas.text(Text(MARGIN, y + ROW / 2, f"{clock:,}", mono=True, muted=True, role="clock"))
        x = MARGIN + CLOCK + tasks.index(row.events[0].task) * lane
        _event(canvas, row, x, y, lane, at)
        y += ROW + GAP
    return canvas.scene(y, _describe(trace, tasks, at))


def _asked(step: Step) -> str:
    """The op and its arguments; the text of a scenario's step begins with the op already."""
    return step.text if step.text.startswith(step.op) else f"{step.op} {step.text}".rstrip()


def _heading(canvas: Canvas, words: str, y: float) -> float:
    words = layout.shorten(words, canvas.width - 2 * MARGIN, mono=False)
    canvas.line(Line(((MARGIN, y + 2), (canvas.width - MARGIN, y + 2)), role="rule"))
    canvas.text(Text(MARGIN, y + 6 + LINE / 2, words, bold=True, role="step"))
    return y + LINE + 10


def _event(canvas: Canvas, row: _Row, x: float, y: float, lane: float, at: int | None) -> None:
    first = row.events[0]
    room = lane - 10
    indent = min(first.depth * INDENT, room / 2)
    words = layout.shorten(row.words, room - indent - 20)
    wide = min(room - indent, style.text_width(words) + 20)
    many = len(row.events) > 1
    marked = at is not None and row.first < at <= row.first + len(row.events)
    canvas.rect(Rect(
        x + indent, y, wide, ROW, "injected" if first.depth else "event", words, "event", _tooltip(row),
        f"event:{row.first}" + (f"+{len(row.events)}" if many else ""), marked, many,
    ))


def _tooltip(row: _Row) -> str:
    first = row.events[0]
    fields = ", ".join(f"{name} {value}" for name, value in first.fields.items())
    what = f"{row.words} by {first.task} at {first.clock:,}"
    if len(row.events) > 1:
        return f"{what} to {row.events[-1].clock:,}"
    return what + (f": {fields}" if fields else "") + (f" ({first.where})" if first.where else "")


def _describe(trace: Trace, tasks: Sequence[str], at: int | None) -> str:
    counted = f"{count(len(trace.events), 'event')} in {count(len(trace.steps), 'step')}"
    sentences = [f"Timeline of {trace.title or 'a trace'}: {counted}{' by ' + ', '.join(tasks) if tasks else ''}."]
    for step in trace.steps[:LISTED]:
        events = count(step.last - step.first, "event")
        sentences.append(f"Step {step.index + 1}, {step.by}: {_asked(step).rstrip('.')}, {events}.")
    if at:
        event = trace.events[at - 1]
        sentences.append(f"Marked: {event.name} by {event.task} at clock {event.clock:,}.")
    return " ".join(sentences)
