"""A picture as values: rectangles, lines and texts with a title and a description, painted by svg.py or mpl.py.

Units are px, x to the right and y downwards. A shape knows what it stands for: ``key`` is the same wherever the same
thing is drawn, in every picture and at every step, so a page can link pictures by key:

======================  ==========================================================
``pte:P:0x7f0000000000``  a page-table entry of process P, which is also the virtual page there
``pte:P:0x7f0000000000+8``  what lies in eight places from there on, drawn as one
``table:P:pmd:0x0``     a table of that level, by the first address it covers
``vma:P:0x7f0000000000``  a VMA, by its start; ``gap:P:0x…``, by its first byte, what is unmapped
``frame:12``            page frame 12
``file:disk.txt:3``     page 3 of a file's page cache
``swap:5``              swap slot 5
``pin:pins[0]``         a pin
``lock:P``              mmap_sem of process P
``event:12``            event number 12 of a trace, ``event:12+3`` three from there on
``A->B``                the line from key A to key B
======================  ==========================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from gupkit.draw import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Rect:
    """A box with the text inside it (its lines centred)."""

    x: float
    y: float
    width: float
    height: float
    style: str = "table"
    """A name in :data:`gupkit.draw.style.STYLES`."""
    label: str = ""
    role: str = ""
    tooltip: str = ""
    key: str = ""
    changed: bool = False
    """Drawn with a thick outline and a filled corner."""
    many: bool = False
    """Stands for more than one thing: drawn with the edge of another box behind it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline through ``points``, each (x, y)."""

    points: tuple[tuple[float, float], ...]
    style: str = "child"
    """A name in :data:`gupkit.draw.style.EDGES`."""
    role: str = "edge"
    tooltip: str = ""
    key: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; ``x`` is its left end, or its middle or right end as ``anchor`` says; ``y`` is its middle height."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    """``start``, ``middle`` or ``end``."""
    size: float = style.SIZE
    bold: bool = False
    mono: bool = False
    muted: bool = False
    role: str = "label"
    tooltip: str = ""
    key: str = ""
    changed: bool = False
    """Drawn bold and underlined (in matplotlib: bold)."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """What the text covers at most: (left, top, right, bottom)."""
        width = style.text_width(self.text, self.size, self.mono)
        left = self.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return left, self.y - self.size * 0.6, left + width, self.y + self.size * 0.6


Shape: TypeAlias = Rect | Line | Text


@dataclass(frozen=True, slots=True)
class Scene:
    """A finished picture. It shows itself in a notebook; :meth:`svg` and :meth:`plot` paint the same shapes.

    >>> scene = Scene(60, 30, (Rect(5, 5, 50, 20, "anon", "A"),), "One page", "One anonymous page.")
    >>> scene.svg().startswith("<svg")
    True
    """

    width: float
    height: float
    shapes: tuple[Shape, ...] = field(default=(), repr=False)
    title: str = ""
    description: str = ""
    """The same in sentences, for who does not see the picture."""
    body: tuple[float, float] | None = None
    """From where to where, in px from the top, the picture reaches without title and legend; None: all of it."""

    def svg(self) -> str:
        """The picture as one ``<svg>`` element: real text, a tooltip on each shape, nothing external."""
        from gupkit.draw.svg import paint

        return paint(self)

    def plot(self, ax: Axes | None = None, *, dark: bool = False) -> Axes:
        """Paint with matplotlib, into ``ax`` or a new figure of the picture's size at 100 dpi, and return the Axes.

        ``dark`` takes the dark theme's paper and ink. Save with ``scene.plot().figure.savefig("name.pdf")``.
        """
        from gupkit.draw.mpl import paint

        return paint(self, ax, dark=dark)

    def _repr_svg_(self) -> str:
        return self.svg()

    def _repr_html_(self) -> str:
        return f'<div class="gupkit-scene">{self.svg()}</div>'

    def of(self, key: str) -> tuple[Shape, ...]:
        """The shapes that stand for the thing with this key, none if it is not in the picture."""
        return tuple(shape for shape in self.shapes if shape.key == key)
