"""What is large: a process of a million pages drawn, a live one of 250,000 read."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import gupkit as gk
from gupkit.draw.scene import Scene
from gupkit.trace.snapshot import Snapshot
from tests.draw.machines import million

from .measure import timed
from .row import Row

LIVE = 250_000
SHAPES = 400


def row(what: str, against: str, work: Callable[[], object]) -> Row:
    """Seconds, at the median of five."""
    once = timed(work)
    once()
    return Row(what, against, median(once() for _ in range(5)), "<=", 2, unit="s")


def drawn(draw: Callable[[Snapshot], Scene], machine: Snapshot) -> str:
    """From snapshot to SVG text."""
    return draw(machine).svg()


def rows() -> Iterator[Row]:
    """One for each picture, with its shapes, and one for reading, where there is a /proc."""
    machine = million()
    for draw in (gk.draw.page_table, gk.draw.page_map, gk.draw.vma_strip):
        shapes = len(draw(machine).shapes)
        assert shapes <= SHAPES
        yield row(f"{draw.__name__} of a million pages", f"{shapes} shapes, as SVG", partial(drawn, draw, machine))
    if sys.platform == "linux":
        with mmap.mmap(-1, LIVE * mmap.PAGESIZE) as memory:
            for page in range(LIVE):
                memory[page * mmap.PAGESIZE] = 1
            yield row("a live process of 250,000 pages, read", "its own /proc", lambda: gk.snapshot_of(os.getpid()))
