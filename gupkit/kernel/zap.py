"""Unmapping: entries go, the pages stay with whoever else holds them.

Source: mm/memory.c, zap_page_range, zap_pte_range (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .huge_memory import zap_or_split
from .page import Page, page_cache_release
from .pgtable import (
    _PAGE_PSE, _PAGE_SPECIAL, NO_SLOT, PAGE_SHIFT, PFN_MASK, SWP_GUARD, pte_present, ptes, set_pte_at, swp_offset,
    swp_type,
)  # fmt: skip
from .rmap import carry_dirty, page_remove_rmap
from .swap import free_swap_cache

if TYPE_CHECKING:
    from .filemap import AddressSpace
    from .vma import VMA


def vm_normal_page(vma: VMA, pte: int) -> Page | None:
    """The page behind a present entry, or None for the zero page and for memory without struct pages.

    Source: mm/memory.c, vm_normal_page.
    """
    if pte & _PAGE_SPECIAL:
        return None
    return vma.vm_mm.kernel.zone.page((pte & PFN_MASK) >> PAGE_SHIFT)


def zap_page_range(
    vma: VMA, start: int, end: int, only_file: AddressSpace | None = None, keep_guards: bool = False
) -> None:
    """Clear the entries of ``[start, end)``: mapping counts and references drop, swap slots are released.

    A dirty entry of a file page makes the page dirty first. With ``only_file`` only pages of that file are
    unmapped: private copies and swap entries are spared. No reference that a pin holds is touched.
    """
    kernel = vma.vm_mm.kernel
    for address, pte in ptes(vma.vm_mm, start, end):
        if pte & _PAGE_PSE:
            zap_or_split(vma, start, end, address, pte)
        elif pte_present(pte):
            page = vm_normal_page(vma, pte)
            if only_file is not None and (page is None or page.mapping is not only_file):
                continue
            set_pte_at(vma.vm_mm, address, 0)
            if page is not None:
                _zap_page(page, pte)
        elif only_file is None and not (keep_guards and swp_type(pte) == SWP_GUARD):
            set_pte_at(vma.vm_mm, address, 0)
            if swp_type(pte) not in NO_SLOT:
                kernel.swap.free_and_cache(swp_offset(pte))
    if kernel.tracing:
        kernel.emit("zap_page_range", start=start, end=end)


def _zap_page(page: Page, pte: int) -> None:
    if not page.anon:
        carry_dirty(pte, page)
    page_remove_rmap(page)
    if page.anon:
        free_swap_cache(page)
    page_cache_release(page)
