"""What grading with the sandbox costs, or rather saves, against nbgrader's own way without any protection."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from .crowd import hand_in, make_course
from .row import Row

SUBMISSIONS = 12
BIN = Path(sys.executable).parent


def seconds(course: Path, *command: str, bad: int = 0) -> float:
    """How long a command of the environment takes in a course; it must end with status 0 or ``bad``."""
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    begun = perf_counter()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, bad):
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-500:]}")
    return perf_counter() - begun


def measure(submissions: int) -> tuple[float, float]:
    """Seconds of stock ``nbgrader autograde``, and of ``gupkit grade``, on the same submissions; both start cold."""
    with tempfile.TemporaryDirectory(prefix="gupkit-grading-") as folder:
        stock = make_course(Path(folder) / "stock", hardened=False)
        ours = make_course(Path(folder) / "ours", hardened=True)
        for course in (stock, ours):
            for name in sorted({handed.assignment for handed in hand_in(course, submissions)}):
                seconds(course, "nbgrader", "generate_assignment", name)
        sets = sorted(path.name for path in (stock / "source").iterdir())
        plain = sum(seconds(stock, "nbgrader", "autograde", name) for name in sets)
        return plain, seconds(ours, "gupkit", "grade", bad=1)


def rows() -> Iterator[Row]:
    """One row: the throughput of ``gupkit grade`` on all cores, sandbox on, over that of stock nbgrader on one."""
    plain, ours = measure(SUBMISSIONS)
    yield Row(
        "grading, sandbox on", "stock nbgrader", plain / ours, ">=", 1.5,
        detail=f"{SUBMISSIONS} submissions: {ours:.0f} s against {plain:.0f} s, starting included",
    )  # fmt: skip
