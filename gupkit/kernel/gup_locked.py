"""The callers' loop around ``__get_user_pages`` that lets mmap_lock go while it waits, and takes it again.

Source: mm/gup.c, __get_user_pages_locked, get_user_pages_unlocked, get_user_pages_remote (4.0 on).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .flags import FOLL_TRIED
from .gup import Cell, __get_user_pages
from .pgtable import PAGE_SIZE

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .sched import Task


def locked_loop(
    tsk: Task | None, mm: MmStruct, start: int, nr_pages: int, gup_flags: int, pages: list[Any] | None
) -> tuple[int, bool]:
    """Pin with retries; mmap_lock is held for reading before and after, and perhaps not in between.

    Returns what ``__get_user_pages`` would, never 0 for a wait that was avoided, and whether the lock was let go.
    """
    done, dropped = 0, False
    while done < nr_pages:
        locked = Cell(1)
        got: list[Any] | None = None if pages is None else []
        ret = __get_user_pages(tsk, mm, start + done * PAGE_SIZE, nr_pages - done, gup_flags, got, None, locked)
        _keep(pages, got)
        done += max(ret, 0)
        if locked.value:
            return done or ret, dropped
        dropped = True
        mm.mmap_sem.down_read()
        if done == nr_pages:
            break
        got = None if pages is None else []
        ret = __get_user_pages(tsk, mm, start + done * PAGE_SIZE, 1, gup_flags | FOLL_TRIED, got, None, None)
        _keep(pages, got)
        if ret <= 0:
            return done or ret, dropped
        done += ret
    return done, dropped


def _keep(pages: list[Any] | None, got: list[Any] | None) -> None:
    if pages is not None and got is not None:
        pages += got
