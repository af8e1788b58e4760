"""The worker's side of ``gupkit grade``, in this process; and a run that is killed half-way."""

import json
import os
import signal
import subprocess
import time

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook, MissingEntry

from gupkit.cli import cli
from gupkit.course.grade import grade_course, pool
from gupkit.course.grade.ledger import LEDGER, Ledger
from gupkit.course.grade.plan import Submission
from gupkit.course.grade.worker import course_api, grade, patiently
from gupkit.course.nbgrader.restore import grade_id
from gupkit.course.nbgrader.rubric import HEADING
from tests.course import common, handed_in

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own

ATTACK = common.HERE / "attacks/ps1/always_equal.py"
"""One of them; ``test_attacked_course.py`` has all."""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one assignment, which nbgrader's API has released in this process."""
    monkeypatch.setenv("GUPKIT_COURSE_SECRET", common.SECRET)
    return handed_in.make_course(tmp_path)


def test_a_worker_grades_and_says_what_was_wrong(course) -> None:
    """Through nbgrader's API: an honest notebook, a repaired one, an attack, one that cannot be read; and feedback."""
    api = course_api(course)
    assert api.generate_assignment("ps1")["success"]
    honest = handed_in.solved(course)
    handed_in.cell_of(honest, "written-levels").source = "In my own words."
    handed_in.submit(course, "honest", honest)
    handed_in.submit(course, "doubled", handed_in.doubled(handed_in.solved(course), "test-split"))
    handed_in.submit(course, "stripped", handed_in.stripped(handed_in.solved(course)))
    handed_in.submit(course, "attack", handed_in.attacked(course, ATTACK, "ps1"))
    handed_in.submit(course, "broken", "{")
    assert grade(api, "ps1", "honest") is None
    assert "more than once, the first was taken: test-split" in str(grade(api, "ps1", "doubled"))
    assert "missing, put back" in str(grade(api, "ps1", "stripped"))
    assert grade(api, "ps1", "attack") is None
    assert "no notebook that can be read" in str(grade(api, "ps1", "broken"))
    scores = {s["student"]: s["code_score"] for s in api.get_submissions("ps1")}
    assert (scores["honest"], scores["doubled"], scores["stripped"], scores["attack"]) == (7, 7, 7, 0)
    feedback = api.generate_feedback("ps1", "honest")
    assert feedback["success"], feedback
    the_rubric_is_for_the_grader_alone(course / "autograded/honest/ps1/ps1.ipynb")


def the_rubric_is_for_the_grader_alone(notebook) -> None:
    """The graded notebook has it below the answer; the student's page has the answer, no rubric and no hidden test."""
    graded = nbformat.read(notebook, as_version=4)
    (place,) = (n for n, cell in enumerate(graded.cells) if cell.source.startswith(HEADING))
    assert grade_id(graded.cells[place - 1]) == "written-levels"
    assert "Rubric, one point each" in graded.cells[place].source
    feedback = notebook.parents[3] / "feedback" / notebook.relative_to(notebook.parents[2]).with_suffix(".html")
    page = feedback.read_text(encoding="utf-8")
    assert "In my own words." in page
    assert [word for word in ("HIDDEN", "Rubric", "For the grader") if word in page] == []


def test_plain_nbgrader_autograde_is_protected_too(course) -> None:
    """nbgrader's own command, in the course as it is: the attack gets nothing, the honest notebook all."""
    assert course_api(course).generate_assignment("ps1")["success"]
    handed_in.submit(course, "attack", handed_in.attacked(course, ATTACK, "ps1"))
    handed_in.submit(course, "honest", handed_in.solved(course))
    handed_in.run(course, "nbgrader", "autograde", "ps1")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        scores = {who: gradebook.find_submission("ps1", who).score for who in ("attack", "honest")}
    assert scores == {"attack": 0, "honest": 7}


@pytest.fixture
def missed(monkeypatch):
    """Let the gradebook miss each student once, as if another worker entered them a moment later."""
    find, missed = Gradebook.find_student, []

    def miss(self, student):
        if student not in missed:
            missed.append(student)
            raise MissingEntry(student)
        return find(self, student)

    monkeypatch.setattr(Gradebook, "find_student", miss)
    return missed


