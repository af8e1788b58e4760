"""Everything a reader is told of one place in a trace, as values, and the pictures of it."""

from __future__ import annotations

from dataclasses import dataclass

from ..draw import page_map, page_table
from ..draw.scene import Scene
from ..trace.diff import Diff
from ..trace.event import Event
from ..trace.snapshot import Snapshot
from ..trace.step import Step
from ..trace.trace import Trace
from ..trace.words import sentence
from .call import Call, lock_words
from .changes import changes_words
from .place import step_of

AROUND = 4
"""How many events before and after the current one are listed."""

NOTHING_YET = "Nothing has happened yet: the machine has one process and no mapping."

WIDTH = 660
"""Width of the pictures, in px, where they need no more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the event list: ``number`` counts from 1; ``depth`` is how many operations were interrupted."""

    number: int
    task: str
    text: str
    depth: int
    current: bool
    kind: str = ""
    """``waits``, ``wakes`` or ``bug`` for events that need attention."""


@dataclass(frozen=True, slots=True)
class View:
    """One place: ``place`` of ``last`` events have happened."""

    place: int
    last: int
    step: int | None
    """Index of the scenario's step, from 0; None before the first."""
    heading: str
    """Which step of how many, and what it does."""
    note: str
    sentence: str
    source: str
    """The trace point and where in the simulator it stands; empty before the first event."""
    changes: str
    rows: tuple[Row, ...]
    call: Call | None
    locks: tuple[tuple[str, str], ...]
    """Process and how its mmap_sem stands."""
    reports: tuple[str, ...]
    """What the debug layer has said so far."""
    problem: str
    snapshot: Snapshot
    diff: Diff
    process: str | None
    """Whose page tables are drawn; None: the first alive."""
    around: int | None
    """The page that the event is about: shown by itself even where its neighbours are folded."""

    @property
    def page_table(self) -> Scene:
        """The page tables, with what changed marked."""
        return page_table(self.snapshot, self.process, None, self.diff, self.around, width=WIDTH)

    @property
    def page_map(self) -> Scene:
        """Mappings over frames, page cache, swap and pins, with what changed marked."""
        return page_map(self.snapshot, None, None, self.diff, width=WIDTH)


def view_of(
    trace: Trace, place: int, since: int, words: str = "", process: str | None = None, call: Call | None = None
) -> View:
    """The view of ``trace[place]``; what differs from ``trace[since]`` is marked.

    ``words`` tell what the step does; ``process`` is the one whose page tables are drawn, None for the first alive.
    """
    snapshot = trace[place]
    diff = snapshot.diff(trace[since])
    step = step_of(trace, place)
    event = trace.events[place - 1] if place else None
    return View(
        place=place,
        last=len(trace) - 1,
        step=None if step is None else step.index,
        heading=heading(trace, step, place, words),
        note=step.note if step is not None else "",
        sentence=sentence(event) if event else NOTHING_YET,
        source=f"{event.name}, {event.where}" if event else "",
        changes=changes_words(diff),
        rows=rows(trace, place),
        call=call,
        locks=tuple((name, lock_words(snapshot, name)) for name, p in sorted(snapshot.processes.items()) if p.alive),
        reports=tuple(sentence(e) for e in trace.events[:place] if e.name == "BUG"),
        problem=trace.problem,
        snapshot=snapshot,
        diff=diff,
        process=process,
        around=address_of(event),
    )


def address_of(event: Event | None) -> int | None:
    """The page that an event is about, where it is about one."""
    address = event.fields.get("address") if event else None
    return address if isinstance(address, int) else None


def heading(trace: Trace, step: Step | None, place: int, words: str = "") -> str:
    """Which step of how many, in words.

    >>> from gupkit.trace.snapshot import Snapshot
    >>> heading(Trace(Snapshot(), steps=[Step(0, "load", "P")]), None, 0)
    'Before the first of 1 step'
    """
    total = len(trace.steps)
    if step is None:
        steps = f"{total} step{'s' if total != 1 else ''}"
        return f"Before the first of {steps}" if place == 0 else f"After the last of {steps}"
    return f"Step {step.index + 1} of {total}: {words or step.text}"


KINDS = {"blocked": "waits", "woken": "wakes", "BUG": "bug"}
"""Events that need attention, and why."""


def rows(trace: Trace, place: int) -> tuple[Row, ...]:
    """The events around ``place``: always the same number of them, if the trace has so many."""
    total = len(trace.events)
    first = max(0, min(place - 1 - AROUND, total - 2 * AROUND - 1))
    return tuple(
        Row(event.seq + 1, event.task, sentence(event), event.depth, event.seq == place - 1, KINDS.get(event.name, ""))
        for event in trace.events[first : first + 2 * AROUND + 1]
    )
