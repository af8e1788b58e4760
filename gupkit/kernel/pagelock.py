"""The lock of one page, and sleeping for it.

Source: mm/filemap.c, include/linux/pagemap.h (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .flags import FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_RETRY_NOWAIT
from .page import PG_locked, PG_writeback, Page

if TYPE_CHECKING:
    from .mm_types import MmStruct


def trylock_page(page: Page) -> bool:
    """Take the lock if it is free."""
    if page.flags & PG_locked:
        return False
    page.flags |= PG_locked
    page.kernel.page_lockers[page.pfn] = page.kernel.current_name
    return True


def lock_page(page: Page) -> None:
    """Take the lock, asleep until its holder lets go."""
    kernel = page.kernel
    kernel.schedule("lock_page", pfn=page.pfn)
    while not trylock_page(page):
        wait_on_page_locked(page)


def unlock_page(page: Page) -> None:
    """Let go."""
    page.flags &= ~PG_locked
    page.kernel.page_lockers.pop(page.pfn, None)


def wait_on_page_locked(page: Page) -> None:
    """Sleep until the page is unlocked: time passes until its read is done, or other tasks run."""
    kernel = page.kernel
    while page.flags & PG_locked:
        kernel.schedule("wait_on_page_locked", pfn=page.pfn)
        if page.flags & PG_locked and not kernel.disk.finish(page):
            kernel.wait(page, "lock")


def wait_on_page_writeback(page: Page) -> None:
    """Sleep until the page has been written."""
    kernel = page.kernel
    while page.flags & PG_writeback:
        kernel.schedule("wait_on_page_writeback", pfn=page.pfn)
        if page.flags & PG_writeback:
            kernel.disk.finish(page)


def lock_page_or_retry(page: Page, mm: MmStruct, flags: int) -> bool:
    """Lock the page for a fault; False when the fault must be tried again.

    With FAULT_FLAG_ALLOW_RETRY a busy page makes the caller *lose mmap_sem and then sleep*: nonblocking means
    that the lock is not held while waiting, not that nobody waits. With RETRY_NOWAIT on top nothing is
    released and nobody sleeps. Source: mm/filemap.c, __lock_page_or_retry.
    """
    kernel = page.kernel
    kernel.schedule("lock_page", pfn=page.pfn)
    if trylock_page(page):
        return True
    if not flags & FAULT_FLAG_ALLOW_RETRY:
        lock_page(page)
        return True
    if kernel.tracing:
        kernel.emit("lock_page_or_retry", pfn=page.pfn, nowait=bool(flags & FAULT_FLAG_RETRY_NOWAIT))
    if not flags & FAULT_FLAG_RETRY_NOWAIT:
        mm.mmap_sem.up_read()
        wait_on_page_locked(page)
    return False
