"""An explorer on a page without Python: the steps of its story, each with its pictures and its sentences.

Beside them stand the films with which a script makes it live (:mod:`tools.book.live`); without a script the steps stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape

from gupkit.film.place import stops
from gupkit.widgets import Explorer, ExplorerModel, SnapshotModel, panels
from tools.book.live import films_html


def explorer_html(explorer: Explorer) -> str:
    """What the explorer can show by itself: a film of its scenario, or the one moment of its snapshot.

    >>> explorer_html(Explorer("leak")).count("<summary>") > 3
    True
    """
    model = explorer.model
    if isinstance(model, SnapshotModel):
        return f'<div class="gk-explorer gk-still">{panels.STYLE}{snapshot_html(model)}</div>'
    still = f'<div class="gk-explorer gk-still">{panels.STYLE}{film_html(model)}</div>'
    return f'<div class="gk-film">{still}{films_html(model)}</div>'


def snapshot_html(model: SnapshotModel) -> str:
    """The pictures of a snapshot, and its VMAs in words."""
    here = "" if model.snapshot.origin != "live" else "In this book it is a process of the machine that made the book. "
    head = panels.title("Memory of a process", "") + panels.hint(here + (model.snapshot.about or ""))
    pictures = model.page_table().svg() + model.page_map().svg()
    return head + pictures + panels.listing(model.summary(), model.vma_lines())


def film_html(model: ExplorerModel) -> str:
    """Every step of the run as a fold; the one at which the explorer opens is open."""
    at, unit = model.place, model.unit
    name = "film-" + sha256(f"{model.title}{len(model.trace)}".encode()).hexdigest()[:8]
    folds = "".join(_folds(model, at, name))
    model.place, model.unit = at, unit
    return panels.title(model.title, model.trace.about) + folds


def _folds(model: ExplorerModel, at: int, name: str) -> Iterator[str]:
    for place in stops(model.trace)[1:]:
        model.unit = "step"
        model.goto(place)
        yield _fold(model, model.view().heading, name, place == at)


def _fold(model: ExplorerModel, heading: str, name: str, is_open: bool) -> str:
    view = model.view()
    state = " open" if is_open else ""
    pictures = view.page_map.svg() + view.page_table.svg()
    words = _quiet(panels.say(view)) + panels.note(view) + pictures + panels.facts(view)
    return f'<details name="{name}"{state}><summary>{escape(heading)}</summary>{words}</details>'


def _quiet(line: str) -> str:
    """The line without what makes a screen reader speak it by itself: on this page nothing changes."""
    return line.replace(' role="status" aria-live="polite" aria-atomic="true"', "")
