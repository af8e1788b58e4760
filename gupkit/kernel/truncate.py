"""Taking pages out of a file: truncation, which asks nobody, and the two kinds of invalidation.

Source: mm/truncate.c, mm/memory.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .content import PAGE_SIZE
from .errno import Errno
from .filemap import AddressSpace, Inode, find_get_page, remove_from_page_cache, split_folio
from .page import (
    PG_active, PG_dirty, PG_locked, PG_writeback, Page, page_cache_get, page_cache_release,
)  # fmt: skip
from .pagelock import lock_page, trylock_page, unlock_page, wait_on_page_writeback
from .zap import zap_page_range

if TYPE_CHECKING:
    from .vma import VMA


def unmap_mapping_range(mapping: AddressSpace, start: int, count: int | None, *, even_cows: bool) -> None:
    """Unmap the pages ``[start, start + count)`` of a file (to its end when None) from every process.

    ``even_cows`` also throws away private copies: truncation does, invalidation does not.
    """
    for vma in list(mapping.i_mmap):
        first, last = _overlap(vma, start, count)
        if first < last:
            zap_page_range(vma, first, last, only_file=None if even_cows else mapping)


def _overlap(vma: VMA, start: int, count: int | None) -> tuple[int, int]:
    first = vma.vm_start + max(start - vma.vm_pgoff, 0) * PAGE_SIZE
    last = vma.vm_end if count is None else min(vma.vm_end, vma.vm_start + (start + count - vma.vm_pgoff) * PAGE_SIZE)
    return first, last


def vmtruncate(inode: Inode, length: int) -> int:
    """Set the size of a file to ``length`` bytes and drop whatever lies beyond, mapped, dirty or pinned.

    A pinned page keeps its frame and bytes and belongs to no file. Answers 0.
    Source: mm/truncate.c, truncate_setsize, truncate_inode_pages.
    """
    old, inode.size = inode.size, length
    inode.kernel.cache_changed(inode, 0)
    if length < old:
        _split_at(inode, length // PAGE_SIZE)
        truncate_range(inode, (length + PAGE_SIZE - 1) // PAGE_SIZE, None)
        _zero_tail(inode, length)
    return 0


def _split_at(inode: Inode, index: int) -> None:
    """A folio that the new end cuts is split, and on the way unmapped as a whole; private copies stay."""
    folio = split_folio(inode, index)
    if folio is not None:
        unmap_mapping_range(inode.mapping, *folio, even_cows=False)


def truncate_range(inode: Inode, first: int, end: int | None) -> None:
    """Drop the pages ``[first, end)`` of a file (to its end when None) from memory, disk and swap.

    Unmapped twice: a fault may have brought one back in between. Source: mm/truncate.c,
    truncate_inode_pages_range, vmtruncate_range.
    """
    count = None if end is None else end - first
    unmap_mapping_range(inode.mapping, first, count, even_cows=True)
    for page in _each_page(inode.mapping, first, end):
        _truncate_page(inode.mapping, page)
    unmap_mapping_range(inode.mapping, first, count, even_cows=True)
    _forget(inode, first, end)


def _each_page(mapping: AddressSpace, first: int, end: int | None) -> Iterator[Page]:
    """The cached pages of a range, each looked up when its turn comes: somebody may have taken it out by then."""
    for index in sorted(i for i in mapping.pages if i >= first and (end is None or i < end)):
        page = mapping.pages.get(index)
        if page is not None:
            yield page


def _truncate_page(mapping: AddressSpace, page: Page) -> None:
    """Under the page lock; while asleep for it, or for the disk, the page may have left the file."""
    page_cache_get(page)
    try:
        lock_page(page)
        wait_on_page_writeback(page)
        if page.mapping is mapping:
            page.flags &= ~(PG_dirty | PG_locked)
            remove_from_page_cache(page)
        unlock_page(page)
    finally:
        page_cache_release(page)


def _forget(inode: Inode, first: int, end: int | None) -> None:
    """Give back the blocks and swap slots of a range."""
    for index in [i for i in inode.disk if i >= first and (end is None or i < end)]:
        del inode.disk[index]
        inode.kernel.cache_changed(inode, index)
    for index in [i for i in inode.swapped if i >= first and (end is None or i < end)]:
        inode.kernel.swap.free(inode.swapped.pop(index))


def _zero_tail(inode: Inode, length: int) -> None:
    """What was cut off the last page must read as zeros if the file grows again."""
    index, offset = divmod(length, PAGE_SIZE)
    if not offset:
        return
    zeros = bytes(PAGE_SIZE - offset)
    page = inode.kernel.file_page(inode, index) if index in inode.swapped else find_get_page(inode.mapping, index)
    if page is not None:
        page.content = page.content.write(offset, zeros)
        page.flags |= PG_dirty
        page_cache_release(page)
    if index in inode.disk:
        inode.disk[index] = inode.disk[index].write(offset, zeros)
    inode.kernel.cache_changed(inode, index)


def invalidate_inode_pages2_range(mapping: AddressSpace, start: int, end: int) -> int | Errno:
    """Unmap and drop the pages ``[start, end)`` of a file, so that the next touch reads the disk again.

    References are not looked at: a pinned clean page leaves the file, and the next fault brings *another
    frame*. A page that is dirty stays (it is unmapped all the same), and the answer is -EBUSY.
    """
    ret: int | Errno = 0
    for page in _each_page(mapping, start, end):
        page_cache_get(page)
        try:
            lock_page(page)
            wait_on_page_writeback(page)
            if page.mapping is mapping:
                unmap_mapping_range(mapping, page.index, 1, even_cows=False)
                if not _invalidate_complete_page2(page):
                    ret = Errno.EBUSY
            unlock_page(page)
        finally:
            page_cache_release(page)
    return ret


def _invalidate_complete_page2(page: Page) -> bool:
    if page.flags & PG_dirty:
        return False
    remove_from_page_cache(page)
    return True


def invalidate_mapping_pages(mapping: AddressSpace, start: int, end: int) -> int:
    """Drop the cached pages of ``[start, end)`` that nobody would miss; answers how many went.

    Locked, dirty, mapped and pinned pages stay. This is what drop_caches and fadvise(DONTNEED) do.
    """
    dropped = 0
    for page in _each_page(mapping, start, end):
        if not trylock_page(page):
            continue
        page_cache_get(page)
        if not page.flags & (PG_writeback | PG_dirty) and not page.mapcount:
            dropped += _invalidate_complete_page(page)
        unlock_page(page)
        page_cache_release(page)
    return dropped


def _invalidate_complete_page(page: Page) -> bool:
    """remove_mapping: only the cache and the caller may hold the page. One that stays loses its place in line."""
    if page.count != 2:
        page.flags &= ~PG_active
        return False
    remove_from_page_cache(page)
    return True
