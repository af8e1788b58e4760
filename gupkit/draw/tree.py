"""The page-table picture: pgd, pud, pmd and pte tables as columns from left to right, then the entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gupkit.draw import describe, fold as folding, graph as graphs, layout, style
from gupkit.draw.canvas import LINE, MARGIN, WIDTH, Canvas
from gupkit.draw.scene import Line, Rect, Scene, Text
from gupkit.draw.states import count
from gupkit.draw.tables import LEAF, Node
from gupkit.trace.snapshot import LEVELS, Snapshot

MOST_SHAPES = 400
"""A picture folds by itself above this many shapes."""

MOST_HEIGHT = 2000.0
"""A folded picture is no taller than this, in px, if more folding helps."""

STEPS = ((64, 64), (16, 64), (4, 64), (1, 64), (1, 32), (1, 16), (1, 8), (1, 4), (1, 2))
"""How many entries a pte table may show, and how many tables any other: tried until the picture is small enough."""

GAP = 6.0
TRUNK = 24.0
"""Room, in px, between two columns of tables: where the lines run."""

MOST_ROWS = 8
"""Beside a table with more rows of entries than this, tables stand at the top and not in the middle."""

TALLEST = 900.0
"""Above this height, in px, entries are drawn on one line instead of two."""

BASES: Mapping[str, Callable[[int], str]] = {"oct": lambda i: f"0o{i:03o}", "hex": lambda i: f"0x{i:03x}"}
"""How an index of nine address bits is written next to its decimal form."""


def page_table(
    snapshot: Snapshot,
    process: str | None = None,
    fold: bool | None = None,
    changed: Any = None,
    around: int | None = None,
    *,
    width: float = WIDTH,
    base: str = "oct",
) -> Scene:
    """The page tables of ``process`` (None: the first one alive) as a picture ``width`` px wide.

    ``fold``: None folds when the picture would have more than 400 shapes, True always, False never; a folded picture
    has at most 400. ``changed`` is a ``Diff`` whose entries are marked, or None. ``around`` is an address whose
    entries are drawn one by one even where the rest is folded. ``base``: ``oct`` (an index is three octal digits) or
    ``hex``. Raises :class:`gupkit.errors.GupkitError` for a process that the snapshot does not have.

    >>> from gupkit.trace.snapshot import Process, Pte, Snapshot
    >>> p = Process("P", pgd={0: {0: {0: {1: Pte(present=True, write=True)}}}})
    >>> page_table(Snapshot(processes={"P": p})).title
    'Page tables of P'
    """
    name = graphs.process_name(snapshot, process)
    digits = BASES.get(base, BASES["oct"])
    if fold is False or (fold is None and _entries(snapshot, name) <= MOST_SHAPES):
        tree = graphs.read(snapshot, name, False, None, changed, around)
        scene = _draw(snapshot, name, tree, width, digits)
        if fold is False or len(scene.shapes) <= MOST_SHAPES:
            return scene
    return _folded(snapshot, name, changed, around, width, digits)


def _entries(snapshot: Snapshot, process: str) -> int:
    """How many entries the leaf tables have, without looking at them."""
    level: list[Any] = [snapshot.processes[process].pgd]
    for _ in range(LEAF):
        level = [table for above in level for table in above.values()]
    return sum(map(len, level))


def _folded(
    snapshot: Snapshot, process: str, changed: Any, around: int | None, width: float, digits: Callable[[int], str]
) -> Scene:
    tree = graphs.read(snapshot, process, True, None, changed, around)
    for most, tables in STEPS:
        if _nodes(tree) <= MOST_SHAPES:
            scene = _draw(snapshot, process, tree, width, digits)
            if len(scene.shapes) <= MOST_SHAPES and scene.height <= MOST_HEIGHT:
                return scene
        folding.limit(tree, most, tables, around)
    return _draw(snapshot, process, tree, width, digits)


def _nodes(node: Node) -> int:
    return 1 + sum(map(_nodes, node.children))


def _draw(snapshot: Snapshot, process: str, tree: Node, width: float, digits: Callable[[int], str]) -> Scene:
    graph = graphs.graph_of(snapshot, process, tree)
    canvas = Canvas(f"Page tables of {process}", snapshot.about, width)
    bottom = 0.0
    for compact in (False, True):
        plan = _Plan(graph, canvas.width, compact, digits)
        bottom = plan.place(canvas.top + 2 * LINE + 6)
        if bottom - canvas.top <= TALLEST:
            break
    plan.paint(canvas)
    return canvas.scene(bottom, describe.page_table(graph, snapshot), (_LETTERS,))


_LETTERS = "Letters of an entry: P present, W writable, D dirty, A accessed; - no, ? not observable."


@dataclass(slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    label: str


class _Plan:
    """One try at the layout: how each node is labelled, and where it goes."""

    def __init__(self, graph: Any, width: float, compact: bool, digits: Callable[[int], str]) -> None:
        self.graph, self.width, self.compact, self.digits = graph, width, compact, digits
        self.root = next(iter(graph))
        self.tables = [n for n, d in graph.nodes(data=True) if d["depth"] <= LEAF]
        self.entries = {t: [c for c in graph.successors(t) if graph.nodes[c]["depth"] > LEAF] for t in self.tables}
        self.boxes: dict[str, _Box] = {}
        self.columns: list[float] = []
        self.widths: list[float] = []
        self.unit = 60.0

    def place(self, top: float) -> float:
        """Give every node its box; returns the bottom."""
        labels = {node: self.label(data) for node, data in self.graph.nodes(data=True)}
        left = self._columns(labels)
        widths = [_width(labels[n]) for n, data in self.graph.nodes(data=True) if data["depth"] > LEAF]
        singles = [w for w in widths if w <= 1.5 * min(widths)]
        self.unit = max(singles, default=60.0)
        flows = {table: self._flow(nodes, labels, left) for table, nodes in self.entries.items()}
        tall = _height("" if self.compact else "\n")
        gap_y = 4.0 if self.compact else GAP
        heights = {table: _height(labels[table]) for table in self.tables}
        below = {t: [c for c in self.graph.successors(t) if self.graph.nodes[c]["depth"] <= LEAF] for t in self.tables}
        blocks = {t: len({row for row, _ in f}) * (tall + gap_y) - gap_y if f else 0.0 for t, f in flows.items()}
        # Next to a block of many rows a table stands at its top, where a reader begins, and so do all above it.
        centred = max(blocks.values()) <= MOST_ROWS * (tall + gap_y)
        rooms = {table: max(heights[table], blocks[table]) for table in self.tables}
        gap = GAP if self.compact else GAP + 4
        tops, bottom = layout.tree_rows(below, self.root, rooms, gap, top, centred)
        for table in self.tables:
            depth, room = self.graph.nodes[table]["depth"], rooms[table]
            first = tops[table] + (room - blocks[table]) / 2
            y = tops[table] + ((room - heights[table]) / 2 if centred else 0)
            self.boxes[table] = _Box(self.columns[depth], y, self.widths[depth], heights[table], labels[table])
            for node, (row, x) in zip(self.entries[table], flows[table], strict=True):
                wide = self._units(labels[node])
                self.boxes[node] = _Box(left + x, first + row * (tall + gap_y), wide, tall, labels[node])
        return bottom

    def _columns(self, labels: Mapping[str, str]) -> float:
        """Set the columns of the tables; returns the left edge of the entries."""
        self.widths = [
            max([_width(labels[t]) for t in self.tables if self.graph.nodes[t]["depth"] == depth], default=60.0)
            for depth in range(len(LEVELS))
        ]
        # A header must fit above its column as well.
        self.widths = [max(w, style.text_width("bits 47–39") - TRUNK + 4) for w in self.widths]
        x = MARGIN
        self.columns = []
        for column in self.widths:
            self.columns.append(x)
            x += column + TRUNK
        self.columns.append(x)
        return x

    def _flow(self, nodes: list[str], labels: Mapping[str, str], left: float) -> list[tuple[int, float]]:
        widths = [self._units(labels[node]) for node in nodes]
        return layout.flow(widths, self.width - MARGIN - left, self.unit, GAP)

    def _units(self, label: str) -> float:
        """The width of an entry's box: whole columns, so that boxes of all rows stand in line."""
        columns = -(-(_width(label) + GAP) // (self.unit + GAP))
        return float(columns * (self.unit + GAP) - GAP)

    def label(self, data: dict[str, Any]) -> str:
        """What stands in a node's box."""
        if data["depth"] == 0:
            lines = [self.graph.graph["process"], f"{data['pages']:,} entries"]
            lines = [layout.shorten(lines[0], 90), _used(self.graph, self.root)]
        elif data["depth"] <= LEAF:
            lines = self._table_label(data)
        else:
            lines = self._entry_label(data)
        return " ".join(lines) if self.compact and data["depth"] > LEAF else "\n".join(lines)

    def _table_label(self, data: dict[str, Any]) -> list[str]:
        place = self._place_words(data)
        if data["kind"] == "group":
            tables, pages = f"{data['count']:,} tables", count(data["pages"], "page")
            return [f"{tables} {place}", pages] if self.compact else [tables, place, pages]
        if data["count"] > 1:
            return [f"{data['count']:,} tables alike", place]
        if self.compact:
            return [place]
        return [place, f"{data['pages']:,} of 512" if data["level"] == "pte" else f"at {data['address']:#x}"]

    def _place_words(self, data: dict[str, Any]) -> str:
        first, last = data["index"], data["last"]
        if first == last:
            return f"{first} {self.digits(first)}"
        return f"{first}–{last}" if self.compact else f"{first}–{last} {self.digits(first)}–"

    def _entry_label(self, data: dict[str, Any]) -> list[str]:
        letter = style.STYLES[data["state"]].letter
        if data["kind"] == "group":
            return [f"{letter} {self._place_words(data)}", count(data["pages"], "page")]
        if data["count"] > 1:
            return [f"{letter} {data['count']} × {data['letters'] if data['present'] else _absent(data, True)}", self._place_words(data)]
        if self.compact:
            return [f"{letter} {self.digits(data['index'])} {data['letters'] if data['present'] else _absent(data, True)}"]
        return [f"{letter} {self._place_words(data)}", _second_line(data)]

    def paint(self, canvas: Canvas) -> None:
        """Put headers, lines and boxes on the canvas."""
        self._headers(canvas)
        for table in self.tables:
            self._lines(canvas, table)
        for node, data in self.graph.nodes(data=True):
            box = self.boxes[node]
            many = data["count"] > 1
            pins = data.get("pins") or 0
            canvas.rect(
                Rect(
                    box.x, box.y, box.width, box.height, data["state"], box.label, data["level"],
                    describe.node(self.graph, node), node, data["changed"], many,
                ),
                pins=pins, pin_tooltip=f"pinned: {count(pins, 'reference')} outside the page tables",
            )

    def _headers(self, canvas: Canvas) -> None:
        bits = ("root", "bits 47–39", "bits 38–30", "bits 29–21", "bits 20–12")
        for x, level, used in zip(self.columns, (*LEVELS, "page"), bits, strict=True):
            canvas.text(Text(x, canvas.top + LINE / 2, level, bold=True, role="heading"))
            canvas.text(Text(x, canvas.top + LINE * 1.4, used, mono=True, muted=True, role="heading"))

    def _lines(self, canvas: Canvas, table: str) -> None:
        """From a table to each table below it, and to the first entry of each row."""
        box, rows = self.boxes[table], set()
        right, middle = box.x + box.width, box.y + box.height / 2
        for child in self.graph.successors(table):
            target = self.boxes[child]
            if child in self.entries[table] and (target.y in rows or target.x > self.columns[-1]):
                continue
            rows.add(target.y)
            trunk, y = self.columns[self.graph.nodes[child]["depth"]] - TRUNK / 2, target.y + target.height / 2
            canvas.line(Line(
                ((right, middle), (trunk, middle), (trunk, y), (target.x, y)), key=f"{table}->{child}",
                changed=self.graph.nodes[child]["changed"],
            ))


def _used(graph: Any, node: str) -> str:
    used = sum(graph.nodes[child]["count"] for child in graph.successors(node))
    return f"{used} of 512"


def _second_line(data: dict[str, Any]) -> str:
    return data["letters"] + ("" if data["pfn"] is None else f" pfn {data['pfn']}") if data["present"] else _absent(data)


def _absent(data: dict[str, Any], short: bool = False) -> str:
    """What an entry that is not present says, in a few letters."""
    if data["state"] == "swap":
        return "swap" if data["swap"] is None or short else f"swap {data['swap']}"
    return {"hole": "gone", "protnone": "none"}.get(data["state"], "----")


def _width(label: str) -> float:
    return round(style.text_width(label) + 20, 1)


def _height(label: str) -> float:
    lines = label.count("\n") + 1
    return 8 + 14.0 * lines if lines == 1 else 12 + 14.0 * lines
