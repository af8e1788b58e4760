"""The page-table graph: a tree with documented facts, folded without losing count."""

from typing import Any

import networkx
import pytest

from gupkit.draw import page_table_graph
from gupkit.errors import GupkitError
from gupkit.trace.diff import Diff
from gupkit.trace.runs import Run, RunTable
from gupkit.trace.snapshot import Process, Pte, Snapshot
from tests.draw.machines import BUF, HEAP, change, flat, full_tree, million, put, small

COMMON = {
    "kind", "level", "depth", "index", "last", "count", "address", "end", "pages", "tally", "state", "changed", "vma",
    "vma_key",
}  # fmt: skip
ENTRY = {
    "pfn", "present", "write", "dirty", "young", "protnone", "zero", "swap", "swapped", "poisoned", "huge",
    "letters", "words",
    "refcount", "mapcount", "pins",
}  # fmt: skip


def leaves(graph: Any) -> list[dict[str, Any]]:
    """The attributes of the nodes that stand for entries."""
    return [data for node, data in graph.nodes(data=True) if graph.out_degree(node) == 0]


def test_the_graph_is_a_tree_in_index_order() -> None:
    """A reader's algorithms find an arborescence whose children come in the order of their indices."""
    graph = page_table_graph(small())
    assert networkx.is_arborescence(graph)
    for node in graph:
        indices = [graph.nodes[child]["index"] for child in graph.successors(node)]
        assert indices == sorted(indices)


def test_unfolded_there_is_a_node_for_everything() -> None:
    """Without folding each table and each entry is a node."""
    machine = small()
    process = machine.processes["P"]
    graph = page_table_graph(machine)
    assert len(graph) == sum(process.tables().values()) + len(list(process.ptes()))
    assert [len(page_table_graph(full_tree(fan))) for fan in (2, 3, 4)] == [31, 121, 341]


def test_nodes_have_the_documented_attributes() -> None:
    """Tables have the common attributes, entries those and the entry's own."""
    for _, data in page_table_graph(small()).nodes(data=True):
        assert set(data) == (COMMON | ENTRY if data["level"] == "page" else COMMON)


def test_an_entry_says_what_the_snapshot_says() -> None:
    """Facts of entry, frame and VMA are on the node, under the key of its address."""
    data = page_table_graph(small()).nodes[f"pte:P:{BUF:#x}"]
    assert (data["pfn"], data["write"], data["letters"], data["refcount"], data["pins"]) == (12, True, "PWDA", 2, 1)
    assert (data["vma"], data["vma_key"], data["state"]) == ("buf", f"vma:P:{BUF:#x}", "anon")
    assert data["words"] == "present, writable, dirty, accessed"
    assert (data["index"], data["address"], data["end"]) == (BUF >> 12 & 511, BUF, BUF + 4096)


def test_each_state_is_told() -> None:
    """The states of the entries of a machine with one of each."""
    states = {data["address"]: data["state"] for data in leaves(page_table_graph(small()))}
    assert [states[a] for a in sorted(states)] == ["file", "dirty", "protnone", "anon", "anon", "swap", "zero"]


@pytest.mark.parametrize("entries", [1, 7, 100, 512, 1500])
@pytest.mark.parametrize("most", [None, 1, 2, 5, 64])
def test_fold_counts_add_up(entries: int, most: int | None) -> None:
    """However a table is folded, the pages of its leaves are all the entries, and each table's tally is theirs."""
    graph = page_table_graph(flat(entries), fold=True, most=most)
    assert sum(data["pages"] for data in leaves(graph)) == entries
    for node, data in graph.nodes(data=True):
        below = [graph.nodes[child]["pages"] for child in graph.successors(node)]
        assert not below or sum(below) == data["pages"]
        assert sum(data["tally"].values()) == data["pages"]
        assert most is None or len(below) <= most


@pytest.mark.parametrize("entries", [2, 512, 512 * 7 + 3])
def test_like_entries_are_one_run(entries: int) -> None:
    """Entries that differ in their frame only are one run, and full tables of them are one node that counts them."""
    pgd: dict[int, Any] = {}
    for i in range(entries):
        put(pgd, i << 12, Pte(pfn=i, present=True))
    graph = page_table_graph(Snapshot(processes={"P": Process("P", pgd=pgd)}), fold=True)
    assert sum(data["pages"] for data in leaves(graph)) == entries
    assert len(leaves(graph)) == 1 + (entries > 512)
    first = leaves(graph)[0]
    assert (first["kind"], first["count"]) == ("run", min(entries, 512))
    if entries > 512:
        assert "table:P:pte:0x0+7" in graph


def test_like_tables_far_apart_are_not_one() -> None:
    """Only neighbours are drawn as one: a gap keeps them apart."""
    pgd: dict[int, Any] = {}
    for table in (0, 1, 5):
        put(pgd, table << 21, Pte(present=True))
    tables = [n for n in page_table_graph(Snapshot(processes={"P": Process("P", pgd=pgd)}), fold=True) if ":pte:" in n]
    assert tables == ["table:P:pte:0x0+2", "table:P:pte:0xa00000"]


