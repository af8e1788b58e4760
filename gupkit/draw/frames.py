"""The frame grid: every page frame in use with its reference count taken apart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from gupkit.draw import layout, style
from gupkit.draw.canvas import LINE, MARGIN, WIDTH, Canvas
from gupkit.draw.describe import LISTED
from gupkit.draw.framerefs import Holders, Reference
from gupkit.draw.opened import Borders, borders_in, parted
from gupkit.draw.scene import Rect, Scene, Text
from gupkit.draw.states import count, frame_state, refcount_words
from gupkit.draw.thin import thin
from gupkit.draw.tree import MOST_SHAPES
from gupkit.trace.snapshot import Frame, Snapshot

GAP = 10.0
HEAD = 22.0
FOOT = 20.0
"""Heights, in px, of a frame's box and of the boxes of its references below."""

PINS = ("pin", "FOLL_PIN")
"""Kinds of references that somebody outside of page tables and caches holds."""

MOST_CELLS = (MOST_SHAPES - 40) // 5
"""Frames, or groups of them, in a folded grid: each may have a box for every kind of reference; so has the legend."""


@dataclass(slots=True)
class _Cell:
    """One box: the frame numbers it stands for, how they look, and what is written and said."""

    pfns: list[int]
    state: str
    words: str
    count: str
    """What stands beside the number: the count, and a sign where its parts do not add up to it."""
    references: list[Reference] = field(default_factory=list)
    changed: bool = False

    @property
    def pinned(self) -> bool:
        """Somebody outside page tables and caches holds it."""
        return any(one.kind in PINS for one in self.references)


def frames(
    snapshot: Snapshot, fold: bool | None = None, changed: Any = None, *, width: float = WIDTH,
    opened: Collection[str] = (),
) -> Scene:  # fmt: skip
    """Every frame in use as a grid ``width`` px wide, in order of frame number, and how many are free.

    A frame that is free although a pin points at it is shown as well. ``fold``: None makes one box of neighbours
    that say the same when there would be more than 400 shapes, True always, False never. ``changed`` is a ``Diff``
    whose frames are marked, or None; ``opened`` are keys of folded boxes whose parts are drawn.

    >>> from gupkit.trace.snapshot import Frame
    >>> frames(Snapshot(frames={7: Frame(7, "anon", 2, 1, 1)})).description
    '1 frame shown. Frame 7: anonymous page, references 2 = 1 map + 1 pin.'
    """
    thinned = thin(snapshot, changed)
    holders = Holders(thinned, len(thinned.frames) == len(snapshot.frames))
    touched = changed.frames if changed is not None else frozenset()
    cells = [_cell(thinned, holders, pfn, pfn in touched) for pfn in _shown(thinned)]
    if fold is False or (fold is None and 2 * len(cells) <= MOST_SHAPES):
        scene = _draw(thinned, cells, width, len(snapshot.frames))
        if fold is False or len(scene.shapes) <= MOST_SHAPES:
            return scene
    borders = borders_in([cell.pfns[0] for cell in cells], "frame", "", opened)
    cells = _merged(cells, borders)
    if len(cells) > MOST_CELLS:
        cells = [_group(part) for part in parted(cells, lambda cell: cell.pfns[0], borders, MOST_CELLS)]
    return _draw(thinned, cells, width, len(snapshot.frames))


def _shown(snapshot: Snapshot) -> list[int]:
    return sorted({*snapshot.frames, *(pin.pfn for pin in snapshot.pins)})


def _cell(snapshot: Snapshot, holders: Holders, pfn: int, changed: bool) -> _Cell:
    frame = snapshot.frames.get(pfn)
    if frame is None:
        names = holders.pins[pfn]
        pins = [Reference("pin", 1, f"pin {name}", f"pin:{name}") for name in names]
        words = f"free, yet held by {layout.shorten(', '.join(names), 100)}"
        return _Cell([pfn], "freed", words, "free", pins, changed)
    return _Cell([pfn], frame_state(frame), refcount_words(frame), _count(frame), holders.of(frame), changed)


def _count(frame: Frame) -> str:
    if frame.kind == "zero":
        return "not counted"
    if frame.head is not None:
        return refcount_words(frame)
    if frame.refcount is None:
        return "count ?"
    wrong = "≠" in refcount_words(frame)
    return f"count {frame.refcount}" + (" ≠" if wrong else "")


