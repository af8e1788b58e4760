"""Processes of this machine."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from ..errors import GupkitError
from ..interleave.search import DoAll
from .share import shared
from .worker import Job

TRIES = 3
"""So many times in a row processes may die before anything has come of them."""


@contextmanager
def processes(job: Job, workers: int) -> Iterator[DoAll]:
    """Do the work of a search in so many processes. If one dies, others are started and do what is left.

    They are started afresh and not forked: whoever has threads, as a notebook does, can use them. GupkitError where
    there are none, as in a browser, or if they die again and again.
    """
    if sys.platform == "emscripten":
        raise GupkitError("a browser has one process for Python: leave out workers")
    crew = Crew(job, workers)
    try:
        yield shared(crew.each, workers)
    finally:
        crew.pool.shutdown(wait=True, cancel_futures=True)


class Crew:
    """Processes that are replaced when one of them dies."""

    def __init__(self, job: Job, workers: int) -> None:
        self.job = job
        self.workers = workers
        self.died = 0
        self.pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers, get_context("spawn"), initializer=_leave_interrupts_to_the_parent
        )  # fmt: skip

    def each(self, work: Callable[..., Any], shares: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
        """What came of each share, in order."""
        left = list(shares)
        while left:
            done = 0
            try:
                for future in [self.pool.submit(work, self.job, share) for share in left]:
                    found = future.result()
                    done, self.died = done + 1, 0
                    yield found
            except BrokenProcessPool:
                self._replace()
            left = left[done:]

    def _replace(self) -> None:
        self.died += 1
        if self.died == TRIES:
            raise GupkitError(
                f"the worker processes died {TRIES} times in a row: there may be too little memory for so many; "
                "and a script must call explore under: if __name__ == '__main__'"
            )
        self.pool.shutdown(wait=True)
        self.pool = self._started()


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
