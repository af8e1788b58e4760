"""What the VMA strip is made of, before it is drawn: VMAs with their pages' cells, and what is unmapped between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gupkit.draw import layout, style
from gupkit.draw.mappages import Page
from gupkit.draw.mapread import Reading
from gupkit.draw.states import count, size, vma_name, vma_state
from gupkit.draw.vmagroups import grouped, pages_shown
from gupkit.trace.snapshot import Vma

CELL = 22.0
"""Width and height of the cell of one page, in px; a cell for several is some of these wide."""

LONGEST = 200.0
"""Widest name in a head, in px."""


@dataclass(slots=True)
class Cell:
    """One page, or several drawn as one."""

    page: Page
    label: str
    width: float


@dataclass(slots=True)
class Piece:
    """A piece of the strip: a VMA (or neighbouring ``vmas`` drawn as one) with its cells, or what is unmapped.

    ``start`` and ``end`` are its first byte and the byte after its last one; ``head`` is what is written in it.
    """

    start: int
    end: int
    vmas: tuple[Vma, ...]
    head: list[str]
    cells: list[Cell]
    changed: bool = False

    @property
    def present(self) -> int:
        """How many of its pages are present."""
        return sum(map(_present, (cell.page for cell in self.cells)))


def pieces(reading: Reading, name: str, most_pages: int | None, most_vmas: int | None) -> Iterator[Piece]:
    """The strip of process ``name`` from the lowest address to the highest, folded as :func:`vma_strip` says."""
    touched = reading.changed.vmas if reading.changed is not None else frozenset()
    end: int | None = None
    for group in grouped(reading, name, most_vmas):
        vmas = tuple(pages[0].vma for pages in group)
        if end is not None and vmas[0].start > end:
            yield Piece(end, vmas[0].start, (), ["unmapped", size(vmas[0].start - end)], [])
        end = vmas[-1].end
        changed = any((name, vma.start) in touched for vma in vmas)
        cells = [_cell(page) for page in pages_shown(reading, group, most_pages if len(group) == 1 else 1)]
        yield Piece(vmas[0].start, end, vmas, _head(vmas), cells, changed)


def _head(vmas: tuple[Vma, ...]) -> list[str]:
    first = vmas[0]
    pages = count(sum(vma.pages for vma in vmas), "page")
    if len(vmas) > 1:
        alike = len({vma_name(vma) for vma in vmas if vma_name(vma) != "anonymous"}) <= 1
        name = layout.shorten(vma_name(first), LONGEST)
        return [name if alike else f"{name} and on", f"{len(vmas):,} VMAs, {pages}"]
    of = [f"{layout.shorten(first.file, LONGEST)} from page {first.pgoff}"] if first.file else []
    return [layout.shorten(vma_name(first), LONGEST), f"{first.prot} {vma_state(first)}, {pages}", *of]


def _cell(page: Page) -> Cell:
    letter = style.STYLES[page.state].letter
    if page.tally:
        label = f"{letter} {_present(page):,} of {count(sum(page.tally.values()), 'page')}"
    else:
        label = letter if page.count == 1 else f"{letter} × {page.count:,}"
    units = -(-(style.text_width(label) + 14) // CELL) if len(label) > 1 else 1
    return Cell(page, label, units * CELL)


def _present(page: Page) -> int:
    if page.tally:
        return sum(pages for state, pages in page.tally.items() if state not in ("hole", "swap"))
    return 0 if page.state in ("hole", "swap") else page.count
