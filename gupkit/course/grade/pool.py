"""Workers, as many as cores: each a process; one that dies is replaced, and what it held is tried once more.

One that has graded many is replaced too: nbgrader keeps a little of every submission in memory.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from .plan import Submission
from .worker import WITHOUT_WALL

DIED = "the grader itself was ended while it graded this, twice"
MANY = 100
"""Submissions that a worker grades before another takes its place."""


class Worker:
    """A worker process and its line."""

    def __init__(self, course: Path, without_wall: bool) -> None:
        options = [WITHOUT_WALL] if without_wall else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gupkit.course.grade.worker", str(course), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
        )  # fmt: skip

    def grade(self, submission: Submission) -> tuple[bool, str | None]:
        """Whether the worker lived to answer, and the problem it reported."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        job = {"assignment": submission.assignment, "student": submission.student}
        with contextlib.suppress(BrokenPipeError, ValueError):
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            return True, json.loads(self.process.stdout.readline())["problem"]
        return False, DIED

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.communicate()


def grade_all(
    course: Path, todo: Sequence[Submission], workers: int, without_wall: bool = False
) -> Iterator[tuple[Submission, str | None]]:
    """Each submission and its problem, in the order in which they are done."""
    waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Submission, str | None]] = queue.SimpleQueue()
    for submission in todo:
        waiting.put(submission)
    begin = partial(Worker, course, without_wall)
    for _ in range(min(workers, len(todo))):
        threading.Thread(target=_work, args=(begin, waiting, done), daemon=True).start()
    for _ in todo:
        yield done.get()


def _work(
    begin: Callable[[], Worker],
    waiting: queue.SimpleQueue[Submission],
    done: queue.SimpleQueue[tuple[Submission, str | None]],
) -> None:
    worker = begin()
    try:
        for count in itertools.count():
            submission = waiting.get_nowait()
            if count and not count % MANY:
                worker.close()
                worker = begin()
            lived, problem = worker.grade(submission)
            if not lived:
                worker.close()
                worker = begin()
                lived, problem = worker.grade(submission)
            if not lived:
                worker.close()
                worker = begin()
            done.put((submission, problem))
    except queue.Empty:
        worker.close()
