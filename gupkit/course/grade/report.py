"""The scores, read from nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from .ledger import Ledger
from .plan import Submission


def rows(db_url: str, found: Iterable[Submission], ledger: Ledger) -> list[dict[str, Any]]:
    """For each submission: student, assignment, auto_score, max_auto_score, needs_manual, problem."""
    with Gradebook(db_url) as gradebook:
        return [_row(gradebook, submission, ledger.problem(submission)) for submission in found]


def _row(gradebook: Gradebook, submission: Submission, problem: str | None) -> dict[str, Any]:
    try:
        grades = [
            grade
            for notebook in gradebook.find_submission(submission.assignment, submission.student).notebooks
            for grade in notebook.grades
        ]
    except MissingEntry:
        grades, problem = [], problem or "not in the gradebook"
    tests = [g for g in grades if g.cell.cell_type == "code" and not _by_hand(g)]
    if any(g.auto_score is None for g in tests):
        problem = problem or "some tests have no score"
    return {
        "student": submission.student, "assignment": submission.assignment,
        "auto_score": float(sum(g.auto_score or 0 for g in tests)),
        "max_auto_score": float(sum(g.cell.max_score for g in tests)),
        "needs_manual": any(bool(g.needs_manual_grade) for g in grades) or (not grades),
        "problem": problem,
    }  # fmt: skip


def _by_hand(grade: Any) -> bool:
    """The cell is an answer, and so graded by a person."""
    return any(cell.name == grade.cell.name for cell in grade.cell.notebook.solution_cells)
