"""First touch of anonymous memory: the zero page for a reader, a fresh frame for a writer.

Source: mm/memory.c, do_anonymous_page, check_stack_guard_page (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .flags import FAULT_FLAG_WRITE, VM_FAULT_OOM, VM_FAULT_SIGBUS, VM_GROWSDOWN, VM_WRITE
from .page import PG_lru, PG_uptodate, Page, alloc_page, page_cache_release
from .pgtable import PAGE_SIZE, mk_pte, pte_at, pte_mkdirty, pte_mkspecial, pte_mkwrite, set_pte_at
from .rmap import anon_vma_prepare, page_add_new_anon_rmap
from .stack import expand_stack
from .vma import VMA, find_vma_prev

if TYPE_CHECKING:
    from .mm_types import MmStruct


def maybe_mkwrite(pte: int, vma: VMA) -> int:
    """Writable only if the VMA is: a forced write leaves the entry read-only."""
    return pte_mkwrite(pte) if vma.vm_flags & VM_WRITE else pte


def do_anonymous_page(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Fill a hole: 0, VM_FAULT_OOM or VM_FAULT_SIGBUS. Never VM_FAULT_WRITE, so a forced write faults again.

    A reader gets the zero page: shared by everybody, never writable, and its entry marked special, so that
    no mapping is counted.
    """
    if check_stack_guard_page(vma, address):
        return VM_FAULT_SIGBUS
    kernel = mm.kernel
    if not flags & FAULT_FLAG_WRITE:
        set_pte_at(mm, address, pte_mkspecial(mk_pte(kernel.zero_page.pfn, vma.vm_page_prot)))
        return 0
    anon_vma_prepare(vma)
    kernel.schedule("alloc_page", address=address)
    page = alloc_page(kernel)
    if page is None:
        return VM_FAULT_OOM
    if pte_at(mm, address):
        page_cache_release(page)
        return 0
    page.flags |= PG_uptodate
    map_new_anon(mm, vma, address, page)
    return 0


def map_new_anon(mm: MmStruct, vma: VMA, address: int, page: Page) -> None:
    """Map a fresh anonymous page; the reference that came with it becomes the entry's.

    The entry is writable and dirty only in a writable VMA.
    """
    pte = mk_pte(page.pfn, vma.vm_page_prot)
    if vma.vm_flags & VM_WRITE:
        pte = pte_mkwrite(pte_mkdirty(pte))
    page.flags |= PG_lru
    page_add_new_anon_rmap(page, vma, address)
    set_pte_at(mm, address, pte)


def check_stack_guard_page(vma: VMA, address: int) -> bool:
    """Touching the lowest page of a stack grows it by one more; True if something lies right below it."""
    if not vma.vm_flags & VM_GROWSDOWN or address != vma.vm_start or not vma.vm_mm.kernel.era.stack_guard_inside:
        return False
    _, below = find_vma_prev(vma.vm_mm, vma.vm_start)
    if below is not None and below.vm_end == vma.vm_start:
        return not below.vm_flags & VM_GROWSDOWN
    expand_stack(vma, address - PAGE_SIZE)
    return False
