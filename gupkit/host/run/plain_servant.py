"""A servant without machine code: a forked Python that does what its slot says, for machines other than x86-64.

It touches memory by asking the kernel to: one byte written from an address into a pipe is a load, one byte read from
the pipe to the address a store. The kernel answers EFAULT where a process would get a signal. What a touch cost
cannot be told apart from what this Python itself costs, so no faults are counted.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import signal
from typing import Any

from . import numbers as n
from .servant import Channel
from .stage import Stage
from .stub import ARGS, BLIND, NUMBER, OP, RESULT, SIGNAL, SLOT_BYTES

_MASK = (1 << 64) - 1


class PlainServant:
    """The servant's side: :meth:`serve` never returns."""

    def __init__(self, stage: Stage, channels: dict[int, Channel], number: int, runner: int) -> None:
        self.stage = stage
        self.channels = channels
        self.channel = channels[number]
        self.runner = runner
        self.libc: Any = ctypes.CDLL(None, use_errno=True)
        self.libc.syscall.restype = ctypes.c_long
        self.pipe = os.pipe()
        self.poll = select.poll()

    def serve(self) -> None:
        """Do commands one after the other; end with the Python that gives them, however that one ends."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            self.libc.prctl(n.PR_SET_THP_DISABLE, 1, 0, 0, 0)
            self._listen()
            while self._command():
                pass
        finally:
            os._exit(0)

    def _listen(self) -> None:
        self.poll = select.poll()
        self.poll.register(self.channel.wake, select.POLLIN)
        self.poll.register(self.runner, select.POLLIN)

    def _command(self) -> bool:
        ready = [fd for fd, _ in self.poll.poll()]
        if self.runner in ready:
            return False
        os.eventfd_read(self.channel.wake)
        words = self.channel.words
        do = (self._syscall, self._load, self._store, self._peek, self._fork)[words[OP]]
        born = self._do(do)
        if not born:
            os.eventfd_write(self.channel.answer, 1)
        return True

    def _do(self, do: Any) -> bool:
        """Do it and note the answer; True in a process that this op made, which has nothing to answer."""
        words = self.channel.words
        result = do(words)
        if result is None:
            return True
        words[RESULT] = result & _MASK
        return False

    def _syscall(self, words: Any) -> int:
        args = [ctypes.c_long(_signed(words[word])) for word in (NUMBER, *range(ARGS, ARGS + 6))]
        ctypes.set_errno(0)
        result = int(self.libc.syscall(*args))
        return -ctypes.get_errno() if result == -1 and ctypes.get_errno() else result

    def _load(self, words: Any) -> int:
        byte = self._read(words[ARGS])
        if byte == BLIND:
            words[SIGNAL] = n.SIGSEGV
        return byte

    def _read(self, address: int) -> int:
        if self.libc.write(self.pipe[1], ctypes.c_void_p(address), ctypes.c_size_t(1)) != 1:
            return BLIND
        return os.read(self.pipe[0], 1)[0]

    def _store(self, words: Any) -> int:
        os.write(self.pipe[1], bytes([words[ARGS + 1]]))
        if self.libc.read(self.pipe[0], ctypes.c_void_p(words[ARGS]), ctypes.c_size_t(1)) != 1:
            os.read(self.pipe[0], 1)
            words[SIGNAL] = n.SIGSEGV
        return int(words[ARGS + 1])

    def _peek(self, words: Any) -> int:
        listed = (ctypes.c_uint64 * words[ARGS + 1]).from_address(words[ARGS])
        for i, address in enumerate(listed):
            listed[i] = self._read(address)
        return 0

    def _fork(self, words: Any) -> int | None:
        number = (words[ARGS] - self.stage.slots) // SLOT_BYTES
        try:
            pid = os.fork()
        except OSError as problem:
            return -(problem.errno or errno.EAGAIN)
        if pid:
            return pid
        self.channel = self.channels[number]
        self.pipe = os.pipe()
        self._listen()
        return None


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word
