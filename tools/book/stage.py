"""What the book is built from, laid out in one folder: the texts of ``docs/``, the lectures as they ran, and pages
that are written by the kit itself."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat

from tools.book.live import stage_script, stage_style

LINK = re.compile(r"\[([^\]]*)\]\(((?!\w+:|#)[^)#\s]+)(#[^)\s]*)?\)")
"""A relative link in Markdown: its words, the file, and the place in it."""


def stage(docs: Path, lectures: Mapping[Path, Any], pages: Mapping[str, str], into: Path) -> None:
    """Lay everything out in the new folder ``into``."""
    shutil.copytree(docs, into, ignore=shutil.ignore_patterns("__pycache__"))
    (into / "_static" / "stage.js").write_text(stage_script(), encoding="utf-8")
    (into / "_static" / "stage.css").write_text(stage_style(), encoding="utf-8")
    (into / "lectures").mkdir()
    for path, notebook in lectures.items():
        nbformat.write(as_page(notebook, path, {each.name for each in lectures}), into / "lectures" / path.name)
    for name, text in pages.items():
        page = into / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def leave_out(part: str, source: Path) -> None:
    """Take a folder of pages out of what was staged, and out of the list on the first page."""
    shutil.rmtree(source / part)
    index = source / "index.md"
    index.write_text(index.read_text(encoding="utf-8").replace(f"\n{part}/index", ""), encoding="utf-8")


def as_page(notebook: Any, path: Path, there: set[str]) -> Any:
    """The notebook as the book's page: what is folded in JupyterLab is folded there, and links lead to pages."""
    page = with_links(notebook, path, there)
    for cell in page.cells:
        if cell.cell_type == "code" and cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata.setdefault("tags", []).append("hide-input")
    return page


def with_links(notebook: Any, path: Path, there: set[str], suffix: str = "ipynb") -> Any:
    """A copy whose links to other lectures end in ``suffix``; of a link to a file that is not ``there`` its words
    and the file's name stay."""
    page = deepcopy(notebook)
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: _link(link, path, there, suffix), cell.source)
    return page


def _link(link: re.Match[str], path: Path, there: set[str], suffix: str) -> str:
    words, target, place = link[1], link[2], link[3] or ""
    if target in there:
        return f"[{words}]({target.removesuffix('ipynb')}{suffix}{place})"
    name = (path.parent / target).resolve().relative_to(path.parents[1])
    return f"{words} (`{name}`)"


def first_heading(notebook: Any) -> str:
    r"""The title of a notebook.

    >>> first_heading(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 07 · Pins\n\nWords")]))
    '07 · Pins'
    """
    return str(notebook.cells[0].source.partition("\n")[0].removeprefix("# "))
