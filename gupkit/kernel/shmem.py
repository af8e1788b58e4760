"""Memory that is a file: memfd, tmpfs, and shared anonymous mappings.

Its pages live in a page cache with no disk behind it; pushed out, they go to swap and the file keeps the slot.
Source: mm/shmem.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .filemap import Inode, add_to_page_cache, find_get_page
from .flags import VM_FAULT_LOCKED, VM_FAULT_MAJOR, VM_FAULT_OOM, VM_FAULT_SIGBUS
from .page import PG_dirty, PG_swapbacked, PG_uptodate, Page, alloc_page, page_cache_release
from .pagelock import lock_page
from .sched import Blocked

if TYPE_CHECKING:
    from .vma import VMA


def shmem_getpage(inode: Inode, index: int) -> tuple[int, Page | None]:
    """The page, referenced: from the cache, from swap (VM_FAULT_MAJOR), or fresh and full of zeros."""
    page = find_get_page(inode.mapping, index)
    if page is not None:
        return 0, page
    ret = 0
    page = alloc_page(inode.kernel)
    if page is None:
        return VM_FAULT_OOM, None
    slot = inode.swapped.pop(index, None)
    if slot is not None:
        ret = VM_FAULT_MAJOR
        page.content = inode.kernel.swap.read(slot)
        inode.kernel.swap.free(slot)
        page.flags |= PG_dirty
    page.flags |= PG_uptodate | PG_swapbacked
    add_to_page_cache(page, inode.mapping, index)
    return ret, page


def shmem_fault(vma: VMA, pgoff: int, flags: int) -> tuple[int, Page | None]:
    """Like ``filemap_fault``; it waits for a locked page whatever the flags say: nonblocking is not honoured."""
    inode = vma.vm_file
    assert inode is not None
    if pgoff >= inode.pages:
        return VM_FAULT_SIGBUS, None
    ret, page = shmem_getpage(inode, pgoff)
    if page is None:
        return ret, None
    try:
        lock_page(page)
    except Blocked:
        page_cache_release(page)
        raise
    return ret | VM_FAULT_LOCKED, page
