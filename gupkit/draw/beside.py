"""Two pictures side by side as one, to be compared at a glance or in print."""

from __future__ import annotations

from dataclasses import replace

from gupkit.draw.canvas import MARGIN
from gupkit.draw.scene import Line, Scene, Shape, Text

GAP = 32.0
"""Room between two pictures, in px."""

HEAD = 26.0
"""Room for the names above them, in px."""


def side_by_side(left: Scene, right: Scene, names: tuple[str, str] = ("", "")) -> Scene:
    """One scene of two, the first on the left; ``names`` stand above them and say which is which.

    Keys stay as they are: the same thing has the same key in both halves.

    >>> one = Scene(100, 50, (Text(10, 10, "a"),), "A", "An a.")
    >>> both = side_by_side(one, one, ("4.9", "6.18"))
    >>> both.width, both.height, both.title, both.description
    (232.0, 76.0, 'A, beside it A', '4.9: An a. 6.18: An a.')
    """
    top = HEAD if any(names) else 0.0
    offset = left.width + GAP
    shapes = [moved(shape, 0, top) for shape in left.shapes] + [moved(shape, offset, top) for shape in right.shapes]
    for name, x in zip(names, (0.0, offset), strict=True):
        if name:
            shapes.append(Text(x + MARGIN, MARGIN + HEAD / 2 - 4, name, size=HEAD / 2, bold=True, role="side"))
    told = [f"{name}: {scene.description}" if name else scene.description
            for name, scene in zip(names, (left, right), strict=True)]
    return Scene(
        offset + right.width, top + max(left.height, right.height), tuple(shapes),
        f"{left.title}, beside it {right.title}", " ".join(told),
    )  # fmt: skip


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """The same shape elsewhere."""
    if isinstance(shape, Line):
        return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
    return replace(shape, x=shape.x + dx, y=shape.y + dy)
