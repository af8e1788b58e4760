"""What it costs to record a trace of a run."""

from __future__ import annotations

from collections.abc import Iterator

import gupkit as gk
from gupkit.kernel.page import Page

from .measure import side_by_side, timed
from .row import Row

PAGES = 64
START = 0x7F0000000000
PIN = gk.FOLL.WRITE | gk.FOLL.GET
get_pages = gk.__get_user_pages  # a name that no class body mangles


def story(k: gk.Kernel) -> None:
    """A bit of everything that scenarios do: touches, pins, fork, a file, DONTNEED, protection, unmapping."""
    task = k.spawn("P")
    file = k.file("f", list(range(16)))
    k.mmap(task, START, pages=PAGES)
    k.mmap(task, START + (1 << 22), pages=16, share="shared", file=file)
    for i in range(0, PAGES, 2):
        k.store(task, START + i * gk.PAGE_SIZE, b"x")
    held: list[Page] = []
    with task.mm.mmap_sem.read():
        get_pages(task, task.mm, START, PAGES, PIN, held, None, None)
        get_pages(task, task.mm, START + (1 << 22), 16, PIN, held, None, None)
    child = k.fork(task, "C")
    k.store(child, START, b"y")
    k.madvise(task, START, 8 * gk.PAGE_SIZE, "DONTNEED")
    k.mprotect(task, START, 4 * gk.PAGE_SIZE, "r")
    for page in held:
        gk.set_page_dirty(page)
        gk.put_page(page)
    k.munmap(task, START, PAGES * gk.PAGE_SIZE)


def recorded() -> gk.Trace:
    """The story with a recorder."""
    k = gk.Kernel()
    with gk.Recorder(k) as recorder:
        story(k)
    return recorder.trace()


def rows() -> Iterator[Row]:
    """One row: a run recorded, over the same run with nobody listening.

    A trace keeps what each event changed; its snapshots are made from that when somebody asks for them. What making
    every one of them takes stands in the detail.
    """
    pair = side_by_side(timed(recorded, 2), timed(lambda: story(gk.Kernel()), 2), 40)
    trace = recorded()
    every = timed(lambda: trace[-1])()
    yield Row(
        "recording a trace", "not recording it", pair.ratio, "<=", 3,
        detail=f"{pair.first * 1e3:.1f} and {pair.second * 1e3:.1f} ms, {len(trace.events)} events; "
        f"then all {len(trace)} snapshots in {every * 1e3:.0f} ms",
    )
