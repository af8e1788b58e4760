"""What the judges remember of the past of a run: its calls, its references and what their holders did with them.

The contract is judged over a whole trace. Two runs whose memories are equal here are judged alike from here on; what
was broken before is part of the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..contract.check import CHECKS
from ..contract.clauses import BROKEN, CLAUSES, NON_PROMISE
from ..contract.finding import Place
from ..contract.parts import Call, Ref
from ..contract.story import Story

if TYPE_CHECKING:
    from .run import Run

JUDGED = tuple(name for name, clause in CLAUSES.items() if clause.kind != NON_PROMISE)
"""Promises and duties: what can be broken."""


def remembered(run: Run, name_of: Callable[[int], int]) -> tuple[Any, ...]:
    """The memory of a run; ``name_of`` names a frame, as it is used now, independently of its number."""
    story = run.story
    return (
        sorted(_ref(ref, name_of) for ref in story.refs),
        sorted(map(repr, (_call(call, story) for call in story.calls))),
        len(story.strange_puts),
        broken(story),
    )


def broken(story: Story) -> list[tuple[str, str]]:
    """The clauses broken so far, each with the page or call in question."""
    return sorted({
        (name, about(place)) for name in JUDGED for place in CHECKS[name](story) if place.verdict == BROKEN
    })  # fmt: skip


def about(place: Place) -> str:
    """Which page, call or process a place in a trace is about, in words that do not depend on when it came.

    >>> about(Place(verdict=BROKEN, text="", event=7, process="P", address=0x7F0000000000, pin="pins[0]"))
    'pins[0] of P at 0x7f0000000000'
    """
    words = [place.pin, place.process and f"of {place.process}", place.address and f"at {place.address:#x}"]
    return " ".join(word for word in words if word)


def _ref(ref: Ref, name_of: Callable[[int], int]) -> tuple[Any, ...]:
    """A reference, and in one word what became of it: s(tored), l(oaded), m(arked), p(ut), x (put again), f(reed)."""
    events = [(at, "s") for at in ref.stores] + [(at, "l") for at in ref.loads] + [(at, "m") for at in ref.marks]
    events += [(at, "x") for at in ref.extra]
    events += [(at, word) for at, word in ((ref.put, "p"), (ref.freed, "f")) if at is not None]
    life = "".join(word for _, word in sorted(events))
    taken = (ref.op.name if ref.op else "", ref.call.flags if ref.call else 0)
    frame = name_of(ref.pfn) if ref.put is None else -1
    return ref.process, ref.address, ref.write, taken, str(ref.name), life, frame


def _call(call: Call, story: Story) -> tuple[Any, ...]:
    asked = (call.process, call.task, call.start, call.nr_pages, call.flags, call.fast, call.nonblocking, call.pages)
    return (*asked, call.returned >= 0, call.ret, call.flag, _next_lock(call, story) if call.flag == 0 else "")


def _next_lock(call: Call, story: Story) -> str:
    """What the caller did first to mmap_sem after a call that had let it go; nothing yet if empty."""
    for event in story.events[call.returned + 1 :]:
        if event.task == call.task and event.name in ("up_read", "up_write", "down_read", "down_write"):
            return event.name
    return ""
