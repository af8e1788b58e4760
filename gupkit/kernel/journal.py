"""What changed since somebody last looked: how a recorder can afford a snapshot after every event.

Nothing is written down unless a journal is attached. Pages note their own changes: while one is attached
their descriptors are of a class that enters the page at every assignment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .page import Page

if TYPE_CHECKING:
    from .filemap import Inode
    from .mm_types import MmStruct


class Journal:
    """Sets of what changed: pages, (mm, address) of entries, mms whose VMAs or lock changed, (file, page number)
    of caches and disks, swap slots."""

    def __init__(self) -> None:
        self.pages: set[Page] = set()
        self.ptes: set[tuple[MmStruct, int]] = set()
        self.mms: set[MmStruct] = set()
        self.locks: set[str] = set()
        self.files: set[tuple[Inode, int]] = set()
        self.slots: set[int] = set()

    def clear(self) -> None:
        """Begin anew."""
        for entries in (self.pages, self.ptes, self.mms, self.locks, self.files, self.slots):
            entries.clear()


class WatchedPage(Page):
    """A page that enters itself into the journal whenever one of its fields is set."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        self.kernel.journal.pages.add(self)
