"""One call of ``__get_user_pages`` as it stands at a place in a trace: arguments, pages, VMAs, faults, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..draw.states import refcount_words
from ..kernel.flags import VM_FAULT_RETRY
from ..trace.event import Event
from ..trace.snapshot import Snapshot
from ..trace.step import Step
from ..trace.trace import Trace
from ..trace.words_format import HELD, fault_flag_words, foll_words, result_words, ret_words, vm_fault_words
from .moments import own_events

T = TypeVar("T")

NAMES = ("__get_user_pages", "__get_user_pages_fast")
"""The trace points from which a call is known."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the reader is shown of a call: each field is a sentence or a list of them, in the kernel's own names.

    ``state`` is ``not called yet``, ``running`` or ``returned``.
    """

    state: str
    function: str
    flags: str
    returned: str
    nonblocking: str
    pages: tuple[str, ...] = ()
    vmas: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the scenario's step asked for, beyond what the events tell: its function, and which arrays it gave."""

    function: str = "__get_user_pages"
    name: str = "pages"
    pages: bool = True
    vmas: bool = False


def asked(op: str, args: Mapping[str, Any] | None) -> Asked:
    """What a step asked for, by its op and, of a ``gup``, its arguments; None: they are not known.

    >>> asked("process_vm_readv", {}).function
    '__get_user_pages, called by process_vm_readv'
    """
    if op != "gup" or args is None:
        return Asked(f"__get_user_pages, called by {op}" if op != "gup" else "__get_user_pages")
    return Asked(args["api"], args["as"] or "pages", args["pages_array"], args["vmas_array"])


def calls_of(trace: Trace, args: Mapping[int, Mapping[str, Any]]) -> Callable[[int], Call | None]:
    """The call to be shown at a place: the last one that had begun there, else the first one of all.

    ``args`` are the arguments of the scenario's steps, by index.
    """
    steps = [step for step in trace.steps if step.op == "gup" or reaches_gup(trace, step)]

    def at(place: int) -> Call | None:
        begun = [step for step in steps if step.first < place]
        step = begun[-1] if begun else next(iter(steps), None)
        return None if step is None else call_at(trace, step, place, asked(step.op, args.get(step.index)))

    return at


def reaches_gup(trace: Trace, step: Step) -> bool:
    """Whether a step's own work called ``__get_user_pages`` or its fast form."""
    return any(event.name in NAMES for event in own_events(trace, step))


def call_at(trace: Trace, step: Step, place: int, asked: Asked) -> Call:
    """The call of ``step`` as it stands at ``place``."""
    own = own_events(trace, step)
    seen = [event for event in own if event.seq < place]
    start = next((event for event in own if event.name in NAMES), None)
    begun = [event for event in seen if event.name in NAMES]
    return Call(
        state=_state(begun, place, step),
        function=asked.function,
        flags=_flags(start),
        returned=_returned(seen, place, step),
        nonblocking=_cell(start, seen),
        pages=_pages(trace, seen, place, asked, step),
        vmas=_vmas(trace, seen, place) if asked.vmas else ("NULL: the caller did not ask for them",),
        faults=few([event for event in seen if _of_walk(event)], _fault) or ("none so far",),
    )


def _over(place: int, step: Step) -> bool:
    """The step has come to its end; one that waits for ever never does."""
    return place >= step.last > step.first


def _state(begun: Sequence[Event], place: int, step: Step) -> str:
    if _over(place, step):
        return "returned"
    if not begun:
        return "not called yet"
    return "returned" if begun[-1].fields.get("at") != "enter" else "running"


def _flags(start: Event | None) -> str:
    if start is None or "gup_flags" not in start.fields:
        return "none of this call's own"
    return foll_words(start["gup_flags"])


def _returned(seen: Sequence[Event], place: int, step: Step) -> str:
    """The answer of the step once it is over, of ``__get_user_pages`` itself as soon as that has returned."""
    if _over(place, step):
        return result_words({key: step.result[key] for key in ("ret", "errno", "signal") if key in step.result})
    ends = [event for event in seen if event.name == "__get_user_pages" and event["at"] == "return"]
    return ret_words(ends[-1]["ret"]) if ends else "not yet"


