"""The page-table picture: pgd, pud, pmd and pte tables as columns from left to right, then the entries."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from gupkit.draw import describe
from gupkit.draw import fold as folding
from gupkit.draw import graph as graphs
from gupkit.draw.canvas import LINE, WIDTH, Canvas
from gupkit.draw.opened import Cuts, room_for
from gupkit.draw.scene import Line, Rect, Scene, Text
from gupkit.draw.states import count
from gupkit.draw.tables import LEAF, Node
from gupkit.draw.thin import thin
from gupkit.draw.treelabels import BASES, Labels
from gupkit.draw.treeplan import TRUNK, Plan, least_height
from gupkit.errors import GupkitError
from gupkit.trace.snapshot import LEVELS, Pte, Snapshot

MOST_SHAPES = 400
"""A picture folds by itself above this many shapes."""

MOST_HEIGHT = 2000.0
"""A folded picture is no taller than this, in px, if more folding helps."""

STEPS = ((64, 64), (16, 64), (4, 64), (1, 64), (1, 32), (1, 16), (1, 12), (1, 8), (1, 6), (1, 4), (1, 2))
"""How many entries a pte table may show, and how many tables any other: tried until the picture is small enough."""

TALLEST = 900.0
"""Above this height, in px, entries are drawn on one line instead of two."""


HEADER = 2 * LINE + 6
"""Height of the columns' headings, in px."""

TALLEST = 900.0
"""Above this height, in px, labels are short and entries are drawn on one line instead of two."""


def page_table(
    snapshot: Snapshot,
    process: str | None = None,
    fold: bool | None = None,
    changed: Any = None,
    around: int | None = None,
    *,
    width: float = WIDTH,
    base: str = "oct",
    opened: Collection[str] = (),
) -> Scene:
    """The page tables of ``process`` (None: the first one alive) as a picture ``width`` px wide.

    ``fold``: None folds when the picture would have more than 400 shapes, True always, False never; a folded picture
    has at most 400. ``changed`` is a ``Diff`` whose entries are marked, or None. ``around`` is an address whose
    entries are drawn one by one even where the rest is folded. ``base``: ``oct`` (an index is three octal digits) or
    ``hex``. ``opened`` are keys of folded boxes whose parts are drawn, on top of the 400. Raises
    :class:`gupkit.errors.GupkitError` for a process or base that there is not.

    >>> from gupkit.trace.snapshot import Process, Pte, Snapshot
    >>> p = Process("P", pgd={0: {0: {0: {1: Pte(present=True, write=True)}}}})
    >>> page_table(Snapshot(processes={"P": p})).title
    'Page tables of P'
    """
    name, snapshot = graphs.process_name(snapshot, process), thin(snapshot, changed)
    if base not in BASES:
        raise GupkitError(f"no base {base!r} for the indices of a page table: take {' or '.join(BASES)}")
    if fold is False or (fold is None and _entries(snapshot, name) <= MOST_SHAPES):
        tree = graphs.read(snapshot, name, False, None, changed, around)
        if fold is False or _least(tree) <= MOST_SHAPES:
            scene = _draw(snapshot, name, tree, width, base)
            if fold is False or len(scene.shapes) <= MOST_SHAPES:
                return scene
    return _folded(snapshot, name, changed, around, width, base, opened)


def _entries(snapshot: Snapshot, process: str) -> int:
    """How many entries the leaf tables have, without looking at them."""
    level: list[Any] = [snapshot.processes[process].pgd]
    for _ in range(LEAF):
        level = [table for above in level for table in above.values() if not isinstance(table, Pte)]
    return sum(map(len, level))


def _folded(
    snapshot: Snapshot, process: str, changed: Any, around: int | None, width: float, base: str,
    opened: Collection[str],
) -> Scene:  # fmt: skip
    cuts = Cuts(opened, process, around)
    tree = graphs.read(snapshot, process, True, None, changed, around, opened)
    most_shapes, most_height = room_for(opened, MOST_SHAPES, MOST_HEIGHT)
    for most, tables in STEPS:
        if _least(tree) <= most_shapes:
            scene = _draw(snapshot, process, tree, width, base)
            if len(scene.shapes) <= most_shapes and scene.height <= most_height:
                return scene
        folding.limit(tree, most, tables, cuts)
    return _draw(snapshot, process, tree, width, base)


def _least(node: Node) -> int:
    """Shapes that the tree takes at least: a box for each node, a line to each table and to each row of entries."""
    lines = min(1, len(node.children)) if node.depth == LEAF else len(node.children)
    return 1 + lines + sum(map(_least, node.children))


def _draw(snapshot: Snapshot, process: str, tree: Node, width: float, base: str) -> Scene:
    graph = graphs.graph_of(snapshot, process, tree)
    canvas = Canvas(f"Page tables of {process}", snapshot.about, width)
    top = canvas.top + HEADER
    compact = least_height(graph, canvas.width) > TALLEST
    plan = Plan(graph, Labels(graph, compact, base), canvas.width, top)
    if not compact and plan.bottom - canvas.top > TALLEST:
        plan = Plan(graph, Labels(graph, True, base), canvas.width, top)
    canvas.width = plan.width
    _paint(canvas, plan)
    return canvas.scene(plan.bottom, describe.page_table(graph, snapshot), (_LETTERS,))


_LETTERS = "Letters of an entry: P present, W writable, D dirty, A accessed; - no, ? not observable."


def _paint(canvas: Canvas, plan: Plan) -> None:
    """Put headings, lines and boxes on the canvas."""
    _headings(canvas, plan)
    for table in plan.tables:
        _lines(canvas, plan, table)
    for node, data in plan.graph.nodes(data=True):
        box, pins = plan.boxes[node], data.get("pins") or 0
        canvas.rect(
            Rect(
                box.x, box.y, box.width, box.height, data["state"], box.label, data["level"],
                describe.node(plan.graph, node), node, data["changed"], data["count"] > 1,
            ),
            pins=pins, pin_tooltip=f"pinned: {count(pins, 'reference')} outside the page tables",
        )


def _headings(canvas: Canvas, plan: Plan) -> None:
    bits = ("root", "bits 47–39", "bits 38–30", "bits 29–21", "bits 20–12")
    for x, level, used in zip(plan.columns, (*LEVELS, "page"), bits, strict=True):
        canvas.text(Text(x, canvas.top + LINE / 2, level, bold=True, role="heading"))
        canvas.text(Text(x, canvas.top + LINE * 1.4, used, mono=True, muted=True, role="heading"))


def _lines(canvas: Canvas, plan: Plan, table: str) -> None:
    """From a table to each table below it, and to the first entry of each row."""
    box = plan.boxes[table]
    right, middle = box.x + box.width, box.y + box.height / 2
    column = plan.columns[min(plan.depth[table] + 1, LEAF + 1)]
    for child in plan.graph.successors(table):
        target, data = plan.boxes[child], plan.graph.nodes[child]
        if target.x == plan.columns[data["depth"]]:
            trunk, y = column - TRUNK / 2, target.y + target.height / 2
            points = ((right, middle), (trunk, middle), (trunk, y), (target.x, y))
            canvas.line(Line(points, key=f"{table}->{child}", changed=data["changed"]))