def _merged(cells: list[_Cell], borders: Borders) -> list[_Cell]:
    """Neighbours that say the same as one; those that changed, or are pinned, stay alone."""
    merged: list[_Cell] = []
    for cell in cells:
        last = merged[-1] if merged else None
        apart = last is None or last.changed or cell.changed or last.pinned or cell.pinned
        apart = apart or borders.part(cell.pfns[0] - 1) != borders.part(cell.pfns[0])
        if last is None or apart or last.pfns[-1] + 1 != cell.pfns[0] or _says(last) != _says(cell):
            merged.append(cell)
            continue
        last.pfns += cell.pfns
        last.references = [replace(one, key="", words=f"{one.label} each") for one in last.references]
    return merged


def _says(cell: _Cell) -> tuple[Any, ...]:
    return cell.state, cell.words, cell.count


def _group(cells: list[_Cell]) -> _Cell:
    if len(cells) == 1:
        return cells[0]
    pins = sum(one.count for cell in cells for one in cell.references if one.kind in PINS)
    words = count(pins, "pin") if pins else "no pins"
    return _Cell(
        [pfn for cell in cells for pfn in cell.pfns], "group", words, "",
        [Reference("pin", pins, words)] if pins else [], any(cell.changed for cell in cells),
    )


def _draw(snapshot: Snapshot, cells: list[_Cell], width: float, known: int) -> Scene:
    canvas = Canvas("Page frames in use", snapshot.about, width)
    labels = [_label(cell) for cell in cells]
    rows = [sum(map(_wide, cell.references)) for cell in cells]
    wide = max([*(style.text_width(label) + 30 for label in labels), *rows], default=100.0)
    places = layout.flow([wide] * len(cells), canvas.width - 2 * MARGIN, wide, GAP)
    bottom = canvas.top
    for cell, label, (row, x) in zip(cells, labels, places, strict=True):
        y = canvas.top + row * (HEAD + FOOT + GAP)
        canvas.rect(Rect(
            MARGIN + x, y, wide, HEAD, cell.state, label, "frame", _words(cell), _key(cell), cell.changed,
            len(cell.pfns) > 1,
        ))
        _references(canvas, cell, MARGIN + x, y + HEAD)
        bottom = y + HEAD + FOOT
    if not cells:
        canvas.text(Text(MARGIN, bottom + LINE / 2, _nothing(known), muted=True))
        bottom += LINE
    if snapshot.free is not None:
        free = f"{count(snapshot.free, 'frame')} free"
        canvas.text(Text(MARGIN, bottom + GAP + LINE / 2, free, muted=True, role="free"))
        bottom += GAP + LINE
    extra = [_PARTS] * bool(cells) + [_WRONG] * any("≠" in cell.count for cell in cells)
    return canvas.scene(bottom, _describe(snapshot, cells), tuple(extra))


def _nothing(known: int) -> str:
    """Why there is no box: no frame is known, or of too many to draw none stands out."""
    if not known:
        return "No page frame is known here."
    return f"Of so many page frames, {known:,}, only pinned and changed ones are drawn: there are none."


_PARTS = (
    "The boxes below a frame are the references to it, together its count: map, a page table entry; cache, the page "
    "cache; swap cache; pin, a holder outside."
)
_WRONG = "≠: the count is not the sum of the references that are known."


def _wide(reference: Reference) -> float:
    return style.text_width(reference.label) + 12


def _references(canvas: Canvas, cell: _Cell, x: float, y: float) -> None:
    """The boxes of a frame's references, from left to right below it."""
    for one in cell.references:
        look = "pin" if one.kind in PINS else "unknown" if one.kind == "?" else "reference"
        canvas.rect(Rect(x, y, _wide(one), FOOT, look, one.label, "reference", one.words, one.key))
        x += _wide(one)


def _key(cell: _Cell) -> str:
    return f"frame:{cell.pfns[0]}" + (f"+{len(cell.pfns)}" if len(cell.pfns) > 1 else "")


def _label(cell: _Cell) -> str:
    letter = style.STYLES[cell.state].letter
    if len(cell.pfns) == 1:
        return f"{letter} pfn {cell.pfns[0]}: {cell.count}"
    each = f", each {cell.count}" if cell.count else ""
    return f"{letter} {count(len(cell.pfns), 'frame')} {cell.pfns[0]}–{cell.pfns[-1]}{each}"


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
