"""The frame grid: every page frame in use with its reference count taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gupkit.draw import layout, style
from gupkit.draw.canvas import LINE, MARGIN, WIDTH, Canvas
from gupkit.draw.describe import LISTED
from gupkit.draw.mappages import chunks
from gupkit.draw.scene import Rect, Scene, Text
from gupkit.draw.states import count, frame_state, refcount_words
from gupkit.draw.thin import thin
from gupkit.draw.tree import MOST_SHAPES
from gupkit.trace.snapshot import Snapshot

GAP = 8.0
HEIGHT = 40.0

MOST_CELLS = (MOST_SHAPES - 40) // 2
"""Cells of a folded grid: each may have a bar for its pins, and the legend needs its part."""


@dataclass(slots=True)
class _Cell:
    """One box: the frame numbers it stands for, how they look, and what is written and said."""

    pfns: list[int]
    state: str
    words: str
    pins: int = 0
    changed: bool = False


def frames(
    snapshot: Snapshot, fold: bool | None = None, changed: Any = None, *, width: float = WIDTH
) -> Scene:
    """Every frame in use as a grid ``width`` px wide, in order of frame number, and how many are free.

    A frame that is free although a pin points at it is shown as well. ``fold``: None makes one box of neighbours
    that say the same when there would be more than 400 shapes, True always, False never. ``changed`` is a ``Diff``
    whose frames are marked, or None.

    >>> from gupkit.trace.snapshot import Frame
    >>> frames(Snapshot(frames={7: Frame(7, "anon", 2, 1, 1)})).description
    '1 frame shown. Frame 7: anonymous page, references 2 = 1 map + 1 pin.'
    """
    snapshot = thin(snapshot, changed)
    touched = changed.frames if changed is not None else frozenset()
    cells = [_cell(snapshot, pfn, pfn in touched) for pfn in _shown(snapshot)]
    scene = _draw(snapshot, cells, width)
    if fold is False or (fold is None and len(scene.shapes) <= MOST_SHAPES):
        return scene
    cells = _merged(cells)
    if len(cells) > MOST_CELLS:
        cells = [_group(part) for part in chunks(cells, MOST_CELLS)]
    return _draw(snapshot, cells, width)


def _shown(snapshot: Snapshot) -> list[int]:
    return sorted({*snapshot.frames, *(pin.pfn for pin in snapshot.pins)})


def _cell(snapshot: Snapshot, pfn: int, changed: bool) -> _Cell:
    frame = snapshot.frames.get(pfn)
    if frame is None:
        names = ", ".join(pin.name for pin in snapshot.pins if pin.pfn == pfn)
        return _Cell([pfn], "freed", f"free, yet held by {layout.shorten(names, 100)}", 0, changed)
    return _Cell([pfn], frame_state(frame), refcount_words(frame), frame.pins, changed)


def _merged(cells: list[_Cell]) -> list[_Cell]:
    merged: list[_Cell] = []
    for cell in cells:
        last = merged[-1] if merged else None
        if (
            last is not None and last.pfns[-1] + 1 == cell.pfns[0] and not (last.changed or cell.changed)
            and (last.state, last.words, last.pins, 0) == (cell.state, cell.words, 0, cell.pins)
        ):
            last.pfns += cell.pfns
        else:
            merged.append(cell)
    return merged


def _group(cells: list[_Cell]) -> _Cell:
    if len(cells) == 1:
        return cells[0]
    pins = sum(cell.pins for cell in cells)
    return _Cell(
        [pfn for cell in cells for pfn in cell.pfns], "group", count(pins, "pin") if pins else "no pins", pins,
        any(cell.changed for cell in cells),
    )


def _draw(snapshot: Snapshot, cells: list[_Cell], width: float) -> Scene:
    canvas = Canvas("Page frames in use", snapshot.about, width)
    labels = [_label(cell) for cell in cells]
    wide = max([style.text_width(label) + 30 for label in labels], default=100.0)
    places = layout.flow([wide] * len(cells), canvas.width - 2 * MARGIN, wide, GAP)
    bottom = canvas.top
    for cell, label, (row, x) in zip(cells, labels, places, strict=True):
        y = canvas.top + row * (HEIGHT + GAP)
        canvas.rect(
            Rect(MARGIN + x, y, wide, HEIGHT, cell.state, label, "frame", _words(cell), _key(cell), cell.changed,
                 len(cell.pfns) > 1),
            pins=cell.pins, pin_tooltip=f"pinned: {count(cell.pins, 'reference')}",
        )
        bottom = y + HEIGHT
    if snapshot.free is not None:
        free = f"{count(snapshot.free, 'frame')} free"
        canvas.text(Text(MARGIN, bottom + GAP + LINE / 2, free, muted=True, role="free"))
        bottom += GAP + LINE
    return canvas.scene(bottom, _describe(snapshot, cells), ("The second line of a frame is its reference count.",))


def _key(cell: _Cell) -> str:
    return f"frame:{cell.pfns[0]}" + (f"+{len(cell.pfns)}" if len(cell.pfns) > 1 else "")


def _label(cell: _Cell) -> str:
    letter = style.STYLES[cell.state].letter
    if len(cell.pfns) == 1:
        return f"{letter} pfn {cell.pfns[0]}\n{cell.words}"
    return f"{letter} {count(len(cell.pfns), 'frame')} {cell.pfns[0]}–{cell.pfns[-1]}\n{cell.words}"


def _words(cell: _Cell) -> str:
    state = style.STYLES[cell.state].words
    if cell.state == "freed":
        return f"Frame {cell.pfns[0]}: {state}: {cell.words}"
    if len(cell.pfns) == 1:
        return f"Frame {cell.pfns[0]}: {state}, references {cell.words}"
    return f"Frames {cell.pfns[0]} to {cell.pfns[-1]}, {len(cell.pfns):,} of them: {state}, {cell.words}"


def _describe(snapshot: Snapshot, cells: list[_Cell]) -> str:
    sentences = [snapshot.about] if snapshot.about else []
    sentences.append(f"{count(len(snapshot.frames), 'frame')} shown.")
    sentences += [f"{_words(cell)}." for cell in cells[:LISTED]]
    if len(cells) > LISTED:
        sentences.append(f"{len(cells) - LISTED:,} more are drawn.")
    changed = [str(cell.pfns[0]) for cell in cells if cell.changed]
    if changed:
        sentences.append(f"Changed in this step: {', '.join(changed)}.")
    if snapshot.free is not None:
        sentences.append(f"{count(snapshot.free, 'frame')} free.")
    return " ".join(sentences)
