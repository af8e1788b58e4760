"""Changing what may be done with a range.

Source: mm/mprotect.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errno import Errno
from .flags import PROT, VM_EXEC, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_WRITE
from .mmap import accountable, isolate_range
from .pgtable import _PAGE_DIRTY, PAGE_MASK, PAGE_SIZE, pte_mkwrite, pte_modify, pte_present, ptes, set_pte_at
from .vma import VMA, find_vma, vma_merge, vma_set_page_prot, vma_wants_writenotify

if TYPE_CHECKING:
    from .mm_types import MmStruct

RIGHTS = VM_READ | VM_WRITE | VM_EXEC


def do_mprotect(mm: MmStruct, start: int, length: int, prot: PROT) -> int | Errno:
    """Give ``[start, start + length)`` new rights: 0, -ENOMEM over a hole, -EACCES beyond the MAY bits.

    What lies before the first offence is changed all the same. mmap_sem held for writing.
    """
    end = start + (length + PAGE_SIZE - 1 & PAGE_MASK)
    if start & ~PAGE_MASK or length < 0:
        return Errno.EINVAL
    while start < end:
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start > start:
            return Errno.ENOMEM
        if _forbidden(vma, prot):
            return Errno.EACCES
        stop = min(vma.vm_end, end)
        _protect(isolate_range(mm, start, stop)[0], prot)
        start = stop
    return 0


def _forbidden(vma: VMA, prot: PROT) -> bool:
    may = vma.vm_flags & (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
    return bool(int(prot) & ~(may >> 4))


def _protect(vma: VMA, prot: PROT) -> None:
    """mprotect_fixup: entries lose the write bit and get it back one write fault at a time.

    An entry that is dirty already becomes writable at once where the VMA notes writes.
    """
    if vma.vm_flags & RIGHTS != int(prot):
        vma.vm_flags = vma.vm_flags & ~RIGHTS | int(prot)
        vma.vm_flags |= accountable(vma.vm_flags)
        vma_set_page_prot(vma)
        for address, pte in ptes(vma.vm_mm, vma.vm_start, vma.vm_end):
            if pte_present(pte):
                set_pte_at(vma.vm_mm, address, _changed(vma, pte))
        vma.vm_mm.kernel.vmas_changed(vma.vm_mm)
    vma_merge(vma)


def _changed(vma: VMA, pte: int) -> int:
    new = pte_modify(pte, vma.vm_page_prot)
    return pte_mkwrite(new) if vma_wants_writenotify(vma) and pte & _PAGE_DIRTY else new
