"""What a reader does, one thing after the other, whichever thread hears of it.

JupyterLab sends the messages of widgets to subshells of the kernel, which are threads: a toggle may be heard of in one
thread while the list beside it is being served in another.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_QUIET: ContextVar[tuple[Turns, ...]] = ContextVar("quiet", default=())
"""Whose controls are being changed by the program, in this thread."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Put off the collection of garbage: it may take longer than all that the reader waits for.

    >>> with uncollected():
    ...     gc.isenabled()
    False
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Turns:
    """The turns of one panel.

    >>> turns, done = Turns(), []
    >>> turns.take(lambda: (turns.take(lambda: done.append("next")), done.append("first")))
    >>> done
    ['first', 'next']
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()
        self._floor = deque([True])
        """Who takes the one thing in here has the floor: taking it from a deque is atomic, as a lock is."""

    def take(self, act: Callable[[], object]) -> None:
        """Do ``act`` now, or let whoever is at work do it next. What another thread is at is never waited for."""
        self._waiting.append(act)
        while self._waiting and self._has_floor():
            try:
                if self._waiting:  # another thread may have been quicker
                    with uncollected():
                        self._waiting.popleft()()
            finally:
                self._floor.append(True)

    def _has_floor(self) -> bool:
        try:
            return self._floor.pop()
        except IndexError:
            return False

    @property
    def quiet(self) -> bool:
        """Whether this thread is inside :meth:`quietly`: what changes now is not the reader's doing."""
        return self in _QUIET.get()

    def quietly(self, act: Callable[[], None]) -> None:
        """Change controls without taking that for the reader's doing."""
        before = _QUIET.set((*_QUIET.get(), self))
        try:
            act()
        finally:
            _QUIET.reset(before)
