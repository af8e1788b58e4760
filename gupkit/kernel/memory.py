"""The fault handler: what happens when an entry does not allow an access.

Source: mm/memory.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anon import do_anonymous_page
from .cow import do_wp_page
from .fault_file import do_linear_fault
from .flags import FAULT_FLAG_WRITE
from .pgtable import _PAGE_DIRTY, _PAGE_RW, PRESENT_MASK, pte_alloc, pte_mkdirty, pte_mkyoung, set_pte_at
from .swap_in import do_swap_page

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .vma import VMA


def handle_mm_fault(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Make one address of a VMA accessible, or say why not; mmap_sem is held.

    ``flags`` are FAULT_FLAG bits; the answer is VM_FAULT bits (0: a minor fault was served). After
    VM_FAULT_RETRY without RETRY_NOWAIT mmap_sem is **no longer held**. Rights are not checked here.
    Source: mm/memory.c, handle_mm_fault.
    """
    address &= ~0xFFF
    ptl = pte_alloc(mm, address)
    pte = ptl.get(address >> 12 & 511, 0)
    return handle_pte_fault(mm, vma, address, pte, flags)


def handle_pte_fault(mm: MmStruct, vma: VMA, address: int, pte: int, flags: int) -> int:
    """Choose the handler by what the entry says. Source: mm/memory.c, handle_pte_fault."""
    if not pte & PRESENT_MASK:
        if pte:
            return do_swap_page(mm, vma, address, pte, flags)
        if vma.has_fault:
            return do_linear_fault(mm, vma, address, flags)
        return do_anonymous_page(mm, vma, address, flags)
    if flags & FAULT_FLAG_WRITE:
        if not pte & _PAGE_RW:
            return do_wp_page(mm, vma, address, pte)
        if not pte & _PAGE_DIRTY:
            pte = pte_mkdirty(pte)
    set_pte_at(mm, address, pte_mkyoung(pte))
    return 0
