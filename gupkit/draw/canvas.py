"""A picture in the making: shapes put down one after the other, then title above and legend in words below."""

from __future__ import annotations

from gupkit.draw import layout, style
from gupkit.draw.scene import Line, Rect, Scene, Shape, Text

MARGIN = 12.0
"""Free space around the picture, in px."""

LINE = 16.0
"""Height of a line of free text, in px."""

BAR = 4.0
"""Thickness of the bar that marks a pinned thing, in px."""

WIDTH = 960
"""Width of a picture, in px: a notebook page."""

NARROWEST = 480
"""Below this width, in px, a picture's columns do not fit: a smaller wish is widened to it."""


class Canvas:
    """Collects shapes; :meth:`scene` makes the finished picture. ``top`` is where the picture's own shapes begin."""

    def __init__(self, title: str, about: str, width: float) -> None:
        self.title, self.width = title, max(width, NARROWEST)
        self.shapes: list[Shape] = []
        self.styles: list[str] = []
        self.mark = "changed in this step"
        """What the legend says of a thick outline with a filled corner."""
        self.top = MARGIN
        self._words(title, style.TITLE_SIZE, bold=True, role="title")
        if about:
            self._words(about, style.SIZE, muted=True, role="about")
        self.top += 8
        self.head = self.top
        """Where the title ends."""

    def _words(self, text: str, size: float, *, bold: bool = False, muted: bool = False, role: str) -> None:
        for line in layout.wrap(text, self.width - 2 * MARGIN, size):
            self.shapes.append(Text(MARGIN, self.top + size * 0.7, line, size=size, bold=bold, muted=muted, role=role))
            self.top += size * 1.4

    def rect(self, rect: Rect, *, pins: int = 0, pin_tooltip: str = "") -> None:
        """Put down a box, with the bar of a pinned thing at its foot if ``pins``."""
        self.shapes.append(rect)
        self.see(rect.style)
        if pins:
            self.see("pin")
            foot = rect.y + rect.height - BAR
            self.shapes.append(
                Rect(rect.x, foot, rect.width, BAR, "pin", role="pinned", tooltip=pin_tooltip, key=rect.key)
            )

    def line(self, line: Line) -> None:
        """Put down a line."""
        self.shapes.append(line)

    def text(self, text: Text) -> None:
        """Put down a free text."""
        self.shapes.append(text)

    def see(self, name: str) -> None:
        """Have the legend explain this style."""
        if name not in self.styles and style.STYLES[name].words:
            self.styles.append(name)

    def scene(self, bottom: float, description: str, extra: tuple[str, ...] = ()) -> Scene:
        """The finished picture: what was put down ends at ``bottom``; ``extra`` are more sentences of the legend."""
        body = self.head, bottom
        bottom = self._legend(bottom + 14)
        for sentence in (*extra, *self._marks()):
            for line in layout.wrap(sentence, self.width - 2 * MARGIN):
                self.shapes.append(Text(MARGIN, bottom + LINE / 2, line, muted=True, role="legend"))
                bottom += LINE
        return Scene(self.width, round(bottom + MARGIN, 1), tuple(self.shapes), self.title, description, body)

    def _legend(self, top: float) -> float:
        """A sample and its words for each state that was used, in aligned columns; returns the bottom."""
        names = [name for name in style.STYLES if name in self.styles]
        if not names:
            return top
        widths = [44 + style.text_width(style.STYLES[name].words, mono=False) for name in names]
        room = self.width - 2 * MARGIN
        places = layout.flow(widths, room, room / max(2, room // 230) - 10, 10)
        for name, (row, x) in zip(names, places, strict=True):
            y, look = top + row * (LINE + 6), style.STYLES[name]
            height = BAR if name == "pin" else LINE
            letter = "" if name == "pin" else look.letter
            sample = Rect(MARGIN + x, y + (LINE - height), 30, height, name, letter, "legend", look.words)
            self.shapes += [sample, Text(MARGIN + x + 36, y + LINE / 2, look.words, role="legend")]
        return top + (places[-1][0] + 1) * (LINE + 6)

    def _marks(self) -> list[str]:
        boxes = [shape for shape in self.shapes if isinstance(shape, Rect)]
        marks = []
        if any(box.changed for box in boxes):
            marks.append(f"Thick outline with a filled corner: {self.mark}.")
        if any(box.many for box in boxes):
            marks.append("A box with another behind it: several things, with their number.")
        return marks
