"""What changed since somebody last looked: how a recorder can afford a snapshot after every event.

Nothing is written down unless a journal is attached. Pages note their own changes: while one is attached
their descriptors are of a class that enters the page at every assignment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from .page import Page

if TYPE_CHECKING:
    from .filemap import Inode
    from .mm_types import MmStruct
    from .rwsem import RwSemaphore
    from .sched import Task

Change: TypeAlias = "Page | tuple[MmStruct, int] | tuple[Inode, int] | MmStruct | RwSemaphore | Task | int"
"""A page; an entry (address space, address); a page of a file or its disk block (file, page number); an address
space whose VMAs changed; a lock; a task whose counters changed; a swap slot."""
Journal: TypeAlias = "set[Change]"


def watched_page(journal: set[Any]) -> type[Page]:
    """A class of pages that enter themselves into ``journal`` whenever one of their fields is set."""

    class WatchedPage(Page):
        __slots__ = ()

        def __setattr__(
            self, name: str, value: Any,
            _set: Callable[[object, str, Any], None] = object.__setattr__, _add: Callable[[Page], None] = journal.add,
        ) -> None:  # fmt: skip
            _set(self, name, value)
            _add(self)

    return WatchedPage
