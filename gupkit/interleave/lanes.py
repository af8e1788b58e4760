"""Whose turn it may be: each task does its own steps in their order, and nobody uses a name before it is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..scenario.address import PinRef, Target
from ..scenario.model import Step
from ..scenario.ops import OPS
from ..scenario.scope import is_thread
from ..scenario.vocabulary import FIRST_PROCESS
from .plan import Ops

BINDS = {"mmap": "region", "gup": "pin", "uring_register": "pin", "fork": "process"}
"""Op → what its ``as`` names."""


class Lanes:
    """The steps of a scenario, sorted by who does them (``by``).

    An op by nobody in particular belongs to the task its step names: ``{writeback: {by: T2, file: f}}`` is a flusher's,
    to be placed anywhere, without ``by`` it stands where P has it.
    """

    def __init__(self, ops: Ops) -> None:
        self.steps = ops.steps
        self.lanes: dict[str, list[int]] = {}
        for op in range(ops.tops):
            self.lanes.setdefault(ops.steps[op].by, []).append(op)
        self.needs = [frozenset(_needs(step)) for step in ops.steps]
        self.binds = [frozenset(_binds(step)) for step in ops.steps]
        self._names: dict[frozenset[int], frozenset[str]] = {}

    def free(self, begun: Collection[int], done: Collection[int], busy: Collection[str],
             waiting: Collection[str]) -> Iterator[int]:  # fmt: skip
        """The ops that could begin now, at most one a task, in the order of the lanes.

        ``begun`` and ``done`` are ops, ``busy`` tasks in the middle of one, ``waiting`` those of them that sleep.
        """
        bound = self._bound(frozenset(done))
        for task, lane in self.lanes.items():
            op = next((op for op in lane if op not in begun), None)
            if op is None or (task in busy and not (task in waiting and not OPS[self.steps[op].op].acts)):
                continue
            if self.needs[op] <= bound and self._may_end(op, begun):
                yield op

    def _bound(self, done: frozenset[int]) -> frozenset[str]:
        bound = self._names.get(done)
        if bound is None:
            bound = self._names[done] = frozenset().union(*(self.binds[op] for op in done))
        return bound

    def _may_end(self, op: int, begun: Collection[int]) -> bool:
        """A process does not exit before its threads have done what is theirs: nothing of it could be run after."""
        step = self.steps[op]
        if step.op != "exit":
            return True
        return all(other in begun for task, lane in self.lanes.items() if process(task) == process(step.by)
                   for other in lane if other != op)  # fmt: skip


def process(task: str) -> str:
    """Whose memory a task works in.

    >>> process("T2"), process("C")
    ('P', 'C')
    """
    return FIRST_PROCESS if is_thread(task) else task


def _binds(step: Step) -> Iterator[str]:
    if step.op in BINDS and step.args["as"] is not None:
        yield f"{BINDS[step.op]} {step.args['as']}"
    if step.op == "uring_register":
        yield f"ring {step.args['as']}"
    if step.op == "vmsplice":
        yield f"pipe {step.args['pipe']}"
    for injection in step.race:
        for inner in injection.do:
            yield from _binds(inner)


def _needs(step: Step) -> Iterator[str]:
    """The names that must be there before the op begins, those of its expectations and injections included."""
    own = set(_binds(step))
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
    for injection in step.race:
        for inner in injection.do:
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
