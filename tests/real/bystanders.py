"""What others do around the recorded calls: the disk, the holder of a page lock, the thread that races."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gupkit.kernel import Kernel
from gupkit.kernel.page import PG_uptodate, get_page
from gupkit.kernel.pagelock import unlock_page

PAGE = 4096
VM_FAULT_WRITE = 0x8


class Bystanders:
    """The kernel under test ``k``, its first process ``p``, the pins, and everybody who is not the caller.

    ``faults`` are the ``handle_mm_fault`` calls of the last ``__get_user_pages``, as the device noted them.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.k = kernel
        self.p = kernel.spawn("P")
        self.pins: dict[int, Any] = {}
        self.faults: list[list[int]] = []
        self._in_the_way: Callable[[str], None] | None = None
        kernel.on_point = self._at_point
        kernel.listen(self._heard)

    def _at_point(self, point: str, fields: Mapping[str, Any]) -> None:
        if self._in_the_way is not None:
            self._in_the_way(point)

    def _heard(self, name: str, fields: Mapping[str, Any], place: str) -> None:
        if name == "handle_mm_fault" and "foll_flags" in fields:  # without them it is a fault of the CPU
            self.faults.append([int(fields[field]) for field in ("ret", "fault_flags", "foll_flags")])

    def also(self, op: str, *args: Any, **options: Any) -> Any:
        """An unrecorded operation of the kernel: ``r.also("fsync", file)``. Every invariant holds afterwards."""
        result = getattr(self.k, op)(*args, **options)
        self.acted()
        return result

    def acted(self) -> None:
        """After every action: the invariants hold."""
        self.k.check()

    # -- the disk ------------------------------------------------------------------------------------------

    def let_the_disk_finish(self) -> None:
        """Time passes, until no request is left."""
        while self.k.disk.pending:
            self.k.advance(self.k.disk.pending[0][0])

    @contextmanager
    def fast_disk(self) -> Iterator[None]:
        """Within it every request is done before the lock of its page is tried, so nobody has to wait for it."""

        def already_done(point: str) -> None:
            if point == "lock_page":
                self.let_the_disk_finish()

        self._in_the_way = already_done
        yield
        self._in_the_way = None

    # -- the page lock -------------------------------------------------------------------------------------

    def lock(self, slot: int) -> None:
        """Somebody else locks the page in a pin slot."""
        self.also("lock_page", self.p, self.pins[slot])

    def unlock_when_waited_for(self, slot: int) -> None:
        """Its holder lets go while the caller sleeps for it (the device: after 300 ms)."""
        page = self.pins[slot]

        def let_go(point: str) -> None:
            if point == "wait_on_page_locked":
                self._in_the_way = None
                unlock_page(page)

        self._in_the_way = let_go

    def cache_page(self, file: Any, index: int) -> Any:
        """A page of a file's page cache, with a reference for whoever asked."""
        page = file.mapping.pages[index]
        get_page(page)
        return page

    def forget_uptodate(self, slot: int) -> None:
        """The page's last read failed: cached, unlocked, not uptodate."""
        self.pins[slot].flags &= ~PG_uptodate
        self.acted()

    # -- the thread that races -----------------------------------------------------------------------------

    def dontneed_after_write_dropped(self, addr: int) -> None:
        """Another thread calls madvise(MADV_DONTNEED) right after a fault answered VM_FAULT_WRITE, once."""
        thread = self.k.thread(self.p, f"T{len(self.k.tasks) + 1}")

        def race(point: str) -> None:
            if point == "cond_resched" and self.faults and self.faults[-1][0] & VM_FAULT_WRITE:
                self._in_the_way = None
                self.k.madvise(thread, addr, PAGE, "DONTNEED")

        self._in_the_way = race
