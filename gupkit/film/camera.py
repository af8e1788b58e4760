"""Takes the pictures of a film: every view of a place, drawn again only where something that it shows is another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..draw import frames, page_map, page_table, style, vma_strip
from ..draw.scene import Rect, Scene
from ..draw.svg import live
from ..trace.diff import Diff
from ..trace.snapshot import Process, Snapshot
from .table import Table

WIDTHS = {"page_map": 660.0, "page_table": 660.0, "vma_strip": 560.0, "frames": 560.0}
"""How wide each view is drawn, in px, where it needs no more."""

TITLES = {
    "page_map": "Page map", "page_table": "Page tables", "vma_strip": "Address space", "frames": "Page frames",
}  # fmt: skip
"""The views by name, in the order in which they are shown."""

OF_A_PROCESS = ("page_table", "vma_strip")
"""Views that show one process."""

LEFT_OUT = ("title", "about", "legend")
"""Roles of shapes that the page shows in its own way, once for all pictures."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the reader wants pictures drawn: ``base`` of table indices, ``fold`` as the pictures take it, and the keys
    of folded boxes that were ``opened``.
    """

    base: str = "oct"
    fold: bool | None = None
    opened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lens:
    """A view of one process, or (process ``""``) of the whole machine."""

    view: str
    process: str = ""

    @property
    def name(self) -> str:
        """Its name in the film.

        >>> Lens("page_table", "P").name, Lens("frames").name
        ('page_table:P', 'frames')
        """
        return f"{self.view}:{self.process}" if self.process else self.view


def lenses(processes: Iterable[str], views: Iterable[str] = TITLES) -> list[Lens]:
    """Every one of ``views``, those of a process for each of ``processes``."""
    return [Lens(view, p) for view in views for p in (processes if view in OF_A_PROCESS else [""])]


class Camera:
    """Draws what a lens shows of a snapshot, as numbers of a table.

    A picture is a dict: ``box`` (top, width, height in px), ``title``, ``words`` (sentences), ``styles`` (those in
    use) and ``shapes``, a flat list with for each shape its markup's number, its x and its y. ``like`` (another
    picture, how many numbers of its list to take from its beginning, how many from its end) says what to put before
    and after them.
    """

    def __init__(self, table: Table, wishes: Wishes = Wishes()) -> None:  # noqa: B008 (immutable)
        self.table = table
        self.wishes = wishes
        self._last: dict[Lens, tuple[tuple[Any, ...], int]] = {}
        self._shapes: dict[Lens, list[Any]] = {}
        self._count = 0

    def take(self, lens: Lens, snapshot: Snapshot, diff: Diff, around: int | None) -> tuple[int, dict[str, Any] | None]:
        """The picture's number, and the picture unless it is the one that this lens took last; -1: nothing is there."""
        process = snapshot.processes.get(lens.process)
        if lens.process and process is None:
            return -1, None
        parts = (*shown(lens, snapshot, process), *self._kept_apart(lens, snapshot, diff, around))
        last = self._last.get(lens)
        if last is not None and len(parts) == len(last[0]) and all(map(_same, parts, last[0])):
            return last[1], None
        number = self._count
        self._count += 1
        self._last[lens] = parts, number
        picture = self._packed(self._draw(lens, snapshot, diff, around))
        before, self._shapes[lens] = self._shapes.get(lens, []), picture["shapes"]
        if last is not None:
            picture |= _told_as_change(last[1], before, picture["shapes"])
        return number, picture

    def forget(self) -> None:
        """The next picture of each lens is drawn and told in full, whatever was last."""
        self._last.clear()

    def _kept_apart(self, lens: Lens, snapshot: Snapshot, diff: Diff, around: int | None) -> tuple[Any, ...]:
        """What of a step's changes a picture depends on: entries that are gone; in large pictures all, and the page."""
        if large(snapshot, lens.process):
            return diff, around
        return (frozenset(one for one in diff.ptes if _gone(snapshot, *one)),)

    def _draw(self, lens: Lens, snapshot: Snapshot, diff: Diff, around: int | None) -> Scene:
        width, process, wishes = WIDTHS[lens.view], lens.process or None, self.wishes
        fold, opened = wishes.fold, wishes.opened
        if lens.view == "page_table":
            return page_table(
                snapshot, process, fold, diff, around, width=width, base=wishes.base, opened=opened)
        if lens.view == "frames":
            return frames(snapshot, fold, diff, width=width, opened=opened)
        draw = page_map if lens.view == "page_map" else vma_strip
        return draw(snapshot, process, fold, diff, width=width, opened=opened)

    def _packed(self, scene: Scene) -> dict[str, Any]:
        number = self.table.number
        top, bottom = scene.body or (0.0, scene.height)
        shapes: list[Any] = []
        for shape in scene.shapes:
            if shape.role not in LEFT_OUT:
                markup, x, y = live(shape)
                shapes += (number(markup), round(x, 1), round(y, 1))
        used = {s.style for s in scene.shapes if isinstance(s, Rect) and s.role not in LEFT_OUT}
        return {
            "box": [round(top - 4, 1), round(scene.width, 1), round(bottom - top + 8, 1)],
            "title": number(scene.title),
            "words": [number(sentence) for sentence in sentences(scene.description)],
            "styles": [name for name in style.STYLES if name in used and style.STYLES[name].words],
            "shapes": shapes,
        }


def _told_as_change(number: int, old: list[Any], new: list[Any]) -> dict[str, Any]:
    """The list ``new`` as picture ``number``, whose list is ``old``, with another middle."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    return {"like": [number, head, tail], "shapes": new[head : len(new) - tail]}


def sentences(text: str) -> list[str]:
    """A description, one sentence each.

    >>> sentences("Process P has 1 VMA. A, 0x1000 to 0x2000: r-- private. Frame 7 is free.")
    ['Process P has 1 VMA.', 'A, 0x1000 to 0x2000: r-- private.', 'Frame 7 is free.']
    """
    return re.split(r"(?<=[.?!]) (?=[A-Z0-9])", text) if text else []


LARGE = 60
"""From so many pages on, or so many frames, a picture might fold and so depend on what has changed."""


def large(snapshot: Snapshot, process: str) -> bool:
    """Whether a picture of ``process`` (empty: of all) might be folded."""
    shown = [p for name, p in snapshot.processes.items() if process in ("", name)]
    return len(snapshot.frames) > LARGE or sum(vma.pages for p in shown for vma in p.vmas) > LARGE


def shown(lens: Lens, snapshot: Snapshot, process: Process | None) -> tuple[Any, ...]:
    """The parts of a snapshot that a view shows: where they are the same objects, it is the same picture."""
    parts: tuple[Any, ...]
    if process is not None:
        parts = process.pgd, process.vmas, snapshot.frames
    elif lens.view == "frames":
        parts = (*_tables(snapshot), snapshot.frames, snapshot.free)
    else:
        parts = snapshot.processes, snapshot.frames, snapshot.files, snapshot.swap, snapshot.free
    return (*parts, snapshot.pins, snapshot.about)


def _tables(snapshot: Snapshot) -> Iterator[Any]:
    return (snapshot.processes[name].pgd for name in sorted(snapshot.processes))


def _same(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, int | str | frozenset | Diff) and bool(one == other))


def _gone(snapshot: Snapshot, process: str, address: int) -> bool:
    there = snapshot.processes.get(process)
    return there is not None and there.pte(address) is None
