"""The page's side of a film: plain ES source and style, as files of the package, put together without a build."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..draw import style
from ..draw.canvas import BAR, LINE
from ..draw.scene import Rect
from ..draw.svg import CSS, LIVE_CSS, escape, live

STATIC = Path(__file__).with_name("static")
SCRIPTS = (
    "dom", "keys", "film", "picture", "timeline", "transport", "panels", "ask", "point", "sight", "stage", "widget",
)  # fmt: skip
"""Each file uses what those before it define; the last one exports."""

SAMPLE = 30.0
"""Width of a sample in the legend, in px."""


@cache
def script() -> str:
    """The ES module: ``export default {render}`` for a widget, ``open(element, message)`` for a page."""
    return "\n".join((STATIC / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


@cache
def css() -> str:
    """Its style sheet; every rule stays inside ``.gk-stage``, ``.gk-svg`` or ``.gk-live``."""
    return "\n".join((CSS, LIVE_CSS, (STATIC / "stage.css").read_text(encoding="utf-8")))


@cache
def samples() -> dict[str, str]:
    """The legend: each state that has words as HTML, a sample and its words, by name."""
    return {name: _sample(name, look) for name, look in style.STYLES.items() if look.words}


def _sample(name: str, look: style.Style) -> str:
    height = BAR if name == "pin" else LINE
    letter = "" if name == "pin" else look.letter
    markup, _, _ = live(Rect(0, 0, SAMPLE, height, name, letter))
    width = SAMPLE + 2
    return (
        f'<svg class="gk-svg gk-live" width="{width:g}" height="{LINE + 2:g}" viewBox="-1 -1 {width:g} {LINE + 2:g}" '
        f'aria-hidden="true"><g transform="translate(0 {LINE - height:g})">{markup}</g></svg>'
        f"<span>{escape(look.words)}</span>"
    )
