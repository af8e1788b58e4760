"""Reading and writing files without the page cache, straight from and to pinned user pages.

Source: fs/direct-io.c; mm/filemap.c generic_file_direct_write (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .content import ZEROS
from .dirty import set_page_dirty_lock
from .errno import Errno
from .filemap import Inode
from .flags import FOLL_GET, FOLL_PIN, FOLL_WRITE
from .gup_fast import gup_fast
from .page import Page, unpin_user_page, write_page
from .page_writeback import filemap_write_and_wait
from .pgtable import PAGE_MASK, PAGE_SIZE
from .truncate import invalidate_inode_pages2_range

if TYPE_CHECKING:
    from .machine import Machine

SECTOR = 512


def direct_read(machine: Machine, address: int, length: int, inode: Inode, position: int) -> int | Errno:
    """The disk writes into user memory: the pages are pinned *for writing* until it has.

    Bytes read, -EINVAL (unaligned, or a file without a disk) or -EFAULT.
    """
    if length % SECTOR:
        return Errno.EINVAL
    length = min(length, max(inode.size - position, 0))
    pages = _pin(machine, address, length, inode, position, write=1)
    if isinstance(pages, Errno):
        return pages
    machine.schedule("direct_io", file=inode.name)
    machine.advance(machine.clock + machine.disk.latency)
    done = 0
    try:
        for page in pages:
            offset = (address + done) % PAGE_SIZE
            chunk = min(PAGE_SIZE - offset, length - done)
            data = _disk_read(inode, position + done, chunk)
            write_page(page, offset, data, machine.running_task().mm, address + done)
            set_page_dirty_lock(page)
            done += chunk
    finally:
        for page in pages:
            unpin_user_page(page)
    return done


def direct_write(machine: Machine, address: int, length: int, inode: Inode, position: int) -> int | Errno:
    """The disk reads from user memory; cached pages of the range are invalidated before and after.

    Bytes written, or an error as in :func:`direct_read`.
    """
    first, last = position // PAGE_SIZE, (position + length - 1) // PAGE_SIZE + 1
    pages = _pin(machine, address, length, inode, position, write=0)
    if isinstance(pages, Errno):
        return pages
    invalidate_inode_pages2_range(inode.mapping, first, last)
    machine.schedule("direct_io", file=inode.name)
    machine.advance(machine.clock + machine.disk.latency)
    done = 0
    for page in pages:
        offset = (address + done) % PAGE_SIZE
        chunk = min(PAGE_SIZE - offset, length - done)
        _disk_write(inode, position + done, page.content.read(offset, chunk))
        unpin_user_page(page)
        done += chunk
    inode.size = max(inode.size, position + done)
    inode.kernel.cache_changed(inode, first)
    invalidate_inode_pages2_range(inode.mapping, first, last)
    return done


def _pin(
    machine: Machine, address: int, length: int, inode: Inode, position: int, write: int
) -> list[Page] | Errno:
    if inode.memfd or (address | position) % SECTOR or (not write and length % SECTOR):
        return Errno.EINVAL
    filemap_write_and_wait(inode, position // PAGE_SIZE, length // PAGE_SIZE + 1)
    count = (address % PAGE_SIZE + length + PAGE_SIZE - 1) // PAGE_SIZE
    pages: list[Any] = []
    flags = (FOLL_PIN if machine.era.direct_io_pins else FOLL_GET) | (FOLL_WRITE if write else 0)
    ret = gup_fast(machine, address & PAGE_MASK, count, flags, pages)
    if ret == count:
        return pages
    for page in pages:
        unpin_user_page(page)
    return Errno.EFAULT


def _disk_read(inode: Inode, position: int, length: int) -> bytes:
    out = b""
    while len(out) < length:
        index, offset = divmod(position + len(out), PAGE_SIZE)
        out += inode.disk.get(index, ZEROS).read(offset, min(PAGE_SIZE - offset, length - len(out)))
    return out


def _disk_write(inode: Inode, position: int, data: bytes) -> None:
    done = 0
    while done < len(data):
        index, offset = divmod(position + done, PAGE_SIZE)
        chunk = data[done : done + PAGE_SIZE - offset]
        inode.disk[index] = inode.disk.get(index, ZEROS).write(offset, chunk)
        inode.kernel.cache_changed(inode, index)
        done += len(chunk)
