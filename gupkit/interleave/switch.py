"""A switch: one place at which a schedule leaves the order in which the scenario is written."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..scenario.dump import describe
from .plan import Ops


class Switch(NamedTuple):
    """The ``ops`` of one task run out of turn, one after the other.

    They run inside ``inside``, at the ``nth`` passing of point ``at``; or, where ``inside`` is None, before ``before``
    (None: at the end).
    """

    ops: tuple[int, ...]
    inside: int | None = None
    at: str = ""
    nth: int = 0
    before: int | None = None

    def also(self, op: int) -> Switch:
        """The same switch with one more op."""
        return self._replace(ops=(*self.ops, op))

    def to_dict(self, ops: Ops) -> dict[str, Any]:
        """Plain JSON values: steps by number, from 1, and in words."""
        do = [_op(ops, op) for op in self.ops]
        if self.inside is not None:
            return {**_op(ops, self.inside), "at": self.at, "nth": self.nth, "do": do}
        return {"before": None if self.before is None else _op(ops, self.before), "do": do}

    def words(self, ops: Ops) -> str:
        """One line for people."""
        who = "; ".join(describe(ops.steps[op]) for op in self.ops)
        if self.inside is not None:
            return f"inside {describe(ops.steps[self.inside])}, at {self.at} number {self.nth}: {who}"
        where = "at the end" if self.before is None else f"before {describe(ops.steps[self.before])}"
        return f"{where}: {who}"


def in_switches(count: int) -> str:
    """So many switches, for people.

    >>> in_switches(1), in_switches(2)
    ('1 switch', '2 switches')
    """
    return f"{count} switch{'es' if count != 1 else ''}"


def _op(ops: Ops, op: int) -> dict[str, Any]:
    """An op of the scenario; one of its own races has no number."""
    step = ops.steps[op]
    number = {"step": op + 1} if op < ops.tops else {}
    return {**number, "by": step.by, "op": step.op, "text": describe(step)}
