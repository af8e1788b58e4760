"""The gradebook in SQLite and in a real PostgreSQL: the same term, the same grades."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from gupkit.course.grade import grade_course
from tests.hub.answers import SET, solve
from tests.hub.postgres import programs, running
from tests.project.source import ROOT
from tools.chromium import in_ci

pytestmark = pytest.mark.prove

STUDENTS = {"student1": 3, "student2": 1, "student3": 0}
"""Who answers how many of the three parts."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere.db'}"
        return
    bin_dir = programs()
    if bin_dir is None:
        (pytest.fail if in_ci() else pytest.skip)("no PostgreSQL here: apt install postgresql")
    with running(bin_dir) as address:
        yield address


@pytest.fixture
def course(database: str, tmp_path: Path) -> Path:
    """The kit's course with that gradebook, and what three students handed in."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "exercises", course)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\nc.CourseDirectory.db_url = {database!r}\n")
    return course


def hand_in(course: Path) -> None:
    """Put each student's answers where nbgrader collects them."""
    for student, parts in STUDENTS.items():
        folder = course / "submitted" / student / SET
        shutil.copytree(course / "release" / SET, folder)
        solve(folder / f"{SET}.ipynb", parts)


def test_a_term_has_the_same_grades(course: Path, database: str) -> None:
    """Released, handed in, graded by two workers at once, graded again: students and points are as they should."""
    from gupkit.course.grade.worker import course_api

    assert course_api(course).generate_assignment(SET)["success"]
    hand_in(course)
    rows = grade_course(course, workers=2)
    assert {row["student"]: row["auto_score"] for row in rows} == {"student1": 7, "student2": 2, "student3": 0}
    assert grade_course(course, workers=2) == rows
    with Gradebook(database) as gradebook:
        assert sorted(student.id for student in gradebook.students) == sorted(STUDENTS)
        assert gradebook.find_submission(SET, "student1").score == 7
        assert gradebook.assignment_submissions(SET)[0].assignment.name == SET