def _cell(start: Event | None, seen: Sequence[Event]) -> str:
    if start is None or start.fields.get("nonblocking") is None:
        return "NULL"
    cells = [event["nonblocking"] for event in seen if event.name == "__get_user_pages"]
    retried = any(_of_walk(event) and event["ret"] & VM_FAULT_RETRY for event in seen)
    value = 0 if retried else cells[-1] if cells else start["nonblocking"]
    return f"{value}" + (": a page was busy, ask again" if value == 0 else "")


def _of_walk(event: Event) -> bool:
    """A fault that the walk took: a CPU's own fault has no FOLL_ flags."""
    return event.name == "handle_mm_fault" and "foll_flags" in event.fields


def _fault(event: Event) -> str:
    asked = fault_flag_words(event["fault_flags"])
    return f"{event['address']:#x}: {vm_fault_words(event['ret'])}, asked with {asked}"


def _pages(trace: Trace, seen: Sequence[Event], place: int, asked: Asked, step: Step) -> tuple[str, ...]:
    """The page structs handed out so far, each with how it fares *now*."""
    if not asked.pages:
        return ("NULL: the caller did not ask for them",)
    now = trace[place]
    fast = [pfn for event in seen if event.name == "__get_user_pages_fast" for pfn in event["pfns"]]
    slow = [event for event in seen if event.name == "follow_page" and event["pfn"] is not None]
    found = [*enumerate(fast), *((len(fast) + event["i"], event["pfn"]) for event in slow)]
    if not found and _over(place, step):
        held = [pin for pin in trace[step.last].pins if pin.name.startswith(f"{asked.name}[")]
        found = [(number, pin.pfn) for number, pin in enumerate(held)]
    return few(found, lambda page: f"[{page[0]}] {frame_words(now, page[1])}") or ("empty",)


def frame_words(snapshot: Snapshot, pfn: int) -> str:
    """A frame with its reference count taken apart, or that it is free.

    >>> frame_words(Snapshot(), 7)
    'frame 7, free: somebody else may get it'
    """
    frame = snapshot.frames.get(pfn)
    if frame is None:
        return f"frame {pfn}, free: somebody else may get it"
    if frame.kind == "zero":
        return f"frame {pfn}, the zero page, {refcount_words(frame)}"
    return f"frame {pfn}, references {refcount_words(frame)}"


def _vmas(trace: Trace, seen: Sequence[Event], place: int) -> tuple[str, ...]:
    """The VMAs handed out so far; one that is no longer as it was is stale."""
    found = [event for event in seen if event.name == "follow_page"]
    return few(found, lambda event: _vma(trace, event, place)) or ("empty",)


def _vma(trace: Trace, event: Event, place: int) -> str:
    then = trace[event.seq + 1].processes[event["process"]].find_vma(event["address"])
    if then is None:
        return f"[{event['i']}] none of the process's own"
    now = trace[place].processes.get(event["process"])
    alive = now is not None and then in now.vmas
    where = f"{then.name or 'VMA'} {then.start:#x} to {then.end:#x}, {then.prot}"
    return f"[{event['i']}] {where}" + ("" if alive else " STALE: it is not there any more")


def few(things: Sequence[T], words: Callable[[T], str], head: int = 5, tail: int = 3) -> tuple[str, ...]:
    """The words for each thing; of many, those for the first and the last ones, with how many lie between.

    >>> few(range(20), str, 2, 1)
    ('0', '1', '… 17 more …', '19')
    """
    if len(things) <= head + tail + 1:
        return tuple(map(words, things))
    between = f"… {len(things) - head - tail} more …"
    return (*map(words, things[:head]), between, *map(words, things[len(things) - tail :]))


def lock_words(snapshot: Snapshot, process: str) -> str:
    """How a process's mmap_sem stands, and who waits for it.

    >>> lock_words(Snapshot(), "P")
    'not there'
    """
    there = snapshot.processes.get(process)
    if there is None:
        return "not there"
    lock = there.mmap_sem
    holders = (lock.writer,) if lock.writer else lock.readers
    words = HELD[lock.held] + (f" by {', '.join(map(str, holders))}" if holders else "")
    return words + (f"; {', '.join(lock.waiters)} waits for it" if lock.waiters else "")
