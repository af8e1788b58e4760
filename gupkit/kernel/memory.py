"""The fault handler: what happens when an entry does not allow an access.

Source: mm/memory.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anon import do_anonymous_page
from .cow import do_wp_page
from .fault_file import do_linear_fault
from .flags import (
    FAULT_FLAG_TRIED, FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_FALLBACK, VM_FAULT_MAJOR,
    VM_FAULT_RETRY, VM_HUGEPAGE, VM_HUGETLB,
)  # fmt: skip
from .huge_memory import handle_huge_pmd
from .hugetlb import hugetlb_fault
from .pgtable import _PAGE_DIRTY, _PAGE_RW, PRESENT_MASK, pte_alloc, pte_mkdirty, pte_mkyoung, set_pte_at
from .swap_in import do_swap_page

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .sched import Task
    from .vma import VMA


def handle_mm_fault(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Make one address of a VMA accessible, or say why not; mmap_sem is held.

    ``flags`` are FAULT_FLAG bits; the answer is VM_FAULT bits (0: a minor fault was served). After
    VM_FAULT_RETRY without RETRY_NOWAIT mmap_sem is **no longer held**. Rights are not checked here.
    Source: mm/memory.c, handle_mm_fault.
    """
    address &= ~0xFFF
    ret = VM_FAULT_FALLBACK
    if vma.vm_flags & VM_HUGETLB:
        ret = hugetlb_fault(mm, vma, address, flags)
    elif mm.has_huge or vma.vm_flags & VM_HUGEPAGE:
        ret = handle_huge_pmd(mm, vma, address, flags)
    if ret & VM_FAULT_FALLBACK:
        pte = pte_alloc(mm, address).get(address >> 12 & 511, 0)
        ret = handle_pte_fault(mm, vma, address, pte, flags)
    if mm.kernel.era.faults_charged == "current" and not ret & (VM_FAULT_ERROR | VM_FAULT_RETRY):
        charge_fault(mm.kernel.running_task(), ret | (VM_FAULT_MAJOR if flags & FAULT_FLAG_TRIED else 0))
    return ret


def charge_fault(tsk: Task | None, ret: int) -> None:
    """Count one call of the handler as major or minor."""
    if tsk is None:
        return
    tsk.kernel.task_changed(tsk)
    if ret & VM_FAULT_MAJOR:
        tsk.maj_flt += 1
    else:
        tsk.min_flt += 1


def handle_pte_fault(mm: MmStruct, vma: VMA, address: int, pte: int, flags: int) -> int:
    """Choose the handler by what the entry says. Source: mm/memory.c, handle_pte_fault."""
    if not pte & PRESENT_MASK:
        if pte:
            return do_swap_page(mm, vma, address, pte, flags)
        if vma.has_fault:
            return do_linear_fault(mm, vma, address, flags)
        return do_anonymous_page(mm, vma, address, flags)
    if flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE):
        if not pte & _PAGE_RW:
            return do_wp_page(mm, vma, address, pte, flags)
        if flags & FAULT_FLAG_WRITE and not pte & _PAGE_DIRTY:
            pte = pte_mkdirty(pte)
    set_pte_at(mm, address, pte_mkyoung(pte))
    return 0
