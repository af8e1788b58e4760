"""Processes of this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from ..interleave.expand import Arrival
from ..interleave.search import DoAll, Work
from .worker import Job, find


@contextmanager
def processes(job: Job, workers: int) -> Iterator[DoAll]:
    """Do the work of a search in so many processes.

    They are started afresh and not forked: whoever has threads, as a notebook does, can use them.
    """
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_leave_interrupts_to_the_parent)

    def do_all(works: Sequence[Work]) -> Iterator[list[Arrival]]:
        size = max(1, min(16, len(works) // (workers * 4)))
        parts = [works[i : i + size] for i in range(0, len(works), size)]
        for found in pool.map(find, [job] * len(parts), parts):
            yield from found

    try:
        yield do_all
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
