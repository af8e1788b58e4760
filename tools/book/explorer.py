"""An explorer on a page without Python: the steps of its story, each with its pictures and its sentences."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape

from gupkit.film.place import stops
from gupkit.widgets import Explorer, ExplorerModel, SnapshotModel, panels

SWITCHED = "FOLL_WRITE"
"""The toggle that a page without Python shows both ways."""


def explorer_html(explorer: Explorer) -> str:
    """What the explorer can show by itself: a film of its scenario, or the one moment of its snapshot.

    >>> explorer_html(Explorer("leak")).count("<summary>") > 3
    True
    """
    model = explorer.model
    body = snapshot_html(model) if isinstance(model, SnapshotModel) else film_html(model)
    return f'<div class="gk-explorer gk-still">{panels.STYLE}{body}</div>'


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
    about = panels.title(model.title, model.trace.about)
    how = '<p class="gk-hint">In the notebook this is live. Here, unfold its steps one after the other.</p>'
    return about + how + folds + _switched(model)


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


def _switched(model: ExplorerModel) -> str:
    """The same call with FOLL_WRITE the other way round, where the scenario lets it be switched."""
    if not model.can_toggle or model.choices is None:
        return ""
    chosen, trace, scenario, at = model.choices, model.trace, model.scenario, model.place
    model.toggle(SWITCHED)
    heading = f"The same call with {SWITCHED} {'on' if model.is_on(SWITCHED) else 'off'}"
    call = model.call
    if call is not None and call.last > call.first:
        model.goto_step(call.index)
    told = _fold(model, heading, "", False).replace(' name=""', "")
    model.choices, model.trace, model.scenario, model.place, model.message = chosen, trace, scenario, at, ""
    return told
