"""What a page costs in Python memory: touched, and merely mapped."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator

import gupkit as gk

from .row import Row

PAGES = 20_000
HUGE = 1_000_000


def grown(work: Callable[[], object]) -> int:
    """Bytes of Python memory that ``work`` and its result leave allocated."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = work()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        del kept
        return after - before
    finally:
        tracemalloc.stop()


def touched() -> float:
    """Bytes for each of many pages that were stored to, one byte each: the whole machine, shared out among them."""

    def machine() -> gk.Kernel:
        k = gk.Kernel()
        task = k.spawn("P")
        start = k.mmap(task, pages=PAGES)
        for i in range(PAGES):
            k.store(task, start + i * 4096, b"x")
        return k

    return grown(machine) / PAGES


def untouched() -> float:
    """Bytes for each page of a huge mapping nobody touches, beyond what a mapping of one page costs."""
    k = gk.Kernel()
    task = k.spawn("P")
    one = grown(lambda: k.mmap(task, pages=1, prot="r"))
    return max(0, grown(lambda: k.mmap(task, pages=HUGE)) - one) / HUGE


def rows() -> Iterator[Row]:
    """Two rows, in bytes."""
    yield Row("a touched page", "bytes of Python memory", touched(), "<=", 600, "B", f"{PAGES:,} pages, one store each")
    yield Row("an untouched page", "bytes of Python memory", untouched(), "<=", 0.01, "B", f"of a mapping of {HUGE:,}")
