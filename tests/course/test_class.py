"""A class of two hundred: everybody gets what they earned, once, though the grader is killed, in little memory."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.crowd import Handed, hand_in, make_course
from gupkit.course.grade.ledger import LEDGER, Ledger
from tests.course import common, handed_in

pytestmark = [pytest.mark.prove, pytest.mark.filterwarnings("ignore")]  # nbgrader's own

CLASS = 200
KILLED_AT = 70
GENERATIONS = 3
MOST = 700
"""MiB that the command, two workers and their servers may hold together at any time."""


def earned(handed: Handed) -> float:
    """The points that a program gives for a submission of the crowd."""
    points = common.points(handed.assignment)
    if handed.state == "begun":
        return 0
    if handed.state == "right":
        return sum(points.values())
    lost = common.stated(Path(handed.state), handed.assignment, handed.student)
    return sum(worth for cell, worth in points.items() if cell.removeprefix("test-") not in lost)


def resident(command: int) -> float:
    """MiB in memory of a process and of its next generations: workers, their walls, and the servers behind them.

    Those whom the servers fork for a student's code are not the grader's; each has a limit of its own.
    """
    parents, sizes = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended just now
        parents[int(process.name)], sizes[int(process.name)] = int(status[1]), int(status[21])
    family = {command}
    for _ in range(GENERATIONS):
        family |= {child for child, parent in parents.items() if parent in family}
    return sum(sizes.get(process, 0) for process in family) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def graded(course: Path, until: int) -> list[float]:
    """Let the command grade, at most until so many lines stand in the ledger, then kill it; the memory it held."""
    command = [str(handed_in.BIN / "gupkit"), "grade"]
    environment = os.environ | {"GUPKIT_COURSE_SECRET": common.SECRET, "PYTHONWARNINGS": "ignore"}
    held = []
    with (course / "log.txt").open("a", encoding="utf-8") as log:
        grading = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
    while grading.poll() is None and len(Ledger(course).rows) < until:
        held.append(resident(grading.pid))
        time.sleep(0.5)
    grading.send_signal(signal.SIGKILL)
    grading.wait()
    return held


def test_a_class_of_two_hundred(tmp_path: Path) -> None:
    """Killed once on the way, the second run does the rest: each score is right, and memory does not grow."""
    course = make_course(tmp_path / "course", hardened=True)
    crowd = hand_in(course, CLASS)
    first = graded(course, KILLED_AT)
    assert KILLED_AT <= len(Ledger(course).rows) < CLASS
    second = graded(course, CLASS + 1)
    done = handed_in.run(course, "gupkit", "grade", "--json", check=False)
    assert f"{CLASS} submissions, {CLASS} graded already" in done.stderr
    rows = {(row["student"], row["assignment"]): row["auto_score"] for row in json.loads(done.stdout)["submissions"]}
    assert rows == {(handed.student, handed.assignment): earned(handed) for handed in crowd}
    assert len((course / LEDGER).read_text(encoding="utf-8").splitlines()) == CLASS
    print(f"at most {max(first + second):.0f} MiB; in the halves of the second run {halves(second)}")
    assert max(first + second) < MOST
    assert halves(second)[1] < 1.3 * halves(second)[0]


def halves(held: list[float]) -> tuple[float, float]:
    """The most memory that was held in the first half of a run, and in the second."""
    middle = len(held) // 2
    return max(held[:middle]), max(held[middle:])
