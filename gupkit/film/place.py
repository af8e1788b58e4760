"""Where the reader stands in a trace, and where that is in another run of the same scenario.

A place is a snapshot's number: 0 is before anything, ``n`` is right after event ``n - 1``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from ..trace.event import Event
from ..trace.step import Step
from ..trace.trace import Trace


def step_of(trace: Trace, place: int) -> Step | None:
    """The step that ``place`` belongs to, the innermost where a step ran while another waited; None before the first.

    >>> from gupkit.api import run
    >>> step_of(run("leak"), 1).index
    0
    """
    around = [step for step in trace.steps if step.first < place <= step.last]
    return min(around, key=lambda step: step.last - step.first, default=None)


def stops(trace: Trace) -> list[int]:
    """The places where a reader who goes step by step halts: before anything, and after each step that ran."""
    return sorted({0, *(step.last for step in trace.steps if step.last > step.first)})


def next_stop(trace: Trace, place: int) -> int:
    """The first stop after ``place``, or the end of the trace."""
    halts = stops(trace)
    index = bisect_right(halts, place)
    return halts[index] if index < len(halts) else len(trace) - 1


def previous_stop(trace: Trace, place: int) -> int:
    """The last stop before ``place``, or the beginning."""
    halts = stops(trace)
    return halts[max(0, bisect_left(halts, place) - 1)]


def moved(old: Trace, place: int, new: Trace) -> int:
    """The place in ``new`` that corresponds to ``place`` in ``old``: the same event of the same step, else a near one.

    >>> from gupkit.api import run
    >>> t = run("leak")
    >>> moved(t, 9, t)
    9
    """
    step = step_of(old, place)
    if step is None:
        return 0 if place == 0 else min(len(new) - 1, stops(new)[-1] + max(0, place - stops(old)[-1]))
    other = next((s for s in new.steps if s.index == step.index and s.last > s.first), None)
    if other is None:
        return min(place, len(new) - 1)
    if place == step.last:
        return other.last
    return _same_event(old.events[step.first : place], new.events[other.first : other.last], other.first)


def _same_event(passed: Sequence[Event], there: Sequence[Event], first: int) -> int:
    """``passed`` ends with the event the reader stands after; the place after its like in ``there``."""
    name = passed[-1].name
    nth = sum(event.name == name for event in passed)
    for number, event in enumerate(there, 1):
        if event.name == name:
            nth -= 1
            if not nth:
                return first + number
    return first + max(1, min(len(passed), len(there) - 1))
