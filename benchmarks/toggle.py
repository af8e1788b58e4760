"""A toggle on the server's side: from the choice to the message that has the page show it, against an empty figure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from time import perf_counter
from typing import Any

from gupkit.widgets import Explorer

from .measure import Timed, tails, timed
from .picture import save_empty_figure
from .row import Row

TABLES = 4
"""Page tables above the pages of one region: one of each level."""


def called(nodes: int) -> dict[str, Any]:
    """A scenario whose page tables have so many nodes once its call has come back."""
    region = {"mmap": {"as": "A", "pages": nodes - TABLES}}
    return {"title": "many pages", "steps": [region, {"gup": {"as": "pins", "at": "A", "flags": ["WRITE"]}}]}


def toggle(nodes: int) -> Timed:
    """Seconds of one toggle; another choice is made before each, and the reader looks until nothing is left to prepare.

    The explorer is a real one; what it tells the page is taken where it is handed to Jupyter.
    """
    explorer = Explorer(called(nodes))
    stage = explorer.panel.stage
    assert stage is not None  # anywidget is there
    page = stage.widget
    told: list[tuple[float, dict[str, Any]]] = []
    page.send = lambda content, buffers=None: told.append((perf_counter(), content))

    def say(want: str) -> None:
        told.clear()
        page._handle_custom_msg({"want": want}, [])

    say("film")
    others = cycle(("FOLL_FORCE", "nonblocking", "FOLL_FORCE", "vmas"))

    def switched(name: str) -> float:
        told.clear()
        start = perf_counter()
        explorer.controls[name].value = not explorer.controls[name].value
        return next(when for when, content in told if "place" in content) - start

    def once() -> float:
        switched(next(others))
        say("ahead")
        while told:
            say("ahead")
        return switched("FOLL_WRITE")

    return once


def row(nodes: int, bound: float) -> Row:
    """The row for one size."""
    pair = tails(toggle(nodes), timed(save_empty_figure), 40)
    return Row(
        f"toggle on the server, {nodes} drawn nodes, p95", "an empty figure saved as PNG, p95", pair.ratio, "<=", bound,
        detail=f"{pair.first * 1e3:.1f} and {pair.second * 1e3:.1f} ms",
    )


def rows() -> Iterator[Row]:
    """Two rows: 121 nodes and 341."""
    yield row(121, 1)
    yield row(341, 2.5)
