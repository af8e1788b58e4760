"""One worker: nbgrader's API kept warm, a sandbox of its own, one submission after the other.

It reads requests from standard input and answers on standard output, a line of JSON each. Run as a program by
:mod:`.pool`.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from ..judge import CONFIG
from ..nbgrader.restore import NOTES

WITHOUT_WALL = "--without-wall"
TRIES = 7
AGAIN = ("sqlalchemy.exc.OperationalError", "sqlalchemy.exc.IntegrityError")
"""What may be over a moment later: a locked SQLite, a PostgreSQL that found a deadlock or lost its connection, and two
workers that entered the same student at once."""


def course_api(course: Path, without_wall: bool = False) -> Any:
    """nbgrader's API with the course's own configuration; ``without_wall`` if so or if the course says so."""
    config = PyFileConfigLoader(CONFIG, path=str(course)).load_config()
    config.merge(Config({"CourseDirectory": {"root": str(course)}}))
    if without_wall:
        config.merge(Config({"JudgeCells": {"without_wall": True}}))
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def grade(api: Any, assignment: str, student: str) -> str | None:
    """Let nbgrader grade one submission; None, or what was wrong with it in one line."""
    course = Path(api.coursedir.root)
    problem = unreadable(course / "submitted" / student / assignment, assignment)
    if problem:
        patiently(lambda: record_unread(api, assignment, student))
        return problem
    answer = patiently(lambda: api.autograde(assignment, student, force=True))
    if not answer["success"]:
        return f"nbgrader could not grade it: {last_line(answer)}"
    return notes(course / "autograded" / student / assignment)


def unreadable(folder: Path, assignment: str) -> str | None:
    """Why the notebook handed in cannot be graded at all, or None."""
    path = folder / f"{assignment}.ipynb"
    if not path.is_file():
        others = ", ".join(sorted(p.name for p in folder.glob("*.ipynb"))) or "no notebook"
        return f"{path.name} is not there; handed in: {others}"
    try:
        notebook = nbformat.read(path, as_version=4)
        cells = [(c.cell_type, c.source, c.metadata) for c in notebook.cells]
        return None if cells else f"{path.name} has no cells"
    except Exception as wrong:  # nbformat lets through whatever its readers stumble over
        text = " ".join(str(wrong).split())[:120]
        return f"{path.name} is no notebook that can be read: {type(wrong).__name__} {text}"


def patiently(attempt: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of an attempt, which is made again, a little later each time, while the database is what fails."""
    for tried in range(1, TRIES):
        answer = attempt()
        said = answer.get("log", "") + answer.get("error", "")
        if answer["success"] or not any(reason in said for reason in AGAIN):
            return answer
        time.sleep(0.1 * 2**tried)
    return attempt()


def record_unread(api: Any, assignment: str, student: str) -> dict[str, Any]:
    """Put the submission into the gradebook, ungraded, so that nobody overlooks it; the answer has nbgrader's form."""
    try:
        with api.gradebook as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(assignment, student)
    except Exception:  # nbgrader's InvalidEntry around whatever the database said
        return {"success": False, "error": traceback.format_exc()}
    return {"success": True}


def notes(folder: Path) -> str | None:
    """What the preprocessors noted in the graded notebooks."""
    found: list[str] = []
    for path in sorted(folder.glob("*.ipynb")):
        found += nbformat.read(path, as_version=4).metadata.get(NOTES, {}).get("notes", [])
    return "; ".join(found) or None


def last_line(answer: dict[str, Any]) -> str:
    """The last thing that nbgrader says about a failure."""
    text = answer.get("log") or answer.get("error") or "it does not say why"
    lines = [line for line in text.splitlines() if ": " in line and not line.startswith(("[", " "))]
    return " ".join((lines or text.splitlines())[-1].split())[:200]


def main() -> None:
    """Grade what standard input names until it ends."""
    warnings.simplefilter("ignore")
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    api = course_api(Path(sys.argv[1]), WITHOUT_WALL in sys.argv)
    for line in sys.stdin:
        job = json.loads(line)
        out.write(json.dumps({"problem": grade(api, job["assignment"], job["student"])}) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
