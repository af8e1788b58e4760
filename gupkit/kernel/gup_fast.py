"""Pinning without mmap_sem: walk the tables with interrupts off, and fall back to the slow way at the first miss.

Source: arch/x86/mm/gup.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .gup import get_user_pages, store
from .page import PG_referenced, get_page
from .pgtable import (
    _PAGE_PRESENT, _PAGE_RW, _PAGE_SPECIAL, _PAGE_USER, PAGE_MASK, PAGE_SIZE, TASK_SIZE, pte_at, pte_pfn,
)  # fmt: skip

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct


def gup_pte_range(mm: MmStruct, start: int, nr_pages: int, write: int, pages: list[Any]) -> int:
    """Pin pages as far as the entries allow it, from ``start`` on; how many.

    An entry must be present to user space, writable for a writer, and not special: the zero page and
    PROT_NONE pages always miss. No VMA is looked at, nothing is faulted in, dirtied or counted.
    """
    write = write or mm.kernel.era.read_gup_breaks_cow
    wanted = _PAGE_PRESENT | _PAGE_USER | (_PAGE_RW if write else 0)
    zone = mm.kernel.zone
    for i in range(nr_pages):
        pte = pte_at(mm, start + i * PAGE_SIZE)
        if pte & wanted != wanted or pte & _PAGE_SPECIAL:
            return i
        page = zone.page(pte_pfn(pte))
        get_page(page)
        page.flags |= PG_referenced
        store(pages, i, page)
    return nr_pages


def __get_user_pages_fast(kernel: Machine, start: int, nr_pages: int, write: int, pages: list[Any]) -> int:
    """Pin what can be pinned without any lock: 0 to ``nr_pages``, never an error. Usable in interrupts."""
    start &= PAGE_MASK
    if nr_pages <= 0 or not 0 <= start <= TASK_SIZE - nr_pages * PAGE_SIZE:
        return 0
    ret = gup_pte_range(kernel.running_task().mm, start, nr_pages, write, pages)
    if kernel.tracing:
        kernel.emit(
            "__get_user_pages_fast", start=start, nr_pages=nr_pages, ret=ret, write=bool(write),
            process=kernel.running_task().mm.name, pfns=[page.pfn for page in pages[:ret]],
        )  # fmt: skip
    return ret


def get_user_pages_fast(kernel: Machine, start: int, nr_pages: int, write: int, pages: list[Any]) -> int:
    """Pin pages of the running task: first without locks, the rest with ``get_user_pages``.

    The caller must *not* hold mmap_sem: with a writer queued in between, the second down_read never returns.
    Returns a count or, if nothing was pinned, -errno as ``get_user_pages`` does.
    """
    start &= PAGE_MASK
    task = kernel.running_task()
    done = __get_user_pages_fast(kernel, start, nr_pages, write, pages)
    if done == nr_pages:
        return done
    rest: list[Any] = []
    with task.mm.mmap_sem.read():
        ret = get_user_pages(task, task.mm, start + done * PAGE_SIZE, nr_pages - done, write, 0, rest, None)
    for i, page in enumerate(rest):
        store(pages, done + i, page)
    return done + max(ret, 0) if done else ret
