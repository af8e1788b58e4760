"""mm_struct: one address space.

Source: include/linux/mm_types.h (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rwsem import RwSemaphore

if TYPE_CHECKING:
    from .machine import Machine
    from .pgtable import Table
    from .vma import VMA


class MmStruct:
    """VMAs in address order (``mmap``), the root of the page tables (``pgd``), and the lock over both.

    ``mm_users`` counts the tasks that use it; ``has_pinned`` says that a FOLL_PIN was ever taken in it, ``has_huge``
    that an entry of 2 MiB ever was.
    """

    def __init__(self, kernel: Machine, name: str) -> None:
        self.kernel = kernel
        self.name = name
        self.mmap: list[VMA] = []
        self.mmap_cache: VMA | None = None
        self.pgd: Table = {}
        self.mmap_sem = RwSemaphore(kernel, self)
        self.mm_users = 1
        self.regions = 0
        self.has_pinned = False
        self.has_huge = False

    def __repr__(self) -> str:
        return f"<mm of {self.name}>"
