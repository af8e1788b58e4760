"""Tasks, signals, and the points at which another task may run.

Source: include/linux/sched.h, kernel/sched.c, kernel/signal.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import GupkitError

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct
    from .page import Page
    from .rwsem import RwSemaphore

SCHEDULE_POINTS = {
    "cond_resched": "between two pages of __get_user_pages, and after each fault it took",
    "lock_page": "before a page lock is taken",
    "wait_on_page_locked": "asleep until a page is unlocked: its read from disk ends, or its holder lets go",
    "wait_on_page_writeback": "asleep until a page has been written to disk",
    "alloc_page": "before a fault allocates a frame, which may sleep",
    "down_read": "before mmap_sem is taken for reading",
    "down_write": "before mmap_sem is taken for writing",
    "up_read": "after mmap_sem was released by a reader",
    "up_write": "after mmap_sem was released by the writer",
    "direct_io": "a direct transfer is under way: its pages are pinned, nothing is locked",
    "access_process_vm": "after a page of another process was pinned, before its bytes are copied",
}
"""Where another task may run, by name; injections and the search act there and nowhere else."""


class Task:
    """A task_struct: ``mm`` is its memory (shared by threads), the counters are the faults it was charged."""

    def __init__(self, kernel: Machine, name: str, pid: int, mm: MmStruct) -> None:
        self.kernel = kernel
        self.name = name
        self.pid = pid
        self.mm = mm
        self.min_flt = 0
        self.maj_flt = 0
        self.sigkill = False
        self.alive = True

    def __repr__(self) -> str:
        return f"<task {self.name}>"


class Signal(Exception):
    """What a CPU access answers instead of data: SIGSEGV or SIGBUS at an address.

    An answer of the simulated kernel, raised because a load has no other way to fail.
    """

    def __init__(self, name: str, address: int) -> None:
        super().__init__(f"{name} at {address:#x}")
        self.name = name
        self.address = address


class Blocked(GupkitError):
    """The running operation must wait for somebody who cannot run before it gives way.

    The scenario runner catches it, queues the operation and runs it again when ``lock`` is free. Whoever drives a
    kernel by hand is told who waits for whom: with nobody else to run, the wait would never end.
    """

    def __init__(self, waiter: Task | None, lock: RwSemaphore | Page, mode: str) -> None:
        self.waiter = waiter
        self.lock = lock
        self.mode = mode
        super().__init__(describe_wait(waiter, lock, mode))


def describe_wait(waiter: Task | None, lock: RwSemaphore | Page, mode: str) -> str:
    """Who waits for what, held by whom, in words."""
    who = waiter.name if waiter else "the kernel"
    if hasattr(lock, "pfn"):
        holder = lock.kernel.page_lockers.get(lock.pfn, "the disk")
        return f"{who} waits for the lock of page {lock.pfn}, held by {holder}"
    holders = ", ".join(t.name for t in lock.holders()) or "nobody"
    queued = ", ".join(f"{t.name} ({m})" for t, m in lock.waiters if t is not waiter)
    tail = f", behind {queued}" if queued else ""
    return f"{who} waits for {lock.name} ({mode}), held by {holders}{tail}"


def fatal_signal_pending(task: Task) -> bool:
    """A SIGKILL waits for the task. Source: include/linux/sched.h."""
    return task.sigkill


def cond_resched(kernel: Machine) -> None:
    """A voluntary schedule point; no news unless somebody is there who could act."""
    if kernel.on_point is not None:
        kernel.schedule("cond_resched")
