"""Keeping memory resident, and faulting it in ahead of time: the in-kernel caller with a ``nonblocking`` pointer.

Source: mm/mlock.c, mm/memory.c make_pages_present (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errno import Errno
from .flags import (
    FOLL_FORCE, FOLL_MLOCK, FOLL_TOUCH, FOLL_WRITE, VM_EXEC, VM_IO, VM_LOCKED, VM_LOCKONFAULT, VM_PFNMAP, VM_READ,
    VM_SHARED, VM_WRITE,
)  # fmt: skip
from .gup import Cell, __get_user_pages, get_user_pages
from .mmap import isolate_range
from .page import PG_mlocked
from .pgtable import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, pte_present, ptes
from .vma import VMA, find_vma, vma_merge
from .zap import vm_normal_page

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .sched import Task


def do_mlock(mm: MmStruct, start: int, length: int, *, on: bool, onfault: bool = False) -> int | Errno:
    """Set or clear VM_LOCKED over a range: 0, or -ENOMEM at a hole (what lies before it is locked by then).

    mmap_sem held for writing.
    """
    end = start + (length + PAGE_SIZE - 1 & PAGE_MASK)
    while start < end:
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start > start:
            return Errno.ENOMEM
        stop = min(vma.vm_end, end)
        _fixup(isolate_range(mm, start, stop)[0], on, onfault)
        start = stop
    return 0


def _fixup(vma: VMA, on: bool, onfault: bool) -> None:
    if not vma.vm_flags & (VM_IO | VM_PFNMAP):
        vma.vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT)
        if on:
            vma.vm_flags |= VM_LOCKED | (VM_LOCKONFAULT if onfault else 0)
        else:
            munlock_vma_pages(vma)
        vma.vm_mm.kernel.vmas_changed(vma.vm_mm)
    vma_merge(vma)


def munlock_vma_pages(vma: VMA) -> None:
    """Clear the mlocked mark of the pages a VMA maps."""
    for _, pte in ptes(vma.vm_mm, vma.vm_start, vma.vm_end):
        page = vm_normal_page(vma, pte) if pte_present(pte) else None
        if page is not None:
            page.flags &= ~PG_mlocked


def do_mlock_pages(task: Task, start: int, length: int) -> int | Errno:
    """Fault a locked range in, letting mmap_sem go whenever a page must be waited for.

    The caller's side of the nonblocking contract: ``locked`` is looked at after every call, and with 0 the
    lock is taken again and the VMA looked up again. 0, -ENOMEM (a page that cannot be had) or -EAGAIN.
    """
    end = start + (length + PAGE_SIZE - 1 & PAGE_MASK)
    locked = Cell(0)
    try:
        return _populate(task, start, end, locked)
    finally:
        if locked.value and task in task.mm.mmap_sem.readers:
            task.mm.mmap_sem.up_read()


def _populate(task: Task, start: int, end: int, locked: Cell) -> int | Errno:
    mm, sem = task.mm, task.mm.mmap_sem
    error: int | Errno = 0
    while start < end and not error:
        if not locked.value:
            locked.value = 1
            sem.down_read()
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start >= end:
            break
        start = max(start, vma.vm_start)
        if vma.vm_flags & (VM_IO | VM_PFNMAP | VM_LOCKONFAULT):
            start = vma.vm_end
            continue
        ret = __mlock_vma_pages_range(task, vma, start, min(end, vma.vm_end), locked)
        if ret < 0:
            error = {Errno.EFAULT: Errno.ENOMEM, Errno.ENOMEM: Errno.EAGAIN}.get(Errno(ret), Errno(ret))
        else:
            start += ret << PAGE_SHIFT
    return error


def __mlock_vma_pages_range(task: Task, vma: VMA, start: int, end: int, nonblocking: Cell | None) -> int:
    """Fault in one VMA's part of a range: as a writer where that breaks COW early and dirties no file."""
    flags = FOLL_TOUCH
    if vma.vm_flags & (VM_WRITE | VM_SHARED) == VM_WRITE:
        flags |= FOLL_WRITE
    if vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC):
        flags |= FOLL_FORCE
    by_walk = vma.vm_mm.kernel.era.mlock_marks == "FOLL_MLOCK"
    if vma.vm_flags & VM_LOCKED and by_walk:
        flags |= FOLL_MLOCK
    ret = __get_user_pages(task, vma.vm_mm, start, end - start >> PAGE_SHIFT, flags, None, None, nonblocking)
    if vma.vm_flags & VM_LOCKED and not by_walk:
        mark_mlocked(vma, start, end)
    return ret


def mark_mlocked(vma: VMA, start: int, end: int) -> None:
    """Mark the pages that a locked VMA maps, as their faults did. Source: mm/mlock.c, mlock_vma_folio (5.18 on)."""
    for _, pte in ptes(vma.vm_mm, start, end):
        page = vm_normal_page(vma, pte) if pte_present(pte) else None
        if page is not None:
            page.flags |= PG_mlocked


def make_pages_present(task: Task, start: int, end: int) -> int:
    """MAP_POPULATE: fault a range in; what fails is not reported to user space. mmap_sem held."""
    vma = find_vma(task.mm, start)
    if vma is None:
        return Errno.ENOMEM
    write = vma.vm_flags & (VM_WRITE | VM_SHARED) == VM_WRITE
    return get_user_pages(task, task.mm, start, end - start >> PAGE_SHIFT, write, 0, None, None)
