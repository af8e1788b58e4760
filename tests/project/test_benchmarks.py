"""The table of promises says what was measured and fails where one is missed."""

import json
import subprocess
import sys

from benchmarks.bare_walk import build, walk
from benchmarks.row import Row, table
from benchmarks.teaching_walk import Machine
from tests.project.source import ROOT


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks as ``make bench`` does."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_missed_bound_is_marked() -> None:
    """A row is kept or missed by its bound, whichever way that points."""
    assert not Row("a", "b", 12.01, "<=", 12).ok
    assert Row("a", "b", 12.0, "<=", 12).ok
    assert not Row("a", "b", 0.99, ">=", 1).ok
    assert "NO" in table([Row("a", "b", 0.99, ">=", 1)])


def test_the_status_tells_whether_bounds_hold() -> None:
    """One row as data: its own verdict is the exit status, whatever this busy machine measured."""
    answer = bench("--json", "importing")
    (row,) = map(json.loads, answer.stdout.splitlines())
    assert row["measured"] > 0
    assert row["ok"] == (row["measured"] <= row["bound"])
    assert answer.returncode == (0 if row["ok"] else 1)


def test_an_unknown_row_is_refused() -> None:
    """A name that is none of the rows is refused before anything is measured."""
    answer = bench("nonsense")
    assert answer.returncode == 2
    assert "no nonsense here" in answer.stderr


def test_the_bare_walk_finds_every_page() -> None:
    """The yardstick really walks four levels: each page is found by its own address, across a table's end."""
    start = 0x7F00001FE000
    root = build(start, 1000)
    assert walk(root, start, 1000) == list(range(1000))
    assert [len(root), len(root[start >> 39]), len(root[start >> 39][start >> 30 & 511])] == [1, 1, 3]


def test_the_teaching_walk_faults_where_nothing_is_mapped() -> None:
    """The two-level walk tells a missing page table from a missing page, and keeps the offset."""
    machine = Machine()
    answers = {machine.translate(a) for a in range(0, 1 << 15, 32)}
    assert {-1, -2} < answers
    page = machine.mapped()[0]
    assert machine.translate(page + 5) == machine.translate(page) + 5
