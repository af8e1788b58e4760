"""Swap: slots on a device, and the cache of pages that are on their way out or just came back.

Source: mm/swapfile.c, mm/swap_state.c (2.6.39).
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from .compound import most_mapped
from .content import ZEROS, Content
from .page import (
    PG_dirty, PG_locked, PG_swapbacked, PG_swapcache, PG_uptodate, PG_writeback, Page, alloc_page, page_cache_get,
    page_cache_release,
)  # fmt: skip
from .pagelock import unlock_page

if TYPE_CHECKING:
    from .machine import Machine


class Swap:
    """``counts``: slot → page-table entries (and files) that refer to it; ``cache``: slot → page;
    ``device``: slot → content, once written. Slots count from 1; the lowest free one is taken (``unused``: those
    given back)."""

    def __init__(self, kernel: Machine, slots: int) -> None:
        self.kernel = kernel
        self.slots = slots
        self.counts: dict[int, int] = {}
        self.unused: list[int] = []
        self.cache: dict[int, Page] = {}
        self.device: dict[int, Content] = {}

    def get_slot(self) -> int | None:
        """A free slot with no entry yet, or None when swap is full."""
        if len(self.counts) >= self.slots:
            return None
        slot = heappop(self.unused) if self.unused else len(self.counts) + 1
        self.counts[slot] = 0
        return slot

    def duplicate(self, slot: int) -> None:
        """One more entry refers to the slot."""
        self.counts[slot] += 1
        self.kernel.swap_changed(slot)

    def free(self, slot: int) -> None:
        """One entry less; the slot is free when no entry and no cached page is left."""
        self.counts[slot] -= 1
        self._release_if_unused(slot)

    def free_and_cache(self, slot: int) -> None:
        """One entry less; a cached page that no entry needs any more leaves the swap cache, pinned or not.

        Source: mm/swapfile.c, free_swap_and_cache.
        """
        self.free(slot)
        page = self.cache.get(slot)
        if page is not None and self.counts[slot] == 0 and not page.mapcount and not page.flags & PG_locked:
            self.delete(page)
            page.flags |= PG_dirty

    def _release_if_unused(self, slot: int) -> None:
        if self.counts[slot] <= 0 and slot not in self.cache:
            del self.counts[slot]
            heappush(self.unused, slot)
            self.device.pop(slot, None)
        self.kernel.swap_changed(slot)

    def read(self, slot: int) -> Content:
        """What the device holds."""
        return self.device.get(slot, ZEROS)

    def add(self, page: Page) -> bool:
        """Enter a page of anonymous memory into the swap cache under a new slot; False when swap is full.

        Source: mm/swap_state.c, add_to_swap.
        """
        slot = self.get_slot()
        if slot is None:
            return False
        self._enter(page, slot)
        page.flags |= PG_dirty
        return True

    def _enter(self, page: Page, slot: int) -> None:
        page_cache_get(page)
        page.flags |= PG_swapcache
        page.private = slot
        self.cache[slot] = page
        self.kernel.swap_changed(slot)

    def delete(self, page: Page) -> None:
        """Take a page out of the swap cache; drops the cache's reference."""
        slot = page.private
        del self.cache[slot]
        page.flags &= ~PG_swapcache
        page.private = 0
        self._release_if_unused(slot)
        page_cache_release(page)

    def write(self, page: Page) -> None:
        """Write the page to its slot at once; it is clean afterwards. Source: mm/page_io.c, swap_writepage."""
        self.device[page.private] = page.content
        page.flags &= ~PG_dirty
        self.kernel.swap_changed(page.private)
        if self.kernel.tracing:
            self.kernel.emit("swap_writepage", pfn=page.pfn, slot=page.private)

    def read_async(self, slot: int) -> Page | None:
        """A page for the slot in the swap cache, locked while the device reads it; referenced. None: no memory.

        Source: mm/swap_state.c, read_swap_cache_async.
        """
        page = alloc_page(self.kernel)
        if page is None:
            return None
        page.flags |= PG_locked | PG_swapbacked
        self._enter(page, slot)
        if self.kernel.tracing:
            self.kernel.emit("swap_readpage", pfn=page.pfn, slot=slot)

        def arrived(page: Page) -> None:
            page.content = self.read(slot)
            page.flags |= PG_uptodate
            unlock_page(page)
            if not self.counts[slot]:
                free_swap_cache(page)

        if self.kernel.era.swap_cache_bypassed:
            arrived(page)
        else:
            self.kernel.disk.submit([page], arrived)
        return page

    @property
    def full(self) -> bool:
        """Half of the slots are in use. Source: include/linux/swap.h, vm_swap_full."""
        return len(self.counts) * 2 > self.slots


def try_to_free_swap(page: Page) -> bool:
    """Drop the swap-cache copy if no entry in swap refers to it any more; the page then must be kept dirty."""
    swap = page.kernel.swap
    if not page.flags & PG_swapcache or page.flags & PG_writeback or swap.counts[page.private] > 0:
        return False
    swap.delete(page)
    page.flags |= PG_dirty
    return True


def free_swap_cache(page: Page) -> None:
    """Drop the swap-cache copy of a page that was just unmapped for the last time."""
    if not page.mapcount and not page.flags & PG_locked:
        try_to_free_swap(page)


def reuse_swap_page(page: Page) -> bool:
    """Whether a writer may have this anonymous page to itself.

    Mappings and swap entries are counted, *references are not*: a pin does not stop a reuse, and that is how
    a pin can come to see another process's bytes. The swap-cache copy is dropped on the way.
    Source: mm/swapfile.c, reuse_swap_page.
    """
    count = most_mapped(page)
    if count <= 1 and page.flags & PG_swapcache:
        swap = page.kernel.swap
        count += swap.counts[page.private]
        if count == 1 and not page.flags & PG_writeback:
            swap.delete(page)
            page.flags |= PG_dirty
    return count <= 1
