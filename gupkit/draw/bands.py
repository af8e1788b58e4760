"""The pattern in the left band of a box and the edge of the box behind it, as lines that both backends paint."""

from __future__ import annotations

from typing import TypeAlias

from gupkit.draw.style import STACK

BAND = 6.0
"""Width of the band in px."""

NARROW = 4 * BAND
"""A box of less width has its label beside the band; in a wider one the middle is clear of it."""

STEP = 4.0
"""Distance between the pattern's lines in px."""

Segment: TypeAlias = tuple[tuple[float, float], tuple[float, float]]


def segments(kind: str, x: float, y: float, height: float) -> list[Segment]:
    """The lines of pattern ``kind`` (see ``style.BANDS``) in the band whose top left corner is (x, y).

    >>> segments("bars", 0, 0, 10)
    [((0, 4.0), (6.0, 4.0)), ((0, 8.0), (6.0, 8.0))]
    """
    if not kind:
        return []
    drawn = {"slash": _slash, "back": _back, "cross": _cross, "dots": _dots, "bars": _bars, "solid": _solid}
    return drawn[kind](x, y, height)


def middle(kind: str, x: float, width: float) -> float:
    """Where the middle of a label stands in a box with that band: beside the band, where the box is narrow.

    >>> middle("bars", 0, 22), middle("", 0, 22), middle("bars", 0, 100)
    (14.0, 11.0, 50.0)
    """
    taken = BAND if kind and width < NARROW else 0.0
    return x + (taken + width) / 2


def stack(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    """The visible edge of the box behind the one at (x, y), as the points of a polyline."""
    right, bottom = x + width + STACK, y + height + STACK
    return [
        (x + STACK, y + height), (x + STACK, bottom), (right, bottom), (right, y + STACK), (x + width, y + STACK),
    ]


def _heights(height: float, room: float = 0.0) -> list[float]:
    return [STEP * i for i in range(1, int((height - 0.01) // STEP) + 1) if STEP * i + room <= height]


def _slash(x: float, y: float, height: float) -> list[Segment]:
    return [((x, y + h), (x + BAND, y + h - STEP)) for h in _heights(height)]


def _back(x: float, y: float, height: float) -> list[Segment]:
    return [((x, y + h - STEP), (x + BAND, y + h)) for h in _heights(height)]


def _cross(x: float, y: float, height: float) -> list[Segment]:
    return _slash(x, y, height) + _back(x, y, height)


def _bars(x: float, y: float, height: float) -> list[Segment]:
    return [((x, y + h), (x + BAND, y + h)) for h in _heights(height)]


def _dots(x: float, y: float, height: float) -> list[Segment]:
    return [((x + 2.0, y + h), (x + 4.0, y + h)) for h in _heights(height)]


def _solid(x: float, y: float, height: float) -> list[Segment]:
    return [((x + dx, y + 1), (x + dx, y + height - 1)) for dx in (1.0, 2.5, 4.0, 5.5)]
