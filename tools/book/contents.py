"""What the lectures say of each other: the list of them, and the links to the problem sets that they name.

The list is read from the lectures, and stands in the README, in the first notebook and on the book's first page. A
problem set's name becomes a link as soon as there is such a set. ``python -m tools.book.contents`` writes both anew
where they stand; a test fails where something is not as it would be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tools.book.executed import NOTEBOOKS, ROOT, lectures
from tools.book.markdown import table

README = ROOT / "README.md"
BEGIN, END = "<!-- the lectures; written by python -m tools.book.contents -->\n", "<!-- end of the lectures -->\n"
CELL = "lectures"
"""The first notebook's cell that has the list."""

PLACE = "% the lectures"
"""The line of the book's first page that stands for the list."""

SETS = "../exercises/source"
SET = re.compile(r"(?<![\w/\[`])(?<!ps\d to )ps\d+\b(?! to ps)")
"""The name of a problem set that is no link yet, and no end of a range."""


QUESTION = re.compile(r"^## The question\n.*?\*\*([^*]+\?)\*\*", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Lecture:
    """What is told of a lecture: file, title, minutes, and the question that it answers."""

    file: str
    title: str
    minutes: int
    question: str


def read(path: Path) -> Lecture:
    """The lecture's own words about itself: title and minutes on top, the question in bold under its heading."""
    cells = nbformat.read(path, as_version=4).cells
    top = re.match(r"# (.+)\n\n(\d+) minutes", cells[0].source)
    question = next(filter(None, (QUESTION.search(cell.source) for cell in cells)), None)
    if top is None or question is None:
        raise ValueError(f"{path.name}: a title, 'N minutes' below it, and a question in bold under 'The question'")
    return Lecture(path.name, top[1], int(top[2]), question[1])


def in_table(told: Sequence[Lecture], folder: str) -> str:
    """A table for a Markdown page that has the lectures in ``folder``."""
    rows = [[f"[{each.title}]({folder}{each.file})", str(each.minutes), each.question] for each in told]
    return table(["lecture", "minutes", "its question"], rows)


def in_notebook(told: Sequence[Lecture]) -> str:
    """The list for the first notebook, which leaves itself out."""
    hours = round(sum(each.minutes for each in told) / 60)
    return "\n".join(["### The lectures", "", f"About {hours} hours in all:", "", *_items(told[1:])])


def _items(told: Sequence[Lecture]) -> Iterator[str]:
    for each in told:
        yield f"- [{each.title}]({each.file}), {each.minutes} minutes. {each.question}"


def first_page(text: str, told: Sequence[Lecture]) -> str:
    """The book's first page, with the list in its place."""
    return text.replace(PLACE, in_table(told, "lectures/"))


def renewed_readme(text: str, told: Sequence[Lecture]) -> str:
    """The README with the list as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{in_table(told, 'notebooks/')}\n{END}{after}"


def with_sets(text: str) -> str:
    """A lecture's text in which the name of each problem set that is there, such as ps1, is a link."""
    return SET.sub(lambda name: f"[{name[0]}]({SETS}/{name[0]}/{name[0]}.ipynb)" if _is_set(name[0]) else name[0], text)


def _is_set(name: str) -> bool:
    return (NOTEBOOKS / SETS / name / f"{name}.ipynb").resolve().exists()


def renewed(path: Path, told: Sequence[Lecture]) -> Any:
    """The notebook as it ought to be."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id == CELL and path.name == told[0].file:
            cell.source = in_notebook(told)
        elif cell.cell_type == "markdown":
            cell.source = with_sets(cell.source)
    return notebook


def main() -> int:
    """Write everything anew where it stands."""
    told = [read(path) for path in lectures()]
    README.write_text(renewed_readme(README.read_text(encoding="utf-8"), told), encoding="utf-8")
    for path in lectures():
        if (wanted := renewed(path, told)) != nbformat.read(path, as_version=4):
            nbformat.write(wanted, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