@pytest.mark.prove
def test_two_workers_may_enter_a_student_at_once(course, missed) -> None:
    """The one that comes too late tries again, for a notebook that is graded as for one that cannot be read."""
    api = course_api(course)
    assert api.generate_assignment("ps1")["success"]
    with api.gradebook as gradebook:
        gradebook.add_student("right")
        gradebook.add_student("broken")
    handed_in.submit(course, "right", handed_in.solved(course))
    handed_in.submit(course, "broken", "{")
    assert grade(api, "ps1", "right") is None
    assert "no notebook that can be read" in str(grade(api, "ps1", "broken"))
    assert missed == ["right", "broken"]
    with api.gradebook as gradebook:
        assert [gradebook.find_submission("ps1", name).score for name in missed] == [7, 0]


def test_a_database_that_stays_away_is_given_up(monkeypatch) -> None:
    """The attempt is made seven times; another failure is not tried again."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    answers = [{"success": False, "error": "sqlalchemy.exc.OperationalError: away"}] * 9
    assert patiently(answers.pop) == {"success": False, "error": "sqlalchemy.exc.OperationalError: away"}
    assert len(answers) == 2
    other = [{"success": False, "log": "SyntaxError"}] * 2
    patiently(other.pop)
    assert len(other) == 1


def test_the_command_releases_grades_and_reports(course) -> None:
    """In a course where nothing was generated yet: one submission in, one row out, in words and as data."""
    handed_in.submit(course, "source", common.source("ps1"))
    done = CliRunner().invoke(cli, ["grade", "--course", str(course), "--json"])
    assert done.exit_code == 0, done.output
    row = {"student": "source", "assignment": "ps1", "auto_score": 7.0, "max_auto_score": 7.0, "needs_manual": True}
    assert json.loads(done.stdout) == {"submissions": [row | {"problem": None}]}
    assert "1 submissions, 0 graded already" in done.stderr
    again = CliRunner().invoke(cli, ["grade", "--course", str(course)])
    assert again.stdout == "source ps1: 7 of 7, an answer waits to be read\n"
    nowhere = CliRunner().invoke(cli, ["grade", "--course", str(course / "source")])
    assert (nowhere.exit_code, nowhere.stdout) == (2, "")


@pytest.mark.prove
def test_a_worker_is_replaced_in_time(course, monkeypatch) -> None:
    """After so many submissions a new process takes over, so that memory does not grow with the class."""
    begun = []

    class Counted(pool.Worker):
        def __init__(self, *how) -> None:
            begun.append(self)
            super().__init__(*how)

    monkeypatch.setattr(pool, "MANY", 2)
    monkeypatch.setattr(pool, "Worker", Counted)
    for student in ("a", "b", "c"):
        handed_in.submit(course, student, common.source("ps1"))
    assert [row["auto_score"] for row in grade_course(course, workers=1)] == [7, 7, 7]
    assert len(begun) == 2


def test_a_ledger_survives_a_line_that_was_cut(tmp_path) -> None:
    """Half a line counts for nothing, and the next one is whole."""
    ledger, one, two = Ledger(tmp_path), Submission("ps1", "a"), Submission("ps1", "b")
    ledger.add(one, "x", None)
    with (tmp_path / LEDGER).open("a", encoding="utf-8") as file:
        file.write('{"student": "b", "assi')
    found = Ledger(tmp_path)
    assert found.done(one, "x")
    assert not found.done(one, "y")
    assert not found.done(two, "x")
    found.add(two, "x", "late")
    assert Ledger(tmp_path).done(two, "x")
    assert Ledger(tmp_path).problem(two) == "late"


@pytest.mark.prove
def test_a_run_that_is_killed_goes_on(course) -> None:
    """kill -9 half-way: the next run grades the rest, and every submission has its score, once."""
    students = [f"s{n}" for n in range(10)]
    for student in students:
        handed_in.submit(course, student, common.source("ps1"))
    command = [str(handed_in.BIN / "gupkit"), "grade", "--json"]
    first = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 120
    while time.monotonic() < limit and len(Ledger(course).rows) < 3:
        time.sleep(0.2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    done = len(Ledger(course).rows)
    assert 3 <= done < 10
    second = handed_in.run(course, "gupkit", "grade", "--json")
    assert f"10 submissions, {len(students) - (10 - done)} graded already" in second.stderr
    rows = json.loads(second.stdout)["submissions"]
    assert [(row["student"], row["auto_score"], row["problem"]) for row in rows] == [(s, 7, None) for s in students]
