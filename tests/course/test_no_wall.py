"""Where no wall can be built nothing is graded, by either command, until the instructor says that it shall be."""

import os

import pytest

from gupkit.course.grade.worker import course_api
from gupkit.course.nbgrader import judge_cells
from gupkit.course.sandbox import client
from tests.course import common, handed_in

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own

REFUSED = "nothing was graded: student code cannot be walled in here. bubblewrap does not work here (not on this machi"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with the source notebook handed in, on a machine whose bubblewrap is refused its namespaces."""
    made = handed_in.make_course(tmp_path / "course")
    handed_in.submit(made, "source", common.source("ps1"))
    bwrap = tmp_path / "bin" / "bwrap"
    bwrap.parent.mkdir()
    bwrap.write_text("#!/bin/sh\necho not on this machine >&2\nexit 1\n", encoding="utf-8")
    bwrap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bwrap.parent}{os.pathsep}{os.environ['PATH']}")
    return made


def test_either_command_ends_in_one_line(course) -> None:
    """With an exit status of its own, before anything is touched."""
    ours = handed_in.run(course, "gupkit", "grade", check=False)
    assert (ours.returncode, ours.stdout) == (2, "")
    assert REFUSED in ours.stderr.splitlines()[-1]
    assert "--without-wall" in ours.stderr.splitlines()[-1]
    theirs = handed_in.run(course, "nbgrader", "autograde", "ps1", check=False)
    assert theirs.returncode == 1
    (line,) = theirs.stderr.splitlines()
    assert REFUSED in line
    assert not (course / "release").exists()
    assert not (course / "autograded").exists()


def test_the_formgrader_grades_nothing_either(course, monkeypatch) -> None:
    """nbgrader's API, which it calls, gets the same sentence, and no graded notebook; unless the instructor says so."""
    monkeypatch.setenv("GUPKIT_COURSE_SECRET", common.SECRET)
    monkeypatch.setattr(client, "why_no_wall", lambda: "This is a test.")
    monkeypatch.setattr(judge_cells, "sandbox", judge_cells.sandbox.__wrapped__)
    api = course_api(course)
    assert api.generate_assignment("ps1")["success"]
    refused = api.autograde("ps1", "source")
    assert not refused["success"]
    assert "nothing was graded: student code cannot be walled in here. This is a test." in refused["log"]
    assert not (course / "autograded/source/ps1").exists()
    said = course_api(course, without_wall=True).autograde("ps1", "source")
    assert said["success"], said
    assert "student code is not walled in" in said["log"]


@pytest.mark.prove
def test_it_is_graded_the_same_if_the_instructor_says_so(course) -> None:
    """By the option for one run, or by the course for both commands; a warning says each time what is missing."""
    ours = handed_in.run(course, "gupkit", "grade", "--without-wall")
    assert ours.stdout == "source ps1: 7 of 7, an answer waits to be read\n"
    assert "warning: student code is not walled in" in ours.stderr
    assert "not walled in" not in handed_in.run(course, "gupkit", "grade").stderr  # all is graded: there is no need
    config = course / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8").replace("without_wall=False", "without_wall=True")
    config.write_text(text, encoding="utf-8")
    theirs = handed_in.run(course, "nbgrader", "autograde", "ps1", "--force")
    assert "WARNING] student code is not walled in" in theirs.stderr
    (course / "grading.jsonl").unlink()
    again = handed_in.run(course, "gupkit", "grade")
    assert again.stdout == ours.stdout
    assert "warning: student code is not walled in" in again.stderr
