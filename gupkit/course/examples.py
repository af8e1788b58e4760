"""Where the examples of a sheet come from: the file that a release carries, or the course around the notebook."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import GupkitError
from . import seeds
from .judge import Judge, find_course
from .model import Case, ProblemSet

EXAMPLES = "examples.txt"
"""JSON; under that name JupyterLite would parse it in the page, and round numbers above 2⁵³, as addresses are."""
SECRET = "GUPKIT_COURSE_SECRET"
"""Set by the course's configuration, for the notebooks that nbgrader itself executes."""


class Released:
    """The examples beside a released notebook."""

    def __init__(self, path: Path, problem_set: ProblemSet) -> None:
        self.set = problem_set
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            self.key, self.sheets, of = data["key"], data["sheets"], data["set"]
        except (OSError, ValueError, KeyError, TypeError):
            raise GupkitError(f"{path} cannot be read: fetch the problem set again") from None
        if of != problem_set.name or len(self.sheets) != len(problem_set.rules):
            raise GupkitError(f"{path} belongs to {of}, perhaps of another version: fetch the problem set again")

    def number(self, student: str) -> int:
        """Which rule the student's sheet has."""
        return seeds.sheet_number(self.key, self.set.name, student, len(self.set.rules))

    def of(self, number: int, check: str) -> list[tuple[Case, Any]]:
        """The cases of a check under a rule, each with what should come of it."""
        return [(Case(row["idea"], row["inputs"]), row["expected"]) for row in self.sheets[number][check]]


class InCourse:
    """The examples as the judge of the course makes them."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge

    def number(self, student: str) -> int:
        """Which rule the student's sheet has."""
        return self.judge.rule_number(student)

    def of(self, number: int, check: str) -> list[tuple[Case, Any]]:
        """The cases of a check under a rule, each with what should come of it."""
        rule, asked = self.judge.set.rules[number], self.judge.set.check(check)
        return [(case, self.judge.expected(asked, rule, case)) for case in self.judge.visible(rule)[check]]


def graded_here() -> bool:
    """nbgrader is grading this notebook: nothing beside it is to be believed."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def examples_here(problem_set: ProblemSet) -> Released | InCourse:
    """The examples for a notebook in the current directory; GupkitError where there are none."""
    here = Path.cwd()
    if (here / EXAMPLES).is_file() and not graded_here():
        return Released(here / EXAMPLES, problem_set)
    course = find_course(here)
    if course is not None:
        return InCourse(Judge(course, problem_set.name, os.environ.get(SECRET, "")))
    raise GupkitError(f"{EXAMPLES} is not beside this notebook ({here}): it came with the problem set, put it there")
