"""The simulator's four-level walk, against the two-level walk of a teaching script."""

from __future__ import annotations

from collections.abc import Iterator

import gupkit as gk
from gupkit.kernel.pgtable import pte_at

from .measure import side_by_side, timed
from .row import Row
from .teaching_walk import Machine

PAGES = 800
START = 0x7F0000000000


def rows() -> Iterator[Row]:
    """One row: translations in a second, ours over theirs; every address is mapped on both sides."""
    k, machine = gk.Kernel(), Machine()
    task = k.spawn("P")
    k.mmap(task, START, pages=PAGES)
    ours = [START + i * 4096 for i in range(PAGES)]
    for address in ours:
        k.store(task, address, b"x")
    theirs = machine.mapped() * (PAGES // len(machine.mapped()))
    mm, translate = task.mm, machine.translate
    pair = side_by_side(
        timed(lambda: [translate(a) for a in theirs], 20),
        timed(lambda: [pte_at(mm, a) for a in ours], 20),
        25,
    )
    yield Row(
        "four-level walk, its rate", "the two-level walk of a teaching script", pair.ratio, ">=", 1,
        detail=f"{PAGES / pair.second / 1e6:.2f} and {len(theirs) / pair.first / 1e6:.2f} M/s",
    )
