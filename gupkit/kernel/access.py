"""Touching another address space: /proc/PID/mem, ptrace, process_vm_readv.

Source: mm/memory.c, access_process_vm; mm/process_vm_access.c (3.2 on).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .dirty import set_page_dirty_lock
from .errno import Errno
from .flags import FOLL_GET, FOLL_PIN, FOLL_TOUCH, FOLL_WRITE
from .gup import get_user_pages
from .gup_locked import locked_loop
from .page import Page, put_page, unpin_user_page, write_page
from .pgtable import PAGE_SIZE

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .sched import Task


def access_process_vm(tsk: Task | None, mm: MmStruct, address: int, length: int, data: bytes | None) -> bytes:
    """Read ``length`` bytes, or write ``data``, page by page and by force; the bytes that were moved.

    Rights do not matter, only what mprotect could grant: a private read-only page is copied for the writer.
    """
    moved = b""
    with mm.mmap_sem.read():
        while len(moved) < length:
            pages: list[Any] = []
            ret = get_user_pages(tsk, mm, address, 1, data is not None, 1, pages, None)
            if ret <= 0:
                break
            offset = address % PAGE_SIZE
            chunk = min(length - len(moved), PAGE_SIZE - offset)
            mm.kernel.schedule("access_process_vm", address=address, pfn=pages[0].pfn)
            try:
                moved += _move(mm, address, pages[0], chunk, data and data[len(moved) : len(moved) + chunk])
            finally:
                put_page(pages[0])
            address += chunk
    return moved


def process_vm_rw(task: Task, iov: list[tuple[int, int]], byte: int | None) -> bytes | Errno:
    """Read, or fill with ``byte``, the ranges (address, length) of another process, without force.

    Each range is pinned as a whole, then copied; the bytes moved before the first failure, or -EFAULT.
    """
    moved = b""
    for address, length in iov:
        part = _one_range(task, address, length, byte)
        moved += part
        if len(part) < length:
            break
    return moved if moved or not sum(length for _, length in iov) else Errno.EFAULT


def _one_range(task: Task, address: int, length: int, byte: int | None) -> bytes:
    first = address & ~(PAGE_SIZE - 1)
    count = (address + length - first + PAGE_SIZE - 1) // PAGE_SIZE
    pages: list[Any] = []
    flags = FOLL_TOUCH | (FOLL_PIN if task.kernel.era.pin_bias else FOLL_GET)
    if byte is not None:
        flags |= FOLL_WRITE
    with task.mm.mmap_sem.read():
        locked_loop(task, task.mm, first, count, flags, pages)
    moved = b""
    try:
        for page in pages:
            offset = (address + len(moved)) % PAGE_SIZE
            chunk = min(length - len(moved), PAGE_SIZE - offset)
            moved += _move(task.mm, address + len(moved), page, chunk, None if byte is None else bytes([byte]) * chunk)
    finally:
        for page in pages:
            unpin_user_page(page)
    return moved


def _move(mm: MmStruct, address: int, page: Page, length: int, data: bytes | None) -> bytes:
    """Read from the pinned page of an address, or write to it and mark it dirty; the bytes."""
    offset = address % PAGE_SIZE
    if data is not None:
        write_page(page, offset, data, mm, address)
        set_page_dirty_lock(page)
    return page.content.read(offset, length)
