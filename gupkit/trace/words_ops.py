"""Sentences about what tasks do: calls, locks, the steps of a scenario, and who interrupts whom."""

from __future__ import annotations

from collections.abc import Callable

from .event import Event
from .words_format import result_words, ret_words, span_words


def _range(what: str) -> Callable[[Event], str]:
    """An operation on a range of addresses: what it did, or why it did not."""

    def say(event: Event) -> str:
        span = span_words(event["start"], event["end"])
        if event["ret"]:
            return f"{event.task} is answered {ret_words(event['ret'])} for {span}."
        return f"{event.task}: {what.format(span=span, **event.fields)}."

    return say


def madvise(event: Event) -> str:
    """Advice was given.

    >>> madvise(Event(0, "x", "T2", 1, fields={"start": 4096, "end": 8192, "advice": "DONTNEED", "ret": 0}))
    'T2: MADV_DONTNEED drops what is mapped in 0x1000 to 0x2000.'
    """
    what = "drops what is mapped in {span}" if event["advice"] == "DONTNEED" else "is noted for {span}"
    return _range(f"MADV_{{advice}} {what}")(event)


def _lock(event: Event) -> str:
    """mmap_sem was taken or released; nothing is said of the task where it is said already."""
    down, write = event.name.startswith("down"), event.name.endswith("write")
    mode = "writing" if write else "reading"
    if down:
        why = "nobody else is inside" if write else "the VMAs cannot change meanwhile"
        return f"{event.task} takes {event['lock']} for {mode}: {why}."
    return f"{event.task} releases {event['lock']} (held for {mode}): {_left(event['count'])}."


def _left(count: int) -> str:
    """Who is inside after a release: ``count`` is readers, -1 a writer, lower a broken count."""
    if count == 0:
        return "whoever waits may go on"
    if count > 0:
        return f"{count} reader{'s' if count != 1 else ''} still inside"
    return f"its count is now {count}, which is wrong"


def _done(event: Event) -> str:
    return f"Step {event['index'] + 1} ends: {event['op']} answers {result_words(event.fields)}."


def _raced(event: Event) -> str:
    ends = f"{event['op']} by {event['by']} has run to its end, answer {result_words(event.fields)}"
    return f"{ends}; the interrupted task goes on."


def _blocked(event: Event) -> str:
    """Somebody cannot go on; the text says for what it waits and who holds it."""
    return f"{event['op']} must wait: {event['text']}."


SAYS: dict[str, Callable[[Event], str]] = {
    "do_munmap": _range("the range {span} is unmapped"),
    "mprotect_fixup": _range("the rights of {span} are changed"),
    "madvise": madvise,
    "down_read": _lock,
    "down_write": _lock,
    "up_read": _lock,
    "up_write": _lock,
    "done": _done,
    "raced": _raced,
    "blocked": _blocked,
}
"""Trace point → how to say it."""

TEMPLATES = {
    "cond_resched": "A schedule point: another task may run before the walk goes on.",
    "do_mmap": "{task} has mapped {region} at {start} to {end}; no page is there before it is touched.",
    "dup_mm": "Process {child} is made: it shares every private page until one of the two writes.",
    "exit_mmap": "All memory of {process} is unmapped: it has ended.",
    "expand_stack": "The stack grows down: its VMA now spans {start} to {end}.",
    "load": "{task} reads byte {byte} at {address}.",
    "store": "{task} writes byte {byte} at {address}.",
    "step": "Step {number} begins: {op} by {by}.",
    "race": "Meanwhile, {op} by {by} runs: the task above is interrupted here.",
    "race_not_reached": "The operation came to its end before it passed {at} {nth} times: what was to happen did not.",
    "deadlock": "Nobody can go on, so the run ends: {text}.",
    "woken": "{op} by {by} can go on: the lock that it waited for is free.",
    "end": "The recording ends here.",
    "BUG": "BUG: {kind}: {text}.",
}
"""Trace points whose sentence has only blanks to fill."""
