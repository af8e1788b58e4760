"""When two runs are the same: nothing that comes can tell which of them it continues.

What lies behind a run matters in three ways only: what is in memory, what the judges remember of the past, and who may
act next. Frames are named by the order in which a walk from the processes, files and pins meets them, so that it does
not matter which of two free frames somebody got. Time is left out: nothing is due while the disk is idle.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from ..kernel.mm_types import MmStruct
from ..kernel.page import Page, PG_active, PG_referenced
from ..kernel.pgtable import _PAGE_ACCESSED, _PAGE_PSE, PFN_MASK, PRESENT_MASK, pte_pfn
from ..kernel.vma import VMA
from .history import remembered

if TYPE_CHECKING:
    from ..kernel.filemap import Inode
    from .run import Run

Facts: TypeAlias = "tuple[Any, ...]"

FRAME = re.compile(r"\bframe \d+")
"""A frame in a sentence."""


def fingerprint(run: Run, more: Hashable = ()) -> str:
    """A short text that two runs between two steps share only if they are the same; ``more`` is compared too.

    With a request to the disk under way there is none that is shared: when it ends is a matter of time.
    """
    if run.kernel.disk.pending:
        return ""
    walk = Walk(run)
    facts = (walk.everything(), remembered(run, walk.name_of_frame), _so_far(run), more)
    return blake2b(repr(facts).encode(), digest_size=16).hexdigest()


def _so_far(run: Run) -> Facts:
    """What has been done, what came of it, and what was found wrong."""
    lost = sorted({(lost.op, lost.writer, lost.seen_by, lost.by_get) for lost in run.isolation.lost})
    unmet = sorted((unmet.op, blurred(unmet.text)) for unmet in run.unmet)
    lockups = sorted({report.task for report in run.kernel.debug.reports if report.kind == "soft lockup"})
    return answers(run), unmet, lost, lockups, run.broken, run.problem


def answers(run: Run) -> list[tuple[int, list[tuple[str, Any]]]]:
    """What each op answered, in an order that all runs share."""
    return [(op, sorted(result.items(), key=itemgetter(0))) for op, result in sorted(run.results.items())]


def blurred(text: str) -> str:
    """A sentence without the numbers of frames, which differ between runs that are the same.

    >>> blurred("expected one frame at A[0], got frame 4099, no page")
    'expected one frame at A[0], got frame …, no page'
    """
    return FRAME.sub("frame …", text)


class Walk:
    """One walk over a machine and the names of its scenario, in an order that all runs share."""

    def __init__(self, run: Run) -> None:
        self.world = run.world
        self.kernel = run.kernel
        self.by_age = any(step.op == "reclaim" and step.args["at"] is None for step in run.ops.steps)
        self.flags = -1 if self.by_age else ~(PG_referenced | PG_active)
        self._pages: dict[Page, int] = {}
        self._anon_vmas: dict[object, int] = {}
        self._views: list[Facts] = []

    def everything(self) -> Facts:
        """All that a later operation could find."""
        kernel = self.kernel
        tasks = tuple((t.name, t.mm.name, t.alive, t.sigkill) for t in self._sorted(kernel.tasks))
        mms = {task.mm.name: task.mm for task in kernel.tasks.values()}
        walked = (
            tasks,
            tuple(self._mm(mm) for mm in self._sorted(mms)),
            tuple(self._file(file) for file in self._sorted(kernel.files)),
            self._swap(),
            tuple(self._held()),
            self._zone(),
            kernel.debug.lock_checks,
        )
        unnamed = sorted(
            repr(self._view(page)) for page in kernel.zone.mem_map if page.count and page not in self._pages
        )
        low = [(pfn, self._view(page)) for pfn, page in sorted(kernel.low_pages.items())]
        return (*walked, tuple(self._views), tuple(unnamed), low)

    def name_of_frame(self, pfn: int) -> int:
        """The name of a frame that the walk has met; -1 for any other."""
        return self._pages.get(self.kernel.zone.page(pfn), -1)

    @staticmethod
    def _sorted(things: dict[str, Any]) -> list[Any]:
        return [things[name] for name in sorted(things)]

    # --- frames

    def page(self, page: Page) -> int:
        """The name of a page; its fields are noted when it is met first."""
        name = self._pages.get(page)
        if name is None:
            name = self._pages[page] = len(self._pages)
            self._views.append(())
            self._views[name] = self._view(page)
        return name

    def _view(self, page: Page) -> Facts:
        mapping = page.mapping
        return (
            page.flags & self.flags, page.count, page.mapcount, page.pins, page.dma_pins, page.compound_mapcount,
            page.pincount, self._mapping(mapping), page.index, page.private, tuple(page.content),
            None if page.head is None else page.pfn - page.head.pfn, page in self.kernel.debug.tainted,
            self.kernel.page_lockers.get(page.pfn),
        )  # fmt: skip

    def _mapping(self, mapping: Any) -> Hashable:
        if mapping is None:
            return None
        return self._anon_vmas.setdefault(mapping, len(self._anon_vmas)) if mapping.is_anon else mapping.host.name

    # --- address spaces

    def _mm(self, mm: MmStruct) -> Facts:
        sem = mm.mmap_sem
        lock = (
            sorted(task.name for task in sem.readers), sem.writer and sem.writer.name,
            [(task.name, mode) for task, mode in sem.waiters], sem.deficit,
        )  # fmt: skip
        vmas = [self._vma(vma) for vma in mm.mmap]
        flags = (mm.regions, mm.has_pinned, mm.has_huge, mm in self.kernel.debug.tainted)
        return mm.name, flags, lock, vmas, self._table(mm.pgd)

    def _vma(self, vma: VMA) -> Facts:
        return (
            vma.vm_start, vma.vm_end, vma.vm_flags, vma.vm_pgoff, vma.vm_page_prot, vma.kind, vma.inherited, vma.name,
            vma.vm_file and vma.vm_file.name, self._mapping(vma.anon_vma),
        )  # fmt: skip

    def _table(self, table: Any) -> Facts:
        return tuple(
            (index, self._table(below) if type(below) is dict else self._entry(below))
            for index, below in sorted(table.items())
        )

    def _entry(self, pte: int) -> Hashable:
        if not pte & PRESENT_MASK:
            return pte
        pfn = pte_pfn(pte)
        if pte & _PAGE_PSE or pfn in self.kernel.low_pages:
            return pte if pfn in self.kernel.low_pages else (pte & ~PFN_MASK, self._huge(pfn))
        return pte & ~(PFN_MASK | _PAGE_ACCESSED), self.page(self.kernel.zone.page(pfn))

    def _huge(self, pfn: int) -> Facts:
        """A huge page: its frames' names follow each other, so the first and the contents say all."""
        return tuple(self.page(self.kernel.zone.page(pfn + i)) for i in range(512))

    # --- files, swap, and whoever holds pages

    def _file(self, file: Inode) -> Facts:
        cache = [(index, self.page(page)) for index, page in sorted(file.mapping.pages.items())]
        state = (file.size, file.last_read, file.window, file.unlinked, sorted(file.folios.items()))
        return file.name, state, cache, sorted(file.disk.items()), sorted(file.swapped.items())

    def _swap(self) -> Facts:
        swap = self.kernel.swap
        cache = [(slot, self.page(page)) for slot, page in sorted(swap.cache.items())]
        return sorted(swap.counts.items()), sorted(swap.unused), cache, sorted(swap.device.items())

    def _held(self) -> Iterator[Facts]:
        for name, pins in sorted(self.world.pins.items()):
            for pin in pins:
                state = (pin.process, pin.address, pin.write, pin.held, pin.dma, pin.writes_file)
                yield name, self.page(pin.page), pin.serial == pin.page.serial, state
        for name, pipe in sorted(self.kernel.pipes.items()):
            yield name, [(self.page(buffer.page), *buffer[1:]) for buffer in pipe]
        for name, (task, pages) in sorted(self.kernel.buffers.items()):
            yield name, task.name, [self.page(page) for page in pages]

    def _zone(self) -> Facts:
        """Who is next to be handed out does not matter, unless somebody still points to a free frame."""
        zone = self.kernel.zone
        pointed = [(place, self._pages[page]) for place, page in enumerate(reversed(zone.free)) if page in self._pages]
        ages = sorted(self._pages, key=lambda page: page.serial) if self.by_age else []
        return zone.fail_after, pointed, [self._pages[page] for page in ages]
