"""The bench: a machine with a card in it, what happens to both, and what can be seen of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..kernel import Kernel, Task
from ..kernel.filemap import Inode
from ..kernel.page import Page, PG_dirty, get_page
from ..kernel.pgtable import PAGE_SIZE
from .card import Card, Region, lay
from .model import Rule

BASE, ROOM = 0x7E0000000000, 32
"""Where the first region lies, and how many pages further the next."""
FIRST = 0xC1
"""The byte that the card writes into the first page of all; the second page gets the next."""
Fact = tuple[str, Any]


@dataclass(slots=True)
class Bench:
    """A machine with a card, on a sheet's rule. ``watch``: which facts are told, out of :data:`WATCHES`.

    ``read``: what the card has read; ``waited``: how often somebody waited for the lock of a page.
    """

    rule: Rule
    watch: Sequence[str] = ()
    kernel: Kernel = field(default_factory=Kernel)
    regions: dict[str, Region] = field(default_factory=dict)
    read: list[int] = field(default_factory=list)
    written: int = 0
    waited: int = 0
    task: Task = field(init=False)
    other: Task = field(init=False)
    card: Card = field(init=False)
    _locked: list[tuple[Page, Inode, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.task, self.other = self.kernel.spawn("P"), self.kernel.spawn("Q")
        self.card = Card(self)
        self.kernel.on_point = self._on_point

    # --- what happens

    def lay(self, name: str, kind: str, pages: int) -> None:
        """P maps memory."""
        at = BASE + len(self.regions) * ROOM * PAGE_SIZE
        self.regions[name] = lay(self.kernel, self.task, at, kind, pages)

    def transfer(self, page: Page, into: bool) -> None:
        """The card moves a page; before it does, the kernel has time for a writeback."""
        self.writeback()
        if into:
            self.kernel.page_store(page, FIRST + self.written & 0xFF)
            self.written += 1
        else:
            self.read.append(self.kernel.page_load(page))

    def writeback(self) -> None:
        """What is marked dirty is written; not while somebody has the locks of pages, who would be waited for."""
        for file in () if self._locked else list(self.kernel.files.values()):
            self.kernel.writeback(file)

    def unmap(self, name: str) -> None:
        """P unmaps a region."""
        self.kernel.munmap(self.task, self.regions[name].at, self.regions[name].pages * PAGE_SIZE)

    def cut(self, name: str, pages: int, slowly: bool = False) -> None:
        """The file is cut; another driver holds what goes. Slowly: at first only the locks of the pages are taken."""
        file = self.regions[name].file
        assert file is not None
        for page in [page for index, page in sorted(file.mapping.pages.items()) if index >= pages]:
            get_page(page)
            if slowly:
                self.kernel.lock_page(self.other, page)
                self._locked.append((page, file, pages))
        if not slowly:
            self.kernel.ftruncate(file, pages * PAGE_SIZE)

    def cut_at_last(self) -> None:
        """Whoever cuts slowly gets on: the locks are free, the pages are out of the file."""
        locked, self._locked = self._locked, []
        for page, _, _ in locked:
            self.kernel.unlock_page(page)
        for file, pages in dict.fromkeys((file, pages) for _, file, pages in locked):
            self.kernel.ftruncate(file, pages * PAGE_SIZE)

    def _on_point(self, point: str, fields: Mapping[str, Any]) -> None:
        if point == "wait_on_page_locked" and fields["pfn"] in [page.pfn for page, _, _ in self._locked]:
            self.waited += 1
            self.cut_at_last()

    # --- what can be seen

    def facts(self, watch: Sequence[str]) -> Iterator[Fact]:
        """What is watched, and in any case what the debug layer says."""
        for name in watch:
            yield from WATCHES[name](self)
        if self.kernel.dmesg:
            yield "the debug layer says", list(self.kernel.dmesg)

    def byte(self, task: Task | None, region: Region, page: int) -> int | None:
        """What a task finds first in a page of a region; None if nothing is mapped there."""
        found = task and self.kernel.page_at(task, region.at + page * PAGE_SIZE)
        return found.content.byte if found else None

    def zeros(self) -> int:
        """What everybody finds in memory that nobody ever wrote."""
        return self.kernel.zero_page.content.byte

    def references(self) -> int:
        """References to frames that are neither entries nor caches: pins."""
        return sum(page.pins for page in self._pages())

    def disk(self, region: Region, page: int) -> int | None:
        """What the disk has first in a page of a file; None beyond its end, and without a file."""
        found = region.file and region.file.disk.get(page)
        return found.byte if found else None

    def _pages(self) -> list[Page]:
        return [*self.kernel.zone.mem_map, self.kernel.zero_page]

    def _name(self, page: Page) -> str:
        for name, region in self.regions.items():
            for i in range(region.pages):
                if self.kernel.page_at(self.task, region.at + i * PAGE_SIZE) is page:
                    return f"page {i} of {name}"
        return f"frame {page.pfn}, which P does not map"


def _bytes(bench: Bench) -> Iterator[Fact]:
    for name, region in bench.regions.items():
        for i in range(region.pages):
            yield f"P reads in page {i} of {name}", bench.byte(bench.task, region, i)
            if region.child:
                yield f"the child reads in page {i} of {name}", bench.byte(region.child, region, i)
            if region.file and i in region.file.mapping.pages:
                yield f"the file behind {name} has in page {i}", region.file.mapping.pages[i].content.byte
    yield "Q reads in memory that nobody ever wrote", bench.zeros()


def _references(bench: Bench) -> Iterator[Fact]:
    for page in bench._pages():
        if page.pins:
            yield f"references to {bench._name(page)}", page.pins


def _dirty(bench: Bench) -> Iterator[Fact]:
    for page in bench._pages():
        if page.flags & PG_dirty and page.count and not page.anon:
            yield f"marked dirty: {bench._name(page)}", True


def _disk(bench: Bench) -> Iterator[Fact]:
    for name, region in bench.regions.items():
        for i in sorted(region.file.disk) if region.file else ():
            yield f"the disk has of page {i} of {name}", bench.disk(region, i)


WATCHES: dict[str, Callable[[Bench], Iterator[Fact]]] = {
    "bytes": _bytes, "references": _references, "dirty": _dirty, "disk": _disk,
    "read": lambda bench: iter([("the card has read", list(bench.read))]),
    "waits": lambda bench: iter([("waits for the lock of a page", bench.waited)]),
    "returned": lambda bench: iter([]),
}  # fmt: skip
"""What a bench can watch; ``returned`` is what ``begin`` returns, which a plan knows."""
