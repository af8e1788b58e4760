"""struct page, the page allocator, and the references that keep a frame alive.

Source: include/linux/mm_types.h, include/linux/page-flags.h, mm/page_alloc.c, mm/swap.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .compound import HPAGE_NR, free_huge_page, get_compound, put_compound
from .content import POISON, ZEROS, Content

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct

PG_locked = 1 << 0
PG_referenced = 1 << 2
PG_uptodate = 1 << 3
PG_dirty = 1 << 4
PG_lru = 1 << 5
PG_active = 1 << 6
PG_reserved = 1 << 10
PG_writeback = 1 << 13
PG_swapcache = 1 << 16
PG_readahead = 1 << 18
PG_swapbacked = 1 << 19
PG_mlocked = 1 << 21
PG_hugetlb = 1 << 22
PG_hwpoison = 1 << 23
PG_anon_exclusive = 1 << 24
"""Mapped by one process only, and so its to write (from 5.19 on)."""

FLAG_NAMES = {
    PG_locked: "locked", PG_referenced: "referenced", PG_uptodate: "uptodate", PG_dirty: "dirty", PG_lru: "lru",
    PG_active: "active", PG_reserved: "reserved", PG_writeback: "writeback", PG_swapcache: "swapcache",
    PG_swapbacked: "swapbacked", PG_mlocked: "mlocked", PG_hwpoison: "hwpoison", PG_hugetlb: "hugetlb",
    PG_anon_exclusive: "exclusive",
}  # fmt: skip

FIRST_PFN = 0x1000
"""The first page frame number handed out; below it lies what no allocator owns (the zero page is one lower)."""


class Page:
    """A frame's descriptor (struct page).

    ``count`` is the number of references: page-table entries, page cache, swap cache and holders outside of
    those. The last are counted again in ``pins``, which the real struct does not have: it is how the kit can
    say whose a reference is; ``dma_pins`` of them were taken with FOLL_PIN and count for more. ``mapcount`` is the
    number of entries that map the frame (the real field starts at -1; this one at 0). ``index`` is the page number
    within ``mapping``. ``private`` is the swap slot while the page is in the swap cache. ``serial`` tells one use
    of a frame from the next. ``head`` is the head of the compound page that this one is part of (the head's own
    included), which counts for all of it: ``compound_mapcount`` entries map the whole, ``pincount`` FOLL_PINs hold it.
    """

    __slots__ = (
        "compound_mapcount", "content", "count", "dma_pins", "flags", "head", "index", "kernel", "mapcount", "mapping",
        "pfn", "pincount", "pins", "private", "serial",
    )  # fmt: skip

    def __init__(self, kernel: Machine, pfn: int) -> None:
        self.kernel = kernel
        self.pfn = pfn
        self.flags = 0
        self.count = 0
        self.mapcount = 0
        self.pins = 0
        self.dma_pins = 0
        self.mapping: Any = None
        self.index = 0
        self.private = 0
        self.serial = 0
        self.content: Content = ZEROS
        self.head: Page | None = None
        self.compound_mapcount = 0
        self.pincount = 0

    def restart(self) -> None:
        """Forget the last use of the frame: whoever still points to it now sees its next owner."""
        self.flags = 0
        self.mapcount = self.pins = self.dma_pins = self.index = self.private = 0
        self.mapping = None

    @property
    def anon(self) -> bool:
        """PageAnon: belongs to anonymous memory (and still says so after the last unmap)."""
        return self.mapping is not None and self.mapping.is_anon

    def __repr__(self) -> str:
        return f"<page {self.pfn} count={self.count} mapcount={self.mapcount}>"


class Zone:
    """The frames of the machine: which are free, in the order they will be handed out.

    A frame just freed is the first to be handed out again, as the per-CPU free lists do.
    ``fail_after`` n makes exactly the n-th data page allocation from now fail.
    """

    def __init__(self, kernel: Machine, frames: int) -> None:
        self.kernel = kernel
        self.frames = frames
        self.mem_map: list[Page] = []
        self.free: list[Page] = []
        self.free_huge: list[Page] = []
        self.fail_after = 0
        self.serial = 0

    @property
    def nr_free(self) -> int:
        """Frames nobody uses."""
        return self.frames - len(self.mem_map) + len(self.free) + len(self.free_huge) * HPAGE_NR

    def page(self, pfn: int) -> Page:
        """pfn_to_page."""
        return self.mem_map[pfn - FIRST_PFN] if pfn >= FIRST_PFN else self.kernel.low_pages[pfn]

    def take(self) -> Page:
        """A free frame: the one freed last, else one never used, else one out of a free huge page."""
        if not self.free and len(self.mem_map) == self.frames:
            head = self.free_huge.pop()
            self.free += [self.page(head.pfn + i) for i in reversed(range(HPAGE_NR))]
        if not self.free:
            return self.new_page()
        page = self.free.pop()
        page.restart()
        return page

    def take_huge(self) -> Page | None:
        """512 aligned frames in a row, the first of them; None if there are none left."""
        if self.free_huge:
            return self.free_huge.pop()
        gap = -len(self.mem_map) % HPAGE_NR
        if self.frames - len(self.mem_map) < gap + HPAGE_NR:
            return None
        self.free[:0] = [self.new_page() for _ in range(gap)]
        return [self.new_page() for _ in range(HPAGE_NR)][0]

    def new_page(self) -> Page:
        """The descriptor of a frame never used before."""
        page = Page(self.kernel, FIRST_PFN + len(self.mem_map))
        self.kernel.watch_page(page)
        self.mem_map.append(page)
        return page


def alloc_page(kernel: Machine, content: Content = ZEROS) -> Page | None:
    """A free frame with one reference and the given content, or None when there is none (OOM).

    Memory is reclaimed first when the machine has run out. Source: mm/page_alloc.c, alloc_pages.
    """
    zone = kernel.zone
    if zone.fail_after:
        zone.fail_after -= 1
        if not zone.fail_after:
            return None
    if not zone.nr_free and not kernel.direct_reclaim():
        return None
    page = zone.take()
    zone.serial += 1
    page.serial = zone.serial
    page.count = 1
    page.content = content
    return page


def free_page(page: Page) -> None:
    """Give the frame back to the free list, whoever may still believe to own it.

    A page that is still mapped, or still in a file's cache, is a bad page: the kernel complains and never uses
    the frame again. Source: mm/page_alloc.c, free_hot_cold_page, free_pages_check, bad_page.
    """
    kernel = page.kernel
    if page.head is not None:
        free_huge_page(page)
        return
    if page.mapcount or page.flags & PG_locked or (page.mapping is not None and not page.anon):
        kernel.debug.report(
            "bad page state", f"frame {page.pfn} freed while mapped {page.mapcount} times", taint=page
        )
        return
    if kernel.debug.enabled:
        page.content = POISON
    page.flags = 0
    kernel.zone.free.append(page)
    if kernel.tracing:
        kernel.emit("free_page", pfn=page.pfn)


def write_page(page: Page, offset: int, data: bytes, mm: MmStruct | None, address: int = 0) -> None:
    """Change bytes of a page in somebody's name: ``mm`` and the user address it was reached by, None for whoever
    holds a pin. Copies, and what the disk brings, are nobody's writes."""
    on_write = page.kernel.on_write
    if on_write is not None:
        on_write(page, mm, address)
    page.content = page.content.write(offset, data)


