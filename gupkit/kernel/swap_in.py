"""A fault on a page that is in swap.

Source: mm/memory.c, do_swap_page (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anon import maybe_mkwrite
from .cow import do_wp_page
from .flags import (
    FAULT_FLAG_WRITE, VM_FAULT_HWPOISON, VM_FAULT_MAJOR, VM_FAULT_OOM, VM_FAULT_RETRY, VM_FAULT_SIGBUS,
    VM_FAULT_SIGSEGV, VM_FAULT_WRITE, VM_LOCKED,
)  # fmt: skip
from .page import PG_hwpoison, PG_lru, PG_swapcache, PG_uptodate, Page, page_cache_get, page_cache_release
from .pagelock import lock_page_or_retry, unlock_page
from .pgtable import NO_SLOT, SWP_HWPOISON, mk_pte, pte_at, pte_mkdirty, set_pte_at, swp_offset, swp_type
from .rmap import anon_vma_prepare, page_add_anon_rmap, set_exclusive
from .sched import Blocked
from .swap import Swap, reuse_swap_page, try_to_free_swap

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .vma import VMA


def do_swap_page(mm: MmStruct, vma: VMA, address: int, pte: int, flags: int) -> int:
    """Bring a page back: minor if the swap cache still has it, major if the device must be read.

    A writer takes the page over if nobody else maps it or waits for it in swap; otherwise it falls through
    to copying. A nonblocking caller is sent away while the page is locked, as with files.
    """
    if swp_type(pte) in NO_SLOT:
        return VM_FAULT_HWPOISON if swp_type(pte) == SWP_HWPOISON else VM_FAULT_SIGSEGV
    swap, slot = mm.kernel.swap, swp_offset(pte)
    ret = 0
    page = swap.cache.get(slot)
    if page is not None:
        page_cache_get(page)
    else:
        page = swap.read_async(slot)
        if page is None:
            return VM_FAULT_OOM
        ret = VM_FAULT_MAJOR
    try:
        if not lock_page_or_retry(page, mm, flags):
            page_cache_release(page)
            return ret | VM_FAULT_RETRY
    except Blocked:
        page_cache_release(page)
        raise
    return ret | _map_swapped(mm, vma, address, pte, page, flags)


def _comes_back_alone(page: Page, swap: Swap, slot: int) -> bool:
    """No other entry waits for the slot and nobody holds the page: it belongs to whoever touches it."""
    return swap.counts[slot] == 1 and not page.mapcount and page.count <= 2


def _map_swapped(mm: MmStruct, vma: VMA, address: int, pte: int, page: Page, flags: int) -> int:
    """Map the locked page if the entry still names its slot; the reference becomes the entry's."""
    slot = swp_offset(pte)
    if page.flags & PG_hwpoison:
        unlock_page(page)
        page_cache_release(page)
        return VM_FAULT_HWPOISON
    if pte_at(mm, address) != pte or not page.flags & PG_swapcache or page.private != slot:
        unlock_page(page)
        page_cache_release(page)
        return 0
    if not page.flags & PG_uptodate:
        unlock_page(page)
        page_cache_release(page)
        return VM_FAULT_SIGBUS
    anon_vma_prepare(vma)
    ret = 0
    new = mk_pte(page.pfn, vma.vm_page_prot)
    era = mm.kernel.era
    if era.swap_in_reuse == "exclusive":
        if _comes_back_alone(page, mm.kernel.swap, slot):
            set_exclusive(page)
            new = maybe_mkwrite(new, vma) if era.swap_in_writable else new
            if flags & FAULT_FLAG_WRITE:
                new = maybe_mkwrite(pte_mkdirty(new), vma)
                ret = VM_FAULT_WRITE
    elif flags & FAULT_FLAG_WRITE and reuse_swap_page(page):
        new = maybe_mkwrite(pte_mkdirty(new), vma)
        ret = VM_FAULT_WRITE
    page.flags |= PG_lru
    page_add_anon_rmap(page, vma, address)
    set_pte_at(mm, address, new)
    mm.kernel.swap.free(slot)
    if mm.kernel.swap.full or era.swap_cache_bypassed or vma.vm_flags & VM_LOCKED:
        try_to_free_swap(page)
    unlock_page(page)
    if flags & FAULT_FLAG_WRITE and not ret:
        ret |= do_wp_page(mm, vma, address, new)
    return ret
