"""The page map: VMAs and their pages on the left, page frames in the middle, page cache, swap and pins right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import inf
from typing import TYPE_CHECKING, Any

from gupkit.draw import describe_map, layout, style
from gupkit.draw.canvas import LINE, MARGIN, WIDTH, Canvas
from gupkit.draw.mapgraph import graph_of
from gupkit.draw.mapread import Reading, read
from gupkit.draw.opened import room_for
from gupkit.draw.scene import Line, Rect, Scene, Text
from gupkit.draw.states import count
from gupkit.draw.thin import thin
from gupkit.draw.tree import MOST_HEIGHT, MOST_SHAPES
from gupkit.trace.snapshot import Snapshot

if TYPE_CHECKING:
    from networkx import DiGraph

STEPS = ((64, 64), (16, 64), (4, 64), (1, 64), (1, 32), (1, 16), (1, 8), (1, 4), (1, 2), (1, 1))
"""How many page nodes a VMA may show, and how many VMAs a process: tried until the picture is small enough."""

ROW = 22.0
GAP = 5.0
PAD = 8.0
STUB = 12.0
"""Length of the straight piece at each end of a line between columns, in px."""

LANE = 4.0
"""Height, in px, of the passage left between frames for a line to the swap slots."""

LONGEST = 230.0
"""Widest name in a label, in px."""


def page_map(
    snapshot: Snapshot,
    process: str | None = None,
    fold: bool | None = None,
    changed: Any = None,
    *,
    width: float = WIDTH,
    opened: Collection[str] = (),
) -> Scene:
    """Who maps, caches, swaps and pins which frame, for one process or (None) all, ``width`` px wide or as needed.

    ``fold``: None folds when the picture would have more than 400 shapes, True always, False never; a folded picture
    has at most 400, and of more than 5,000 frames only those that are pinned or changed are drawn. ``changed`` is a
    ``Diff`` whose things are marked, or None; ``opened`` are keys of folded boxes whose parts are drawn, on top of the
    400. Raises :class:`gupkit.errors.GupkitError` for a process that there is not.

    >>> from gupkit.trace.snapshot import Process, Snapshot, Vma
    >>> p = Process("P", vmas=(Vma(0x1000, 0x3000, ("READ",), "buf"),))
    >>> page_map(Snapshot(processes={"P": p})).title
    'Page map of P'
    """
    full, snapshot = snapshot, thin(snapshot, changed)
    thinned = len(snapshot.frames) < len(full.frames)
    if fold is False or (fold is None and _things(snapshot, process) <= MOST_SHAPES):
        reading = read(snapshot, process, False, changed, thinned)
        if fold is False or reading.least() <= MOST_SHAPES:
            scene = _Map(graph_of(reading), snapshot, width).scene()
            if fold is False or len(scene.shapes) <= MOST_SHAPES:
                return scene
    return _folded(read(snapshot, process, True, changed, thinned, opened), width)


def _things(snapshot: Snapshot, process: str | None) -> int:
    """How many pages and frames there would be to draw."""
    shown = [p for name, p in snapshot.processes.items() if process in (None, name)]
    return sum(vma.pages for p in shown for vma in p.vmas) + len(snapshot.frames)


def _folded(reading: Reading, width: float) -> Scene:
    """The first folding that is small enough: like neighbours, then ever fewer pages and VMAs."""
    most, height = room_for(reading.opened, MOST_SHAPES, MOST_HEIGHT)
    alone = ((None, None),) if _pins_fit(reading, most, height) else ()
    for pages, vmas in (*alone, *STEPS[:-1]):
        if reading.snapshot.frames or reading.nodes(pages or most, vmas or most) <= most:
            graph = graph_of(reading, pages, vmas)
            if _least(graph) > most:
                continue
            scene = _Map(graph, reading.snapshot, width).scene()
            if len(scene.shapes) <= most and scene.height <= height:
                return scene
    return _Map(graph_of(reading, *STEPS[-1]), reading.snapshot, width).scene()


def _pins_fit(reading: Reading, most: int, height: float) -> bool:
    """Whether all pins can be drawn one by one, as they are where only like neighbours are one."""
    pins = [pin for pin in reading.snapshot.pins if not reading.only or pin.process in reading.names]
    return 2 * len(pins) + len({pin.pfn for pin in pins}) <= most and len(pins) * (ROW + GAP) <= height


def _least(graph: DiGraph[str]) -> int:
    """Shapes that the graph takes at least: a box for each node and a line for each edge that is drawn."""
    drawn = [edge for edge in graph.edges if graph.edges[edge]["kind"] != "belongs"]
    return len(graph.nodes) + len(drawn)


class _Map:
    """One page map: places the three columns, then paints them."""

    def __init__(self, graph: Any, snapshot: Snapshot, width: float) -> None:
        self.graph, self.snapshot = graph, snapshot
        self.labels = {node: _label(data) for node, data in graph.nodes(data=True)}
        self.heads = {node: _head(data) for node, data in graph.nodes(data=True) if data["kind"] == "vma"}
        self.left = max([240.0, *(style.text_width(line) + 4 * PAD for lines in self.heads.values() for line in lines),
                         *(self._wide("page") + 2 * PAD,)])
        self.middle, self.right = self._wide("frame"), self._wide("cache", "swap", "pin")
        self.right = max([self.right, *(min(LONGEST, style.text_width(h, mono=False) + 1) for h, _ in self._found())])
        needed = 2 * MARGIN + self.left + self.middle + self.right + 2 * 70
        names = ", ".join(graph.graph["processes"]) or "no process"
        self.canvas = Canvas(f"Page map of {layout.shorten(names, 500)}", snapshot.about, max(width, needed))
        room = self.canvas.width - 2 * MARGIN - self.left - self.middle - self.right
        self.frames_x = MARGIN + self.left + room / 2
        self.right_x = self.canvas.width - MARGIN - self.right
        self.boxes: dict[str, Rect] = {}
        self.lanes: dict[str, float] = {}

    def _wide(self, *kinds: str) -> float:
        labels = [self.labels[n] for n, data in self.graph.nodes(data=True) if data["kind"] in kinds]
        return max([style.text_width(label) + 30 for label in labels], default=80.0)

    def scene(self) -> Scene:
        """The finished picture."""
        top = self.canvas.top
        bottoms = [self._place_pages(top), self._place_frames(top + LINE + 8), self._place_right(top)]
        self._lines()
        for node, rect in self.boxes.items():
            data = self.graph.nodes[node]
            pins = (data["pins"] or 0) if data["kind"] == "frame" else 0
            self.canvas.rect(rect, pins=pins, pin_tooltip=f"pinned: {count(pins, 'reference')}")
        return self.canvas.scene(max(bottoms), describe_map.page_map(self.graph, self.snapshot), _WORDS)

    def _rect(self, node: str, x: float, y: float, width: float, height: float) -> None:
        data = self.graph.nodes[node]
        self.boxes[node] = Rect(
            x, y, width, height, data["state"], self.labels[node], data["kind"],
            describe_map.node(self.graph, node), node, data["changed"], data["count"] > 1,
        )

    def _heading(self, x: float, y: float, text: str) -> None:
        self.canvas.text(Text(x, y + LINE / 2, text, bold=True, role="heading"))

    def _place_pages(self, top: float) -> float:
        y = top
        for name in self.graph.graph["processes"]:
            process = self.snapshot.processes[name]
            room = self.left if self._kind("frame") else self.canvas.width - 2 * MARGIN
            words = f"{name}, pid {process.pid}" + ("" if process.alive else ", dead")
            self._heading(MARGIN, y, layout.shorten(words, room, mono=False))
            y += LINE
            if self.snapshot.locks_known:
                self._lock(name, y, room)
                y += LINE
            y += 8
            y = self._place_vmas([v for v in self._kind("vma") if self.graph.nodes[v]["process"] == name], y) + 6
        return y

    def _lock(self, name: str, y: float, room: float) -> None:
        """Who holds the lock of a simulated process; a real one does not tell."""
        lock = "mmap_sem: " + describe_map.lock(self.snapshot.processes[name].mmap_sem)
        self.canvas.text(Text(
            MARGIN, y + LINE * 0.4, layout.shorten(lock, room, mono=False), muted=True, role="lock", tooltip=lock,
            key=f"lock:{name}", changed=name in self.graph.graph["changed_locks"],
        ))

    def _place_vmas(self, vmas: list[str], y: float) -> float:
        """Below each other, or in as many columns as fit where no frames stand beside them."""
        room = self.canvas.width - 2 * MARGIN
        columns = max(1, int((room + 12) // (self.left + 12))) if not self._kind("frame") else 1
        for i in range(0, len(vmas), columns):
            row = vmas[i : i + columns]
            y = max(self._place_vma(vma, MARGIN + j * (self.left + 12), y) for j, vma in enumerate(row)) + GAP + 3
        return y

    def _place_vma(self, vma: str, x: float, y: float) -> float:
        pages = [page for page, _ in self.graph.in_edges(vma)]
        head = self.heads[vma]
        height = PAD + LINE * len(head) + len(pages) * (ROW + GAP) + PAD - GAP * bool(pages)
        self._rect(vma, x, y, self.left, height)
        for i, line in enumerate(head):
            self.canvas.text(Text(
                x + 2 * PAD, y + PAD + LINE * (i + 0.4), line, bold=i == 0, mono=True, muted=i > 0, role="vma"
            ))
        row = y + PAD + LINE * len(head)
        for page in pages:
            self._rect(page, x + PAD, row, self.left - 2 * PAD, ROW)
            row += ROW + GAP
        return y + height

    def _place_frames(self, top: float) -> float:
        frames = self._kind("frame")
        if frames:
            self._heading(self.frames_x, top - LINE - 8, "page frames")
        wishes = [(node, self._wish(node), 12 + 14.0 * 2) for node in frames]
        # A line from a swapped page to its slot passes between the frames, not behind them.
        lanes = [page for page, slot, kind in self.graph.edges(data="kind") if kind == "swaps" and page in self.boxes]
        wishes += [(f"lane {page}", _middle(self.boxes[page]), LANE) for page in dict.fromkeys(lanes)]
        tops, bottom = layout.settle(wishes, GAP + 2, top)
        for node in frames:
            self._rect(node, self.frames_x, tops[node], self.middle, 12 + 14.0 * 2)
        self.lanes = {page: tops[f"lane {page}"] + LANE / 2 for page in lanes}
        return bottom

    def _wish(self, node: str) -> float:
        """Where a frame wants to be: next to its first page; frames nobody maps at the end, in order."""
        at = [_middle(self.boxes[other]) for other, _ in self.graph.in_edges(node) if other in self.boxes]
        return min(at, default=inf)

    def _place_right(self, top: float) -> float:
        groups = {heading: sorted(nodes, key=self._order) for heading, nodes in self._found()}
        wishes = [(h, self._mean(nodes), LINE + 8 + len(nodes) * (ROW + GAP)) for h, nodes in groups.items()]
        tops, bottom = layout.settle(wishes, 10, top)
        for heading, nodes in groups.items():
            y = tops[heading]
            self._heading(self.right_x, y, layout.shorten(heading, self.right, mono=False))
            for i, node in enumerate(nodes):
                self._rect(node, self.right_x, y + LINE + 8 + i * (ROW + GAP), self.right, ROW)
        return bottom

    def _order(self, node: str) -> tuple[float, int]:
        """Pins stand in the order of their frames; slots in their own."""
        data = self.graph.nodes[node]
        return (self._mean([node]), 0) if data["kind"] == "pin" else (0.0, data.get("index", data.get("slot", 0)))

    def _found(self) -> list[tuple[str, list[str]]]:
        """Headings and nodes of the right column: pins, the page cache of each file, swap slots."""
        groups = {"pins": self._kind("pin")}
        for node in self._kind("cache"):
            groups.setdefault(f"page cache of {self.graph.nodes[node]['file']}", []).append(node)
        groups["swap slots"] = self._kind("swap")
        return [(heading, nodes) for heading, nodes in groups.items() if nodes]

    def _mean(self, nodes: Iterable[str]) -> float:
        ends = [end for node in nodes for end in self._frames_of(node)]
        return sum(ends) / len(ends) if ends else inf

    def _frames_of(self, node: str) -> list[float]:
        return [_middle(self.boxes[frame]) for frame in self.graph.successors(node) if frame in self.boxes]

    def _kind(self, kind: str) -> list[str]:
        return [node for node, data in self.graph.nodes(data=True) if data["kind"] == kind]

    def _lines(self) -> None:
        for source, target, data in self.graph.edges(data=True):
            if data["kind"] != "belongs":
                self.canvas.line(Line(
                    self._points(source, target), data["kind"], tooltip=f"{source} {data['kind']} {target}",
                    key=f"{source}->{target}", changed=data["changed"],
                ))

    def _points(self, source: str, target: str) -> tuple[tuple[float, float], ...]:
        one, other = self.boxes[source], self.boxes[target]
        if one.x > other.x:
            return _link(one.x, _middle(one), other.x + other.width, _middle(other), -STUB)
        if target.startswith("swap:"):
            lane, right = self.lanes[source], self.frames_x + self.middle
            enter = _link(one.x + one.width, _middle(one), self.frames_x, lane, STUB)
            return enter + _link(right, lane, other.x, _middle(other), STUB)
        return _link(one.x + one.width, _middle(one), other.x, _middle(other), STUB)


_WORDS = (
    "Letters of a page: P present, W writable, D dirty, A accessed. The second line of a frame is its reference count.",
)


def _link(x: float, y: float, to_x: float, to_y: float, stub: float) -> tuple[tuple[float, float], ...]:
    return (x, y), (x + stub, y), (to_x - stub, to_y), (to_x, to_y)


def _middle(rect: Rect) -> float:
    return rect.y + rect.height / 2


def _head(data: dict[str, Any]) -> list[str]:
    sharing = "shared" if data["shared"] else "private"
    where = f"{data['start']:#x}–{data['end']:#x}"
    if data["count"] > 1:
        return [f"{data['count']:,} VMAs, from {layout.shorten(data['name'], LONGEST / 2)}", where,
                count(data["pages"], "page")]
    name = layout.shorten(data["name"], LONGEST)
    of = f"{layout.shorten(data['file'], LONGEST)} from page {data['pgoff']}" if data["file"] else ""
    return [name, f"{data['prot']} {sharing}, {count(data['pages'], 'page')}", where, *([of] if of else [])]


def _label(data: dict[str, Any]) -> str:
    letter = style.STYLES[data["state"]].letter
    kind = data["kind"]
    if kind == "vma":
        return ""
    if kind == "page":
        return _page_label(data, letter)
    if kind == "frame":
        pfn = f"{letter} pfn {data['pfn']}" if data["count"] == 1 else f"{letter} {count(data['count'], 'frame')}"
        each = "" if data["count"] == 1 else "each "
        return f"{pfn}\n{each}{data['words']}"
    if kind == "cache":
        last = f"–{data['index'] + data['count'] - 1}" if data["count"] > 1 else ""
        return f"{letter} page {data['index']}{last}"
    if kind == "swap":
        return f"S slot {data['slot']}" if data["count"] == 1 else f"S {data['count']:,} slots from {data['slot']}"
    if data["count"] > 1:
        return f"{layout.shorten(data['name'], LONGEST / 2)} and {data['count'] - 1:,} more"
    return layout.shorten(data["name"], LONGEST) + (" for writing" if data["write"] else "")


def _page_label(data: dict[str, Any], letter: str) -> str:
    if data["tally"]:
        shown = sum(pages for state, pages in data["tally"].items() if state not in ("hole", "swap"))
        return f"{letter} {shown:,} of {count(sum(data['tally'].values()), 'page')} present"
    many = f"{data['count']:,} × " if data["count"] > 1 else ""
    words = {"hole": "absent", "swap": "swap" if data["swap"] is None or data["count"] > 1 else f"swap {data['swap']}"}
    return f"{letter} {data['address']:#x} {many}{words.get(data['state'], data['letters'])}"
