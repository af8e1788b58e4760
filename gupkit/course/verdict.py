"""From two pieces of plain data to what a student reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import GupkitError
from .model import Check
from .plain import in_a_line

RAISED = "raised"
"""The key under which an exception of the student's code comes instead of a result."""


class CheckFailed(GupkitError):
    """A check that the student's functions do not pass: its text says what was expected, what came, and where."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One case after it ran: the trap, what should have come, and what came (both plain)."""

    idea: str
    expected: Any
    got: Any

    @property
    def ok(self) -> bool:
        """Equal in value and in type: True is not 1 here."""
        return same(self.expected, self.got)


def same(one: Any, two: Any) -> bool:
    """Equality of plain data that tells True from 1.

    >>> same({"a": [1, None]}, {"a": [1, None]}), same([1], [True])
    (True, False)
    """
    if type(one) is not type(two):
        return False
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[k], two[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)


def differences(expected: Any, got: Any, at: str = "") -> Iterator[str]:
    """Each place where the two differ, as ``at PLACE: expected X, got Y``."""
    if isinstance(got, dict) and isinstance(expected, dict) and RAISED not in got:
        for key in [*expected, *(k for k in got if k not in expected)]:
            if not same(expected.get(key), got.get(key)) or (key in expected) != (key in got):
                missing = "nothing"
                yield from differences(expected.get(key, missing), got.get(key, missing), f"{at}, {key}" if at else key)
    elif not same(expected, got):
        yield f"at {at}: expected {words(expected)}, got {words(got)}"


def words(value: Any) -> str:
    """A value as a reader writes it: large numbers in hexadecimal."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 4096 else hex(value)
    if isinstance(value, list):
        return f"[{', '.join(words(v) for v in value)}]"
    if isinstance(value, dict) and len(value) == 1:
        ((kind, what),) = value.items()
        forms = {"errno": f"-{what}", "page": f"the page of frame {what}", "a": f"a {what}"}
        if kind in forms:
            return forms[kind]
    if isinstance(value, dict):
        return ", ".join(f"{k}: {words(v)}" for k, v in value.items()) or "nothing"
    return str(value)


def visible_verdict(check: Check, trials: Sequence[Trial]) -> str | None:
    """None if every trial is right; else what was expected, what came, where, and what to look at next."""
    wrong = [t for t in trials if not t.ok]
    if not wrong:
        return None
    example = f'sheet.example("{check.name}", {trials.index(wrong[0]) + 1})'
    raised = raised_in(wrong[:1])
    found = raised or list(differences(wrong[0].expected, wrong[0].got))
    more = [f"and in {len(found) - 2} more places"] if len(found) > 2 else []
    return "\n  ".join([
        f"{check.name}: {len(trials) - len(wrong)} of {len(trials)} examples come out right. The first that does not:",
        wrong[0].idea,
        *(in_a_line(line, 400) for line in found[:2]), *more,
        f"look: {check.look.replace('EXAMPLE', example)}", f"read: {check.read}", f'stuck: sheet.hint("{check.name}")',
    ])  # fmt: skip


def hidden_verdict(check: Check, trials: Sequence[Trial]) -> str | None:
    """None if every trial is right; else the trap, but neither the inputs nor what was expected."""
    wrong = [t for t in trials if not t.ok]
    if not wrong:
        return None
    lines = [f"{check.name}: the examples come out right, but not every case that you were not shown. What counts:"]
    lines += dict.fromkeys(t.idea for t in wrong[:6])
    return "\n  ".join([*lines, *raised_in(wrong), f"read: {check.read}"])


def raised_in(wrong: Sequence[Trial]) -> list[str]:
    """With what the student's code stopped, in a line, or nothing if it did not."""
    raised = [t.got[RAISED] for t in wrong if isinstance(t.got, dict) and type(t.got.get(RAISED)) is str]
    return [f"your code stopped with {in_a_line(raised[0], 300)}"] if raised else []
