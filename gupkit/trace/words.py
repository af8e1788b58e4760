"""One plain sentence for each event: what the kernel just did, and why."""

from __future__ import annotations

from typing import Any

from . import words_fault, words_memory, words_ops
from .event import Event

SAYS = words_fault.SAYS | words_memory.SAYS | words_ops.SAYS
"""Trace point → function from event to sentence."""

TEMPLATES = words_memory.TEMPLATES | words_ops.TEMPLATES
"""Trace point → sentence with blanks, filled with the event's fields (addresses and bytes in hex), ``task``, and
``number``, the index of a step counted from 1."""

HEX = ("address", "start", "end")


def known(name: str) -> bool:
    """Whether a trace point has a sentence of its own.

    >>> known("follow_page"), known("no_such_point")
    (True, False)
    """
    return name in SAYS or name in TEMPLATES


def sentence(event: Event) -> str:
    """What happened at ``event``, in one sentence for a learner. A trace point without words shows its fields.

    >>> sentence(Event(0, "load", "P", 1, fields={"address": 4096, "byte": 66}))
    'P reads byte 0x42 at 0x1000.'
    >>> sentence(Event(0, "new_point", "P", 1, fields={"address": 4096}))
    'new_point: address 0x1000.'
    """
    if event.name in SAYS:
        return SAYS[event.name](event)
    if event.name in TEMPLATES:
        return TEMPLATES[event.name].format(task=event.task, **_shown(event))
    fields = ", ".join(f"{key} {value}" for key, value in _shown(event).items())
    return f"{event.name}: {fields}." if fields else f"{event.name}."


def _shown(event: Event) -> dict[str, Any]:
    """The fields as they are written in a sentence."""
    shown = dict(event.fields)
    shown |= {key: f"{shown[key]:#x}" for key in HEX if isinstance(shown.get(key), int)}
    if isinstance(shown.get("byte"), int):
        shown["byte"] = f"{shown['byte']:#04x}"
    if isinstance(shown.get("index"), int) and event.name == "step":
        shown["number"] = shown["index"] + 1
    return shown
