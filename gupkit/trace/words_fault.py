"""Sentences about ``__get_user_pages`` and the faults under it.

Sources told of: mm/memory.c, arch/x86/mm/gup.c, mm/filemap.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Callable

from ..kernel.flags import (
    FAULT_FLAG_WRITE,
    VM_FAULT_ERROR,
    VM_FAULT_HWPOISON,
    VM_FAULT_HWPOISON_LARGE,
    VM_FAULT_MAJOR,
    VM_FAULT_OOM,
    VM_FAULT_RETRY,
    VM_FAULT_WRITE,
)  # fmt: skip
from .event import Event
from .words_format import HELD, fault_flag_words, foll_words, ret_words, vm_fault_words


def gup(event: Event) -> str:
    """``__get_user_pages``, at its start and at its return.

    >>> gup(Event(0, "__get_user_pages", "P", 1, fields={"at": "return", "ret": 1, "sem": "read", "nonblocking": None}))
    '__get_user_pages returns 1; mmap_sem is held for reading.'
    """
    return _start(event) if event["at"] == "enter" else _return(event)


def _start(event: Event) -> str:
    count = event["nr_pages"]
    cell = event["nonblocking"]
    waits = "nonblocking is NULL, so it may wait with mmap_sem held" if cell is None else (
        f"nonblocking points to {cell}, so it lets mmap_sem go before it waits")
    return (f"__get_user_pages starts: {count} page{'s' if count != 1 else ''} from {event['start']:#x} of "
            f"{event['process']}, gup_flags {foll_words(event['gup_flags'])}; {waits}.")


def _return(event: Event) -> str:
    words = f"__get_user_pages returns {ret_words(event['ret'])}; mmap_sem is {HELD[event['sem']]}"
    if event["nonblocking"] is not None:
        words += f"; *nonblocking is {event['nonblocking']}"
    if event["nonblocking"] == 0:
        words += ": a page was busy, so ask again"
    return words + "."


def gup_fast(event: Event) -> str:
    """``__get_user_pages_fast``: what could be pinned without a lock.

    >>> gup_fast(Event(0, "x", "P", 1, fields={"start": 4096, "nr_pages": 2, "ret": 1}))
    'Without any lock, 1 of 2 pages from 0x1000 could be pinned: the entry after them did not allow it.'
    """
    wanted, got = event["nr_pages"], event["ret"]
    pages = f"{wanted} page{'s' if wanted != 1 else ''}"
    why = "each entry was present and allowed it" if got == wanted else (
        "the entry after them did not allow it" if got else "the first entry did not allow it")
    return f"Without any lock, {got} of {pages} from {event['start']:#x} could be pinned: {why}."


def follow_page(event: Event) -> str:
    """A page was found.

    >>> follow_page(Event(0, "follow_page", "P", 1, fields={"address": 4096, "i": 0, "pfn": 7}))
    'The page tables have a page at 0x1000 that will do: frame 7 is page 0 of the call.'
    """
    if event["pfn"] is None:
        return f"The guard page of a stack at {event['address']:#x} is counted as page {event['i']} and left alone."
    return (f"The page tables have a page at {event['address']:#x} that will do: "
            f"frame {event['pfn']} is page {event['i']} of the call.")


def handle_mm_fault(event: Event) -> str:
    """A fault was served, or was not; inside ``__get_user_pages`` also what that makes of the answer.

    >>> handle_mm_fault(Event(0, "x", "P", 1, fields={"address": 4096, "ret": 4, "fault_flags": 1}))
    'The fault at 0x1000 for writing (FAULT_FLAG_WRITE) answers VM_FAULT_MAJOR: the page had to come from the disk.'
    """
    flags = event["fault_flags"]
    kind = "writing" if flags & FAULT_FLAG_WRITE else "reading"
    asked = f" ({fault_flag_words(flags)})" if flags else ""
    answer = f"{vm_fault_words(event['ret'])}: {_meaning(event['ret'])}{_then(event)}"
    return f"The fault at {event['address']:#x} for {kind}{asked} answers {answer}."


def _meaning(ret: int) -> str:
    """What an answer of ``handle_mm_fault`` means: the strongest of its flags."""
    if ret & VM_FAULT_OOM:
        return "no frame could be allocated"
    if ret & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE):
        return "the memory of the page has failed"
    if ret & VM_FAULT_ERROR:
        return "there is no page that could be mapped here"
    if ret & VM_FAULT_RETRY:
        return "the page was busy and is not mapped yet"
    if ret & VM_FAULT_MAJOR:
        return "the page had to come from the disk"
    if ret & VM_FAULT_WRITE:
        return "the writer has a page that it may write"
    return "a page is mapped, and nobody waited for the disk"


def _then(event: Event) -> str:
    """How a walk goes on after the answer; empty where it just looks again, and for a fault that is not a walk's."""
    if "foll_flags" not in event.fields:
        return ""
    if event["ret"] & VM_FAULT_ERROR:
        return ", so __get_user_pages ends here"
    if event["ret"] & VM_FAULT_RETRY:
        return ", so __get_user_pages ends here and the caller has to ask again"
    return ""


def do_wp_page(event: Event) -> str:
    """A write to a read-only entry: taken over, or copied.

    >>> do_wp_page(Event(0, "x", "P", 1, fields={"address": 4096, "action": "reuse"}))
    'A write to the read-only entry at 0x1000: the page need not be copied, so the same frame is kept.'
    """
    head = f"A write to the read-only entry at {event['address']:#x}: "
    if event["action"] == "copy":
        return head + f"others may use the page, so frame {event['pfn']} becomes a private copy."
    return head + "the page need not be copied, so the same frame is kept."


def lock_page_or_retry(event: Event) -> str:
    """A fault met a locked page and may be tried again.

    >>> lock_page_or_retry(Event(0, "x", "P", 1, fields={"pfn": 7, "nowait": True}))
    'Frame 7 is locked and FAULT_FLAG_RETRY_NOWAIT is set: nobody waits, and mmap_sem stays held.'
    """
    if event["nowait"]:
        return (f"Frame {event['pfn']} is locked and FAULT_FLAG_RETRY_NOWAIT is set: "
                "nobody waits, and mmap_sem stays held.")
    return (f"Frame {event['pfn']} is locked and FAULT_FLAG_ALLOW_RETRY is set: "
            "mmap_sem is released first, then the task sleeps.")


SAYS: dict[str, Callable[[Event], str]] = {
    "__get_user_pages": gup,
    "__get_user_pages_fast": gup_fast,
    "do_wp_page": do_wp_page,
    "follow_page": follow_page,
    "handle_mm_fault": handle_mm_fault,
    "lock_page_or_retry": lock_page_or_retry,
}
"""Trace point → how to say it."""
