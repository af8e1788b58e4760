"""Writing dirty pages to disk.

Source: mm/page-writeback.c, mm/filemap.c, fs/sync.c (2.6.39).
"""

from __future__ import annotations

from .filemap import Inode
from .page import PG_dirty, PG_locked, PG_writeback, Page, page_cache_get, page_cache_release
from .pagelock import lock_page, unlock_page, wait_on_page_writeback
from .rmap import page_mkclean
from .sched import Blocked


def clear_page_dirty_for_io(page: Page) -> bool:
    """Clean page and entries before its content is taken; True if there was something to write.

    Every shared mapping is write-protected, so that a later store is noticed. A store through a pin is not:
    no entry is involved, and whoever made it must say so with ``set_page_dirty``.
    """
    if page_mkclean(page):
        page.flags |= PG_dirty
    was_dirty = bool(page.flags & PG_dirty)
    page.flags &= ~PG_dirty
    return was_dirty


def writepage(page: Page) -> None:
    """Start writing a locked page: its content as of now goes to disk, it is under writeback till then."""
    kernel = page.kernel
    inode, index, content = page.mapping.host, page.index, page.content
    page.flags |= PG_writeback
    unlock_page(page)
    if kernel.tracing:
        kernel.emit("writepage", file=inode.name, index=index, pfn=page.pfn)

    def written(page: Page) -> None:
        inode.disk[index] = content
        page.flags &= ~PG_writeback
        kernel.cache_changed(inode, index)
        page_cache_release(page)

    page_cache_get(page)
    kernel.disk.submit([page], written)


def filemap_write_and_wait(inode: Inode, start: int = 0, count: int | None = None) -> None:
    """Write the dirty pages of a range (in pages; all by default) and sleep until the disk has them.

    Source: mm/filemap.c, filemap_write_and_wait_range. A memfd has no disk: nothing happens.
    """
    batch = filemap_flush(inode, start, count)
    for page in batch:
        wait_on_page_writeback(page)


def filemap_flush(inode: Inode, start: int = 0, count: int | None = None) -> list[Page]:
    """Start writing the dirty pages of a range and do not wait; the pages of the range."""
    if inode.memfd:
        return []
    end = inode.pages if count is None else start + count
    batch = [page for index, page in sorted(inode.mapping.pages.items()) if start <= index < end]
    for page in batch:
        if page.flags & PG_dirty:
            _write_one(page)
    return batch


def _write_one(page: Page) -> None:
    page_cache_get(page)
    try:
        lock_page(page)
    except Blocked:
        page_cache_release(page)
        raise
    wait_on_page_writeback(page)
    if page.mapping is not None and clear_page_dirty_for_io(page):
        writepage(page)
    if page.flags & PG_locked:
        unlock_page(page)
    page_cache_release(page)
