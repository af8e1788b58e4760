"""Paint a scene as SVG text: quick enough for live views, readable by a screen reader, the same bytes every time.

Nothing in it has an id, so any number of pictures may stand on one page. Page colours come from JupyterLab's theme
where there is one, else from the reader's light or dark preference.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from html import escape as escaped
from operator import attrgetter

from gupkit.draw import bands, style
from gupkit.draw.scene import Line, Rect, Scene, Shape, Text

CORNER = 8.0
"""Side of the filled corner that marks a change, in px."""

LINE_HEIGHT = 1.25
"""Distance of two lines of a label, in em."""


def _variables(theme: style.Theme) -> str:
    return (
        f"--gk-paper:var(--jp-layout-color0,{theme.paper});--gk-ink:var(--jp-content-font-color0,{theme.ink});"
        f"--gk-muted:var(--jp-content-font-color1,{theme.muted});"
    )


CSS = (
    f".gk-svg{{{_variables(style.LIGHT)}max-width:100%;height:auto;background:var(--gk-paper);"
    f"font:{style.SIZE:g}px {style.FONT_SANS}}}"
    f"@media(prefers-color-scheme:dark){{.gk-svg{{{_variables(style.DARK)}}}}}"
    ".gk-svg text{fill:var(--gk-ink);dominant-baseline:central;white-space:pre}"
    f".gk-svg .m{{font-family:{style.FONT_MONO}}}"
    ".gk-svg rect{stroke:var(--gk-ink);fill:none}.gk-svg .e{stroke:var(--gk-muted);fill:none}"
    ".gk-svg .band{stroke:var(--gk-ink);stroke-width:1;fill:none}"
    ".gk-svg .corner{fill:var(--gk-ink);stroke:var(--gk-paper);stroke-width:1}"
    ".gk-svg .soft{fill:var(--gk-muted)}"
)
"""One style sheet, the same in every picture; every rule stays inside ``.gk-svg``."""

LIVE_CSS = (
    ".gk-live .corner{display:none}.gk-live [data-changed]>.corner{display:inline}"
    f".gk-live [data-changed]>rect,.gk-live [data-changed]>.e{{stroke-width:{style.CHANGED_WIDTH:g}px!important}}"
    ".gk-live g[data-changed]>text:first-of-type:last-child{font-weight:bold;text-decoration:underline}"
)
"""How a page marks what changed in a picture made of :func:`live` shapes."""


def paint(scene: Scene) -> str:
    """The scene as one ``<svg>`` element.

    >>> paint(Scene(10, 10, (Text(1, 5, "a < b"),), "T")).count("a &lt; b")
    1
    """
    size = f'width="{scene.width:g}" height="{scene.height:g}" viewBox="0 0 {scene.width:g} {scene.height:g}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gk-svg" {size} role="img" '
        f'aria-label="{escape(_one_line(f"{scene.title}. {scene.description}"))}">'
        f"<desc>{escape(scene.description)}</desc><style>{CSS}</style>"
    )
    return head + "".join(map(_shape, scene.shapes)) + "</svg>"


FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold: a file name of a live process may have anything."""

SPECIAL = re.compile(r"[&<>\"']|" + FORBIDDEN.pattern)
"""What cannot stand as it is."""


def escape(text: str) -> str:
    r"""``text`` for an element or an attribute; what XML cannot hold becomes U+FFFD.

    >>> escape("a < b\x00") == "a &lt; b\ufffd"
    True
    """
    return escaped(FORBIDDEN.sub("\ufffd", text)) if SPECIAL.search(text) else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shape(shape: Shape) -> str:
    if isinstance(shape, Rect):
        inner = _rect(shape)
    elif isinstance(shape, Line):
        inner = _line(shape)
    else:
        inner = _text(shape)
    tooltip = f"<title>{escape(shape.tooltip)}</title>" if shape.tooltip else ""
    return f"<g{_names(shape)}>{tooltip}{inner}</g>\n"


def live(shape: Shape) -> tuple[str, float, float]:
    """A shape for a page that puts it where it belongs and marks it: its markup at the origin, and its x and y.

    It shows no change; what marks one is there and hidden (see :data:`LIVE_CSS`). Equal shapes have equal markup,
    wherever they stand.

    >>> one, other = live(Rect(5, 6, 50, 20, "anon", "A")), live(Rect(7, 6, 50, 20, "anon", "A", changed=True))
    >>> one[0] == other[0], one[1:], other[1:]
    (True, (5, 6), (7, 6))
    """
    if isinstance(shape, Rect):
        return _live_rect(*RECT(shape)), shape.x, shape.y
    if isinstance(shape, Line):
        x, y = shape.points[0]
        points = tuple((round(px - x, 1), round(py - y, 1)) for px, py in shape.points)
        return _live_line(points, shape.style, shape.role, shape.tooltip, shape.key), x, y
    return _live_text(*TEXT(shape)), shape.x, shape.y


