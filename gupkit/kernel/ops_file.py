"""Operations on files, by nobody in particular: what a shell on the same machine might do.

Source of each: the system call of the same name.
"""

from __future__ import annotations

from ..errors import GupkitError
from .content import PAGE_SIZE, filled
from .errno import Errno
from .filemap import Inode, add_to_page_cache, generic_file_read, generic_file_write, make_folios
from .machine import Machine
from .page import PG_dirty, PG_swapbacked, PG_uptodate, alloc_page, page_cache_release
from .page_writeback import filemap_flush, filemap_write_and_wait
from .truncate import invalidate_inode_pages2_range, invalidate_mapping_pages, vmtruncate


class FileOps(Machine):
    """Offsets of ranges are in pages, lengths in bytes unless said otherwise."""

    def file(self, name: str, fills: list[int], cached: bool = True, memfd: bool = False) -> Inode:
        """A new file of ``len(fills)`` pages, each full of one byte value; in the page cache unless ``cached`` is
        False. A memfd always is: it has no disk."""
        if name in self.files:
            raise GupkitError(f"there is a file {name!r} already: choose another name")
        if not all(byte in range(256) for byte in fills):
            raise GupkitError(f"file {name!r}: each page is given by one byte value, from 0 to 255")
        inode = self.files[name] = Inode(self, name, list(fills), memfd)
        for index in range(max(len(fills), 1)):
            self.cache_changed(inode, index)
        for index, byte in enumerate(fills if cached or memfd else ()):
            page = alloc_page(self, filled(byte))
            if page is None:
                raise GupkitError(f"file {name!r} does not fit into {self.zone.frames} frames: give the kernel more")
            page.flags |= PG_uptodate | (PG_dirty | PG_swapbacked if memfd else 0)
            add_to_page_cache(page, inode.mapping, index)
            page_cache_release(page)
        if cached:
            make_folios(inode, 0, len(fills))
        return inode

    def pread(self, file: Inode, offset: int, length: int = 1) -> bytes | Errno:
        """``length`` bytes from page ``offset``; fewer at the end of the file."""
        with self.running(None):
            return generic_file_read(file, offset * PAGE_SIZE, length)

    def pwrite(self, file: Inode, offset: int, data: bytes) -> int | Errno:
        """Write ``data`` at page ``offset``, growing the file if need be: bytes written."""
        with self.running(None):
            return generic_file_write(file, offset * PAGE_SIZE, data)

    def ftruncate(self, file: Inode, length: int) -> int:
        """Set the size to ``length`` bytes: 0. Pages beyond leave every mapping, pinned or not."""
        with self.running(None):
            return vmtruncate(file, length)

    def fsync(self, file: Inode) -> int:
        """Write every dirty page to disk and wait for it: 0."""
        with self.running(None):
            filemap_write_and_wait(file)
            return 0

    def writeback(self, file: Inode, offset: int = 0, pages: int | None = None) -> int:
        """The flusher writes ``pages`` pages from ``offset`` (all of the file by default): 0."""
        with self.running(None):
            filemap_write_and_wait(file, offset, pages)
            return 0

    def fadvise_dontneed(self, file: Inode, offset: int = 0, length: int = 0) -> int:
        """Drop clean, unmapped, unpinned cached pages of a range (``length`` 0: to the end): 0."""
        with self.running(None):
            end = offset + (length + PAGE_SIZE - 1) // PAGE_SIZE if length else file.pages
            filemap_flush(file, offset, end - offset)
            invalidate_mapping_pages(file.mapping, offset, end)
            return 0

    def drop_caches(self) -> int:
        """Drop every cached page that is clean, unmapped and unpinned: 0."""
        with self.running(None):
            for file in self.files.values():
                invalidate_mapping_pages(file.mapping, 0, max(file.mapping.pages, default=-1) + 1)
            return 0

    def invalidate_inode_pages2(self, file: Inode, offset: int = 0, pages: int | None = None) -> int | Errno:
        """Unmap and drop clean cached pages even if they are pinned: 0, or -EBUSY when a dirty one stayed."""
        with self.running(None):
            end = file.pages if pages is None else offset + pages
            return invalidate_inode_pages2_range(file.mapping, offset, end)

    def invalidate_mapping_pages(self, file: Inode, offset: int = 0, pages: int | None = None) -> int:
        """Drop cached pages nobody would miss: how many went."""
        with self.running(None):
            end = file.pages if pages is None else offset + pages
            return invalidate_mapping_pages(file.mapping, offset, end)
