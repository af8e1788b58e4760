"""What only kernel code can do: drivers holding pages, locks taken by hand, reclaim, faults injected."""

from __future__ import annotations

from collections import Counter

from ..errors import GupkitError
from .compound import page_count
from .dirty import set_page_dirty, set_page_dirty_lock
from .gup import zeros_behind
from .memory_failure import memory_failure
from .mm_types import MmStruct
from .module import ModuleLoad, load_module
from .ops_user import UserOps
from .page import PG_hwpoison, PG_locked, Page, put_page, unpin_user_page, write_page
from .pagelock import lock_page, unlock_page
from .sched import Task
from .vma import VMA, find_vma_intersection
from .vmscan import shrink_range, shrink_zone
from .zap import vm_normal_page
from .pgtable import pte_at, pte_present


class KernelOps(UserOps):
    """Pages are :class:`gupkit.kernel.page.Page` objects, as ``__get_user_pages`` hands them out."""

    def page_at(self, task: Task, addr: int) -> Page | None:
        """The page mapped at an address, without touching it or taking a reference; None where none is."""
        pte = pte_at(task.mm, addr)
        vma = find_vma_intersection(task.mm, addr, addr + 1)
        if vma is None or not pte_present(pte):
            return None
        return vm_normal_page(vma, pte) or zeros_behind(vma, pte) or self.zero_page

    def page_load(self, page: Page) -> int:
        """The first byte of a page, read by whoever holds it (a device, a driver)."""
        with self.running(None):
            self._holder_touches(page)
            return page.content.byte

    def page_store(self, page: Page, byte: int) -> None:
        """Write the first byte of a page through a pin. No entry is involved: nobody is told that it is dirty."""
        if not 0 <= byte <= 255:
            raise GupkitError(f"page_store of {byte}: a byte is from 0 to 255")
        with self.running(None):
            self._holder_touches(page)
            write_page(page, 0, bytes([byte]), None)
            if self.tracing:
                self.emit("page_store", pfn=page.pfn, byte=byte)

    def _holder_touches(self, page: Page) -> None:
        if not isinstance(page, Page):
            raise GupkitError(f"{page!s} is not a page: look at what the call returned before you use its pages")
        if not page_count(page):
            self.debug.report("freed page touched", f"frame {page.pfn} is free", taint=page)

    def put_page(self, page: Page) -> None:
        """Give back one reference."""
        with self.running(None):
            put_page(page)

    def unpin_user_page(self, page: Page) -> None:
        """Give back one reference that FOLL_PIN took (before 5.6: as ``put_page``)."""
        with self.running(None):
            unpin_user_page(page)

    def set_page_dirty(self, page: Page) -> bool:
        """Mark a page dirty: True if it was clean."""
        with self.running(None):
            return set_page_dirty(page)

    def set_page_dirty_lock(self, page: Page) -> bool:
        """The same under the page lock."""
        with self.running(None):
            return set_page_dirty_lock(page)

    def down_read(self, task: Task, mm: MmStruct | None = None) -> None:
        """Take mmap_sem (the task's own by default) for reading."""
        with self.running(task):
            (mm or task.mm).mmap_sem.down_read()

    def up_read(self, task: Task, mm: MmStruct | None = None) -> None:
        """Release it."""
        with self.running(task):
            (mm or task.mm).mmap_sem.up_read()

    def down_write(self, task: Task, mm: MmStruct | None = None) -> None:
        """Take mmap_sem for writing."""
        with self.running(task):
            (mm or task.mm).mmap_sem.down_write()

    def up_write(self, task: Task, mm: MmStruct | None = None) -> None:
        """Release it."""
        with self.running(task):
            (mm or task.mm).mmap_sem.up_write()

    def lock_page(self, task: Task, page: Page) -> None:
        """Take the page lock and keep it."""
        with self.running(task):
            lock_page(page)

    def unlock_page(self, page: Page) -> None:
        """Release the page lock; releasing a free one is reported."""
        with self.running(None):
            if not page.flags & PG_locked:
                self.debug.report("lock not held", f"page {page.pfn} is not locked")
            unlock_page(page)

    def reclaim(
        self, task: Task | None = None, addr: int = 0, length: int = 0, *, pages: int = 0
    ) -> int:
        """Try to unmap, swap out and free what a range maps, or any ``pages`` frames: how many were freed."""
        with self.running(task):
            if task is None:
                return shrink_zone(self, pages)
            freed = 0
            for vma in self._vmas(task.mm, addr, addr + length):
                freed += shrink_range(vma, max(addr, vma.vm_start), min(addr + length, vma.vm_end))
            return freed

    def _vmas(self, mm: MmStruct, start: int, end: int) -> list[VMA]:
        return [vma for vma in mm.mmap if vma.vm_start < end and vma.vm_end > start]

    def hwpoison(self, page: Page) -> None:
        """The memory of a frame goes bad."""
        with self.running(None):
            memory_failure(page)

    def leaked_pages(self) -> dict[Page, int]:
        """Pages with references that no pipe and no registered buffer holds, and how many.

        Right after the last driver has finished, these are leaks: nobody is left to put them.
        """
        known = Counter(buffer.page for pipe in self.pipes.values() for buffer in pipe)
        known.update(page for _, pages in self.buffers.values() for page in pages)
        found = {}
        for page in (*self.zone.mem_map, *self.low_pages.values()):
            left = page.pins - known[page] - bool(page.flags & PG_hwpoison)
            if left > 0:
                found[page] = left
        return found

    def report_leaks(self) -> None:
        """Let the debug layer name every leaked page, as kmemleak does when it is asked to look."""
        for page, count in self.leaked_pages().items():
            references = "a reference" if count == 1 else f"{count} references"
            self.debug.report("leak", f"{references} to frame {page.pfn} that nobody gave back")

    def sigkill(self, task: Task) -> None:
        """A SIGKILL waits for the task from now on."""
        task.sigkill = True

    def fail_alloc(self, after: int = 1) -> None:
        """Exactly the ``after``-th data page allocation from here on fails."""
        self.zone.fail_after = after

    def insmod(self, needs: list[str], license: str = "GPL", before_export: bool = False) -> ModuleLoad:
        """Load a module that needs these symbols."""
        return load_module(self.era, needs, license, before_export)
