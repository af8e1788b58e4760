"""Drawing the page tables, against saving an empty figure."""

from __future__ import annotations

import io
from collections.abc import Iterator

from matplotlib.figure import Figure

import gupkit as gk
from gupkit.trace import capture

from .measure import tails, timed
from .row import Row

START = 0x7F0000000000
REGION = 1 << 21


def machine(regions: int, pages: int) -> gk.Kernel:
    """A process with ``pages`` touched pages in each of ``regions`` regions: 3 tables above, one for each region."""
    k = gk.Kernel()
    task = k.spawn("P")
    for region in range(regions):
        start = k.mmap(task, START + region * REGION, pages=pages)
        for i in range(pages):
            k.store(task, start + i * gk.PAGE_SIZE, b"x")
    return k


def save_empty_figure() -> None:
    """What a figure costs before anything is drawn in it."""
    Figure().savefig(io.BytesIO(), format="png")


def row(regions: int, pages: int, bound: float) -> Row:
    """The row for one size: snapshot to SVG text, every entry drawn, nothing folded."""
    snapshot = capture.take(machine(regions, pages), ())
    nodes = gk.draw.page_table_graph(snapshot, fold=False).number_of_nodes()
    pair = tails(timed(lambda: gk.draw.page_table(snapshot, fold=False).svg()), timed(save_empty_figure), 60)
    return Row(
        f"page-table picture, {nodes} drawn nodes, p95", "an empty figure saved as PNG, p95", pair.ratio, "<=", bound,
        detail=f"{pair.first * 1e3:.1f} and {pair.second * 1e3:.1f} ms",
    )


def rows() -> Iterator[Row]:
    """Two rows: 121 nodes and 341."""
    yield row(2, 58, 1)
    yield row(13, 25, 2.5)
