"""Every attack the whole way: handed in, graded by either command, and its points read from nbgrader's gradebook."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.course import common, handed_in
from tests.course.test_attacks import ATTACKS

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("attacked")]

SETS = sorted({problem_set for problem_set, _ in ATTACKS})
STUDENTS = {f"{problem_set}-{path.stem}": (problem_set, path) for problem_set, path in ATTACKS}
SHORTER = "\nc.JudgeCells.seconds = 4\nc.JudgeCells.check_seconds = 1\n"
"""What an endless attack may use: less than in a course, for there are many of them."""


def attacked_course(folder: Path) -> Path:
    """All attacks, each by a student of its name, and for each set an honest student who comes last."""
    course = handed_in.make_course(folder)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(SHORTER)
    for problem_set in SETS:
        handed_in.run(course, "nbgrader", "generate_assignment", problem_set)
        handed_in.submit(course, "the-honest", handed_in.solved(course, problem_set), problem_set)
    for student, (problem_set, path) in STUDENTS.items():
        handed_in.submit(course, student, handed_in.attacked(course, path, problem_set), problem_set)
    return course


def kept(course: Path) -> dict[str, bytes]:
    """What no submission may touch: the course, and what was handed in."""
    files = (path for room in ("source", "judge", "release", "submitted") for path in (course / room).rglob("*"))
    return {str(p): p.read_bytes() for p in files if p.is_file() and "__pycache__" not in p.parts}


@pytest.fixture(scope="module", params=["gupkit grade", "nbgrader autograde"])
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That course, graded in one of the two ways, with every file of it as it was."""
    course = attacked_course(tmp_path_factory.mktemp("attacked"))
    before = kept(course)
    if request.param == "gupkit grade":
        done = handed_in.run(course, "gupkit", "grade", check=False)
        assert done.returncode == 1, done.stderr  # some ran too long, and that is said
    else:
        for problem_set in SETS:
            handed_in.run(course, "nbgrader", "autograde", problem_set)
    assert kept(course) == before
    return course


def points(course: Path, student: str, problem_set: str) -> list[float | None]:
    """What the gradebook has for each cell that a program grades."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission(problem_set, student).notebooks
        tests = set(common.questions(problem_set))
        return [grade.auto_score for grade in notebook.grades if grade.name in tests]


@pytest.mark.parametrize("student", STUDENTS)
def test_an_attack_gains_no_point(graded: Path, student: str) -> None:
    """Every graded cell has a score in the gradebook, and it is zero."""
    problem_set, _ = STUDENTS[student]
    assert points(graded, student, problem_set) == [0.0] * len(common.questions(problem_set))


@pytest.mark.parametrize("problem_set", SETS)
def test_an_attack_costs_nobody_a_point(graded: Path, problem_set: str) -> None:
    """The honest submission, graded among them, has every point."""
    assert sorted(points(graded, "the-honest", problem_set)) == sorted(common.points(problem_set).values())
