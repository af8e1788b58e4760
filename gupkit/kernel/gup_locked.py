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


def get_user_pages_locked(
    tsk: Task | None, mm: MmStruct, start: int, nr_pages: int, gup_flags: int, pages: list[Any] | None
) -> int:
    """Pin with retries; mmap_lock is held for reading before and after, and perhaps not in between.

    Returns as ``__get_user_pages`` does, and never 0 for a wait that was avoided.
    """
    done = 0
    while done < nr_pages:
        locked = Cell(1)
        got: list[Any] | None = None if pages is None else []
        ret = __get_user_pages(tsk, mm, start + done * PAGE_SIZE, nr_pages - done, gup_flags, got, None, locked)
        _keep(pages, got)
        done += max(ret, 0)
        if locked.value:
            return done or ret
        mm.mmap_sem.down_read()
        if done == nr_pages:
            break
        got = None if pages is None else []
        ret = __get_user_pages(tsk, mm, start + done * PAGE_SIZE, 1, gup_flags | FOLL_TRIED, got, None, None)
        _keep(pages, got)
        if ret <= 0:
            return done or ret
        done += ret
    return done


def _keep(pages: list[Any] | None, got: list[Any] | None) -> None:
    if pages is not None and got is not None:
        pages += got
