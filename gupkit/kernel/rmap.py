"""From a frame back to the entries that map it.

Source: mm/rmap.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from .dirty import set_page_dirty
from .flags import VM_LOCKED, VM_SHARED
from .page import PG_anon_exclusive, PG_hwpoison, PG_swapbacked, PG_swapcache, Page, page_cache_release
from .pgtable import (
    _PAGE_DIRTY, _PAGE_RW, PAGE_SHIFT, SWP_HWPOISON, pte_at, pte_mkclean, pte_pfn, pte_present, pte_wrprotect,
    set_pte_at, swp_entry,
)  # fmt: skip
from .vma import VMA


class AnonVma:
    """The VMAs that may map a set of anonymous pages: a VMA, its pieces, and its copies in forked children."""

    is_anon = True

    def __init__(self) -> None:
        self.vmas: list[VMA] = []


def anon_vma_prepare(vma: VMA) -> None:
    """Give a VMA its anon_vma before its first anonymous page; a neighbour's serves where both could merge."""
    if vma.anon_vma is None:
        vma.anon_vma = _neighbour_anon_vma(vma) or AnonVma()
        vma.anon_vma.vmas.append(vma)


def _neighbour_anon_vma(vma: VMA) -> AnonVma | None:
    """What find_mergeable_anon_vma answers: rights may differ now, an mprotect may make them equal."""
    mmap = vma.vm_mm.mmap
    if vma not in mmap:  # freed under a walk that does not hold the lock
        return None
    index = mmap.index(vma)
    for low, high in ((vma, _at(mmap, index + 1)), (_at(mmap, index - 1), vma)):
        other = high if low is vma else low
        if low is None or high is None or other is None or other.anon_vma is None:
            continue
        linear = high.vm_pgoff - low.vm_pgoff == high.vm_start - low.vm_start >> PAGE_SHIFT
        if low.vm_end == high.vm_start and low.vm_file is high.vm_file and linear:
            return other.anon_vma
    return None


def _at(mmap: list[VMA], index: int) -> VMA | None:
    return mmap[index] if 0 <= index < len(mmap) else None


def vma_address(page: Page, vma: VMA) -> int | None:
    """Where ``vma`` would map ``page``, or None if that lies outside of it."""
    address = vma.vm_start + (page.index - vma.vm_pgoff << PAGE_SHIFT)
    return address if vma.vm_start <= address < vma.vm_end else None


def rmap_walk(page: Page) -> Iterator[tuple[VMA, int, int]]:
    """Each (VMA, address, entry) that maps the page now."""
    mapping = page.mapping
    if mapping is None:
        return
    for vma in list(mapping.vmas if mapping.is_anon else mapping.i_mmap):
        address = vma_address(page, vma)
        if address is None:
            continue
        pte = pte_at(vma.vm_mm, address)
        if pte_present(pte) and pte_pfn(pte) == page.pfn:
            yield vma, address, pte


def page_add_new_anon_rmap(page: Page, vma: VMA, address: int) -> None:
    """First mapping of a fresh anonymous page."""
    page.flags |= PG_swapbacked
    set_exclusive(page)
    page_add_anon_rmap(page, vma, address)


def set_exclusive(page: Page) -> None:
    """Mark a page as one process's own, in eras that have the mark."""
    if page.kernel.era.marks_exclusive:
        page.flags |= PG_anon_exclusive


def page_add_anon_rmap(page: Page, vma: VMA, address: int) -> None:
    """One more entry maps an anonymous page; an unmapped one joins the VMA's anon_vma."""
    if page.mapcount == 0:
        page.mapping = vma.anon_vma
        page.index = vma.vm_pgoff + (address - vma.vm_start >> PAGE_SHIFT)
    page.mapcount += 1


def page_add_file_rmap(page: Page) -> None:
    """One more entry maps a page of a file."""
    page.mapcount += 1


def page_remove_rmap(page: Page) -> None:
    """One entry less."""
    page.mapcount -= 1


def carry_dirty(pte: int, page: Page) -> None:
    """Carry the entry's dirty bit over to the page before the entry goes."""
    if pte & _PAGE_DIRTY:
        set_page_dirty(page)


def try_to_unmap(page: Page, *, poison: bool = False) -> bool:
    """Take the page out of every table; False if a locked VMA forbids it.

    Anonymous pages leave their swap slot behind, poisoned ones a poison entry, file pages nothing.
    References, and so pins, are not looked at. Source: mm/rmap.c, try_to_unmap_one.
    """
    mappings = list(rmap_walk(page))
    if not poison and any(vma.vm_flags & VM_LOCKED for vma, _, _ in mappings):
        return False
    for vma, address, pte in mappings:
        carry_dirty(pte, page)
        set_pte_at(vma.vm_mm, address, _left_behind(page, poison))
        page_remove_rmap(page)
        page_cache_release(page)
    if page.kernel.tracing:
        page.kernel.emit("try_to_unmap", pfn=page.pfn, mappings=len(mappings))
    return True


def _left_behind(page: Page, poison: bool) -> int:
    if poison and page.flags & PG_hwpoison:
        return swp_entry(page.pfn, SWP_HWPOISON)
    if page.flags & PG_swapcache:
        page.kernel.swap.duplicate(page.private)
        return swp_entry(page.private)
    return 0


def page_mkclean(page: Page) -> bool:
    """Write-protect and clean the page in every shared mapping; True if an entry was dirty or writable.

    The next write through a mapping faults and dirties the page again; a write through a pin does not.
    """
    cleaned = False
    for vma, address, pte in rmap_walk(page):
        if vma.vm_flags & VM_SHARED and pte & (_PAGE_DIRTY | _PAGE_RW):
            set_pte_at(vma.vm_mm, address, pte_mkclean(pte_wrprotect(pte)))
            cleaned = True
    return cleaned
