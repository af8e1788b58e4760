"""What students must not get, known from the course itself, and where in a tree of files any of it stands."""

import ast
import re
from functools import cache
from pathlib import Path

import nbformat

from tests.project.source import ROOT

COURSE = ROOT / "exercises"
TESTS = ROOT / "tests" / "course"
MARKED = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
MARKERS = ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "sheet.hidden(")
LEAST = 40
"""Characters from which on a line is so much its own that it comes from nowhere else."""


def plain(line: str) -> str:
    """A line without blanks at its ends."""
    return line.strip()


def lines_of(text: str) -> set[str]:
    """The lines of a text that are long enough to be known again."""
    return {plain(line) for line in text.splitlines() if len(plain(line)) >= LEAST}


@cache
def source_cells() -> tuple[nbformat.NotebookNode, ...]:
    """Every cell of every problem set, as the course has it."""
    notebooks = [nbformat.read(path, as_version=4) for path in sorted(COURSE.glob("source/*/*.ipynb"))]
    return tuple(cell for notebook in notebooks for cell in notebook.cells)


def marked() -> set[str]:
    """Lines of solutions and hidden tests."""
    return {line for cell in source_cells() for found in MARKED.finditer(cell.source) for line in lines_of(found[2])}


def written() -> set[str]:
    """Lines of the model answers that a person grades."""
    answers = [cell for cell in source_cells() if cell.cell_type == "markdown" and is_answer(cell)]
    return {line for cell in answers for line in lines_of(cell.source)}


def is_answer(cell: nbformat.NotebookNode) -> bool:
    """A cell that is the student's to fill."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def judged() -> set[str]:
    """Lines of the judges, the wrong answers and the right ones, but for imports and docstrings."""
    folders = (COURSE / "judge", TESTS / "right", TESTS / "wrong")
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return {line for path in files for line in lines_of(code_of(path)) if not line.startswith(("import ", "from "))}


def code_of(path: Path) -> str:
    """A module's code without docstrings and comments, each statement as Python would write it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            first.value.value = ""
    return ast.unparse(tree)


def given_away(top: Path) -> list[str]:
    """``file: line`` for each secret line, and ``file: marker`` for each marker in a notebook, below ``top``."""
    known = (marked() | written() | judged()) - public()
    found = []
    for path in sorted(path for path in top.rglob("*") if path.is_file()):
        name, text = path.relative_to(top).as_posix(), path.read_bytes().decode("utf-8", "replace")
        found += [f"{name}: {line}" for line in sorted(known & {plain(line) for line in spoken(path, text)})]
        found += [f"{name}: {marker}" for marker in MARKERS if path.suffix == ".ipynb" and marker in text]
    return found


def spoken(path: Path, text: str) -> list[str]:
    """The lines of a file; of a notebook those of its cells."""
    if path.suffix != ".ipynb":
        return text.splitlines()
    return [line for cell in nbformat.reads(text, as_version=4).cells for line in cell.source.splitlines()]


def public() -> set[str]:
    """Lines that the kit shows to everybody on purpose: in its package, its lectures and the visible parts of a set."""
    package = [path.read_text(encoding="utf-8") for path in (ROOT / "gupkit").rglob("*.py")]
    lectures = [
        cell.source
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
    ]
    visible = [MARKED.sub("", cell.source) for cell in source_cells() if not is_answer(cell)]
    return {line for text in (*package, *lectures, *visible) for line in lines_of(text)}
