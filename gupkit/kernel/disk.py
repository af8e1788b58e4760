"""A disk that takes its time: requests finish some ticks after they were made, in order.

Nothing sleeps here: a task that waits for a request moves the clock to the moment it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .machine import Machine
    from .page import Page

LATENCY = 8
"""Ticks from a request to its end; an operation of a scenario takes one."""


class Disk:
    """``pending`` holds (end tick, pages, what to do then), soonest first."""

    def __init__(self, kernel: Machine) -> None:
        self.kernel = kernel
        self.latency = LATENCY
        self.pending: list[tuple[int, list[Page], Callable[[Page], None]]] = []

    def submit(self, pages: list[Page], done: Callable[[Page], None]) -> None:
        """Start one request for ``pages``; ``done`` is called with each of them when it ends."""
        self.pending.append((self.kernel.clock + self.latency, pages, done))

    def finish(self, page: Page) -> bool:
        """Let time pass until the request for ``page`` is done; False if there is none."""
        for end, pages, _ in self.pending:
            if page in pages:
                self.kernel.advance(end)
                return True
        return False

    def complete(self, now: int) -> None:
        """End every request whose time has come."""
        while self.pending and self.pending[0][0] <= now:
            _, pages, done = self.pending.pop(0)
            for page in pages:
                done(page)
            if self.kernel.tracing:
                self.kernel.emit("end_io", pfns=[page.pfn for page in pages])
