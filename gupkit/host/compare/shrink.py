"""Making a sequence small that shows something, by leaving out steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TRIES = 400
"""Smaller sequences that are tried at most."""


def shrink(data: dict[str, Any], shows: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The smallest scenario found, by leaving out steps, for which ``shows`` is still true.

    ``data`` is a scenario as :meth:`Scenario.load` takes it. Halves are left out first, then quarters, down to
    single steps, until no single one can go. ``shows`` answers False for what is no scenario any more.

    >>> small = shrink({"steps": [1, 2, 3, 4, 5, 6]}, lambda data: 2 in data["steps"] and 5 in data["steps"])
    >>> small["steps"]
    [2, 5]
    """
    steps: list[Any] = list(data["steps"])
    size, tries = max(len(steps) // 2, 1), 0
    while size and tries < TRIES:
        first, before = 0, len(steps)
        while first < len(steps) and tries < TRIES:
            fewer = steps[:first] + steps[first + size :]
            tries += 1
            if fewer and shows({**data, "steps": fewer}):
                steps = fewer
            else:
                first += size
        size = size // 2 if size > 1 or len(steps) == before else size
    return {**data, "steps": steps}
