"""The first page of the site: read at once, or run.

It lies above JupyterLite, which is in ``run/`` and needs the ``index.html`` there for itself.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from string import Template
from urllib.parse import quote

TEMPLATE = Path(__file__).with_name("landing.html")
FIRST = "00-start-here.ipynb"


def write_landing(site: Path, content: Path, version: str) -> None:
    """Write ``site/index.html``: links to the book, if there is one, and to each notebook."""
    ways = [f'<a class="go" href="{lab_address(FIRST)}">Run the first notebook</a>']
    if (site / "book" / "index.html").exists():
        ways.insert(0, '<a class="go" href="book/index.html">Read the book</a>')
    sets = sorted(path for path in (content / "exercises").rglob("*.ipynb"))
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        ways="\n".join(ways),
        notebooks=links(sorted(content.glob("*.ipynb")), content),
        exercises=f"<h2>The problem sets</h2>\n<ul>\n{links(sets, content)}\n</ul>" if sets else "",
        version=html.escape(version),
    )
    (site / "index.html").write_text(page, encoding="utf-8")


def add_book(book: Path, site: Path) -> None:
    """Copy the rendered book, if it has been made, to where the first page looks for it."""
    if (book / "index.html").exists():
        shutil.copytree(book, site / "book")


def lab_address(path: str) -> str:
    """Where a notebook of the site opens, relative to the first page."""
    return f"run/lab/index.html?path={quote(path)}"


def links(notebooks: Iterable[Path], content: Path) -> str:
    """One list item for each notebook: its title as a link, and the minutes that it says it takes."""
    items = []
    for path in notebooks:
        title, minutes = heading(path)
        address = lab_address(path.relative_to(content).as_posix())
        items.append(f'<li><a href="{address}">{html.escape(title)}</a> <span class="quiet">{minutes}</span></li>')
    return "\n".join(items)


def heading(path: Path) -> tuple[str, str]:
    """The title of a notebook, and its minutes; the file's name and nothing where it has none."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "".join(cells[0]["source"]) if cells and cells[0]["cell_type"] == "markdown" else ""
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    minutes = re.search(r"^\d+ minutes$", text, re.MULTILINE)
    return title[1].strip() if title else path.stem, minutes[0] if minutes else ""
