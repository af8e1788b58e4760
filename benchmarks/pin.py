"""Pinning resident pages, against a bare walk over as many; and whether it stays linear."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import gupkit as gk
from gupkit.kernel.page import Page

from . import bare_walk
from .measure import Pair, Timed, side_by_side, timed
from .row import Row

START = 0x7F0000000000
PIN = gk.FOLL.WRITE | gk.FOLL.GET
get_pages = gk.__get_user_pages  # a name that no class body mangles


def pinning(pages: int) -> Timed:
    """A kernel with ``pages`` resident pages, and the call that pins them all; putting them is not timed."""
    k = gk.Kernel(frames=pages * 2) if pages * 2 > 65_536 else gk.Kernel()
    task = k.spawn("P")
    k.mmap(task, START, pages=pages)
    with task.mm.mmap_sem.read():
        get_pages(task, task.mm, START, pages, gk.FOLL.WRITE, None, None, None)

    def run() -> float:
        held: list[Page] = []
        with task.mm.mmap_sem.read():
            begin = perf_counter()
            got = get_pages(task, task.mm, START, pages, PIN, held, None, None)
            seconds = perf_counter() - begin
        if got != pages:
            raise RuntimeError(f"asked for {pages} pages, got {got}")
        for page in held:
            gk.put_page(page)
        return seconds

    return run


def compare(pages: int, repeat: int, rounds: int) -> Pair:
    """Pinning ``pages`` pages beside a bare walk over ``pages`` pages; each timing is the mean of ``repeat``."""
    root, pin = bare_walk.build(START, pages), pinning(pages)
    return side_by_side(
        lambda: sum(pin() for _ in range(repeat)) / repeat,
        timed(lambda: bare_walk.walk(root, START, pages), repeat),
        rounds,
    )


def rows() -> Iterator[Row]:
    """Two rows: the price of a pin, and how that price grows from 1,000 to 100,000 pages."""
    small, large = compare(1_000, 5, 80), compare(100_000, 1, 9)
    yield Row(
        "pin 1,000 resident pages, per page", "four dict look-ups and an append", small.ratio, "<=", 12,
        detail=f"{small.first * 1e6:.2f} and {small.second * 1e6:.2f} ns a page",
    )
    yield Row(
        "the same at 100,000 pages, over 1,000", "the bare walk's own growth", large.ratio / small.ratio, "<=", 1.3,
        detail=f"{large.first * 1e4:.2f} and {large.second * 1e4:.2f} ns a page",
    )
