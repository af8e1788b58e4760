"""Read a process's page tables into a tree of plain nodes, like neighbours as one where asked.

A leaf table may offer ``runs()``, an iterator of ``(first index, count, Pte)`` over entries that are alike; then its
entries are never looked at one by one. So a process with a million pages is read in the time its runs take.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeAlias

from gupkit.draw.opened import Cuts
from gupkit.draw.states import pte_state
from gupkit.trace.snapshot import LEVELS, PAGE_SHIFT, SHIFTS, Pte, Snapshot

RunOf: TypeAlias = tuple[int, int, Pte]
"""First index, count, the entry (of a longer run: the first)."""

LEAF = len(LEVELS) - 1
FACTS = attrgetter(
    "present", "write", "dirty", "young", "protnone", "zero", "swapped", "poisoned", "file", "huge", "exclusive"
)
HUGE = 512
"""Pages that a huge entry maps."""
NEAR = 8
"""Entries on each side of ``around`` that are kept apart."""


@dataclass(slots=True)
class Node:
    """A table, an entry, or several neighbours drawn as one.

    ``kind``: ``table``, ``entry``, ``run`` (entries alike) or ``group`` (neighbours that differ; no children).
    ``depth``: 0 for the pgd to 3 for a pte table, 4 for entries. ``index`` and ``last``: first and last place in the
    table above. ``count``: how many neighbours it stands for. ``pages``: all entries below it, of all of them.
    ``tally``: those by state.
    """

    kind: str
    depth: int
    index: int
    address: int
    state: str = "table"
    count: int = 1
    last: int = 0
    pages: int = 0
    tally: dict[str, int] = field(default_factory=dict)
    pte: Pte | None = None
    changed: bool = False
    touched: bool = False
    """It changed, or something below it did."""
    children: list[Node] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The address after the last byte that it covers."""
        if self.depth == 0:
            return 1 << 48
        huge = self.pte is not None and self.pte.huge
        return self.address + ((self.last - self.index + 1) << SHIFTS[self.depth - 2 if huge else self.depth - 1])


