"""A frame whose memory went bad: nobody may use it again.

Source: mm/memory-failure.c (2.6.39).
"""

from __future__ import annotations

from .filemap import remove_from_page_cache
from .huge_memory import split_huge_page
from .page import PG_dirty, PG_hwpoison, PG_swapcache, Page, page_cache_get
from .rmap import try_to_unmap


def memory_failure(page: Page) -> None:
    """Poison a frame: its mappings become poison entries, its file forgets it, and it is never freed again.

    In the swap cache it stays, so that whoever comes back for it is told."""
    if page.head is not None:
        split_huge_page(page.head)
    page.flags |= PG_hwpoison
    page_cache_get(page)
    page.pins += 1
    if page.mapcount:
        try_to_unmap(page, poison=True)
    if page.flags & PG_swapcache:
        page.flags &= ~PG_dirty
    elif page.mapping is not None and not page.anon:
        page.flags &= ~PG_dirty
        remove_from_page_cache(page)
    if page.kernel.tracing:
        page.kernel.emit("memory_failure", pfn=page.pfn)
