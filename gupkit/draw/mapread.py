"""Read the virtual pages of every VMA that a page map shows, absent ones included."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from gupkit.draw.graph import by_age, process_name
from gupkit.draw.mappages import Page, chunks
from gupkit.draw.tables import HUGE, LEAF, Node, Reader
from gupkit.trace.snapshot import PAGE_SHIFT, PAGE_SIZE, Snapshot, Vma


@dataclass(frozen=True, slots=True)
class Reading:
    """The VMAs' pages of the processes shown, read once for every folding that is tried."""

    snapshot: Snapshot
    names: list[str]
    only: bool
    """One process was asked for, and what has nothing to do with it is left out."""
    fold: bool
    changed: Any
    vmas: dict[str, list[list[Page]]]
    thinned: bool = False
    """Frames were left out: a page whose frame is not in the snapshot is not a page of a freed frame."""
    opened: tuple[str, ...] = ()
    """Keys of folded boxes whose parts are drawn."""

    def least(self) -> int:
        """How many boxes and lines a picture takes at least if nothing in it is folded."""
        lists = [pages for of_process in self.vmas.values() for pages in of_process]
        frames = self.snapshot.frames
        mapped = sum(page.pte is not None and page.pte.pfn in frames for pages in lists for page in pages)
        held = 0 if self.only else len(frames) + 2 * len(self.snapshot.pins)
        return len(lists) + sum(map(len, lists)) + mapped + held

    def nodes(self, most_pages: int, most_vmas: int) -> int:
        """How many VMA and page nodes a graph would have at least if it has no frames."""
        groups = [group for lists in self.vmas.values() for group in chunks(lists, most_vmas)]
        return sum(1 + min(most_pages, sum(map(len, group))) for group in groups)


def read(
    snapshot: Snapshot, process: str | None, fold: bool, changed: Any = None, thinned: bool = False,
    opened: Iterable[str] = (),
) -> Reading:  # fmt: skip
    """What :func:`graph_of` needs to know of the processes. Raises ``GupkitError`` for one that is not there."""
    names = by_age(snapshot) if process is None else [process_name(snapshot, process)]
    touched = changed.ptes if changed is not None else frozenset()
    vmas = {name: _vma_pages(snapshot, name, fold, touched) for name in names}
    return Reading(snapshot, names, process is not None, fold, changed, vmas, thinned, tuple(opened))


def _vma_pages(snapshot: Snapshot, name: str, fold: bool, touched: frozenset[tuple[str, int]]) -> list[list[Page]]:
    found = entries(snapshot, name)
    starts = [entry.address for entry in found]
    lists = []
    for vma in filter(lambda vma: vma.pages, snapshot.processes[name].vmas):
        pages = list(pages_of(name, vma, found, starts))
        if not fold or any(vma.start <= a < vma.end for p, a in touched if p == name):
            pages = [one for page in pages for one in (single(page) if page.count > 1 else (page,))]
        for page in pages:
            page.changed = (name, page.address) in touched
        lists.append(pages)
    return lists


def entries(snapshot: Snapshot, process: str) -> list[Node]:
    """Every entry of a process in address order; runs of like ones as one where no frame is known."""
    found = [Reader(snapshot, process, merge=not snapshot.frames).read()]
    for _ in range(LEAF + 1):
        found = [one for node in found for one in (node.children if node.kind == "table" else _small(node))]
    return found


def _small(node: Node) -> list[Node]:
    """An entry as it is, a huge one as the 512 pages that it maps."""
    if node.pte is None or not node.pte.huge or node.pte.pfn is None:
        return [node]
    pte, at = replace(node.pte, huge=False), node.address
    return [
        Node("entry", LEAF + 1, i, at + (i << PAGE_SHIFT), node.state, 1, i, 1, pte=replace(pte, pfn=node.pte.pfn + i))
        for i in range(HUGE)
    ]


def pages_of(process: str, vma: Vma, all_entries: list[Node], starts: list[int]) -> Iterator[Page]:
    """The pages of a VMA in address order, holes included; ``starts`` are the entries' addresses."""
    address = vma.start
    for place in range(bisect_left(starts, vma.start), bisect_left(starts, vma.end)):
        entry = all_entries[place]
        if entry.address > address:
            yield Page(process, vma, address, (entry.address - address) >> PAGE_SHIFT)
        yield Page(process, vma, entry.address, entry.count, entry.state, entry.pte)
        address = entry.address + (entry.count << PAGE_SHIFT)
    if address < vma.end:
        yield Page(process, vma, address, (vma.end - address) >> PAGE_SHIFT)


def single(page: Page) -> Iterator[Page]:
    """A run of pages one by one."""
    for i in range(page.count):
        yield Page(page.process, page.vma, page.address + i * PAGE_SIZE, 1, page.state, page.pte)
