"""Which replay belongs to which recorded scenario."""

from __future__ import annotations

from collections.abc import Callable

from .driver import Replay

REPLAYS: dict[str, Callable[[Replay], None]] = {}


def replay(*names: str) -> Callable[[Callable[[Replay], None]], Callable[[Replay], None]]:
    """Register a function as the replay of one or more recorded scenarios."""

    def register(function: Callable[[Replay], None]) -> Callable[[Replay], None]:
        REPLAYS.update(dict.fromkeys(names, function))
        return function

    return register
