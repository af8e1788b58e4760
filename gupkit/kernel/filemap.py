"""The page cache: files, their cached pages, faults on them, and reading and writing through it.

Source: mm/filemap.c, mm/readahead.c, include/linux/fs.h (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .content import PAGE_SIZE, ZEROS, Content, filled
from .dirty import set_page_dirty
from .errno import Errno
from .flags import (
    FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_RETRY_NOWAIT, VM_FAULT_LOCKED, VM_FAULT_MAJOR, VM_FAULT_OOM, VM_FAULT_RETRY,
    VM_FAULT_SIGBUS, VM_RAND_READ,
)  # fmt: skip
from .page import (
    PG_locked, PG_lru, PG_readahead, PG_uptodate, Page, alloc_page, mark_page_accessed, page_cache_get,
    page_cache_release,
)  # fmt: skip
from .pagelock import lock_page, lock_page_or_retry, unlock_page, wait_on_page_locked
from .sched import Blocked

if TYPE_CHECKING:
    from .machine import Machine
    from .vma import VMA


class AddressSpace:
    """The cached pages of one file by page number (``pages``), and the VMAs that map it (``i_mmap``)."""

    is_anon = False

    def __init__(self, host: Inode) -> None:
        self.host = host
        self.pages: dict[int, Page] = {}
        self.i_mmap: list[VMA] = []


class Inode:
    """A file: ``size`` in bytes, what the disk holds by page number, and its page cache (``mapping``).

    A memfd has no disk: pages pushed out of memory leave a swap slot in ``swapped``. ``window`` is what was
    last read ahead of mappings, as (first page, pages); the kit opens each file once. ``folios`` tells for each
    page that is part of one which: (first page, pages). An ``unlinked`` file
    has no name and goes with its last mapping.
    """

    def __init__(self, kernel: Machine, name: str, fills: list[int], memfd: bool) -> None:
        self.kernel = kernel
        self.name = name
        self.memfd = memfd
        self.size = len(fills) * PAGE_SIZE
        self.disk: dict[int, Content] = {} if memfd else {i: filled(b) for i, b in enumerate(fills)}
        self.swapped: dict[int, int] = {}
        self.mapping = AddressSpace(self)
        self.last_read = -1
        self.window = (0, 0)
        self.folios: dict[int, tuple[int, int]] = {}
        self.unlinked = False

    @property
    def pages(self) -> int:
        """Size in pages, the last one perhaps not full."""
        return (self.size + PAGE_SIZE - 1) // PAGE_SIZE

    def __repr__(self) -> str:
        return f"<file {self.name}>"


def find_get_page(mapping: AddressSpace, index: int) -> Page | None:
    """The cached page with one more reference, or None."""
    page = mapping.pages.get(index)
    if page is not None:
        page_cache_get(page)
    return page


def add_to_page_cache(page: Page, mapping: AddressSpace, index: int) -> None:
    """Enter a page: the cache holds a reference of its own."""
    page_cache_get(page)
    page.mapping = mapping
    page.index = index
    page.flags |= PG_lru
    mapping.pages[index] = page
    page.kernel.cache_changed(mapping.host, index)


def make_folios(inode: Inode, first: int, end: int) -> None:
    """Pages written in one go come as folios in eras that have them: the largest aligned powers of two that fit."""
    if inode.memfd or not inode.kernel.era.file_folios:
        return
    while first < end:
        size = min(first & -first or 1 << 10, 1 << (end - first).bit_length() - 1)
        if size > 1:
            inode.folios.update(dict.fromkeys(range(first, first + size), (first, size)))
        first += size


def split_folio(inode: Inode, index: int) -> tuple[int, int] | None:
    """Make single pages of the folio that ``index`` lies in: (first page, pages), or None if it was one already."""
    folio = inode.folios.get(index)
    if folio is not None:
        for i in range(folio[0], folio[0] + folio[1]):
            del inode.folios[i]
    return folio


def remove_from_page_cache(page: Page) -> None:
    """Take a page out of its file; holders keep the frame, which belongs to no file from here on.

    Drops the cache's reference.
    """
    mapping = page.mapping
    del mapping.pages[page.index]
    split_folio(mapping.host, page.index)
    page.mapping = None
    page.kernel.cache_changed(mapping.host, page.index)
    if page.kernel.tracing:
        page.kernel.emit("remove_from_page_cache", file=mapping.host.name, index=page.index, pfn=page.pfn)
    page_cache_release(page)


def read_pages(inode: Inode, start: int, count: int) -> None:
    """Ask the disk for the uncached pages of a window; they enter the cache locked and arrive together."""
    pages = []
    for index in range(max(start, 0), min(start + count, inode.pages)):
        if index in inode.mapping.pages:
            continue
        page = alloc_page(inode.kernel)
        if page is None:
            break
        page.flags |= PG_locked
        add_to_page_cache(page, inode.mapping, index)
        page_cache_release(page)
        pages.append(page)
    if pages:
        start_read(inode, pages)


def do_sync_mmap_readahead(vma: VMA, inode: Inode, pgoff: int) -> None:
    """Read a cold page and, without MADV_RANDOM, its surroundings: half a window before it, half after.

    The first page of a file that was not read yet looks like the start of a sequence: its window is marked,
    and the next one is read as soon as somebody touches the mark.
    """
    if vma.vm_flags & VM_RAND_READ:
        read_pages(inode, pgoff, 1)
    else:
        start = max(pgoff - inode.kernel.era.readaround_pages // 2, 0)
        read_window(inode, start, marked=pgoff == 0 and inode.last_read < 0)


def read_window(inode: Inode, start: int, marked: bool) -> None:
    """Read a window of pages ahead; touching a marked one reads the next."""
    inode.window = (start, inode.kernel.era.readaround_pages)
    read_pages(inode, *inode.window)
    first = inode.mapping.pages.get(start)
    if marked and first is not None:
        first.flags |= PG_readahead


def start_read(inode: Inode, pages: list[Page]) -> None:
    """Start reading locked pages from disk; holes of the file are zeros at once.

    Source: the readpage method of the file system.
    """
    kernel = inode.kernel
    if kernel.tracing:
        kernel.emit("readpage", file=inode.name, index=[page.index for page in pages])

    def arrived(page: Page) -> None:
        page.content = inode.disk.get(page.index, ZEROS)
        page.flags |= PG_uptodate
        unlock_page(page)

    for page in pages:
        if page.index not in inode.disk:
            arrived(page)
    on_disk = [page for page in pages if page.index in inode.disk]
    if on_disk:
        kernel.disk.submit(on_disk, arrived)


def filemap_fault(vma: VMA, pgoff: int, flags: int) -> tuple[int, Page | None]:
    """Find or read the page behind a fault; answers VM_FAULT bits and the page, locked and referenced.

    Beyond the end of the file: SIGBUS. Major only if this very fault had to start the read: waiting for
    somebody else's read counts as minor. Source: mm/filemap.c, filemap_fault.
    """
    inode = vma.vm_file
    assert inode is not None
    if pgoff >= inode.pages:
        return VM_FAULT_SIGBUS, None
    cached = inode.mapping.pages.get(pgoff)
    ret = 0
    if cached is None:
        ret = VM_FAULT_MAJOR
        do_sync_mmap_readahead(vma, inode, pgoff)
        if inode.kernel.era.cold_fault_retries and _goes_round(inode, pgoff, flags):
            vma.vm_mm.mmap_sem.up_read()
            return ret | VM_FAULT_RETRY, None
    elif cached.flags & PG_readahead and not vma.vm_flags & VM_RAND_READ:
        cached.flags &= ~PG_readahead
        read_window(inode, sum(inode.window), marked=True)
    while True:
        page = find_get_page(inode.mapping, pgoff)
        if page is None:
            return VM_FAULT_OOM, None
        try:
            if not lock_page_or_retry(page, vma.vm_mm, flags):
                page_cache_release(page)
                return ret | VM_FAULT_RETRY, None
        except Blocked:
            page_cache_release(page)
            raise
        if page.mapping is not inode.mapping:
            unlock_page(page)
            page_cache_release(page)
            read_pages(inode, pgoff, 1)
        elif not page.flags & PG_uptodate:
            start_read(inode, [page])
            wait_on_page_locked(page)
            page_cache_release(page)
        elif pgoff >= inode.pages:
            unlock_page(page)
            page_cache_release(page)
            return VM_FAULT_SIGBUS, None
        else:
            return ret | VM_FAULT_LOCKED, page


def _goes_round(inode: Inode, pgoff: int, flags: int) -> bool:
    """A read that ended at once sends its fault round again all the same; any other does so for its lock."""
    page = inode.mapping.pages.get(pgoff)
    may = flags & (FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT) == FAULT_FLAG_ALLOW_RETRY
    return may and page is not None and not page.flags & PG_locked


def cached_page(inode: Inode, index: int) -> Page | None:
    """The up-to-date page for a read system call, with a reference; reads ahead when it was cold.

    None when memory ran out. Source: mm/filemap.c, do_generic_file_read; mm/readahead.c, ondemand_readahead.
    """
    if index not in inode.mapping.pages:
        window = inode.kernel.era.read_window_pages if index in (0, inode.last_read + 1) else 1
        read_pages(inode, index, window)
    inode.last_read = index
    page = find_get_page(inode.mapping, index)
    if page is None:
        return None
    try:
        wait_on_page_locked(page)
    except Blocked:
        page_cache_release(page)
        raise
    if not page.flags & PG_uptodate:
        page.flags |= PG_locked
        start_read(inode, [page])
        wait_on_page_locked(page)
    mark_page_accessed(page)
    return page


def generic_file_read(inode: Inode, position: int, length: int) -> bytes | Errno:
    """``length`` bytes from ``position`` (both in bytes), fewer at the end of the file."""
    out = b""
    end = min(position + length, inode.size)
    while position < end:
        index, offset = divmod(position, PAGE_SIZE)
        chunk = min(PAGE_SIZE - offset, end - position)
        page = inode.kernel.file_page(inode, index)
        if page is None:
            return Errno.ENOMEM
        out += page.content.read(offset, chunk)
        page_cache_release(page)
        position += chunk
    return out


def generic_file_write(inode: Inode, position: int, data: bytes) -> int | Errno:
    """Write through the cache: the pages become dirty, the disk learns of it at writeback. Grows the file."""
    done = 0
    fresh = [i for i in range(position // PAGE_SIZE, (position + len(data) - 1) // PAGE_SIZE + 1)
             if i not in inode.mapping.pages and i >= inode.pages]  # fmt: skip
    while done < len(data):
        index, offset = divmod(position + done, PAGE_SIZE)
        chunk = data[done : done + PAGE_SIZE - offset]
        page = _page_to_write(inode, index, whole=len(chunk) == PAGE_SIZE)
        if page is None:
            return done or Errno.ENOMEM
        lock_page(page)
        page.content = page.content.write(offset, chunk)
        page.flags |= PG_uptodate
        set_page_dirty(page)
        unlock_page(page)
        page_cache_release(page)
        done += len(chunk)
        inode.size = max(inode.size, position + done)
        inode.kernel.cache_changed(inode, index)
    if fresh:
        make_folios(inode, fresh[0], fresh[-1] + 1)
    return done


def _page_to_write(inode: Inode, index: int, whole: bool) -> Page | None:
    """The page to change: read first if some of the old content stays, new where the file had none."""
    if index in inode.mapping.pages or index in inode.swapped or (index < inode.pages and not whole):
        return inode.kernel.file_page(inode, index)
    page = alloc_page(inode.kernel)
    if page is not None:
        page.flags |= PG_uptodate
        add_to_page_cache(page, inode.mapping, index)
    return page
