"""``make slides``: each lecture as a slide show, by the slide types of its cells, that asks no other host.

``python -m tools.slides [DIR]`` builds ``slides/``, or DIR. Exit 1 with one line where a notebook does not run.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError
from nbconvert.exporters import SlidesExporter
from pygments.formatters import HtmlFormatter

from tools.book.executed import ROOT, executed, lectures
from tools.book.live import stage_script, stage_style
from tools.book.stage import first_heading, with_links

HERE = Path(__file__).parent
OWN = ("slides.css", "slides.js")
STYLES = ("a11y-high-contrast-light", "a11y-high-contrast-dark")
REVEAL = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", "LICENSE")
"""What is needed of reveal.js; sphinx-revealjs brings it."""


def main(arguments: list[str]) -> int:
    """Build the slides. Return 1, after one line on standard error, where they cannot be."""
    slides = Path(arguments[0]).resolve() if arguments else ROOT / "slides"
    if slides.exists() and any(slides.iterdir()) and not (slides / "static" / OWN[0]).exists():
        print(f"make slides: {slides} holds something that is no slides: name another directory", file=sys.stderr)
        return 1
    try:
        make(slides, lectures())
    except CellExecutionError as lack:
        print(f"make slides: {lack}", file=sys.stderr)
        return 1
    print(f"{slides / 'index.html'} lists the slide shows")
    return 0


def make(slides: Path, paths: Sequence[Path]) -> None:
    """Build the slide shows of these lectures, and a page that lists them."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "slides"
        _lay_static(made / "static")
        there = {path.name for path in paths}
        shows = {path.stem: as_slides(path, notebook, there) for path, notebook in executed(paths).items()}
        for name, (_, page) in shows.items():
            (made / f"{name}.html").write_text(page, encoding="utf-8")
        titles = {name: title for name, (title, _) in shows.items()}
        (made / "index.html").write_text(listing(titles), encoding="utf-8")
        if slides.exists():
            shutil.rmtree(slides)
        shutil.move(made, slides)


def as_slides(path: Path, notebook: Any, there: set[str]) -> tuple[str, str]:
    """Title and page of one slide show; ``there``: the lectures that it can lead to."""
    page = with_links(notebook, path, there, "html")
    page.metadata.title = first_heading(page)
    exporter = SlidesExporter(
        template_name="template", extra_template_basedirs=[str(HERE)], exclude_input_prompt=True,
        exclude_output_prompt=True, exclude_anchor_links=True)  # fmt: skip
    return page.metadata.title, exporter.from_notebook_node(page)[0]


def listing(titles: dict[str, str]) -> str:
    """The page that lists the slide shows, by file name and title."""
    items = "".join(f'<li><a href="{name}.html">{escape(title)}</a></li>' for name, title in titles.items())
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>gupkit: slides</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="static/slides.css"></head><body class="list"><main><h1>Slides</h1>'
        f"<ol>{items}</ol><p>Space goes on, Shift and Space goes back, Escape shows all slides at once, and S opens "
        "the speaker\N{RIGHT SINGLE QUOTATION MARK}s view.</p></main></body></html>\n"
    )


def _lay_static(into: Path) -> None:
    """Everything the pages load: ours, reveal.js, and the colours of code."""
    into.mkdir(parents=True)
    reveal = files("sphinx_revealjs").joinpath("_static", "revealjs")
    for name in REVEAL:
        (into / Path(name).name).write_bytes(reveal.joinpath(*name.split("/")).read_bytes())
    for path in (*(HERE / name for name in OWN), ROOT / "docs" / "_static" / "films.js"):
        shutil.copy(path, into)
    (into / "stage.js").write_text(stage_script(), encoding="utf-8")
    (into / "stage.css").write_text(stage_style(), encoding="utf-8")
    (into / "code.css").write_text(code_css(), encoding="utf-8")


def code_css() -> str:
    """Colours of code, on light and on dark slides."""
    light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in STYLES)
    return f"{light}\n@media(prefers-color-scheme:dark){{\n{dark}\n}}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
