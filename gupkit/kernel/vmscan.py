"""Reclaim: unmap a page, put its content where it belongs, and free the frame if nobody holds it.

Source: mm/vmscan.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .filemap import remove_from_page_cache
from .huge_memory import split_huge_page
from .page import (
    PG_active, PG_dirty, PG_locked, PG_mlocked, PG_referenced, PG_reserved, PG_swapbacked, PG_swapcache,
    PG_uptodate, PG_writeback, Page, maybe_dma_pinned, page_cache_get, page_cache_release,
)  # fmt: skip
from .page_writeback import clear_page_dirty_for_io
from .pagelock import trylock_page, unlock_page
from .pgtable import _PAGE_DIRTY, pte_present, ptes
from .rmap import rmap_walk, try_to_unmap
from .zap import vm_normal_page

if TYPE_CHECKING:
    from .machine import Machine
    from .vma import VMA


def shrink_page(page: Page) -> bool:
    """Try to free one page; True if the frame is free afterwards.

    The page is unmapped *even if it is pinned*: only the very last steps, writing it out and letting the
    frame go, count references and stop. A pinned page so ends up unmapped in its cache, where the next fault
    finds the same frame. Source: mm/vmscan.c, shrink_page_list.
    """
    if page.flags & (PG_reserved | PG_mlocked | PG_writeback) or not page.count or not trylock_page(page):
        return False
    if page.head is not None and not split_huge_page(page.head):
        unlock_page(page)
        return False
    page_cache_get(page)
    page.flags &= ~(PG_active | PG_referenced)
    freed = _shrink_locked(page)
    if page.flags & PG_locked:
        unlock_page(page)
    page_cache_release(page)
    if page.kernel.tracing:
        page.kernel.emit("shrink_page_list", pfn=page.pfn, freed=freed)
    return freed


def _shrink_locked(page: Page) -> bool:
    if (page.mapping is None and not page.flags & PG_swapcache) or not page.flags & PG_uptodate:
        return False
    if page.anon and not page.flags & PG_swapbacked:
        return _discard_lazyfree(page)
    if page.anon and not page.flags & PG_swapcache and (not page.mapcount or not page.kernel.swap.add(page)):
        return False
    if page.mapcount and not try_to_unmap(page):
        return False
    if page.flags & PG_dirty and not _pageout(page):
        return False
    return _remove_mapping(page)


def _discard_lazyfree(page: Page) -> bool:
    """A page of MADV_FREE goes without a trace, unless it was written since: then it is ordinary memory again."""
    written = any(pte & _PAGE_DIRTY for _, _, pte in rmap_walk(page)) or page.flags & PG_dirty
    if written or page.count > page.mapcount + 1:
        page.flags |= PG_swapbacked
        return False
    unlock_page(page)
    return try_to_unmap(page)


def _freeable(page: Page) -> bool:
    """Only the cache and this function hold the page."""
    return page.count == 2


def _pageout(page: Page) -> bool:
    """Write a dirty page, unless somebody holds it: then it would only become dirty again."""
    if not _freeable(page):
        return False
    if page.flags & PG_swapcache:
        page.kernel.swap.write(page)
        return True
    inode = page.mapping.host
    if inode.memfd:
        return _shmem_writepage(page)
    clear_page_dirty_for_io(page)
    inode.disk[page.index] = page.content
    page.kernel.cache_changed(inode, page.index)
    return True


def _shmem_writepage(page: Page) -> bool:
    """Move a page of a memfd from its file to swap; the file keeps the slot. Source: mm/shmem.c."""
    inode, index, swap = page.mapping.host, page.index, page.kernel.swap
    slot = swap.get_slot()
    if slot is None:
        return False
    swap.device[slot] = page.content
    inode.swapped[index] = slot
    swap.duplicate(slot)
    page.flags &= ~PG_dirty
    return True


def _remove_mapping(page: Page) -> bool:
    """Take the page out of its cache if the cache and this function are its only holders.

    Source: mm/vmscan.c, __remove_mapping.
    """
    if not _freeable(page) or page.flags & PG_dirty:
        return False
    unlock_page(page)
    if page.flags & PG_swapcache:
        page.kernel.swap.delete(page)
    else:
        remove_from_page_cache(page)
    return True


def shrink_range(vma: VMA, start: int, end: int, spare_shared: bool = False) -> int:
    """Reclaim what a range maps; how many frames were freed. ``spare_shared``: not what others map too.

    Where a FOLL_PIN can be told from other references, a pinned page is left alone.
    """
    pages = []
    for _, pte in ptes(vma.vm_mm, start, end):
        page = vm_normal_page(vma, pte) if pte_present(pte) else None
        if page is None or (spare_shared and page.mapcount != 1):
            continue
        if not (vma.vm_mm.kernel.era.unshares and page.anon and maybe_dma_pinned(page)):
            pages.append(page)
    return sum(shrink_page(page) for page in dict.fromkeys(pages))


def shrink_zone(kernel: Machine, wanted: int) -> int:
    """Reclaim up to ``wanted`` frames, oldest allocation first; how many were freed.

    The real lists (active, inactive) age pages by use; the kit keeps the order of allocation, so that a
    scenario says the same every time.
    """
    freed = 0
    for page in sorted(kernel.zone.mem_map, key=_age):
        if freed >= wanted:
            break
        if page.count:
            freed += shrink_page(page)
    return freed


def _age(page: Page) -> tuple[bool, int]:
    return bool(page.flags & PG_active), page.serial
