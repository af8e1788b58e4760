"""Marking a page dirty: the promise that its content will reach the file or swap.

Source: mm/page-writeback.c (2.6.39), the half that needs no page tables.
"""

from __future__ import annotations

from .compound import page_count
from .page import PG_dirty, Page
from .pagelock import lock_page, unlock_page


def set_page_dirty(page: Page) -> bool:
    """Set the dirty flag; True if it was clean.

    A page that has lost its file (truncated, invalidated) gets the flag too, and nothing will ever read it.
    """
    if not page_count(page):
        page.kernel.debug.report("freed page touched", f"frame {page.pfn} is free and is marked dirty", taint=page)
    was_clean = not page.flags & PG_dirty
    page.flags |= PG_dirty
    if page.kernel.tracing:
        page.kernel.emit("set_page_dirty", pfn=page.pfn, was_clean=was_clean)
    return was_clean


def set_page_dirty_lock(page: Page) -> bool:
    """``set_page_dirty`` under the page lock, for holders who do not keep the inode alive otherwise. May sleep."""
    lock_page(page)
    try:
        return set_page_dirty(page)
    finally:
        unlock_page(page)
