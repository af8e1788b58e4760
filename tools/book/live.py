"""The films of an explorer, for a page that steps through them by itself, and the script and style that do so."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gupkit.errors import GupkitError
from gupkit.film.front import css, script
from gupkit.film.page import data
from gupkit.film.place import moved
from gupkit.film.reel import whole
from gupkit.widgets import ExplorerModel
from gupkit.widgets.choices import state_words

SWITCHES = ("FOLL_WRITE", "nonblocking")
"""Toggles that the lectures ask their readers to press: the page has a film for each of them the other way round."""

EXPORTS = (("export function open(", "function open("), ("export default { render };", ""))
"""How the module says what it offers → how a plain script keeps it to itself."""


def films_html(model: ExplorerModel) -> str:
    """The films as data for the script: a list with for each its name, its message, and where to go in the others."""
    place, unit = model.place, model.unit
    runs = [("as the scenario has it", model.trace, _told(model))]
    for name in SWITCHES if model.can_toggle else ():
        with suppress(GupkitError):  # a call that cannot be made so has no film
            model.toggle(name)
            runs.append((f"{name}: {state_words(name, model.is_on(name))}", model.trace, _told(model)))
            model.toggle(name)
    model.place, model.unit, model.message = place, unit, ""
    told = [
        {"name": name, "told": message, "places": [[moved(trace, i, other) for i in range(len(trace))]
                                                   for _, other, _ in runs]}
        for name, trace, message in runs
    ]  # fmt: skip
    return f'<script type="application/json" class="gk-films">{data(told)}</script>'


def _told(model: ExplorerModel) -> dict[str, Any]:
    """The whole film of the run that the model shows, at the place where its reader stands."""
    return {**whole(model.films(), unit=model.unit), "place": model.place}


def stage_script() -> str:
    """The kit's front end as a plain script, which a page may also load from a file: ``gupkitStage(element, film)``.

    A module could not be: browsers load modules from servers only.
    """
    text = script()
    for exported, kept in EXPORTS:
        if exported not in text:
            raise ValueError(f"the front end no longer says {exported!r}: mend EXPORTS in tools/book/live.py")
        text = text.replace(exported, kept)
    return f"(() => {{\n{text}\nglobalThis.gupkitStage = open;\n}})();\n"


def stage_style() -> str:
    """Its style sheet."""
    return css()
