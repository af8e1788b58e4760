"""Pinning without mmap_sem: walk the tables with interrupts off, and fall back to the slow way at the first miss.

Source: arch/x86/mm/gup.c (2.6.39); mm/gup.c, gup_fast (later).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .flags import FOLL_LONGTERM, FOLL_PIN, FOLL_TOUCH, FOLL_WRITE
from .gup import __get_user_pages, store
from .gup_locked import locked_loop
from .page import PG_anon_exclusive, PG_referenced, Page, get_page, pin_page
from .pgtable import (
    _PAGE_PRESENT, _PAGE_RW, _PAGE_SPECIAL, _PAGE_USER, PAGE_MASK, PAGE_SIZE, TASK_SIZE, pte_at, pte_pfn,
)  # fmt: skip

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct


def gup_pte_range(mm: MmStruct, start: int, nr_pages: int, flags: int, pages: list[Any]) -> int:
    """Pin pages as far as the entries allow it, from ``start`` on; how many.

    An entry must be present to user space, writable for a writer, and not special: the zero page and
    PROT_NONE pages always miss. No VMA is looked at, nothing is faulted in, dirtied or counted.
    """
    write = flags & FOLL_WRITE or mm.kernel.era.read_gup_breaks_cow
    wanted = _PAGE_PRESENT | _PAGE_USER | (_PAGE_RW if write else 0)
    grab = pin_page if flags & FOLL_PIN else get_page
    zone = mm.kernel.zone
    for i in range(nr_pages):
        pte = pte_at(mm, start + i * PAGE_SIZE)
        if pte & wanted != wanted or pte & _PAGE_SPECIAL:
            return i
        page = zone.page(pte_pfn(pte))
        if flags & FOLL_PIN and _must_go_slow(mm, pte, page, flags):
            return i
        grab(page)
        page.flags |= PG_referenced
        store(pages, i, page)
    return nr_pages


def _must_go_slow(mm: MmStruct, pte: int, page: Page, flags: int) -> bool:
    """A pin that has to ask the VMA first: to unshare a page, or to write a file for long.

    Source: mm/gup.c, gup_fast_folio_allowed; mm/internal.h, gup_must_unshare.
    """
    era = mm.kernel.era
    if flags & FOLL_WRITE:
        in_file = page.mapping is not None and not page.anon and not page.mapping.host.memfd
        return era.longterm_file_rule and bool(flags & FOLL_LONGTERM) and in_file
    if not era.unshares or pte & _PAGE_RW:
        return False
    return not page.flags & PG_anon_exclusive if page.anon else bool(flags & FOLL_LONGTERM)


def gup_fast_only(kernel: Machine, start: int, nr_pages: int, flags: int, pages: list[Any]) -> int:
    """Pin what can be pinned without any lock: 0 to ``nr_pages``, never an error. Usable in interrupts."""
    start &= PAGE_MASK
    if nr_pages <= 0 or not 0 <= start <= TASK_SIZE - nr_pages * PAGE_SIZE:
        return 0
    ret = gup_pte_range(kernel.running_task().mm, start, nr_pages, flags, pages)
    if kernel.tracing:
        kernel.emit(
            "__get_user_pages_fast", start=start, nr_pages=nr_pages, ret=ret, write=bool(flags & FOLL_WRITE),
            process=kernel.running_task().mm.name, pfns=[page.pfn for page in pages[:ret]],
        )  # fmt: skip
    return ret


def gup_fast(kernel: Machine, start: int, nr_pages: int, flags: int, pages: list[Any]) -> int:
    """Pin pages of the running task: first without locks, the rest under mmap_sem.

    The caller must *not* hold mmap_sem: with a writer queued in between, the second down_read never returns.
    Returns a count or, if nothing was pinned, -errno as ``get_user_pages`` does.
    """
    start &= PAGE_MASK
    task = kernel.running_task()
    task.mm.has_pinned = task.mm.has_pinned or bool(flags & FOLL_PIN)
    done = gup_fast_only(kernel, start, nr_pages, flags, pages)
    if done == nr_pages:
        return done
    rest: list[Any] = []
    where, count = start + done * PAGE_SIZE, nr_pages - done
    with task.mm.mmap_sem.read():
        if kernel.era.lock_can_drop:
            ret = locked_loop(task, task.mm, where, count, flags | FOLL_TOUCH, rest)[0]
        else:
            ret = __get_user_pages(task, task.mm, where, count, flags | FOLL_TOUCH, rest, None, None)
    for i, page in enumerate(rest):
        store(pages, done + i, page)
    return done + max(ret, 0) if done else ret
