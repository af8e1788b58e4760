"""Paint a scene with matplotlib: boxes of one look are one collection, lines of one look another.

matplotlib is imported when the first picture is painted.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gupkit.draw import bands, style
from gupkit.draw.scene import Line, Rect, Scene, Text
from gupkit.draw.svg import CORNER, LINE_HEIGHT
from gupkit.errors import GupkitError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 100
MONO_FAMILY = ["DejaVu Sans Mono", "monospace"]
SANS_FAMILY = ["DejaVu Sans", "sans-serif"]


def paint(scene: Scene, ax: Axes | None = None, *, dark: bool = False) -> Axes:
    """Paint into ``ax``, or into a new figure of the scene's size in px at 100 dpi; returns the Axes.

    The axes' data units are the scene's px, y downwards, one to one. In a given Axes the text is scaled to the room
    it has now. GupkitError where there is no matplotlib, as in a browser's Python.
    """
    if find_spec("matplotlib") is None:
        raise GupkitError("no matplotlib here, so no figure: show the picture itself, which is SVG, or save its .svg()")
    theme = style.DARK if dark else style.LIGHT
    if ax is None:
        figure = _new_figure(scene.width / DPI, scene.height / DPI)
        figure.set_facecolor(theme.paper)
        ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, scene.width)
    ax.set_ylim(scene.height, 0)
    ax.set_aspect("equal")
    ax.set_axis_off()
    painter = _Painter(ax, theme, _points_per_px(scene, ax))
    painter.lines([s for s in scene.shapes if isinstance(s, Line)])
    painter.rects([s for s in scene.shapes if isinstance(s, Rect)])
    painter.texts([s for s in scene.shapes if isinstance(s, Text)])
    return ax


def _new_figure(width: float, height: float) -> Figure:
    """A figure that a notebook shows at the end of the cell; elsewhere one that pyplot does not keep alive."""
    ipython: Any = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from matplotlib import pyplot

        return pyplot.figure(figsize=(width, height), dpi=DPI)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def _points_per_px(scene: Scene, ax: Axes) -> float:
    """Points (1/72 inch) that one px of the scene takes in these axes."""
    room = ax.get_window_extent()
    scale = min(room.width / scene.width, room.height / scene.height)
    return float(scale * 72 / ax.get_figure(root=True).dpi)  # type: ignore[union-attr]


class _Painter:
    def __init__(self, ax: Axes, theme: style.Theme, points: float) -> None:
        self.ax, self.theme, self.points = ax, theme, points

    def lines(self, lines: Iterable[Line]) -> None:
        from matplotlib.collections import LineCollection

        looks: defaultdict[tuple[str, bool], list[Any]] = defaultdict(list)
        for line in lines:
            looks[line.style, line.changed].append(line.points)
        for (name, changed), points in looks.items():
            look = style.EDGES[name]
            width = max(look.width, style.CHANGED_WIDTH if changed else 0) * self.points
            dash = _dash(look, max(look.width, style.CHANGED_WIDTH if changed else 0))
            self.ax.add_collection(
                LineCollection(points, colors=self.theme.muted, linewidths=width, linestyles=dash, zorder=1)
            )

    def rects(self, rects: list[Rect]) -> None:
        from matplotlib.collections import PolyCollection

        looks: defaultdict[tuple[str, float], list[Rect]] = defaultdict(list)
        for rect in rects:
            looks[rect.style, style.CHANGED_WIDTH if rect.changed else style.STYLES[rect.style].width].append(rect)
        for (name, width), group in looks.items():
            look = style.STYLES[name]
            self.ax.add_collection(PolyCollection(
                [_outline(rect) for rect in group], facecolors=look.fill or "none", edgecolors=self.theme.ink,
                linewidths=width * self.points, linestyles=_dash(look, width), zorder=2,
            ))
            self._bands(look, group)
            for rect in group:
                self._label(rect, look)
        self._corners([rect for rect in rects if rect.changed])
        self._edges([bands.stack(r.x, r.y, r.width, r.height) for r in rects if r.many], self.theme.ink)

    def _bands(self, look: style.Style, rects: list[Rect]) -> None:
        lines = [line for rect in rects for line in bands.segments(look.band, rect.x, rect.y, rect.height)]
        self._edges(lines, look.ink or self.theme.ink)

    def _edges(self, lines: Sequence[Any], colour: str) -> None:
        from matplotlib.collections import LineCollection

        if lines:
            self.ax.add_collection(LineCollection(lines, colors=colour, linewidths=self.points, zorder=3))

    def _corners(self, rects: list[Rect]) -> None:
        from matplotlib.collections import PolyCollection

        if rects:
            corners = [_corner(rect) for rect in rects]
            self.ax.add_collection(PolyCollection(
                corners, facecolors=self.theme.ink, edgecolors=self.theme.paper, linewidths=self.points, zorder=4,
            ))

    def _label(self, rect: Rect, look: style.Style) -> None:
        if rect.label:
            self.ax.text(
                bands.middle(look.band, rect.x, rect.width), rect.y + rect.height / 2, rect.label, ha="center",
                va="center_baseline",
                color=look.ink or self.theme.ink, fontsize=style.SIZE * self.points, family=MONO_FAMILY,
                linespacing=LINE_HEIGHT, zorder=5, parse_math=False,
            )

    def texts(self, texts: Iterable[Text]) -> None:
        sides = {"start": "left", "middle": "center", "end": "right"}
        for text in texts:
            self.ax.text(
                text.x, text.y, text.text, ha=sides[text.anchor], va="center_baseline",
                color=self.theme.muted if text.muted else self.theme.ink, fontsize=text.size * self.points,
                family=MONO_FAMILY if text.mono else SANS_FAMILY, zorder=5, parse_math=False,
                weight="bold" if text.bold or text.changed else "normal",
            )


def _dash(look: style.Style, width: float) -> Any:
    """Dashes of 4 px and gaps of 3 px; matplotlib counts them in line widths."""
    return (0, (4 / width, 3 / width)) if look.dash and width else "solid"


def _outline(rect: Rect) -> list[tuple[float, float]]:
    right, bottom = rect.x + rect.width, rect.y + rect.height
    return [(rect.x, rect.y), (right, rect.y), (right, bottom), (rect.x, bottom)]


def _corner(rect: Rect) -> list[tuple[float, float]]:
    right, top = rect.x + rect.width, rect.y
    return [(right - CORNER, top), (right, top), (right, top + CORNER)]
