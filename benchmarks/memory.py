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
    """Bytes of Python memory that ``work`` leaves allocated."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = work()
        gc.collect()
        del kept
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def touched() -> float:
    """Bytes for each of many pages that were stored to, one byte each: table entry, struct page, contents and all."""
    k = gk.Kernel()
    task = k.spawn("P")
    start = k.mmap(task, pages=PAGES)

    def touch() -> None:
        for i in range(PAGES):
            k.store(task, start + i * 4096, b"x")

    return grown(touch) / PAGES


def untouched() -> float:
    """Bytes for each page of a huge mapping nobody touches, beyond what a mapping of one page costs."""
    k = gk.Kernel()
    task = k.spawn("P")
    k.mmap(task, pages=1, prot="r")
    one = grown(lambda: k.mmap(task, pages=1))
    return max(0, grown(lambda: k.mmap(task, pages=HUGE, prot="r")) - one) / HUGE


def rows() -> Iterator[Row]:
    """Two rows, in bytes."""
    yield Row("a touched page", "bytes of Python memory", touched(), "<=", 600, "B", f"{PAGES:,} pages, one store each")
    yield Row("an untouched page", "bytes of Python memory", untouched(), "<=", 0.01, "B", f"of a mapping of {HUGE:,}")
