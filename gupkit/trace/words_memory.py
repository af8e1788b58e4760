"""Sentences about frames, page cache, swap and the disk: which frame, and why.

Sources told of: mm/page_alloc.c, mm/swap.c, mm/filemap.c, mm/vmscan.c, mm/rmap.c, mm/page_io.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Callable

from .event import Event
from .words_format import numbers_words, span_words


def alloc_page(event: Event) -> str:
    """A frame is about to be taken, or was.

    >>> alloc_page(Event(0, "alloc_page", "P", 1, fields={"pfn": 7}))
    'Frame 7 is taken from the free ones.'
    """
    if "pfn" in event.fields:
        return f"Frame {event['pfn']} is taken from the free ones."
    return f"A frame for {event['address']:#x} is about to be allocated, which may sleep: another task may run."


def put_page(event: Event) -> str:
    """A reference was given back.

    >>> put_page(Event(0, "put_page", "P", 1, fields={"pfn": 7, "count": 0}))
    'put_page gives the last reference to frame 7 back.'
    """
    if event["count"] <= 0:
        return f"put_page gives the last reference to frame {event['pfn']} back."
    return f"put_page gives one reference to frame {event['pfn']} back; {event['count']} left."


def set_page_dirty(event: Event) -> str:
    """A page was marked dirty.

    >>> set_page_dirty(Event(0, "x", "P", 1, fields={"pfn": 7, "was_clean": False}))
    'Frame 7 is marked dirty, as it was before.'
    """
    why = "its content must be saved before the frame is given up" if event["was_clean"] else None
    return f"Frame {event['pfn']} is marked dirty: {why}." if why else (
        f"Frame {event['pfn']} is marked dirty, as it was before.")


def shrink_page_list(event: Event) -> str:
    """Reclaim tried a page.

    >>> shrink_page_list(Event(0, "x", "P", 1, fields={"pfn": 7, "freed": False}))
    'Reclaim tried frame 7 and could not free it: somebody holds it or still needs it.'
    """
    if event["freed"]:
        return f"Reclaim has freed frame {event['pfn']}."
    return f"Reclaim tried frame {event['pfn']} and could not free it: somebody holds it or still needs it."


def try_to_unmap(event: Event) -> str:
    """A page was taken out of the page tables that map it.

    >>> try_to_unmap(Event(0, "x", "P", 1, fields={"pfn": 7, "mappings": 2}))
    'Frame 7 is taken out of every page table that maps it (2 entries), so that no CPU can touch it.'
    """
    count = event["mappings"]
    return (f"Frame {event['pfn']} is taken out of every page table that maps it "
            f"({count} {'entry' if count == 1 else 'entries'}), so that no CPU can touch it.")


def readpage(event: Event) -> str:
    """Pages are asked from the disk.

    >>> readpage(Event(0, "x", "P", 1, fields={"file": "f", "index": [0, 1]}))
    'The disk is asked for pages 0 to 1 of f; their frames stay locked until the content is there.'
    """
    pages = numbers_words(event["index"], "page")
    return f"The disk is asked for {pages} of {event['file']}; their frames stay locked until the content is there."


def end_io(event: Event) -> str:
    """The disk is done.

    >>> end_io(Event(0, "x", "P", 1, fields={"pfns": [7]}))
    'The disk is done with frame 7: whoever waited for that may go on.'
    """
    return f"The disk is done with {numbers_words(event['pfns'], 'frame')}: whoever waited for that may go on."


def zap_page_range(event: Event) -> str:
    """Entries were cleared.

    >>> zap_page_range(Event(0, "x", "P", 1, fields={"start": 4096, "end": 8192}))
    'The entries of 0x1000 to 0x2000 are cleared; the pages live on only where somebody else refers to them.'
    """
    span = span_words(event["start"], event["end"])
    return f"The entries of {span} are cleared; the pages live on only where somebody else refers to them."


SAYS: dict[str, Callable[[Event], str]] = {
    "alloc_page": alloc_page,
    "end_io": end_io,
    "put_page": put_page,
    "readpage": readpage,
    "set_page_dirty": set_page_dirty,
    "shrink_page_list": shrink_page_list,
    "try_to_unmap": try_to_unmap,
    "zap_page_range": zap_page_range,
}
"""Trace point → how to say it."""

TEMPLATES = {
    "free_page": "Frame {pfn} is free: nobody refers to it any more, and the next one who needs a frame may get it.",
    "lock_page": "The lock of frame {pfn} is wanted, so that nobody else changes what the page is.",
    "wait_on_page_locked": "{task} sleeps until frame {pfn} is unlocked; another task may run.",
    "wait_on_page_writeback": "{task} sleeps until frame {pfn} has been written to the disk; another task may run.",
    "remove_from_page_cache": "Page {index} of {file} leaves the page cache: frame {pfn} belongs to no file any more.",
    "writepage": "Page {index} of {file} (frame {pfn}) is on its way to the disk, and clean from here on.",
    "swap_readpage": "Swap slot {slot} is read into frame {pfn}.",
    "swap_writepage": "The content of frame {pfn} is written to swap slot {slot}.",
    "memory_failure": "The memory of frame {pfn} fails: whoever maps it must not touch it again.",
    "do_huge_pmd_anonymous_page": "A huge page, frames from {pfn} on, fills the 2 MiB at {address} by one entry.",
    "do_huge_pmd_wp_page": "The write gets a copy of all 2 MiB at {address}, in frames from {pfn} on.",
    "hugetlb_no_page": "A page of the hugetlb pool, frames from {pfn} on, fills the 2 MiB at {address}.",
    "hugetlb_cow": "The write gets a copy of the whole huge page at {address}, in frames from {pfn} on.",
    "collapse_huge_page": "The small pages of the 2 MiB at {address} are copied into a huge one, frames from {pfn} on.",
    "split_huge_pmd": "The one entry for the 2 MiB at {address} becomes a table of 512; the page is still one.",
    "split_huge_page": "The huge page at frame {pfn} comes apart into 512 ordinary ones.",
    "page_store": "The holder of a pin writes {byte} into frame {pfn}; no page table is asked.",
    "direct_io": "A direct transfer with {file} is under way: its pages are pinned, and no lock is held.",
    "access_process_vm": "Frame {pfn} at {address} is pinned; its bytes are copied next. Another task may run.",
}
"""Trace points whose sentence has only blanks to fill."""