def test_runs_end_at_vmas() -> None:
    """Like entries of two regions side by side are two runs."""
    from gupkit.trace.snapshot import Vma

    pgd: dict[int, Any] = {}
    for i in range(8):
        put(pgd, HEAP + (i << 12), Pte(present=True))
    vmas = (Vma(HEAP, HEAP + 0x3000, name="a"), Vma(HEAP + 0x3000, HEAP + 0x8000, name="b"))
    graph = page_table_graph(Snapshot(processes={"P": Process("P", vmas=vmas, pgd=pgd)}), fold=True)
    assert [(data["vma"], data["count"]) for data in leaves(graph)] == [("a", 3), ("b", 5)]


def test_pinned_pages_are_not_folded_away() -> None:
    """A pinned page among its like keeps a node of its own, with its pins."""
    from gupkit.trace.snapshot import Frame, Pin

    pgd: dict[int, Any] = {}
    for i in range(9):
        put(pgd, i << 12, Pte(pfn=i, present=True))
    frames = {i: Frame(i, "anon", 1 + (i == 4), 1, int(i == 4)) for i in range(9)}
    machine = Snapshot(processes={"P": Process("P", pgd=pgd)}, frames=frames, pins=(Pin("p", 4),))
    assert [(d["count"], d["pins"]) for d in leaves(page_table_graph(machine, fold=True))] == [(4, 0), (1, 1), (4, 0)]


def test_around_keeps_an_address_apart() -> None:
    """The entries near ``around`` are nodes of their own where the rest is folded, also in a large process."""
    address = 0x7F0000000000 + (700 << 21) + 0x14000
    graph = page_table_graph(million(), fold=True, most=4, around=address)
    assert graph.nodes[f"pte:big:{address:#x}"]["count"] == 1
    assert len(graph) < 100


def test_ready_made_runs_are_not_looked_into() -> None:
    """A leaf table that offers runs is folded without touching an entry, and cut at VMAs and changes."""
    changed = 0x7F0000000000 + 0x5000
    graph = page_table_graph(million(3), fold=True, changed=Diff(frozenset({("big", changed)})))
    assert sum(data["pages"] for data in leaves(graph)) == 1_500
    assert [d["count"] for d in leaves(graph)][:4] == [5, 1, 244, 250]
    assert [d["address"] for d in leaves(graph) if d["changed"]] == [changed]


def test_changes_are_marked_also_where_nothing_is_left() -> None:
    """A changed entry is marked; one that is empty now is a hole; where its table is gone the one above is marked."""
    graph = page_table_graph(small(), changed=change())
    assert graph.nodes[f"pte:P:{BUF:#x}"]["changed"]
    assert graph.nodes[f"pte:P:{BUF + 0x4000:#x}"]["state"] == "hole"
    assert sum(data["changed"] for _, data in graph.nodes(data=True)) == 2
    gone = page_table_graph(small(), changed=Diff(frozenset({("P", 1 << 39), ("Q", 0x1000)})))
    assert [node for node, data in gone.nodes(data=True) if data["changed"]] == ["table:P:pgd:0x0"]


def test_an_empty_leaf_table_that_changed_is_marked_itself() -> None:
    """A table that lost its last entry is drawn as empty, and marked."""
    machine = Snapshot(processes={"P": Process("P", pgd={0: {0: {0: {}}}})})
    graph = page_table_graph(machine, changed=Diff(frozenset({("P", 0x3000)})))
    data = graph.nodes["table:P:pte:0x0"]
    assert (data["state"], data["changed"], data["pages"]) == ("empty", True, 0)


def test_changed_things_hidden_in_a_group_mark_the_group() -> None:
    """Where a change is inside neighbours drawn as one, that one is marked."""
    machine = flat(300)
    graph = page_table_graph(machine, most=2, changed=Diff(frozenset({("P", HEAP + 0x7000)})))
    assert [data["changed"] for data in leaves(graph)] == [True, False]


def test_who_does_not_exist_is_named() -> None:
    """A wrong process is refused in one line that says which there are; so is a snapshot without any."""
    with pytest.raises(GupkitError) as wrong:
        page_table_graph(small(), "R")
    assert str(wrong.value) == "this snapshot has no process 'R': it has P, Q"
    with pytest.raises(GupkitError) as empty:
        page_table_graph(Snapshot())
    assert "no process to draw" in str(empty.value)


def test_the_living_come_first() -> None:
    """Without a name, the first process alive is drawn; of the dead, the first."""
    dead, alive = Process("D", alive=False), Process("A")
    assert page_table_graph(Snapshot(processes={"D": dead, "A": alive})).graph["process"] == "A"
    assert page_table_graph(Snapshot(processes={"D": dead})).graph["process"] == "D"


def test_neighbouring_ready_made_runs_that_are_alike_join() -> None:
    """Runs that a table tells apart although they say the same are one run of the picture; a gap keeps them apart."""
    page = Pte(present=True)
    table = RunTable([Run(0, 3, page), Run(3, 4, page), Run(9, 2, page)])
    machine = Snapshot(processes={"P": Process("P", pgd={0: {0: {0: table}}})})
    assert [data["count"] for data in leaves(page_table_graph(machine, fold=True))] == [7, 2]


def test_empty_tables_fold_and_read() -> None:
    """Leaf tables without entries, of either kind, are drawn as empty tables."""
    machine = Snapshot(processes={"P": Process("P", pgd={0: {0: {0: RunTable([]), 5: {}}}})})
    for fold in (False, True):
        states = [d["state"] for d in leaves(page_table_graph(machine, fold=fold))]
        assert states == ["empty", "empty"]
