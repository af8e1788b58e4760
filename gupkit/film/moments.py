"""When could another task have run? The schedule points that a step of a finished run really passed."""

from __future__ import annotations

from dataclasses import dataclass

from ..kernel.sched import SCHEDULE_POINTS
from ..trace.event import Event
from ..trace.step import Step
from ..trace.trace import Trace
from ..trace.words import sentence
from ..trace.words_format import ordinal


@dataclass(frozen=True, slots=True)
class Moment:
    """Schedule point ``at``, passed for the ``nth`` time (from 1) within its step; ``event`` is the number of the
    event that tells of it.
    """

    at: str
    nth: int
    event: int
    after: str = ""
    """What the step did just before, in a sentence; empty at its beginning."""

    @property
    def label(self) -> str:
        """Short, for a list.

        >>> Moment("cond_resched", 2, 17).label
        'cond_resched, 2nd time'
        """
        return f"{self.at}, {ordinal(self.nth)} time"

    @property
    def words(self) -> str:
        """What the kernel does at such a point.

        >>> Moment("up_read", 1, 3).words
        'after mmap_sem was released by a reader'
        """
        return SCHEDULE_POINTS[self.at]


def moments(trace: Trace, index: int) -> tuple[Moment, ...]:
    """The schedule points that step ``index`` of ``trace`` itself passed, in order.

    Points passed by operations that interrupted the step are not its own. A step that never ran has none.

    >>> from gupkit.api import run
    >>> [moment.label for moment in moments(run("munmap-waits"), 0)]
    ['down_write, 1st time', 'up_write, 1st time']
    """
    step = next((step for step in trace.steps if step.index == index), None)
    if step is None:
        return ()
    found: list[Moment] = []
    passed: dict[str, int] = {}
    before = ""
    for event in own_events(trace, step):
        if is_point(event):
            nth = passed[event.name] = passed.get(event.name, 0) + 1
            found.append(Moment(event.name, nth, event.seq, before))
        else:
            before = sentence(event)
    return tuple(found)


def is_point(event: Event) -> bool:
    """Whether the event tells that a schedule point was passed (``alloc_page`` is told again when it is done)."""
    return event.name in SCHEDULE_POINTS and not (event.name == "alloc_page" and "address" not in event.fields)


def own_events(trace: Trace, step: Step) -> list[Event]:
    """The events of a step without those of operations that interrupted it."""
    events = trace.events[step.first : step.last]
    inside = [event for event in events if event.name not in _FRAME]
    depth = min((event.depth for event in inside), default=0)
    return [event for event in inside if event.depth == depth]


_FRAME = ("step", "done", "race", "raced", "blocked", "woken", "race_not_reached", "end")
"""What the runner tells about steps, at any depth."""
