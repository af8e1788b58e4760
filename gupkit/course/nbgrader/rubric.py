"""Beside each answer that a person grades, the course's own answer with its rubric, for that person alone.

It is put into the graded notebook, which the formgrader shows, and taken out again of the page that a student gets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from .restore import NOTES, grade_id

HEADING = "**For the grader; the student's page does not have this.**"
MARK = {NOTES: {"for": "grader"}}


class ShowRubric(NbGraderPreprocessor):
    """At the end of ``autograde``: what ``source/`` has in the place of each answer that a person grades."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Put a cell for the grader after each such answer."""
        where = resources["nbgrader"]
        path = Path.cwd() / "source" / where["assignment"] / f"{where['notebook']}.ipynb"
        models = {grade_id(cell): cell for cell in nbformat.read(path, as_version=4).cells if read_by_a_person(cell)}
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            if grade_id(cell) in models:
                cells.append(for_the_grader(models[grade_id(cell)]))
        nb.cells = cells
        return nb, resources


class HideRubric(NbGraderPreprocessor):
    """At the start of ``generate_feedback``: the cells for the grader go."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Leave out what :class:`ShowRubric` put in."""
        nb.cells = [cell for cell in nb.cells if cell.metadata.get(NOTES) != MARK[NOTES]]
        return nb, resources


def read_by_a_person(cell: Any) -> bool:
    """An answer that carries points itself."""
    return bool(is_grade(cell) and is_solution(cell))


def for_the_grader(model: Any) -> Any:
    """The model answer as a cell of text, code as code."""
    text = model.source if model.cell_type == "markdown" else f"```python\n{model.source}\n```"
    return new_markdown_cell(f"{HEADING}\n\n{text}", metadata=MARK)
