"""Where the boxes of the page-table picture go: tables in columns by level, entries wrapped into rows beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gupkit.draw import layout, style
from gupkit.draw.canvas import MARGIN
from gupkit.draw.tables import LEAF
from gupkit.draw.treelabels import Labels
from gupkit.trace.snapshot import LEVELS

GAP = 6.0
TRUNK = 24.0
"""Room, in px, between two columns of tables: where the lines run."""

MOST_ROWS = 8
"""Beside a table with more rows of entries than this, tables stand at the top and not in the middle."""


@dataclass(slots=True)
class Box:
    """A placed node: left, top, width and height in px, and its label."""

    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(slots=True)
class Plan:
    """A layout of a page-table graph that is ``width`` px wide, or as wide as it needs; ``top``: where it begins.

    Once made, ``boxes`` has every node, ``columns`` the left edge of each level, ``bottom`` the end.
    """

    graph: Any
    labels: Labels
    width: float
    top: float
    boxes: dict[str, Box] = field(default_factory=dict)
    columns: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    bottom: float = 0.0
    unit: float = 60.0
    """Width of the box of one entry."""
    depth: dict[str, int] = field(default_factory=dict)
    """0 for the pgd to 4 for entries."""
    tables: dict[str, list[str]] = field(default_factory=dict)
    """Each table, or group of tables, with what has a row of its own below it: tables, and entries of 2 MiB."""
    entries: dict[str, list[str]] = field(default_factory=dict)
    """Each table with its entries."""

    def __post_init__(self) -> None:
        self.depth = dict(self.graph.nodes(data="depth"))
        huge = {node for node, huge in self.graph.nodes(data="huge") if huge}
        for table in (node for node, depth in self.depth.items() if depth <= LEAF):
            below = list(self.graph.successors(table))
            # An entry of a pmd stands among tables, and has a row of its own as they have.
            self.tables[table] = [child for child in below if self.depth[child] <= LEAF or child in huge]
            self.entries[table] = [child for child in below if self.depth[child] > LEAF and child not in huge]
        self.tables |= dict.fromkeys(huge, [])
        words = {node: self.labels.of(node) for node in self.graph}
        self._columns(words)
        self._unit(words)
        self._place(words)

    def _columns(self, words: dict[str, str]) -> None:
        # A heading must fit above its column as well.
        least = style.text_width("bits 47–39") - TRUNK + 4
        self.widths = [least] * len(LEVELS)
        for table in self.entries:
            depth = self.depth[table]
            self.widths[depth] = max(self.widths[depth], box_width(words[table]))
        x = MARGIN
        for width in self.widths:
            self.columns.append(x)
            x += width + TRUNK
        self.columns.append(x)

    def _unit(self, words: dict[str, str]) -> None:
        widths = {box_width(label) for node, label in words.items() if self.depth[node] > LEAF}
        narrow = 1.5 * min(widths, default=self.unit)
        self.unit = max((width for width in widths if width <= narrow), default=self.unit)
        widest = max(map(self._whole, widths), default=self.unit)
        self.width = max(self.width, self.columns[-1] + widest + MARGIN)

    def _whole(self, width: float) -> float:
        """At least ``width``, in whole units, so that the boxes of all rows stand in line."""
        units = -(-(width + GAP) // (self.unit + GAP))
        return float(units * (self.unit + GAP) - GAP)

    def _place(self, words: dict[str, str]) -> None:
        tall, gap = (box_height(""), 4.0) if self.labels.compact else (box_height("\n"), GAP)
        flows = {table: self._flow(nodes, words) for table, nodes in self.entries.items()}
        rows = {table: flow[-1][0] + 1 if flow else 0 for table, flow in flows.items()}
        huge = {node for node in self.tables if node not in self.entries}
        blocks = {table: n * (tall + gap) - gap * bool(n) for table, n in rows.items()}
        heights = {table: box_height(words[table]) for table in flows}
        rooms = {table: max(heights[table], blocks[table]) for table in flows} | dict.fromkeys(huge, tall)
        # Next to a block of many rows a table stands at its top, where a reader begins, and so do all above it.
        centred = max(rows.values()) <= MOST_ROWS
        between = GAP if self.labels.compact else GAP + 4
        tops, self.bottom = layout.tree_rows(self.tables, next(iter(self.graph)), rooms, between, self.top, centred)
        for node in huge:
            width = self._whole(box_width(words[node]))
            self.boxes[node] = Box(self.columns[-1], tops[node], width, tall, words[node])
        for table, flow in flows.items():
            spare = (rooms[table] - heights[table]) / 2 if centred else 0
            depth = self.depth[table]
            x, width = self.columns[depth], self.widths[depth]
            self.boxes[table] = Box(x, tops[table] + spare, width, heights[table], words[table])
            first = tops[table] + (rooms[table] - blocks[table]) / 2
            for node, (row, dx) in zip(self.entries[table], flow, strict=True):
                width, label = self._whole(box_width(words[node])), words[node]
                self.boxes[node] = Box(self.columns[-1] + dx, first + row * (tall + gap), width, tall, label)

    def _flow(self, nodes: list[str], words: dict[str, str]) -> list[tuple[int, float]]:
        widths = [self._whole(box_width(words[node])) for node in nodes]
        return layout.flow(widths, self.width - MARGIN - self.columns[-1], self.unit, GAP)


def least_height(graph: Any, width: float) -> float:
    """How tall, in px, a plan ``width`` px wide with long labels would be at least: a quick look before making one."""
    height, shortest = 0.0, 90.0
    for node, depth in graph.nodes(data="depth"):
        children = list(graph.successors(node)) if depth <= LEAF else []
        if depth == LEAF or (depth < LEAF and not children):
            height += (1 + len(children) * shortest // width) * box_height("\n")
    return height


@lru_cache(maxsize=4096)
def box_width(label: str) -> float:
    """Width of the box around a label, in px."""
    return round(style.text_width(label) + 20, 1)


def box_height(label: str) -> float:
    """Height of the box around a label, in px."""
    lines = label.count("\n") + 1
    return 8 + 14.0 * lines if lines == 1 else 12 + 14.0 * lines
