"""A course in a folder of its own, and submissions as they come: right, wrong, attacked, and damaged in all ways."""

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

from tests.course import common

BIN = Path(sys.executable).parent
Notebook = Any


def make_course(folder: Path) -> Path:
    """A copy of the kit's course, without anything that was made in it."""
    folder.mkdir(exist_ok=True)
    keep = ("source", "judge", "nbgrader_config.py")
    for name in keep:
        path = common.COURSE / name
        (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / name)
    return folder


def run(course: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A command of the environment, in the course."""
    environment = os.environ | {"GUPKIT_COURSE_SECRET": common.SECRET, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done


def submit(course: Path, student: str, notebook: Notebook, problem_set: str = "ps1", name: str = "") -> None:
    """Hand in a notebook, or any text in the place of one."""
    folder = course / "submitted" / student / problem_set
    folder.mkdir(parents=True)
    text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
    (folder / (name or f"{problem_set}.ipynb")).write_text(text, encoding="utf-8")


def release(course: Path, problem_set: str = "ps1") -> Notebook:
    """The released notebook."""
    return nbformat.read(course / "release" / problem_set / f"{problem_set}.ipynb", as_version=4)


def attacked(course: Path, attack: Path, problem_set: str) -> Notebook:
    """The release with an attack as its second cell and again as its last."""
    notebook = release(course, problem_set)
    code = attack.read_text(encoding="utf-8")
    notebook.cells.insert(2, new_code_cell(code))
    notebook.cells.append(new_code_cell(code))
    return notebook


def solved(course: Path, problem_set: str = "ps1") -> Notebook:
    """The release with the solutions written in, and an answer to the question."""
    notebook = release(course, problem_set)
    cells = [c for c in common.source(problem_set).cells if "nbgrader" in c.metadata]
    mine = {c.metadata.nbgrader["grade_id"]: c.source for c in cells}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = mine[cell.metadata.nbgrader["grade_id"]]
    return notebook


def cell_of(notebook: Notebook, grade_id: str) -> Any:
    """The cell of that name."""
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def without(notebook: Notebook, *grade_ids: str) -> Notebook:
    """Cells are deleted."""
    for grade_id in grade_ids:
        notebook.cells.remove(cell_of(notebook, grade_id))
    return notebook


def changed(notebook: Notebook, name: str, source: str = "", **metadata: Any) -> Notebook:
    """A cell's text or metadata is changed."""
    cell = cell_of(notebook, name)
    cell.source = source or cell.source
    cell.metadata.nbgrader.update(metadata)
    return notebook


def doubled(notebook: Notebook, grade_id: str) -> Notebook:
    """A cell is copied and pasted."""
    cell = cell_of(notebook, grade_id)
    pasted = copy.deepcopy(cell)
    pasted.id = "pasted"
    notebook.cells.insert(notebook.cells.index(cell), pasted)
    return notebook


def stripped(notebook: Notebook) -> Notebook:
    """All metadata is gone."""
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


PASS = "pass  # all is well"
DAMAGED: dict[str, tuple[Callable[[Path], Notebook], float, str]] = {
    "deleted-test": (lambda c: without(solved(c), "test-walk"), 7, "missing, put back"),
    "deleted-answer": (lambda c: without(solved(c), "written-levels"), 7, "missing, put back"),
    "deleted-all": (lambda c: without(release(c), *common.questions("ps1")), 0, "missing, put back"),
    "rewritten-test": (lambda c: changed(release(c), "test-split", PASS), 0, "changed, restored: test-split"),
    "more-points": (lambda c: changed(solved(c), "test-split", points=300), 7, "changed, restored: test-split"),
    "renamed": (lambda c: changed(solved(c), "test-split", grade_id="test-spilt"), 7, "missing, put back"),
    "unlocked": (
        lambda c: changed(release(c), "test-split", PASS, locked=False, solution=True, grade=False),
        0, "changed, restored: test-split",
    ),
    "doubled-test": (lambda c: doubled(solved(c), "test-split"), 7, "more than once"),
    "doubled-answer": (lambda c: doubled(solved(c), "split_address"), 7, "more than once"),
    "stripped": (lambda c: stripped(solved(c)), 7, "missing, put back"),
    "not-json": (lambda c: nbformat.writes(solved(c))[:400], 0, "no notebook that can be read"),
    "empty-file": (lambda c: "", 0, "no notebook that can be read"),
    "another-kind": (lambda c: "[1, 2]", 0, "no notebook that can be read"),
}  # fmt: skip
"""Student → the notebook, the points it gets, and what is said about it."""