def get_page(page: Page) -> None:
    """Take a reference from outside the page tables and caches: a pin.

    Source: include/linux/mm.h, get_page.
    """
    if page.head is not None:
        get_compound(page)
        return
    page.count += 1
    page.pins += 1


def pin_page(page: Page) -> None:
    """Take a reference with FOLL_PIN, so that the page can be told to be in a device's hands.

    The zero page is not pinned at all by eras that have the exclusive mark. Source: mm/gup.c, try_grab_folio.
    """
    era = page.kernel.era
    if era.unshares and page is page.kernel.zero_page:
        return
    page.dma_pins += 1
    if page.head is not None:
        get_compound(page)
        page.head.pincount += 1
        return
    page.count += era.pin_bias
    page.pins += 1


def unpin_user_page(page: Page) -> None:
    """Give back a reference taken with FOLL_PIN. Source: mm/gup.c, unpin_user_page."""
    era = page.kernel.era
    if era.unshares and page is page.kernel.zero_page:
        return
    if page.dma_pins <= 0:
        put_page(page)
        return
    page.dma_pins -= 1
    if page.head is not None:
        page.head.pincount -= 1
    else:
        page.count -= era.pin_bias - 1
    put_page(page)


def maybe_dma_pinned(page: Page) -> bool:
    """The count is so high that a FOLL_PIN must be in it: never wrong when it says no.

    Source: include/linux/mm.h, folio_maybe_dma_pinned.
    """
    if page.head is not None:
        return page.head.pincount > 0
    bias = page.kernel.era.pin_bias
    return bool(bias) and page.count >= bias


def put_page(page: Page) -> None:
    """Give back one reference taken by ``get_page`` or by ``__get_user_pages``; the last one frees the frame.

    A put too many really takes away somebody else's reference. Source: mm/swap.c, put_page.
    """
    kernel = page.kernel
    if page.pins <= 0:
        kernel.debug.report(
            "double put", f"frame {page.pfn} is put by somebody who holds no reference to it", taint=page
        )
    if page.head is not None:
        put_compound(page)
    else:
        page.pins -= 1
    if kernel.tracing:
        kernel.emit("put_page", pfn=page.pfn, count=(page.head or page).count - 1)
    page_cache_release(page)


def page_cache_get(page: Page) -> None:
    """Take a reference on behalf of a page table, a cache, or the running kernel function."""
    (page.head or page).count += 1


def page_cache_release(page: Page) -> None:
    """Drop a reference; the last one frees the frame."""
    page = page.head or page
    page.count -= 1
    if page.count == 0:
        free_page(page)
    elif page.count < 0:
        page.count = 0
        page.kernel.debug.report("freed page touched", f"frame {page.pfn} is free already", taint=page)


def mark_page_accessed(page: Page) -> None:
    """Move the page one step up: referenced, then active. Source: mm/swap.c, mark_page_accessed."""
    flags = page.flags
    if not flags & PG_referenced:
        page.flags = flags | PG_referenced
    elif not flags & PG_active and flags & PG_lru:
        page.flags = (flags | PG_active) & ~PG_referenced
