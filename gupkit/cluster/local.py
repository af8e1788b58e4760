"""Processes of this machine."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeAlias

from ..errors import GupkitError
from ..interleave.rarely import RARELY
from ..interleave.search import DoAll
from .share import Shared
from .worker import Job, Part, Piece, work

FOR_EACH_CORE = 4
"""More processes than these for each core of the machine only take its memory."""
TRIES = 3
"""So many times in a row processes may die before anything has come of them."""
Coming: TypeAlias = "Future[list[list[Part]]]"


@contextmanager
def processes(job: Job, workers: int) -> Iterator[DoAll]:
    """Do the work of a search in so many processes. If one dies, others are started and do what is left.

    They are started afresh and not forked: whoever has threads, as a notebook does, can use them. GupkitError where
    there are none, as in a browser, or if they die again and again.
    """
    if sys.platform == "emscripten":
        raise GupkitError("a browser has one process for Python: leave out workers")
    cores = os.cpu_count() or 1
    if workers > FOR_EACH_CORE * cores:
        raise GupkitError(f"workers={workers}: with {cores} cores, more than {FOR_EACH_CORE} for each do not help")
    crew = Processes(job, workers)
    try:
        yield Shared(crew)
    finally:
        crew.leave()


class Processes:
    """A crew of processes that are replaced when they die. Each has a pool of its own, so that it can be chosen."""

    def __init__(self, job: Job, workers: int) -> None:
        self.job = job
        self.workers = workers
        self.died = 0
        self.pools = [_started() for _ in range(workers)]

    def begin(self, who: int, pieces: Sequence[Piece], most: int) -> Coming:
        """A share given to a process, or to a new one if it has died."""
        while True:
            try:
                return self.pools[who].submit(work, self.job, pieces, most)
            except BrokenProcessPool:
                self._replace(who)

    def first(self, futures: Iterable[Coming]) -> Iterable[Coming]:
        """Those that are done, as soon as there are any."""
        return wait(futures, return_when=FIRST_COMPLETED).done

    def result(self, future: Coming) -> list[list[Part]] | None:
        """What came of a share; None if its process died."""
        try:
            found = future.result()
        except BrokenProcessPool:
            return None
        self.died = 0
        return found

    def _replace(self, who: int) -> None:
        self.died += 1
        if self.died == TRIES:
            raise GupkitError(
                f"the worker processes died {TRIES} times in a row: there may be too little memory for so many; "
                "and a script must call explore under: if __name__ == '__main__'"
            )
        self.pools[who].shutdown(wait=True)
        self.pools[who] = _started()

    def leave(self) -> None:
        """Send the processes away, and wait until they are gone."""
        for pool in self.pools:
            pool.shutdown(wait=True, cancel_futures=True)


def _started() -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_settle_in)
    pool.submit(os.getpid)  # a pool has no process before there is something to do: let all of them start together
    return pool


def _settle_in() -> None:
    """Leave interrupts to the parent, and do not outlive it. What is saved lives until the search ends: look through it
    rarely, and do not take it apart piece by piece in the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*RARELY)
    atexit.register(os._exit, 0)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A parent that is killed tells nobody, and whoever waits for work from it would wait forever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