RECT = attrgetter("width", "height", "style", "label", "role", "tooltip", "key", "many")
TEXT = attrgetter("text", "anchor", "size", "bold", "mono", "muted", "role", "tooltip", "key")


@lru_cache(maxsize=50_000)
def _live_rect(width: float, height: float, look: str, label: str, role: str, tip: str, key: str, many: bool) -> str:
    rect = Rect(0, 0, width, height, look, label, role, tip, key, False, many)
    return _shape(rect).replace("</g>\n", f"{_corner(replace(rect, changed=True))}</g>")


@lru_cache(maxsize=50_000)
def _live_line(points: tuple[tuple[float, float], ...], look: str, role: str, tip: str, key: str) -> str:
    return _shape(Line(points, look, role, tip, key)).rstrip()


@lru_cache(maxsize=50_000)
def _live_text(
    text: str, anchor: str, size: float, bold: bool, mono: bool, muted: bool, role: str, tip: str, key: str
) -> str:
    return _shape(Text(0, 0, text, anchor, size, bold, mono, muted, role, tip, key)).rstrip()


def _names(shape: Shape) -> str:
    names = ' role="graphics-symbol"' if shape.tooltip else ""
    if shape.role:
        names += f' data-role="{escape(shape.role)}"'
    if shape.key:
        names += f' data-key="{escape(shape.key)}"'
    return names + (' data-changed="true"' if shape.changed else "")


def _rect(rect: Rect) -> str:
    look = style.STYLES[rect.style]
    width = style.CHANGED_WIDTH if rect.changed else look.width
    fill = f"fill:{look.fill};" if look.fill else ""
    dash = "stroke-dasharray:4 3;" if look.dash else ""
    # Hollow boxes still catch the pointer, so that their tooltip shows.
    box = (
        f'<rect x="{rect.x:g}" y="{rect.y:g}" width="{rect.width:g}" height="{rect.height:g}" '
        f'style="{fill}{dash}stroke-width:{width:g}" pointer-events="all"/>'
    )
    return _stack(rect) + box + _band(rect, look) + _corner(rect) + _label(rect, look)


def _stack(rect: Rect) -> str:
    if not rect.many:
        return ""
    points = " ".join(f"{x:g},{y:g}" for x, y in bands.stack(rect.x, rect.y, rect.width, rect.height))
    return f'<polyline class="band" points="{points}"/>'


def _band(rect: Rect, look: style.Style) -> str:
    if not look.band:
        return ""
    colour = f' style="stroke:{look.ink}"' if look.ink else ""
    path = _path(look.band, rect.height)
    return f'<path class="band"{colour} transform="translate({rect.x:g} {rect.y:g})" d="{path}"/>'


@lru_cache(maxsize=256)
def _path(band: str, height: float) -> str:
    return "".join(f"M{a:g} {b:g}L{c:g} {d:g}" for (a, b), (c, d) in bands.segments(band, 0, 0, height))


def _corner(rect: Rect) -> str:
    if not rect.changed or rect.height < CORNER:
        return ""
    right, top = rect.x + rect.width, rect.y
    return f'<path class="corner" d="M{right - CORNER:g} {top:g}H{right:g}V{top + CORNER:g}z"/>'


def _label(rect: Rect, look: style.Style) -> str:
    if not rect.label:
        return ""
    lines = rect.label.split("\n")
    step = style.SIZE * LINE_HEIGHT
    x, top = bands.middle(look.band, rect.x, rect.width), rect.y + rect.height / 2 - step * (len(lines) - 1) / 2
    colour = f' style="fill:{look.ink}"' if look.ink else ""
    return "".join(
        f'<text class="m" text-anchor="middle" x="{x:g}" y="{top + i * step:g}"{colour}>{escape(line)}</text>'
        for i, line in enumerate(lines)
    )


def _line(line: Line) -> str:
    look = style.EDGES[line.style]
    points = " ".join(f"{x:g},{y:g}" for x, y in line.points)
    dash = "stroke-dasharray:5 3;" if look.dash else ""
    width = max(look.width, style.CHANGED_WIDTH if line.changed else 0)
    return f'<polyline class="e" points="{points}" style="{dash}stroke-width:{width:g}"/>'


def _text(text: Text) -> str:
    classes = " ".join(name for name, on in (("m", text.mono), ("soft", text.muted)) if on)
    extra = f' class="{classes}"' if classes else ""
    if text.bold or text.changed:
        extra += ' font-weight="bold"'
    if text.changed:
        extra += ' text-decoration="underline"'
    if text.size != style.SIZE:
        extra += f' font-size="{text.size:g}"'
    if text.anchor != "start":
        extra += f' text-anchor="{text.anchor}"'
    return f'<text{extra} x="{text.x:g}" y="{text.y:g}">{escape(text.text)}</text>'
