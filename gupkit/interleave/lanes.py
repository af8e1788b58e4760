"""Whose turn it may be: each task does its own steps in their order, and nobody uses a name before it is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..scenario.needs import binds, needs, process
from ..scenario.ops import OPS
from .plan import Ops


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
        self.needs = [frozenset(needs(step)) for step in ops.steps]
        self.binds = [frozenset(binds(step)) for step in ops.steps]
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
            if self.needs[op] <= bound and self._may_end(op, begun, done):
                yield op

    def _bound(self, done: frozenset[int]) -> frozenset[str]:
        bound = self._names.get(done)
        if bound is None:
            bound = self._names[done] = frozenset().union(*(self.binds[op] for op in done))
        return bound

    def _may_end(self, op: int, begun: Collection[int], done: Collection[int]) -> bool:
        """A process does not exit before its threads have done what is theirs: nothing of it could be run after. Nor
        does its memory go while a call works in it: the last who uses an address space takes it down."""
        if self.steps[op].op != "exit":
            return True
        who = process(self.steps[op].by)
        own = (other for task, lane in self.lanes.items() if process(task) == who for other in lane if other != op)
        under_way = (other for other in begun if other not in done)
        return all(other in done for other in own) and all(who not in self._works_in(other) for other in under_way)

    def _works_in(self, op: int) -> Iterator[str]:
        """The processes in whose memory an op works."""
        step = self.steps[op]
        yield process(step.by)
        if step.args.get("of") is not None:
            yield process(step.args["of"])
