"""``gupkit grade``: every submission gets its score or a clear line, once, and nobody's costs another's.

All that can happen to a submission, in one course (``make prove``); ``test_worker.py`` has a sample for ``make test``.
"""

import json
from pathlib import Path

import pytest

from gupkit.course.grade.ledger import LEDGER
from tests.course import common, handed_in

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("grade")]

FEW = ("always_equal", "frames_and_garbage", "forged_result", "shadow")
"""Attacks among the others here; ``test_attacked_course.py`` has them all."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with an honest submission, an empty one, wrong, attacking and damaged ones."""
    made = handed_in.make_course(tmp_path_factory.mktemp("course"))
    handed_in.run(made, "nbgrader", "generate_assignment", "ps1")
    handed_in.submit(made, "source", common.source("ps1"))
    handed_in.submit(made, "honest", handed_in.solved(made))
    handed_in.submit(made, "empty", handed_in.release(made))
    handed_in.submit(made, "misnamed", handed_in.solved(made), name="Untitled.ipynb")
    for student, (make, _, _) in handed_in.DAMAGED.items():
        handed_in.submit(made, student, make(made))
    for name in FEW:
        attack = common.HERE / "attacks" / "ps1" / f"{name}.py"
        handed_in.submit(made, name, handed_in.attacked(made, attack, "ps1"))
    crash = handed_in.solved(made)
    crash.cells.append(handed_in.new_code_cell("import os\nos._exit(3)"))
    handed_in.submit(made, "crash", crash)
    return made


@pytest.fixture(scope="module")
def rows(course: Path) -> dict[str, dict[str, object]]:
    """Student → the row that gupkit grade reports, with a problem among them."""
    done = handed_in.run(course, "gupkit", "grade", "--json", check=False)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert list(found) == ["submissions"]
    return {row["student"]: row for row in found["submissions"]}


def test_every_submission_has_a_row_of_just_these_fields(course, rows) -> None:
    """Nobody is lost, and a row has what the command promises."""
    assert sorted(rows) == sorted(path.name for path in (course / "submitted").iterdir())
    fields = {"student", "assignment", "auto_score", "max_auto_score", "needs_manual", "problem"}
    assert all(set(row) == fields for row in rows.values())
    assert all(row["assignment"] == "ps1" for row in rows.values())
    assert all(row["max_auto_score"] == 7 for row in rows.values())


def test_source_and_honest_get_all_and_the_empty_one_nothing(rows) -> None:
    """Full marks, with an answer to read; and none."""
    for student in ("source", "honest"):
        assert (rows[student]["auto_score"], rows[student]["problem"]) == (7, None)
        assert rows[student]["needs_manual"] is True
    assert (rows["empty"]["auto_score"], rows["empty"]["problem"]) == (0, None)


@pytest.mark.parametrize("student", handed_in.DAMAGED)
def test_damage_is_repaired_or_named(rows, student) -> None:
    """A damaged notebook keeps what was earned, gains nothing, and is named in one line."""
    _, score, words = handed_in.DAMAGED[student]
    problem = rows[student]["problem"]
    assert rows[student]["auto_score"] == score, problem
    assert words in str(problem)
    assert "\n" not in str(problem)


def test_a_lost_answer_waits_for_a_person(rows) -> None:
    """Whose written answer is gone is not given a silent zero for it."""
    assert rows["deleted-answer"]["needs_manual"] is True
    assert rows["stripped"]["needs_manual"] is True


def test_what_cannot_be_graded_says_why(rows) -> None:
    """A notebook under another name, and code that ended its process."""
    assert "handed in: Untitled.ipynb" in str(rows["misnamed"]["problem"])
    assert rows["misnamed"]["needs_manual"] is True
    assert "exit status 3" in str(rows["crash"]["problem"])
    assert rows["crash"]["auto_score"] == 0


@pytest.mark.parametrize("student", FEW)
def test_an_attack_gains_no_point_through_gupkit_grade(rows, student) -> None:
    """The whole way, into the gradebook."""
    assert rows[student]["auto_score"] == 0


def test_the_second_run_grades_nothing_again(course, rows) -> None:
    """What is done is done; the report is the same, and the ledger no longer."""
    before = (course / LEDGER).read_text(encoding="utf-8")
    done = handed_in.run(course, "gupkit", "grade", "--json", check=False)
    assert {row["student"]: row for row in json.loads(done.stdout)["submissions"]} == rows
    assert f"{len(rows)} submissions, {len(rows)} graded already" in done.stderr
    assert (course / LEDGER).read_text(encoding="utf-8") == before


def test_plain_nbgrader_autograde_is_protected_too(course, rows) -> None:
    """nbgrader's own command gives the same scores, and an attack nothing."""
    handed_in.run(course, "nbgrader", "autograde", "ps1", "--force", "--student=[ah][lo]*")
    done = handed_in.run(course, "gupkit", "grade", "--json", check=False)
    again = {row["student"]: row for row in json.loads(done.stdout)["submissions"]}
    assert again["always_equal"]["auto_score"] == 0
    assert again["honest"]["auto_score"] == 7


def test_feedback_shows_neither_hidden_tests_nor_tracebacks(course, rows) -> None:
    """What the student gets back: verdicts in words, and no line of the hidden region."""
    handed_in.run(course, "nbgrader", "generate_feedback", "ps1", "--student=empty")
    page = (course / "feedback" / "empty" / "ps1" / "ps1.html").read_text(encoding="utf-8")
    assert "examples come out right" in page
    for word in ("HIDDEN TESTS", "sheet.hidden", "Traceback (most recent", "gupkit/course", "judge/ps1"):
        assert word not in page, word


def test_one_student_alone(course, rows) -> None:
    """--student reports that student, in words too; an unknown one is an error in one line."""
    done = handed_in.run(course, "gupkit", "grade", "--student", "honest")
    assert done.stdout == "honest ps1: 7 of 7, an answer waits to be read\n"
    missing = handed_in.run(course, "gupkit", "grade", "--student", "nobody", check=False)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.splitlines()[-1].startswith("no submission of 'nobody'")
