"""The VMA strip: the mappings of a process side by side in address order, what is unmapped between, and each page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from gupkit.draw import describe_strip, layout, style
from gupkit.draw.canvas import LINE, MARGIN, WIDTH, Canvas
from gupkit.draw.graph import process_name
from gupkit.draw.mapread import Reading, read
from gupkit.draw.opened import room_for
from gupkit.draw.scene import Rect, Scene, Text
from gupkit.draw.states import count, vma_state
from gupkit.draw.strippieces import CELL, Cell, Piece, pieces
from gupkit.draw.thin import thin
from gupkit.draw.tree import MOST_SHAPES
from gupkit.trace.snapshot import Snapshot

STEPS = ((64, 64), (16, 64), (4, 64), (1, 64), (1, 48), (1, 32), (1, 16), (1, 8), (1, 4), (1, 2), (1, 1))
"""How many cells a VMA may show, and how many VMAs there are: tried until the picture is small enough."""

MOST_HEIGHT = 900.0
"""A folded strip is no taller than this, in px, if more folding helps."""

PAD = 10.0
RULER = LINE + 10
"""Room below a row, with the addresses at its borders, in px."""


def vma_strip(
    snapshot: Snapshot,
    process: str | None = None,
    fold: bool | None = None,
    changed: Any = None,
    *,
    width: float = WIDTH,
    opened: Collection[str] = (),
) -> Scene:
    """The address space of ``process`` (None: the first one alive), ``width`` px wide, in as many rows as it takes.

    VMAs stand in address order with a cell for each page; what is unmapped between two of them is a dashed piece with
    its size; below each border stands the address where the next piece begins. Nothing is to scale. ``fold``: None
    makes one cell of like pages when there would be more than 400 shapes, True always, False never; a folded picture
    has at most 400. ``changed`` is a ``Diff`` whose things are marked, or None; ``opened`` are keys of folded boxes
    whose parts are drawn, on top of the 400. Raises :class:`gupkit.errors.GupkitError` for a process that there is not.

    >>> from gupkit.trace.snapshot import Process, Snapshot, Vma
    >>> p = Process("P", vmas=(Vma(0x1000, 0x3000, ("READ",), "buf"), Vma(0x4000, 0x5000, ("READ",), "more")))
    >>> vma_strip(Snapshot(processes={"P": p})).description[:76]
    'Process P has 2 VMAs. buf, 0x1000 to 0x3000: r-- private, 0 of 2 pages prese'
    """
    name, snapshot = process_name(snapshot, process), thin(snapshot, changed)
    pages = sum(vma.pages for vma in snapshot.processes[name].vmas)
    if fold is False or (fold is None and pages <= MOST_SHAPES):
        scene = _draw(read(snapshot, name, False, changed), name, width)
        if fold is False or len(scene.shapes) <= MOST_SHAPES:
            return scene
    reading = read(snapshot, name, True, changed, opened=opened)
    most, height = room_for(opened, MOST_SHAPES, MOST_HEIGHT)
    for most_pages, most_vmas in ((None, None), *STEPS[:-1]):
        if reading.nodes(most_pages or most, most_vmas or most) <= most:
            scene = _draw(reading, name, width, most_pages, most_vmas)
            if len(scene.shapes) <= most and scene.height <= height:
                return scene
    return _draw(reading, name, width, *STEPS[-1])


def _draw(
    reading: Reading, name: str, width: float, most_pages: int | None = None, most_vmas: int | None = None
) -> Scene:
    canvas = Canvas(f"Address space of {name}", reading.snapshot.about, width)
    strip = list(pieces(reading, name, most_pages, most_vmas))
    y = canvas.top
    if not strip:
        canvas.text(Text(MARGIN, y + LINE / 2, "Nothing is mapped.", muted=True))
        y += LINE + RULER
    for row in _rows(strip, canvas.width - 2 * MARGIN):
        y = _row(canvas, reading.snapshot, name, row, y)
    description = describe_strip.vma_strip(reading.snapshot, name, strip)
    return canvas.scene(y - RULER + LINE, description, _WORDS if strip else ())


_WORDS = (
    "Each cell is a page; below each border stands the address where the next piece begins. Nothing is to scale.",
)


def _rows(strip: list[Piece], room: float) -> Iterator[list[tuple[Piece, float]]]:
    """The pieces with their widths, in rows of at most ``room`` px; each row leaves room for the address at its end."""
    row: list[tuple[Piece, float]] = []
    used = ADDRESS
    for piece in strip:
        wide = _width(piece, room)
        if row and used + wide > room:
            yield row
            row, used = [], ADDRESS
        row.append((piece, wide))
        used += wide
    if row:
        yield row


ADDRESS = style.text_width("0x7fffffffffff ")
"""Room for an address, in px."""


def _width(piece: Piece, room: float) -> float:
    cells = [x + cell.width for _, x, cell in _places(piece, room)]
    return max([ADDRESS, *cells, *(style.text_width(line) for line in piece.head)]) + 2 * PAD


def _places(piece: Piece, room: float) -> list[tuple[int, float, Cell]]:
    """Row and left edge of each cell within its piece, which is at most ``room`` px wide."""
    places = layout.flow([cell.width for cell in piece.cells], room - 2 * PAD, CELL, 0)
    return [(row, x, cell) for (row, x), cell in zip(places, piece.cells, strict=True)]


def _row(canvas: Canvas, snapshot: Snapshot, name: str, row: list[tuple[Piece, float]], top: float) -> float:
    """Draw one row of pieces; returns where the next one begins."""
    room = canvas.width - 2 * MARGIN
    rows = [max([r + 1 for r, _, _ in _places(piece, room)], default=0) for piece, _ in row]
    tall = max(2 * PAD + LINE * len(piece.head) + CELL * n for (piece, _), n in zip(row, rows, strict=True))
    x = MARGIN
    for piece, wide in row:
        _piece(canvas, name, piece, Rect(x, top, wide, tall))
        for r, dx, cell in _places(piece, room):
            y = top + PAD + LINE * len(piece.head) + r * CELL
            _page(canvas, snapshot, cell, Rect(x + PAD + dx, y, cell.width, CELL))
        _border(canvas, piece.start, x, top + tall)
        x += wide
    _border(canvas, row[-1][0].end, min(x, canvas.width - MARGIN - ADDRESS), top + tall)
    return top + tall + RULER


def _border(canvas: Canvas, address: int, x: float, y: float) -> None:
    canvas.text(Text(x, y + LINE / 2 + 2, f"{address:#x}", mono=True, muted=True, role="border"))


def _piece(canvas: Canvas, process: str, piece: Piece, box: Rect) -> None:
    mapped = bool(piece.vmas)
    key = f"{'vma' if mapped else 'gap'}:{process}:{piece.start:#x}"
    many = len(piece.vmas) > 1
    canvas.rect(Rect(
        box.x, box.y, box.width, box.height, vma_state(piece.vmas[0]) if mapped else "hole", "",
        "vma" if mapped else "gap", describe_strip.piece(piece), key + (f"+{len(piece.vmas)}" if many else ""),
        piece.changed,
    ))
    for i, line in enumerate(piece.head):
        canvas.text(Text(
            box.x + PAD, box.y + PAD + LINE * (i + 0.4), line, bold=mapped and not i, mono=True,
            muted=not mapped or i > 0, role="vma",
        ))


def _page(canvas: Canvas, snapshot: Snapshot, cell: Cell, box: Rect) -> None:
    page = cell.page
    single = page.count == 1 and page.pte is not None and page.pte.pfn is not None
    frame = snapshot.frames.get(page.pte.pfn) if single else None  # type: ignore[union-attr, arg-type]
    pins = frame.pins if frame is not None else 0
    canvas.rect(
        Rect(box.x, box.y, box.width, box.height, page.state, cell.label, "page", describe_strip.page(page), page.key,
             page.changed),
        pins=pins, pin_tooltip=f"pinned: {count(pins, 'reference')}",
    )
