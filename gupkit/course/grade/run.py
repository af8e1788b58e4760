"""A whole run: release what was not, grade what is not done, report all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import GupkitError
from ..examples import SECRET
from ..nbgrader.config import SHIPPED
from ..nbgrader.judge_cells import JudgeCells
from ..sandbox import Sandbox
from .ledger import Ledger
from .plan import Submission, check_course, digest, submissions
from .pool import grade_all
from .report import rows
from .worker import course_api


def grade_course(
    course: Path, students: tuple[str, ...] = (), say: Callable[[str], None] = lambda line: None,
    workers: int | None = None, without_wall: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """Grade the submissions of a course, those of ``students`` or all; a row for each, as :func:`.report.rows`.

    What was graded before and has not changed since is not graded again. ``say`` gets lines for people. GupkitError
    where student code cannot be walled in, unless it shall be graded ``without_wall``.
    """
    course = course.resolve()
    check_course(course)
    api = course_api(course, without_wall)
    if os.environ.get(SECRET) == SHIPPED:
        say("warning: the course still has the secret it was shipped with; put your own into nbgrader_config.py")
    ledger, found = Ledger(course), submissions(course, students)
    digests = {s: digest(course, s) for s in found}
    todo = [s for s in found if not ledger.done(s, digests[s])]
    if todo and (warning := wall_or_warning(api)):
        say(f"warning: {warning}")
    release_missing(api, sorted({s.assignment for s in found}), say)
    say(f"{len(found)} submissions, {len(found) - len(todo)} graded already")
    begun = time.monotonic()
    for count, (submission, problem) in enumerate(grade_all(course, todo, workers or cores(), without_wall), 1):
        ledger.add(submission, digests[submission], problem)
        say(progress(count, len(todo), time.monotonic() - begun, submission, problem))
    return rows(api.coursedir.db_url, found, ledger)


def wall_or_warning(api: Any) -> str | None:
    """What to say where student code is not walled in, as somebody wanted; GupkitError where nobody did."""
    if JudgeCells not in api.config.Autograde.get("autograde_preprocessors", ()):
        return None  # nbgrader executes it: so the course says
    return Sandbox(without_wall=JudgeCells(parent=api).without_wall).warning


def release_missing(api: Any, assignments: list[str], say: Callable[[str], None]) -> None:
    """Put assignments that have submissions but no entry in the gradebook there; GupkitError if that fails."""
    known = {a.name for a in _assignments(api)}
    for name in assignments:
        if name in known:
            continue
        if not (Path(api.coursedir.root) / "source" / name).is_dir():
            raise GupkitError(f"submissions for {name!r}, but there is no source/{name} in the course")
        say(f"{name} is not in the gradebook yet: nbgrader generate_assignment {name}")
        answer = api.generate_assignment(name)
        if not answer["success"]:
            raise GupkitError(f"nbgrader generate_assignment {name} fails: run it yourself to see why")


def _assignments(api: Any) -> list[Any]:
    with api.gradebook as gradebook:
        return list(gradebook.assignments)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def progress(count: int, total: int, seconds: float, submission: Submission, problem: str | None) -> str:
    """A line of progress, with the time that is left."""
    left = round(seconds / count * (total - count))
    return f"[{count}/{total}, {left // 60}:{left % 60:02} left] {submission.name}{f': {problem}' if problem else ''}"
