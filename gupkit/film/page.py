"""One HTML file that shows a film by itself: pictures, sentences and working controls, no network, no Python."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from html import escape
from typing import Any

from ..trace.trace import Trace
from ..trace.words import sentence
from .film import Film
from .front import css, script
from .reel import whole

PAGE_CSS = """
:root{color-scheme:light dark}
body{margin:1em auto;padding:0 1em;max-width:1900px;font:15px/1.5 system-ui,sans-serif;background:#fff;color:#1b1b1b}
h1{font-size:1.5em;margin:.2em 0}
@media(prefers-color-scheme:dark){body{background:#16181b;color:#ececec}
.gk-stage{--gk-paper:#16181b;--gk-ink:#ececec;--gk-face:#2a2d31}a{color:#8ab4f8}}
@media print{.gk-transport,.gk-options,.gk-point{display:none}}
"""


def html(films: Sequence[Film], names: Sequence[str] = ()) -> str:
    """The page for one film, or for two side by side; it opens at the first place."""
    first = films[0].trace
    told = whole(films, names)
    title = escape(first.title or "A trace")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{css()}{PAGE_CSS}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{_about(first)}"
        f'<div id="stage"></div>\n{_story(first)}</main>\n'
        f'{_carried(data(told))}\n<script type="module">{script()}\n{OPEN}</script>\n</body>\n</html>\n'
    )


LARGE = 500_000
"""Bytes of JSON above which a page carries it compressed."""

OPEN = """
const film = document.getElementById("film");
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}
const told = film.type === "application/json" ? JSON.parse(film.textContent) : await unpacked(film.textContent);
open(document.getElementById("stage"), told);
"""
"""What the page does with the film it carries."""


def _carried(film: str) -> str:
    """The film as an element of the page: JSON, or in base64 and compressed, the same bytes every time."""
    if len(film) <= LARGE:
        return f'<script type="application/json" id="film">{film}</script>'
    packed = base64.b64encode(gzip.compress(film.encode("ascii"), mtime=0)).decode("ascii")
    return f'<script type="application/gzip" id="film">{packed}</script>'


def data(value: Any) -> str:
    r"""JSON that can stand inside a script element.

    >>> data("</script>")
    '"\\u003c/script>"'
    """
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _about(trace: Trace) -> str:
    parts = [" ".join(part.split()) for part in trace.about.split("\n\n")]
    era = f"<p>Linux {escape(trace.era)}, simulated.</p>\n" if trace.era and trace.backend == "sim" else ""
    return era + "".join(f"<p>{escape(part)}</p>\n" for part in parts if part)


def _story(trace: Trace) -> str:
    """Everything that happens as text: for who prints the page, searches it, or has no scripts."""
    steps = []
    for step in trace.steps:
        events = "".join(f"<li>{escape(sentence(event))}</li>" for event in trace.events[step.first : step.last])
        words = escape(f"{step.by}: {step.text or step.op}")
        steps.append(f"<li>{words}\n<ol>{events}</ol></li>\n")
    story = f"<ol>\n{''.join(steps)}</ol>"
    return f"<details><summary>The whole story in words</summary>\n{story}</details>\n" if steps else ""
