"""How every state looks: one table, used by every picture, both backends and the legend.

A state is never told by colour alone. It has a fill, a letter, a pattern in the band at the left edge of its box,
and a kind of outline; three of the four survive greyscale print. The fills are the same on light and dark pages: the
text on a fill is black or white, whichever contrasts more; outlines and free text take the page's ink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Style:
    """How a state is drawn and what the legend calls it.

    ``fill`` is ``#rrggbb``, or None for a hollow box. ``letter`` is its one-letter name. ``band`` is the pattern of
    the left edge: one of :data:`BANDS` or ``""``. ``dash``: the outline is dashed. ``width``: outline in px.
    """

    words: str
    letter: str = ""
    fill: str | None = None
    band: str = ""
    dash: bool = False
    width: float = 1.0

    @property
    def ink(self) -> str | None:
        """Colour of the text on the fill, ``#000000`` or ``#ffffff``; None (the page's ink) on a hollow box.

        >>> Style("black", fill="#000000").ink
        '#ffffff'
        """
        return None if self.fill is None else _ink(self.fill)


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours that belong to the page and not to a state, each ``#rrggbb``."""

    paper: str
    ink: str
    muted: str
    """Secondary text and edges."""
    mark: str
    """Outline and corner of what changed."""


LIGHT = Theme(paper="#ffffff", ink="#1b1b1b", muted="#5a5a5a", mark="#b00020")
DARK = Theme(paper="#16181b", ink="#ececec", muted="#a8a8a8", mark="#ff8a80")

BANDS = ("slash", "back", "cross", "dots", "bars", "solid")
"""Patterns of a box's left band."""

STYLES: dict[str, Style] = {
    "table": Style("page table", "T", "#c7b7bc"),
    "empty": Style("page table, empty", "E", dash=True),
    "group": Style("unlike neighbours, counted", "…", "#94b083", "bars"),
    "anon": Style("anonymous page", "A", "#e69f00"),
    "file": Style("file page", "F", "#56b4e9", "slash"),
    "dirty": Style("file page, dirty", "D", "#2c82c0", "back"),
    "writeback": Style("file page, in writeback", "B", "#a6f795", "bars"),
    "locked": Style("page lock held", "L", "#005f50", "solid", width=2.5),
    "zero": Style("the zero page", "Z", "#ffffff", "dots"),
    "page": Style("present page", "P", "#928689"),
    "swap": Style("in swap", "S", "#61397e", "cross", dash=True),
    "protnone": Style("no access (PROT_NONE)", "N", "#b45a00", "back", dash=True),
    "poison": Style("poisoned page", "H", "#111111", "cross"),
    "orphan": Style("page taken out of its file", "O", "#581e00", "dots", dash=True),
    "freed": Style("freed, yet pointed at", "!", None, "cross", dash=True, width=2.5),
    "hole": Style("nothing there", "-", dash=True),
    "private": Style("VMA, private", "p"),
    "shared": Style("VMA, shared", "s", None, "bars", width=2.5),
    "pin": Style("pinned", "pin", "#000000"),
    "reference": Style("", "r"),
    "unknown": Style("held by code that runs just now, or by nobody", "?", dash=True),
    "event": Style("event", "e"),
    "injected": Style("event of an operation that interrupts", "i", None, "slash"),
}
"""Every state by name."""

EDGES: dict[str, Style] = {
    "child": Style("holds"),
    "maps": Style("maps: page table entry to frame"),
    "caches": Style("page cache slot to frame", dash=True),
    "swaps": Style("swap slot to its page", dash=True),
    "pins": Style("pin to frame", width=2.5),
}
"""Every kind of line by name."""

CHANGED_WIDTH = 2.5
"""Outline, in px, of a thing that changed."""

STACK = 3.0
"""How far, in px, the box behind a box for several things shows."""

SIZE = 11.0
"""Text size in px."""

TITLE_SIZE = 15.0

MONO = 0.62
"""Widest advance of the usual monospaced faces, in em: DejaVu, Liberation, Menlo, Consolas and Courier stay below."""

SANS = 0.66
"""A cautious mean advance of sans-serif text, in em."""

FONT_MONO = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
FONT_SANS = "system-ui, 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif"


def text_width(text: str, size: float = SIZE, mono: bool = True) -> float:
    """An upper bound, in px, of how wide ``text`` (its longest line) is painted.

    >>> text_width("four", 10)
    24.8
    """
    return max((len(line) for line in text.split("\n")), default=0) * size * (MONO if mono else SANS)


@cache
def counted(pages: int, state: str) -> str:
    """So many pages of a state.

    >>> counted(1, "anon"), counted(1_170, "zero")
    ('1 × anonymous page', '1,170 × the zero page')
    """
    return f"{pages:,} × {STYLES[state].words}"


def _ink(fill: str) -> str:
    return max(("#000000", "#ffffff"), key=lambda text: contrast(text, fill))


@cache
def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours ``#rrggbb``, 1 to 21, as WCAG 2 defines it.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
