"""Where things go: a tidy tree from left to right, boxes wrapped into rows, wrapped text. All in px."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import inf
from typing import TypeVar

from gupkit.draw import style

Key = TypeVar("Key", bound=Hashable)


def tree_rows(
    children: Mapping[Key, Sequence[Key]], root: Key, heights: Mapping[Key, float], gap: float, top: float = 0.0,
    centred: bool = True,
) -> tuple[dict[Key, float], float]:
    """The top of every node of a tree drawn from left to right, and the bottom of all.

    Leaves stand below each other, ``gap`` apart, in order; a parent stands at the middle of its first and last child,
    or at the top of its first child unless ``centred``. A node taller than its children pushes what follows down, so
    nothing overlaps within a column.

    >>> tree_rows({"root": ["a", "b"]}, "root", {"root": 10, "a": 10, "b": 10}, 2)
    ({'a': 0.0, 'b': 12.0, 'root': 6.0}, 22.0)
    """
    tops: dict[Key, float] = {}
    return tops, _place(children, root, heights, gap, top, tops, centred)


def _place(
    children: Mapping[Key, Sequence[Key]], node: Key, heights: Mapping[Key, float], gap: float, top: float,
    tops: dict[Key, float], centred: bool,
) -> float:
    below, height = children.get(node, ()), heights[node]
    if not below:
        tops[node] = top
        return top + height
    bottom = top
    for child in below:
        bottom = _place(children, child, heights, gap, bottom if child == below[0] else bottom + gap, tops, centred)
    first, last = below[0], below[-1]
    middle = (tops[first] + tops[last] + heights[last]) / 2
    tops[node] = middle - height / 2 if centred else tops[first]
    overhang = top - tops[node]
    if overhang > 0:
        for moved in _descendants(children, node):
            tops[moved] += overhang
        bottom += overhang
    return max(bottom, tops[node] + height)


def _descendants(children: Mapping[Key, Sequence[Key]], node: Key) -> Iterable[Key]:
    yield node
    for child in children.get(node, ()):
        yield from _descendants(children, child)


def flow(widths: Sequence[float], room: float, unit: float, gap: float) -> list[tuple[int, float]]:
    """Place boxes of ``widths`` into rows of at most ``room`` px: (row, x) of each.

    Every box starts at a multiple of ``unit + gap``, so that the rows align as columns. A box wider than the room
    has a row of its own.

    >>> flow([10, 10, 25, 10], 50, 10, 2)
    [(0, 0.0), (0, 12.0), (0, 24.0), (1, 0.0)]
    """
    placed: list[tuple[int, float]] = []
    row, x, pitch = 0, 0.0, unit + gap
    for width in widths:
        if x > 0 and x + width > room:
            row, x = row + 1, 0.0
        placed.append((row, x))
        x += -(-(width + gap) // pitch) * pitch
    return placed


def settle(wishes: Iterable[tuple[Key, float, float]], gap: float, top: float) -> tuple[dict[Key, float], float]:
    """Put boxes of a column where they wish to be, in that order and ``gap`` apart: the top of each, and the bottom.

    ``wishes`` are (key, wished middle, height); equal wishes keep their order; one without a wish says ``math.inf``
    and goes to the end.

    >>> settle([("b", 20, 10), ("a", 5, 10), ("c", 20, 10)], 2, 0.0)
    ({'a': 0.0, 'b': 15.0, 'c': 27.0}, 37.0)
    """
    tops: dict[Key, float] = {}
    free = top
    for key, middle, height in sorted(wishes, key=lambda wish: wish[1]):
        tops[key] = free if middle == inf else max(free, middle - height / 2)
        free = tops[key] + height + gap
    return tops, free - gap if tops else top


def wrap(text: str, room: float, size: float = style.SIZE, mono: bool = False) -> list[str]:
    """``text`` broken at spaces into lines of at most ``room`` px; a longer word is broken where it must.

    >>> wrap("one two three", 60, 10)
    ['one two', 'three']
    """
    most = max(1, int(room / (size * (style.MONO if mono else style.SANS))))
    lines: list[str] = []
    for word in text.split():
        while len(word) > most:
            lines.append(word[:most])
            word = word[most:]
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def shorten(text: str, room: float, size: float = style.SIZE, mono: bool = True) -> str:
    """``text``, cut in the middle to fit into ``room`` px; its ends tell more than its middle.

    >>> shorten("/usr/lib/libpython3.11.so.1.0", 100, 10)
    '/usr/lib….so.1.0'
    """
    most = max(1, int(room / (size * (style.MONO if mono else style.SANS))))
    if len(text) <= most:
        return text
    head = most // 2
    return text[:head] + "…" + text[len(text) - (most - head - 1) :] if most > 2 else text[:most]
