"""One task of a run: a process or a thread that does what its slot says, and nothing else."""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...errors import BackendError
from . import stub
from .stage import Stage

PATIENCE = 60
"""Seconds after which an op that has not come to its end counts as stuck."""
_MASK = (1 << 64) - 1


class Reply(NamedTuple):
    """What came of one op: the system call's answer (negative: an error number) or the byte of a touch, the signal
    that it raised (0: none), and the minor and major faults that it cost its task."""

    result: int
    signal: int
    minor: int
    major: int


class Channel:
    """How a servant is woken and how it answers; outlives the servant, as its slot does."""

    def __init__(self, stage: Stage, number: int, answer: int) -> None:
        self.number = number
        self.words: Any = stage.words(number)
        self.wake = os.eventfd(0, os.EFD_CLOEXEC)
        self.answer = answer

    def prepare(self, parent: int) -> None:
        """Make the slot ready for a new servant, whose parent is process ``parent``."""
        for word in range(len(self.words)):
            self.words[word] = 0
        self.words[stub.COMMAND], self.words[stub.REPLY] = self.wake, self.answer
        self.words[stub.PARENT], self.words[stub.ONE] = parent, 1

    def close(self) -> None:
        """Close what wakes it."""
        os.close(self.wake)


class Servant:
    """A task that waits for commands. ``pid`` is its task number; ``leader`` the process that it belongs to."""

    def __init__(self, pid: int, channel: Channel, buffer: int, leader: Servant | None = None) -> None:
        self.pid = pid
        self.channel = channel
        self.leader = leader or self
        self.alive = True
        self._buffer = buffer
        self._words = channel.words
        self.pidfd: int = os.pidfd_open(pid) if leader is None else leader.pidfd
        self._poll = select.poll()
        self._poll.register(channel.answer, select.POLLIN)
        self._poll.register(self.pidfd, select.POLLIN)

    def call(self, op: int, number: int = 0, args: Sequence[int] = (), pages: int = 0) -> Reply:
        """Do ``op`` with up to six arguments and wait for what comes of it.

        The first ``pages`` pages of the buffer are mapped before anything is counted. Raises BackendError if the
        servant ends or does not come to an end.
        """
        self.send(op, number, args, pages)
        ready = [fd for fd, _ in self._poll.poll(PATIENCE * 1000)]
        if self.channel.answer not in ready:
            raise self._lost(ended=bool(ready))
        os.eventfd_read(self.channel.answer)
        words = self._words
        before, after = stub.USAGE_BEFORE, stub.USAGE_AFTER
        result = words[stub.RESULT]
        return Reply(
            result - (1 << 64) if result >> 63 else result,
            words[stub.SIGNAL],
            words[after + stub.MIN_FLT] - words[before + stub.MIN_FLT],
            words[after + stub.MAJ_FLT] - words[before + stub.MAJ_FLT],
        )

    def send(self, op: int, number: int = 0, args: Sequence[int] = (), pages: int = 0) -> None:
        """Give the command without waiting for an answer: for what never comes back."""
        words = self._words
        words[stub.OP], words[stub.NUMBER], words[stub.SIGNAL] = op, number, 0
        for word, value in enumerate(args, stub.ARGS):
            words[word] = value & _MASK
        words[stub.TOUCH], words[stub.TOUCH_PAGES] = self._buffer, pages
        os.eventfd_write(self.channel.wake, 1)

    def ended(self, seconds: float) -> bool:
        """Whether its process has ended, all its threads and its memory with it; waits for that at most so long."""
        waiting = select.poll()
        waiting.register(self.pidfd, select.POLLIN)
        return bool(waiting.poll(int(seconds * 1000)))

    def close(self) -> None:
        """Forget the process; it must have ended."""
        self.alive = False
        if self.leader is self and self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1

    def _lost(self, ended: bool) -> BackendError:
        if ended:
            return BackendError(f"process {self.pid} of the run was killed from outside: run it again")
        return BackendError(f"process {self.pid} of the run is stuck in the kernel for {PATIENCE} seconds: given up")
