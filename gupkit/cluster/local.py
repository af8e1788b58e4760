"""Processes of this machine."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

from ..errors import GupkitError
from ..interleave.search import DoAll
from .share import Share, Shared
from .worker import Job

TRIES = 3
"""So many times in a row processes may die before anything has come of them."""
AHEAD = 2
"""Shares that a process has at a time: one in hand, and one to begin with at once when that is done."""


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
        yield Shared(crew.each, workers)
    finally:
        crew.leave()


class Crew:
    """Processes that are replaced when one of them dies. Each has a pool of its own, so that it can be chosen."""

    def __init__(self, job: Job, workers: int) -> None:
        self.job = job
        self.died = 0
        self.pools = [_started() for _ in range(workers)]

    def each(self, work: Callable[..., Any], shares: Sequence[Share]) -> Iterator[tuple[int, list[Any]]]:
        """Who did each share and what came of it, in order. Who has nothing left to do takes a share of another's."""
        left = Left(shares, len(self.pools))
        busy: dict[Future[list[Any]], tuple[int, int]] = {}
        found: dict[int, tuple[int, list[Any]]] = {}
        turn = 0
        while turn < len(shares):
            for who, number in left.taken([who for who, _ in busy.values()]):
                busy[self._begun(who, work, shares[number])] = who, number
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                who, number = busy.pop(future)
                try:
                    found[number] = who, future.result()
                    self.died = 0
                except BrokenProcessPool:
                    left.back(who, number)
            while turn in found:
                yield found.pop(turn)
                turn += 1

    def _begun(self, who: int, work: Callable[..., Any], share: Share) -> Future[list[Any]]:
        """A share given to a process, or to a new one if it has died."""
        while True:
            try:
                return self.pools[who].submit(work, self.job, share.what)
            except BrokenProcessPool:
                self._replace(who)

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


class Left:
    """The shares that nobody has begun, by number, in a queue for each worker."""

    def __init__(self, shares: Sequence[Share], workers: int) -> None:
        self.queues: list[deque[int]] = [deque() for _ in range(workers)]
        for number, share in enumerate(shares):
            self.queues[share.home].append(number)

    def taken(self, busy: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Who begins which share next; ``busy`` has each worker as often as he has one already."""
        for ahead in range(AHEAD):
            for who, queue in enumerate(self.queues):
                if busy.count(who) > ahead:
                    continue
                longest = max(self.queues, key=len)
                if queue:
                    yield who, queue.popleft()
                elif longest and not ahead:
                    yield who, longest.pop()

    def back(self, who: int, number: int) -> None:
        """A share that has not come to anything."""
        self.queues[who].appendleft(number)


def _started() -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=_settle_in)
    pool.submit(os.getpid)  # a pool has no process before there is something to do: let all of them start together
    return pool


def _settle_in() -> None:
    """Leave interrupts to the parent, and do not outlive it. What is saved lives until the search ends: look through it
    rarely, and do not take it apart piece by piece in the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(50_000, 20, 100)
    atexit.register(os._exit, 0)
    Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """A parent that is killed tells nobody, and whoever waits for work from it would wait forever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
