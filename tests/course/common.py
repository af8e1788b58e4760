"""What tests of the problem sets share: the source notebooks, answers in place of theirs, and a sandbox."""

import atexit
import json
import re
from functools import cache
from pathlib import Path

import nbformat

from gupkit.course.grading import Graded, grade
from gupkit.course.judge import Judge
from gupkit.course.nbgrader.asked import asked
from gupkit.course.nbgrader.judge_cells import is_test
from gupkit.course.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "exercises"
HERE = Path(__file__).parent
SECRET = "of the tests"
SETS = sorted(path.name for path in (COURSE / "source").iterdir())
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)


def source(problem_set: str):
    """The source notebook of a set."""
    return nbformat.read(COURSE / "source" / problem_set / f"{problem_set}.ipynb", as_version=4)


def stub(text: str) -> str:
    """A source cell as the release has it."""
    return SOLUTION.sub(r"\1raise NotImplementedError()", text)


@cache
def student_cells(problem_set: str) -> tuple[str, ...]:
    """The code of the source notebook that is not a graded cell, solutions included."""
    return tuple(c.source for c in source(problem_set).cells if c.cell_type == "code" and not is_test(c))


@cache
def questions(problem_set: str) -> dict[str, list[tuple[str, str]]]:
    """The graded cells of the source notebook and what they ask."""
    cells = [c for c in source(problem_set).cells if is_test(c)]
    return {c.metadata.nbgrader["grade_id"]: asked(c.source, "") for c in cells}


@cache
def points(problem_set: str) -> dict[str, float]:
    """The graded cells of the source notebook and their points."""
    tests = [c.metadata.nbgrader for c in source(problem_set).cells if is_test(c)]
    return {test["grade_id"]: test["points"] for test in tests}


@cache
def sandbox() -> Sandbox:
    """One sandbox for all tests of this process; a check has a second."""
    box = Sandbox(seconds=4, check_seconds=1)
    atexit.register(box.close)
    return box


def judge(problem_set: str) -> Judge:
    """The judge of a set."""
    return Judge(COURSE, problem_set, SECRET)


def graded(problem_set: str, *more: str, cells: tuple[str, ...] | None = None, student: str = "alice") -> Graded:
    """The source notebook's code (or ``cells``), followed by ``more``, graded for a student."""
    code = [*(student_cells(problem_set) if cells is None else cells), *more]
    return grade(judge(problem_set), student, code, questions(problem_set), sandbox())


def lost(outcome: Graded) -> set[str]:
    """The graded cells that give no points."""
    return {cell.removeprefix("test-") for cell, wrong in outcome.wrong.items() if wrong}


def answers(kind: str, problem_set: str) -> list[Path]:
    """The files of ``wrong``, ``right`` or ``attacks`` for a set."""
    return sorted((HERE / kind / problem_set).glob("*.py"))


def spread(things: list, count: int) -> list:
    """So many of the things at most, from the whole of the list."""
    return things[:: max(1, -(-len(things) // count))]


def stated(path: Path, problem_set: str, student: str = "alice") -> set[str]:
    """The graded cells that a wrong answer says it loses, on the sheet of a student."""
    rule = judge(problem_set).rule(student)
    lines = re.findall(r"^# loses(?: where (\w+) is (\w+))?: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {cell for name, value, cells in lines if not name or str(rule[name]) == value for cell in cells.split()}


def who_loses(path: Path, problem_set: str) -> str:
    """A student on whose sheet a wrong answer is wrong: what is a mistake on one sheet may be right on another."""
    students = ["alice", *student_of_each_sheet(problem_set)]
    return next((student for student in students if stated(path, problem_set, student)), "alice")


@cache
def student_of_each_sheet(problem_set: str) -> list[str]:
    """A student for every rule of a set."""
    found: dict[int, str] = {}
    asked_judge, number = judge(problem_set), 0
    while len(found) < len(asked_judge.set.rules):
        found.setdefault(asked_judge.rule_number(f"s{number}"), f"s{number}")
        number += 1
    return [found[i] for i in sorted(found)]


def to_json(value: object) -> object:
    """``value`` after a journey through JSON."""
    return json.loads(json.dumps(value))
