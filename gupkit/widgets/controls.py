"""Small parts of which the explorer's panel is made. The state of a button is in its text: stock toggle buttons do
not tell it to a screen reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets

from .choices import state_words
from .toggle_hints import hint_of

AUTO = {"width": "auto"}


def text(value: str = "", name: str = "") -> Any:
    """A piece of HTML; ``name`` becomes its class ``gk-NAME``."""
    return _named(widgets.HTML(value=value), name)


def button(words: str, icon: str, act: Callable[[], None], name: str) -> Any:
    """A button that says what it does."""
    made = widgets.Button(description=words, icon=icon, layout=AUTO)
    made.on_click(lambda _: act())
    return _named(made, name)


def toggle(name: str) -> Any:
    """The button of one of the toggles of ``choices``."""
    made = widgets.ToggleButton(description=toggle_words(name, False), tooltip=hint_of(name), layout=AUTO)
    return _named(made, name)


def disclosure(words: str, name: str, *hidden: Any) -> tuple[Any, Any]:
    """A button that shows and hides a row, and that row: what is rarely used does not stand in the way."""
    box = row(*hidden)
    box.layout.display = "none"
    made = widgets.ToggleButton(description=f"{words}: hidden", layout=AUTO)

    def turned(change: Any) -> None:
        box.layout.display = None if change["new"] else "none"
        made.description = f"{words}: {'shown' if change['new'] else 'hidden'}"

    made.observe(turned, names="value")
    return _named(made, name), box


def choice(words: str, name: str, width: str) -> Any:
    """A list of which one entry is chosen, with its label."""
    made = widgets.Dropdown(description=words, layout={"width": width}, style={"description_width": "initial"})
    return _named(made, name)


def number(words: str, name: str) -> Any:
    """A field for a whole number."""
    made = widgets.BoundedIntText(
        description=words, min=0, max=0, layout={"width": "150px"}, style={"description_width": "initial"})
    return _named(made, name)


def row(*children: Any) -> Any:
    """Side by side, in as many lines as are needed."""
    return widgets.HBox(children, layout={"flex_flow": "row wrap", "align_items": "center"})


def fill(dropdown: Any, options: Iterable[tuple[str, Any]], value: Any) -> None:
    """Give a list its entries and choose one, without touching what is already so. None is no value of an entry."""
    options = tuple(options)
    with dropdown.hold_sync():  # one message, not three
        if dropdown.options != options:
            dropdown.index = None
            dropdown.options = options
        if dropdown.value != value or dropdown.index is None:
            dropdown.value = value


def press(made: Any, name: str, on: bool) -> None:
    """Have a toggle button show its state."""
    made.value = on
    made.description = toggle_words(name, on)


def toggle_words(name: str, on: bool) -> str:
    """What the button of a toggle says.

    >>> toggle_words("nonblocking", True), toggle_words("vmas", False)
    ('nonblocking: pointer to 1', 'vmas[]: NULL')
    """
    return f"{'vmas[]' if name == 'vmas' else name}: {state_words(name, on)}"


def _named(made: Any, name: str) -> Any:
    if name:
        made.add_class(f"gk-{name}")
    return made
