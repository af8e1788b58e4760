"""The driver that problem set ps7 begins with. It has four bugs, and on the desk of whoever wrote it, it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Task
from ..kernel.dirty import set_page_dirty_lock
from ..kernel.errno import Errno
from ..kernel.gup import get_user_pages
from ..kernel.page import Page, put_page


def begin(card: Any, p: Task, address: int, nr_pages: int, way: int) -> int:
    """Pin the pages, and let the card go."""
    if card.held:
        return Errno.EBUSY
    pages: list[Page] = []
    with p.mm.mmap_sem.read():
        came = get_user_pages(p, p.mm, address, nr_pages, 0, 0, pages, None)
    if came < nr_pages:
        return came if came < 0 else Errno.EFAULT
    for page in pages:
        set_page_dirty_lock(page)
    card.held = pages
    card.go(pages, way)
    return 0


def finish(card: Any) -> None:
    """The interrupt: take what the card still has, then give the pages back."""
    while card.drain():
        pass
    for page in card.held:
        put_page(page)


def close(card: Any) -> None:
    """Nobody needs the card any more."""
    card.stop()
    for page in card.held:
        put_page(page)
    card.held = []


OLD: Mapping[str, Callable[..., Any]] = {"begin": begin, "finish": finish, "close": close}
"""The driver, as a bench wants it."""