@dataclass(slots=True)
class Reader:
    """What reading one process needs to know besides its tables.

    ``merge``: like neighbours become one run. ``changed``: addresses that changed. ``around``: keep the entries near
    this address apart. ``cuts``: where runs begin anew.
    """

    snapshot: Snapshot
    process: str
    merge: bool = False
    changed: frozenset[int] = frozenset()
    around: int | None = None
    cuts: Cuts = field(default_factory=Cuts)
    vma_edges: list[int] = field(init=False)
    pinned: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        vmas = self.snapshot.processes[self.process].vmas
        self.vma_edges = sorted({edge for vma in vmas for edge in (vma.start, vma.end)})
        self.pinned = frozenset(pin.pfn for pin in self.snapshot.pins)

    def read(self) -> Node:
        """The whole tree, from the pgd down."""
        root = self._table(self.snapshot.processes[self.process].pgd, 0, 0, 0)
        self._add_gone(root)
        return root

    def _table(self, table: Any, depth: int, index: int, address: int) -> Node:
        if isinstance(table, Pte):
            return self._huge(table, index, address)
        node = Node("table", depth, index, address, last=index)
        if depth == LEAF:
            node.children = list(self._entries(table, address))
        else:
            below = SHIFTS[depth]
            node.children = [
                self._table(table[i], depth + 1, i, address + (i << below)) for i in sorted(table)
            ]
        summarise(node)
        return node

    def _entries(self, table: Mapping[int, Any], address: int) -> Iterator[Node]:
        runs: Iterable[RunOf]
        ready = getattr(table, "runs", None)
        if not self.merge:
            runs = ((i, 1, table[i]) for i in sorted(table))
        elif ready is not None and not self.pinned and not self.snapshot.frames:
            runs = self._cut(ready(), address)
        else:
            runs = self._runs(table, address)
        for first, count, pte in runs:
            yield self._entry(first, count, pte, address + (first << PAGE_SHIFT))

    def _entry(self, first: int, count: int, pte: Pte, address: int) -> Node:
        state, changed = self._state(pte), address in self.changed
        pages = 0 if state == "hole" else count
        return Node(
            "run" if count > 1 else "entry", LEAF + 1, first, address, state, count, first + count - 1, pages,
            {state: pages} if pages else {}, pte, changed, changed,
        )

    def _huge(self, pte: Pte, index: int, address: int) -> Node:
        """An entry of a pmd that maps 2 MiB: a leaf one level higher than others, of 512 pages."""
        state, changed = self._state(pte), address in self.changed
        return Node("entry", LEAF + 1, index, address, state, 1, index, HUGE, {state: HUGE}, pte, changed, changed)

    def _state(self, pte: Pte) -> str:
        frame = self.snapshot.frames.get(pte.pfn) if pte.present and pte.pfn is not None else None
        return pte_state(pte, frame)

    def _runs(self, table: Mapping[int, Any], address: int) -> Iterator[RunOf]:
        """Like neighbours of a table as runs, cut where :meth:`_edges` says."""
        edges, start, before, alike = self._edges(address), -2, -2, None
        first = Pte()
        for index in sorted(table):
            pte = table[index]
            facts = FACTS(pte) if not self.snapshot.frames else self._facts(pte)
            if index != before + 1 or facts != alike or index in edges:
                if start >= 0:
                    yield start, before - start + 1, first
                start, first, alike = index, pte, facts
            before = index
        if start >= 0:
            yield start, before - start + 1, first

    def _facts(self, pte: Pte) -> tuple[Any, ...]:
        return FACTS(pte), self._state(pte), pte.pfn in self.pinned

    def _cut(self, runs: Iterable[RunOf], address: int) -> Iterator[RunOf]:
        """Ready-made runs, like neighbours joined, cut where :meth:`_edges` says."""
        edges = sorted(self._edges(address))
        for first, count, pte in _joined(runs):
            inside = edges[bisect_left(edges, first + 1) : bisect_left(edges, first + count)]
            for start, stop in zip([first, *inside], [*inside, first + count], strict=True):
                yield start, stop - start, pte

    def _edges(self, address: int) -> set[int]:
        """Indices of the leaf table at ``address`` where a run must start anew: VMA borders, changes, ``around``."""
        end = address + (1 << SHIFTS[LEAF - 1])
        borders = self.vma_edges[bisect_left(self.vma_edges, address) : bisect_left(self.vma_edges, end)]
        borders += self.cuts.at(LEAF + 1).within(address, end)
        edges = {(border - address) >> PAGE_SHIFT for border in borders}
        alone = [a for a in self.changed if address <= a < end]
        if self.around is not None:
            middle = self.around >> PAGE_SHIFT
            alone += [page << PAGE_SHIFT for page in range(middle - NEAR, middle + NEAR + 1)]
        for page in alone:
            if address <= page < end:
                edges |= {(page - address) >> PAGE_SHIFT, ((page - address) >> PAGE_SHIFT) + 1}
        return edges

    def _add_gone(self, root: Node) -> None:
        """Entries that changed and are empty now: shown as holes, or the deepest table is marked if it is empty."""
        for address in sorted(self.changed):
            node = root
            while node.depth <= LEAF:
                inside = _child(node, address)
                if inside is None:
                    break
                node = inside
            if node.depth == LEAF and node.children:
                gone = self._entry(address >> PAGE_SHIFT & 511, 1, Pte(), address)
                node.children = sorted([*node.children, gone], key=lambda c: c.index)
                summarise(node)
            elif node.depth <= LEAF:
                node.changed = True
            self._touch(root, address)

    def _touch(self, root: Node, address: int) -> None:
        """Mark the way down to ``address``."""
        node: Node | None = root
        while node is not None and node.depth <= LEAF:
            node.touched = True
            node = _child(node, address)


def _child(node: Node, address: int) -> Node | None:
    """The child that ``address`` lies in; children are in the order of their addresses."""
    after = bisect_right(node.children, address, key=lambda child: child.address)
    return node.children[after - 1] if after and address < node.children[after - 1].end else None


def _joined(runs: Iterable[RunOf]) -> Iterator[RunOf]:
    """Runs with neighbours that say the same made one."""
    held: RunOf | None = None
    for first, count, pte in runs:
        if held and held[0] + held[1] == first and FACTS(held[2]) == FACTS(pte):
            held = (held[0], held[1] + count, held[2])
            continue
        if held:
            yield held
        held = first, count, pte
    if held:
        yield held


def summarise(node: Node) -> None:
    """Set ``pages``, ``tally``, ``touched`` and ``state`` of a table from its children."""
    tally: dict[str, int] = {}
    for child in node.children:
        for state, pages in child.tally.items():
            tally[state] = tally.get(state, 0) + pages
    node.tally, node.pages = tally, sum(tally.values())
    node.touched = node.changed or any(child.touched for child in node.children)
    node.state = "table" if node.children else "empty"


def table_counts(pgd: Mapping[int, Any]) -> dict[str, int]:
    """How many tables of each level there are, in the time of looking at tables, not at entries.

    >>> table_counts({0: {0: {0: {}, 1: {}}}})
    {'pgd': 1, 'pud': 1, 'pmd': 1, 'pte': 2}
    """
    counts, level = {}, [pgd]
    for name in LEVELS:
        counts[name] = len(level)
        below = [table for above in level for table in above.values()] if name != LEVELS[-1] else []
        level = [table for table in below if not isinstance(table, Pte)]
    return counts
