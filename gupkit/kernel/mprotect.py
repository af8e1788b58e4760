"""Changing what may be done with a range.

Source: mm/mprotect.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errno import Errno
from .flags import (
    PROT, VM_ACCOUNT, VM_EXEC, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_SHARED, VM_WRITE,
)  # fmt: skip
from .huge_memory import change_huge_pmd
from .mlock import make_pages_present
from .mmap import accountable, cuts_huge_page, isolate_range
from .pgtable import (
    _PAGE_DIRTY, _PAGE_PSE, PAGE_MASK, PAGE_SIZE, pte_mkwrite, pte_modify, pte_present, ptes, set_pte_at,
)  # fmt: skip
from .page import PG_anon_exclusive
from .vma import VMA, find_vma, vma_merge, vma_set_page_prot, vma_wants_writenotify
from .zap import vm_normal_page

if TYPE_CHECKING:
    from .sched import Task

RIGHTS = VM_READ | VM_WRITE | VM_EXEC


def do_mprotect(task: Task, start: int, length: int, prot: PROT) -> int | Errno:
    """Give ``[start, start + length)`` new rights: 0, -ENOMEM over a hole, -EACCES beyond the MAY bits.

    What lies before the first offence is changed all the same. mmap_sem held for writing.
    """
    mm = task.mm
    end = start + (length + PAGE_SIZE - 1 & PAGE_MASK)
    if start & ~PAGE_MASK or length < 0:
        return Errno.EINVAL
    if cuts_huge_page(mm, start, end):
        return Errno.EINVAL
    while start < end:
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start > start:
            return Errno.ENOMEM
        if _forbidden(vma, prot):
            return Errno.EACCES
        stop = min(vma.vm_end, end)
        if vma.vm_flags & RIGHTS != int(prot):  # else nothing happens: VMAs that fork left apart stay so
            _protect(task, isolate_range(mm, start, stop)[0], prot)
        start = stop
    return 0


def _forbidden(vma: VMA, prot: PROT) -> bool:
    may = vma.vm_flags & (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
    return bool(int(prot) & ~(may >> 4))


def _protect(task: Task, vma: VMA, prot: PROT) -> None:
    """mprotect_fixup: entries lose the write bit and get it back one write fault at a time.

    An entry that is dirty already becomes writable at once where the VMA notes writes; in some eras so does any
    exclusive page.
    """
    was = vma.vm_flags
    vma.vm_flags = vma.vm_flags & ~RIGHTS | int(prot)
    vma.vm_flags |= accountable(vma.vm_flags)
    if vma.vm_mm.kernel.era.unfaulted_unaccounted and _never_touched(vma) and not vma.vm_flags & VM_WRITE:
        vma.vm_flags &= ~VM_ACCOUNT
    vma_set_page_prot(vma)
    for address, pte in ptes(vma.vm_mm, vma.vm_start, vma.vm_end):
        if pte & _PAGE_PSE:
            change_huge_pmd(vma, address, pte)
        elif pte_present(pte):
            set_pte_at(vma.vm_mm, address, _changed(vma, pte))
    vma.vm_mm.kernel.vmas_changed(vma.vm_mm)
    start, end = vma.vm_start, vma.vm_end
    becomes_writable = was & (VM_WRITE | VM_SHARED | VM_LOCKED) == VM_LOCKED and vma.vm_flags & VM_WRITE
    vma_merge(vma)
    if becomes_writable and vma.vm_mm.kernel.era.mprotect_populates_locked:
        make_pages_present(task, start, end)


def _never_touched(vma: VMA) -> bool:
    return vma.kind == "anon" and vma.anon_vma is None


def _changed(vma: VMA, pte: int) -> int:
    new = pte_modify(pte, vma.vm_page_prot)
    noted = vma_wants_writenotify(vma) and pte & _PAGE_DIRTY
    return pte_mkwrite(new) if noted or _own_page(vma, pte) else new


def _own_page(vma: VMA, pte: int) -> bool:
    """An exclusive page of a writable private VMA, where the era looks for that."""
    if not vma.vm_mm.kernel.era.mprotect_keeps_write or vma.vm_flags & (VM_WRITE | VM_SHARED) != VM_WRITE:
        return False
    page = vm_normal_page(vma, pte)
    return page is not None and page.anon and bool(page.flags & PG_anon_exclusive)
