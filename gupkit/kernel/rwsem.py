"""The reader/writer semaphore behind mmap_sem.

Many readers or one writer; first come, first served, so a reader queues behind a writer who already waits.
Source: lib/rwsem.c, include/linux/rwsem.h (2.6.39).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct
    from .sched import Task


class RwSemaphore:
    """``readers`` and ``writer`` hold it, ``waiters`` (task, mode) queue for it."""

    def __init__(self, kernel: Machine, mm: MmStruct) -> None:
        self.kernel = kernel
        self.mm = mm
        self.name = f"mmap_sem of {mm.name}"
        self.readers: list[Task] = []
        self.writer: Task | None = None
        self.waiters: list[tuple[Task, str]] = []
        self.deficit = 0

    @property
    def count(self) -> int:
        """Readers inside; -1 for a writer; below that when somebody released what was not held."""
        return (-1 if self.writer else len(self.readers)) - self.deficit

    @property
    def held(self) -> str:
        """``none``, ``read`` or ``write``."""
        return "write" if self.writer else "read" if self.readers else "none"

    def holders(self) -> list[Task]:
        """Whoever is inside."""
        return [self.writer] if self.writer else list(self.readers)

    def down_read(self) -> None:
        """Enter as a reader; waits for a writer, inside or queued."""
        self._down("read", lambda: self.writer is None and not self._queued_before("write"))
        self.readers.append(self.kernel.running_task())
        self._changed("down_read")

    def down_write(self) -> None:
        """Enter as the writer; waits until nobody is inside."""
        self._down("write", lambda: self.writer is None and not self.readers)
        self.writer = self.kernel.current
        self._changed("down_write")

    def up_read(self) -> None:
        """Leave as a reader. Releasing what is not held for reading corrupts the count, as it does for real."""
        task = self.kernel.running_task()
        if self.writer is not None:
            self.kernel.debug.report("wrong lock mode", f"{self.name} is held for writing and released for reading")
            self.deficit += 1
        elif not self.readers:
            self.kernel.debug.report("lock not held", f"{self.name} is released for reading by nobody who holds it")
            self.deficit += 1
        else:
            self.readers.remove(task if task in self.readers else self.readers[-1])
        self._changed("up_read")
        self.kernel.schedule("up_read", lock=self.name)

    def up_write(self) -> None:
        """Leave as the writer."""
        if self.writer is None:
            self.kernel.debug.report("wrong lock mode", f"{self.name} is not held for writing")
            self.deficit += 1
        self.writer = None
        self._changed("up_write")
        self.kernel.schedule("up_write", lock=self.name)

    @contextmanager
    def read(self) -> Iterator[None]:
        """``with mm.mmap_sem.read():`` — down_read, and up_read at the end unless it was released inside."""
        self.down_read()
        task = self.kernel.running_task()
        mine = self.readers.count(task)
        try:
            yield
        finally:
            if self.readers.count(task) >= mine:
                self.up_read()

    @contextmanager
    def write(self) -> Iterator[None]:
        """``with mm.mmap_sem.write():`` — down_write and up_write."""
        self.down_write()
        try:
            yield
        finally:
            self.up_write()

    def _queued_before(self, mode: str) -> bool:
        """Whether somebody else already waits with ``mode``, ahead of the running task."""
        for task, wanted in self.waiters:
            if task is self.kernel.current:
                return False
            if wanted == mode:
                return True
        return False

    def _down(self, mode: str, free: Callable[[], bool]) -> None:
        kernel = self.kernel
        kernel.schedule(f"down_{mode}", lock=self.name)
        while not free():
            kernel.wait(self, mode)

    def _changed(self, name: str) -> None:
        kernel = self.kernel
        if kernel.tracing:
            kernel.lock_changed(self)
            kernel.emit(name, lock=self.name, count=self.count)
