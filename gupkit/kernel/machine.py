"""The state of one simulated machine: memory, clock, tasks, files, and who watches.

Everything that a real kernel keeps in global variables is a field here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import FrameType
from typing import TYPE_CHECKING, Any

from ..errors import GupkitError
from .debug import DebugLayer
from .disk import Disk
from .eras import Era, find_era
from .filemap import Inode, cached_page
from .flags import VM_EXEC, VM_READ
from .gup import GATE_ADDR
from .journal import Journal, watched_page
from .mlock import make_pages_present
from .mm_types import MmStruct
from .page import FIRST_PFN, PG_reserved, PG_uptodate, Page, Zone
from .pgtable import PAGE_SIZE
from .sched import Blocked, Task
from .shmem import shmem_getpage
from .swap import Swap
from .truncate import truncate_range
from .vma import VMA, vma_set_page_prot
from .vmscan import shrink_zone

if TYPE_CHECKING:
    from .rwsem import RwSemaphore

PACKAGE = PurePath(__file__).parents[1]
MAX_FRAMES = 1 << 24
HUGETLB_POOL = 16
"""Pages of 2 MiB that hugetlb mappings can have, all together (vm.nr_hugepages)."""


class Machine:
    """``frames``: how many page frames the machine has; ``swap_slots``: pages of swap (as many by default).

    ``on_point(name, fields)`` is called at every schedule point, ``on_wait(lock, mode)`` when a task must wait
    for another (it answers whether that one was able to go on), ``on_write(page, mm, address)`` before somebody
    writes to a page (see :func:`gupkit.kernel.page.write_page`); all are None unless a runner sets them.
    """

    def __init__(
        self, era: str | Era = "2.6.39", frames: int = 65_536, debug: bool = True, swap_slots: int | None = None
    ) -> None:
        if type(frames) is not int or not 16 <= frames <= MAX_FRAMES:
            raise GupkitError(f"frames={frames}: a machine has from 16 to {MAX_FRAMES} page frames")
        self.era = find_era(era)
        self.clock = 0
        self.debug = DebugLayer(self, debug)
        self.journal: Journal | None = None
        self.page_class: type[Page] = Page
        self.tracing = False
        self.listeners: list[Callable[[str, dict[str, Any], str], None]] = []
        self.on_point: Callable[[str, dict[str, Any]], None] | None = None
        self.on_wait: Callable[[RwSemaphore | Page, str], bool] | None = None
        self.on_write: Callable[[Page, MmStruct | None, int], None] | None = None
        self.zone = Zone(self, frames)
        self.disk = Disk(self)
        self.nr_hugepages = HUGETLB_POOL
        self.swap = Swap(self, frames if swap_slots is None else swap_slots)
        self.files: dict[str, Inode] = {}
        self.tasks: dict[str, Task] = {}
        self.current: Task | None = None
        self.vm_area_cachep: list[VMA] = []
        self.depth = 0
        self._places: dict[tuple[Any, int], str] = {}
        self._boot()

    def _boot(self) -> None:
        """The two pages that belong to the kernel itself: the zero page and the vsyscall page."""
        self.low_pages: dict[int, Page] = {}
        self.page_lockers: dict[int, str] = {}
        self.gate_page = self._reserved(FIRST_PFN - 2)
        self.zero_page = self._reserved(FIRST_PFN - 1)
        init_mm = MmStruct(self, "the kernel")
        self.gate_vma = VMA(init_mm, GATE_ADDR, GATE_ADDR + PAGE_SIZE, VM_READ | VM_EXEC, 0, None)
        self.gate_vma.name = "[vsyscall]"
        vma_set_page_prot(self.gate_vma)

    def _reserved(self, pfn: int) -> Page:
        page = Page(self, pfn)
        page.flags = PG_reserved | PG_uptodate
        page.count = 1
        self.low_pages[pfn] = page
        return page

    # --- time and turns

    def advance(self, to: int) -> None:
        """Let time pass up to tick ``to``; requests to the disk that are due end."""
        self.clock = max(self.clock, to)
        self.disk.complete(self.clock)

    @property
    def current_name(self) -> str:
        """Who runs, for people."""
        return self.current.name if self.current else "the kernel"

    def running_task(self) -> Task:
        """Who runs; GupkitError on a machine without a single task."""
        if self.current is None:
            raise GupkitError("nobody runs on this machine: spawn a process first")
        return self.current

    @contextmanager
    def running(self, task: Task | None) -> Iterator[None]:
        """One operation, by ``task``: it takes a tick, and whoever was interrupted runs again afterwards."""
        before = self.current
        self.current = task
        self.depth += 1
        if self.depth == 1:
            self.advance(self.clock + 1)
        try:
            yield
        finally:
            self.depth -= 1
            self.current = before

    def schedule(self, point: str, **fields: Any) -> None:
        """Pass a schedule point: another task may run here. A semaphore tells of itself."""
        if self.tracing and "lock" not in fields:
            self._tell(point, fields, sys._getframe(1))
        if self.on_point is not None:
            self.on_point(point, fields)

    def wait(self, lock: RwSemaphore | Page, mode: str) -> None:
        """The running task cannot go on before ``lock`` is free: let another run, or raise Blocked."""
        if self.on_wait is None or not self.on_wait(lock, mode):
            raise Blocked(self.current, lock, mode)

    # --- watching

    def listen(self, listener: Callable[[str, dict[str, Any], str], None]) -> None:
        """Call ``listener(name, fields, place)`` at every trace point from now on."""
        self.listeners.append(listener)
        self.tracing = True

    def unlisten(self, listener: Callable[[str, dict[str, Any], str], None]) -> None:
        """Stop calling it."""
        self.listeners.remove(listener)
        self.tracing = bool(self.listeners)

    def emit(self, name: str, **fields: Any) -> None:
        """Pass a trace point."""
        self._tell(name, fields, sys._getframe(1))

    def _tell(self, name: str, fields: dict[str, Any], frame: FrameType) -> None:
        """Call every listener; ``frame`` is the line of the simulator that is under way."""
        key = (frame.f_code, frame.f_lasti)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = f"{_path(frame.f_code.co_filename)}:{frame.f_lineno}"
        for listener in self.listeners:
            listener(name, fields, place)

    def watch(self, journal: Journal | None) -> None:
        """Attach a journal (None: detach it)."""
        self.journal = journal
        self.page_class = Page if journal is None else watched_page(journal)
        for page in (*self.zone.mem_map, *self.low_pages.values()):
            self.watch_page(page)

    def watch_page(self, page: Page) -> None:
        """Let a page note its changes if a journal is attached; let it be if not."""
        object.__setattr__(page, "__class__", self.page_class)

    def pte_written(self, mm: MmStruct, address: int) -> None:
        """An entry was set or cleared."""
        if self.journal is not None:
            self.journal.add((mm, address))

    def task_changed(self, task: Task) -> None:
        """A task was charged a fault, began, or ended."""
        if self.journal is not None:
            self.journal.add(task)

    def vmas_changed(self, mm: MmStruct) -> None:
        """The VMAs of an mm changed."""
        if self.journal is not None:
            self.journal.add(mm)

    def lock_changed(self, lock: RwSemaphore) -> None:
        """Somebody took or released a lock."""
        if self.journal is not None:
            self.journal.add(lock)

    def cache_changed(self, inode: Inode, index: int) -> None:
        """A page of a file entered or left the cache, or reached the disk."""
        if self.journal is not None:
            self.journal.add((inode, index))

    def swap_changed(self, slot: int) -> None:
        """A swap slot changed."""
        if self.journal is not None:
            self.journal.add(slot)

    # --- what lower rooms ask of higher ones

    def file_page(self, inode: Inode, index: int) -> Page | None:
        """The up-to-date cached page of a file, referenced, from disk or from swap."""
        return shmem_getpage(inode, index)[1] if inode.memfd else cached_page(inode, index)

    def drop_file(self, inode: Inode) -> None:
        """The last user of an unlinked file is gone: so are its pages."""
        truncate_range(inode, 0, None)
        del self.files[inode.name]
        self.cache_changed(inode, 0)

    def direct_reclaim(self) -> int:
        """Memory ran out: free some frames; how many."""
        return shrink_zone(self, max(32, self.zone.frames // 64))

    def populate(self, vma: VMA, start: int, end: int) -> None:
        """Fault in what a locked stack grew by."""
        if self.current is not None:
            make_pages_present(self.current, start, end)
        _ = vma


def _path(file: str) -> str:
    """A source file as a reader finds it: ``kernel/gup.py`` within gupkit, its bare name elsewhere."""
    path = PurePath(file)
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
