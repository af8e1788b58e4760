"""The names that a step binds, and those that must be there before it can begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .address import PinRef, Target
from .model import Step
from .scope import BINDS, is_thread
from .vocabulary import FIRST_PROCESS


def process(task: str) -> str:
    """Whose memory a task works in.

    >>> process("T2"), process("C")
    ('P', 'C')
    """
    return FIRST_PROCESS if is_thread(task) else task


def binds(step: Step) -> Iterator[str]:
    """The names that a step binds, with their kind; its injections' among them."""
    if step.op in BINDS and step.args["as"] is not None:
        yield f"{BINDS[step.op]} {step.args['as']}"
    if step.op == "uring_register":
        yield f"ring {step.args['as']}"
    if step.op == "vmsplice":
        yield f"pipe {step.args['pipe']}"
    for inner in step.injected:
        yield from binds(inner)


def needs(step: Step) -> Iterator[str]:
    """The names that must be there before the op begins, those of its expectations and injections included."""
    own = set(binds(step))
    yield from (name for name in _names(step) if name not in own)


def _names(step: Step) -> Iterator[str]:
    if process(step.by) != FIRST_PROCESS:
        yield f"process {step.by}"
    yield from _in_values(step.args)
    yield from _in_values(step.expect)
    if step.args.get("of") is not None and process(step.args["of"]) != FIRST_PROCESS:
        yield f"process {step.args['of']}"
    if step.op == "pipe_read":
        yield f"pipe {step.args['pipe']}"
    if step.op == "uring_unregister":
        yield f"ring {step.args['as']}"
    for inner in step.injected:
        yield from _names(inner)


def _in_values(value: Any) -> Iterator[str]:
    """Regions, processes and pins that places name, anywhere in a value."""
    if isinstance(value, Target):
        if value.region is not None:
            yield f"region {value.region}"
        if value.process is not None and process(value.process) != FIRST_PROCESS:
            yield f"process {value.process}"
    elif isinstance(value, PinRef):
        yield f"pin {value.name}"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _in_values(key)
            yield from _in_values(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _in_values(item)
