"""The gradebook in SQLite and in a real PostgreSQL: the same term, the same grades."""

import shutil
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from gupkit.course.grade import grade_course
from gupkit.course.grade.worker import course_api
from tests.hub.answers import SET, solve
from tests.hub.postgres import Server
from tests.project.source import ROOT

pytestmark = [pytest.mark.prove, pytest.mark.filterwarnings("ignore")]  # nbgrader's own

STUDENTS = {"student1": 3, "student2": 1, "student3": 0}
"""Who answers how many of the three parts."""

POINTS = {"student1": 7, "student2": 2, "student3": 0}


def a_term(folder: Path) -> Path:
    """The kit's course, the first set released, and what three students handed in."""
    course = folder / "course"
    shutil.copytree(ROOT / "exercises", course)
    assert course_api(course).generate_assignment(SET)["success"]
    for student, parts in STUDENTS.items():
        handed_in = course / "submitted" / student / SET
        shutil.copytree(course / "release" / SET, handed_in)
        solve(handed_in / f"{SET}.ipynb", parts)
    return course


def test_a_term_has_the_same_grades(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Released, handed in, graded by two workers at once, graded again: students and points are as they should."""
    monkeypatch.setenv("GUPKIT_GRADEBOOK", database)
    course = a_term(tmp_path)
    rows = grade_course(course, workers=2)
    assert {row["student"]: row["auto_score"] for row in rows} == POINTS
    assert [row["problem"] for row in rows] == [None] * len(POINTS)
    assert grade_course(course, workers=2) == rows
    assert not (course / "gradebook.db").exists()
    with Gradebook(database) as gradebook:
        assert sorted(student.id for student in gradebook.students) == sorted(STUDENTS)
        assert gradebook.find_submission(SET, "student1").score == 7
        assert gradebook.assignment_submissions(SET)[0].assignment.name == SET


def test_one_student_on_three_workers(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of three workers has a set of the same student to enter: every set is graded."""
    monkeypatch.setenv("GUPKIT_GRADEBOOK", database)
    course = a_term(tmp_path)
    sets = sorted(path.name for path in (course / "source").iterdir())
    shutil.rmtree(course / "submitted")
    for name in sets:
        assert course_api(course).generate_assignment(name)["success"]
        shutil.copytree(course / "release" / name, course / "submitted/everything" / name)
    rows = grade_course(course, workers=3)
    assert [(row["assignment"], row["problem"]) for row in rows] == [(name, None) for name in sets]
    assert all(row["max_auto_score"] for row in rows)


def test_a_database_that_is_restarted(postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL goes away while workers grade, and comes back: nobody's points are lost, and nothing is reported."""
    monkeypatch.setenv("GUPKIT_GRADEBOOK", postgresql.address)
    course = a_term(tmp_path)
    restarted = []

    def restart(line: str) -> None:
        if line.startswith("[1/"):
            postgresql.stop()
            time.sleep(4)  # long enough for a worker to come and find nobody
            postgresql.start()
            restarted.append(line)

    rows = grade_course(course, say=restart, workers=2)
    assert len(restarted) == 1
    assert {row["student"]: (row["auto_score"], row["problem"]) for row in rows} == {
        student: (points, None) for student, points in POINTS.items()
    }
