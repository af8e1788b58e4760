"""A process's page tables as a networkx graph, for pictures and for a reader's own algorithms.

networkx is imported when the first graph is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from gupkit.draw import fold as folding
from gupkit.draw.opened import Cuts
from gupkit.draw.states import pte_words, vma_name
from gupkit.draw.tables import LEAF, Node, Reader
from gupkit.errors import GupkitError
from gupkit.trace.snapshot import LEVELS, Process, Snapshot, Vma

if TYPE_CHECKING:
    from networkx import DiGraph


ENTRY_FACTS = (
    "pfn", "present", "write", "dirty", "young", "protnone", "zero", "swap", "swapped", "poisoned", "huge", "letters",
)  # fmt: skip
"""Attributes of an entry that its node takes over as they are."""
FACTS_OF = attrgetter(*ENTRY_FACTS)


def page_table_graph(
    snapshot: Snapshot,
    process: str | None = None,
    fold: bool = False,
    *,
    most: int | None = None,
    changed: Any = None,
    around: int | None = None,
    opened: Collection[str] = (),
) -> DiGraph[str]:
    """The page tables of ``process`` (None: the first one alive) as a tree, edges from parent to child by index.

    ``fold`` makes one node of like neighbours; ``most`` allows each table at most that many children by grouping
    neighbours that differ; ``around`` is an address whose entries are kept apart, and ``opened`` are keys of folded
    nodes whose parts are (see :mod:`gupkit.draw.opened`). ``changed`` is a ``Diff`` or None:
    its entries are marked, and kept as holes where they are gone. Without folding each table and each entry is a node.

    Nodes are the keys of :mod:`gupkit.draw.scene`. Attributes of each:

    * ``kind``: ``table``, ``entry``, ``run`` (like entries) or ``group`` (neighbours that differ);
    * ``level``: ``pgd``, ``pud``, ``pmd``, ``pte`` for tables, ``page`` for entries; ``depth``: 0 to 4;
    * ``index``, ``last``: first and last place in the table above; ``count``: how many neighbours it stands for;
    * ``address``, ``end``: the bytes covered, half-open; ``pages``: the non-empty entries at or below it;
    * ``tally``: those by state; ``state``: a name in ``style.STYLES``; ``changed``;
    * ``vma``, ``vma_key``: name and key of the VMA that holds ``address``, or None;
    * entries and runs also have ``pfn``, ``present``, ``write``, ``dirty``, ``young``, ``protnone``, ``zero``,
      ``swap``, ``swapped``, ``poisoned``, ``huge``, ``letters``, ``words``, ``refcount``, ``mapcount``, ``pins`` (of
      a run: of its first entry; None where not observable).

    Raises :class:`gupkit.errors.GupkitError` for a process that the snapshot does not have.

    >>> from gupkit.trace.snapshot import Process, Pte, Snapshot
    >>> p = Process("P", pgd={0: {0: {0: {i: Pte(present=True) for i in range(8)}}}})
    >>> s = Snapshot(processes={"P": p})
    >>> len(page_table_graph(s)), len(page_table_graph(s, fold=True))
    (12, 5)
    """
    name = process_name(snapshot, process)
    tree = read(snapshot, name, fold, most, changed, around, opened)
    return graph_of(snapshot, name, tree)


def graph_of(snapshot: Snapshot, process: str, tree: Node) -> DiGraph[str]:
    """The graph of a tree that :func:`read` returned."""
    import networkx

    graph: DiGraph[str] = networkx.DiGraph(process=process, about=snapshot.about, kind="page table")
    _add(graph, snapshot, VmaIndex(snapshot.processes[process]), tree, None)
    return graph


class VmaIndex:
    """The VMAs of one process, found by address without walking through thousands of them."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.starts = [vma.start for vma in process.vmas]

    def at(self, address: int) -> Vma | None:
        """The VMA that holds ``address``, or None."""
        place = bisect_right(self.starts, address) - 1
        vma = self.process.vmas[place] if place >= 0 else None
        return vma if vma is not None and address < vma.end else None


def by_age(snapshot: Snapshot) -> list[str]:
    """The processes, the oldest first: a mapping keeps no order that could be told from run to run."""
    return sorted(snapshot.processes, key=lambda name: (snapshot.processes[name].pid, name))


def process_name(snapshot: Snapshot, process: str | None) -> str:
    """``process``, or the first process alive (else the first). Raises ``GupkitError`` if there is no such process."""
    if process is None:
        names = by_age(snapshot)
        alive = (name for name in names if snapshot.processes[name].alive)
        process = next(alive, next(iter(names), None))
        if process is None:
            raise GupkitError("this snapshot has no process to draw: take it after a process was made")
    if process not in snapshot.processes:
        there = ", ".join(snapshot.processes) or "none"
        raise GupkitError(f"this snapshot has no process {process!r}: it has {there}")
    return process


def read(
    snapshot: Snapshot, process: str, fold: bool, most: int | None, changed: Any = None, around: int | None = None,
    opened: Collection[str] = (),
) -> Node:  # fmt: skip
    """The tree of nodes that :func:`page_table_graph` makes its graph from."""
    addresses = frozenset(a for p, a in changed.ptes if p == process) if changed is not None else frozenset()
    cuts = Cuts(opened, process, around)
    tree = Reader(snapshot, process, fold or most is not None, addresses, around, cuts).read()
    if fold or most is not None:
        folding.alike(tree, cuts)
    if most is not None:
        folding.limit(tree, most, most, cuts)
    return tree


def _add(graph: DiGraph[str], snapshot: Snapshot, vmas: VmaIndex, node: Node, parent: str | None) -> None:
    key = node_key(vmas.process.name, node)
    graph.add_node(key, **_common(vmas, node), **_entry(snapshot, node))
    if parent is not None:
        graph.add_edge(parent, key)
    for child in node.children:
        _add(graph, snapshot, vmas, child, key)


def node_key(process: str, node: Node) -> str:
    """The node's name in the graph and its key in a scene."""
    many = f"+{node.last - node.index + 1}" if node.count > 1 else ""
    if node.depth > LEAF:
        return f"pte:{process}:{node.address:#x}{many}"
    return f"table:{process}:{LEVELS[node.depth]}:{node.address:#x}{many}"


def _common(vmas: VmaIndex, node: Node) -> dict[str, Any]:
    vma = vmas.at(node.address) if node.depth > LEAF else None
    return {
        "kind": node.kind, "level": (*LEVELS, "page")[node.depth], "depth": node.depth, "index": node.index,
        "last": node.last, "count": node.count, "address": node.address, "end": node.end, "pages": node.pages,
        "tally": dict(node.tally), "state": node.state, "changed": node.changed,
        "vma": vma_name(vma) if vma else None, "vma_key": f"vma:{vmas.process.name}:{vma.start:#x}" if vma else None,
    }


def _entry(snapshot: Snapshot, node: Node) -> dict[str, Any]:
    pte = node.pte
    if pte is None:
        return {}
    frame = snapshot.frames.get(pte.pfn) if pte.pfn is not None and pte.present else None
    return {
        **dict(zip(ENTRY_FACTS, FACTS_OF(pte), strict=True)),
        "words": pte_words(pte, node.count),
        "refcount": frame.refcount if frame else None,
        "mapcount": frame.mapcount if frame else None,
        "pins": frame.pins if frame else 0,
    }
