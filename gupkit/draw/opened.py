"""Boxes that stand for many things and that a reader has opened: what lies in them is drawn apart, or in parts.

A box is named by its key (see :mod:`gupkit.draw.scene`), as it was drawn. Up to 32 things are drawn one by one; more
are drawn as sixteen parts or so, each of which can be opened again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TypeVar

from gupkit.trace.snapshot import LEVELS, PAGE_SHIFT, SHIFTS

Item = TypeVar("Item")

ONE_BY_ONE = 32
PARTS = 16

KEY = re.compile(r"(pte|vma|frame|table):(?:(.*?):)??(?:(pud|pmd|pte):)?(0x[0-9a-f]+|\d+)\+(\d+)")


@dataclass(frozen=True, slots=True)
class Box:
    """``many`` places from ``first`` on: pages, tables of ``level``, VMAs (``first`` is an address), or frames."""

    kind: str
    owner: str
    level: str
    first: int
    many: int

    @property
    def part(self) -> int:
        """How many of its places are drawn as one."""
        return 1 if self.many <= ONE_BY_ONE else -(-self.many // PARTS)


def boxes(keys: Iterable[str]) -> list[Box]:
    """The boxes that keys name; keys of single things, and of things that cannot be opened, name none.

    >>> boxes(["pte:P:0x1000+8", "table:P:pte:0x200000+4", "frame:7+40", "frame:9", "pin:a"])[1]
    Box(kind='table', owner='P', level='pte', first=2097152, many=4)
    """
    found = filter(None, map(KEY.fullmatch, keys))
    return [Box(kind, owner or "", level or "", int(first, 0), int(many))
            for kind, owner, level, first, many in (one.groups() for one in found)]  # fmt: skip


def room_for(keys: Collection[str], shapes: int, height: float) -> tuple[int, float]:
    """How many shapes and px of height a folded picture may take: what was opened comes on top.

    >>> room_for(["pte:P:0x1000+8"], 400, 900.0)
    (500, 1300.0)
    """
    count = len(boxes(keys))
    return shapes + 100 * count, height + 400 * count


class Borders:
    """Numbers at which something must begin anew, some of them the beginnings of parts of an opened box.

    >>> borders = Borders([(3, 9, 2)])
    >>> [borders.part(n) for n in (2, 3, 4, 5, 9)], [borders.is_open(n) for n in (2, 3, 8, 9)]
    ([0, 1, 1, 2, 4], [False, True, True, False])
    """

    def __init__(self, spans: Iterable[tuple[int, int, int]] = ()) -> None:
        """``spans``: first number of a box, the one after its last, and how long a part is."""
        spans = list(spans)
        self.starts = {at for first, end, step in spans for at in range(first, end, step)}
        self.at = sorted(self.starts | {end for _, end, _ in spans})

    def part(self, number: int) -> int:
        """Another one on the other side of a border."""
        return bisect_right(self.at, number)

    def is_open(self, number: int) -> bool:
        """Whether ``number`` lies in an opened box."""
        place = bisect_right(self.at, number) - 1
        return place >= 0 and self.at[place] in self.starts

    def within(self, start: int, end: int) -> list[int]:
        """The borders from ``start`` to before ``end``."""
        return self.at[bisect_left(self.at, start) : bisect_left(self.at, end)]


NO_BORDERS = Borders()


class Cuts:
    """Where the tree of a process's page tables must not draw neighbours as one: borders by depth.

    ``around`` is an address whose entry stands alone, whatever is folded beside it.
    """

    def __init__(self, keys: Collection[str] = (), process: str = "", around: int | None = None) -> None:
        spans: dict[int, list[tuple[int, int, int]]] = {}
        for box in boxes(keys):
            if box.owner == process and box.kind in ("pte", "table"):
                self._open(spans, len(LEVELS) if box.kind == "pte" else LEVELS.index(box.level), box)
        if around is not None:
            page = around >> PAGE_SHIFT << PAGE_SHIFT
            self._open(spans, len(LEVELS), Box("pte", process, "", page, 1))
        self._borders = {depth: Borders(found) for depth, found in spans.items()}

    def _open(self, spans: dict[int, list[tuple[int, int, int]]], depth: int, box: Box) -> None:
        size = 1 << SHIFTS[depth - 1]
        spans.setdefault(depth, []).append((box.first, box.first + box.many * size, box.part * size))
        for above in range(1, depth):  # the way to it
            size = 1 << SHIFTS[above - 1]
            first = box.first & ~(size - 1)
            spans.setdefault(above, []).append((first, first + size, size))

    def at(self, depth: int) -> Borders:
        """The borders between nodes of a depth: 1 for the tables below the pgd to 4 for entries."""
        return self._borders.get(depth, NO_BORDERS)


def borders_of_pages(process: str, keys: Iterable[str]) -> Borders:
    """The borders between a process's pages, by address."""
    found = [box for box in boxes(keys) if box.kind == "pte" and box.owner == process]
    return Borders((b.first, b.first + (b.many << PAGE_SHIFT), b.part << PAGE_SHIFT) for b in found)


def borders_in(numbers: Sequence[int], kind: str, owner: str, keys: Iterable[str]) -> Borders:
    """The borders between things that have ``numbers`` (ascending) and are no rule apart: VMAs, or frames.

    >>> borders_in([5, 9, 12, 20], "frame", "", ["frame:9+2"]).at
    [9, 12, 20]
    """
    spans: list[tuple[int, int, int]] = []
    beyond = [*numbers, (numbers[-1] + 1) if numbers else 0]
    for box in boxes(keys):
        if (box.kind, box.owner) == (kind, owner):
            begin = bisect_left(numbers, box.first)
            ends = [*range(begin, min(begin + box.many, len(numbers)), box.part), min(begin + box.many, len(numbers))]
            spans += [(beyond[i], beyond[j], beyond[j] - beyond[i]) for i, j in pairwise(ends)]
    return Borders(spans)


def parted(items: Sequence[Item], number: Callable[[Item], int], borders: Borders, most: int) -> list[list[Item]]:
    """``items`` as lists of neighbours: about ``most`` of them, besides those that an opened box is cut into.

    >>> parted([1, 2, 3, 4, 5, 6], lambda n: n, Borders([(2, 5, 1)]), 2)
    [[1], [2], [3], [4], [5, 6]]
    """
    groups = [list(group) for _, group in groupby(items, key=lambda item: borders.part(number(item)))]
    opened = [borders.is_open(number(group[0])) for group in groups]
    share = max(1, most // max(1, opened.count(False)))
    parts: list[list[Item]] = []
    for group, is_open in zip(groups, opened, strict=True):
        size = len(group) if is_open else -(-len(group) // share)
        parts += [group[at : at + size] for at in range(0, len(group), size)]
    return parts
