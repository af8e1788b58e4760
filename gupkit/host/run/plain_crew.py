"""Processes for a run where no machine code can: forks of this Python, one for each scenario and one for each fork."""

from __future__ import annotations

import contextlib
import os
import signal
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ...errors import BackendError
from ..leaf import GUARD, WORD
from ..maps import parse_maps
from . import numbers as n
from .plain_servant import PlainServant
from .servant import PATIENCE, Channel, Reply, Servant
from .stage import SLOTS, Stage
from .stub import Ops


class PlainCrew:
    """The same face as :class:`~gupkit.host.run.crew.Crew`; these servants count no faults and have no threads.

    Each has its own table of open files, which it gets when it is forked: what a run needs is opened before.
    """

    counts_faults = False
    has_threads = False

    def __init__(self, stage: Stage) -> None:
        numbers = n.syscall_numbers()
        assert numbers is not None  # probe() refuses machines that are not known
        self.stage = stage
        self.numbers = numbers
        self.answer = os.eventfd(0, os.EFD_CLOEXEC)
        self.runner = os.pidfd_open(os.getpid())
        self.channels: dict[int, Channel] = {}
        self.free: list[int] = []
        self.live: list[Servant] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def reserve(self, count: int) -> None:
        """Make ready for so many processes; those of one run can only use what was there before the first."""
        if count >= SLOTS:
            raise BackendError(f"a run on the host can have {SLOTS - 1} processes at once")
        for number in range(len(self.channels), count):
            self.channels[number] = Channel(self.stage, number, self.answer)
        self.free = list(range(count))

    def new_process(self) -> Servant:
        """A process for a scenario's ``P``: a fork of this Python."""
        number = self.free.pop()
        self.channels[number].prepare(os.getpid())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads: the child uses none of their locks
            pid = os.fork()
        if not pid:
            PlainServant(self.stage, self.channels, number, self.runner).serve()
        os.sched_setaffinity(pid, {max(os.sched_getaffinity(pid))})  # as in Crew: one processor for all
        return self._add(pid, number)

    def fork(self, parent: Servant) -> Servant:
        """``parent`` forks; the child."""
        number = self.free.pop()
        self.channels[number].prepare(parent.pid)
        pid = parent.call(Ops.FORK, args=(self.stage.slot(number),)).result
        if pid < 0:
            raise BackendError(f"this machine makes no further process: {os.strerror(-pid)}")
        return self._add(pid, number)

    def thread(self, process: Servant) -> Servant:
        """BackendError: a thread needs machine code."""
        raise BackendError("a thread of a process needs machine code, which only x86-64 has here")

    def syscall(self, servant: Servant, name: str, *args: int, pages: int = 0) -> Reply:
        """``servant`` makes a system call."""
        return servant.call(Ops.SYSCALL, self.numbers[name], (*args, *[0] * (6 - len(args))), pages)

    def exit(self, servant: Servant) -> None:
        """The servant's process ends. Returns when it has."""
        servant.send(Ops.SYSCALL, self.numbers["exit_group"], (0,) * 6)
        if not servant.ended(PATIENCE):
            raise BackendError(f"process {servant.pid} of the run does not come to its end")
        self._forget(servant)

    def table_of(self, servant: Servant) -> int:
        """Which table of open files a servant uses: its own."""
        return servant.pid

    def open(self, servant: Servant, path: str, flags: int) -> int:
        """A servant opens a file. Raises OSError."""
        self.stage.put(self.stage.buffer, os.fsencode(path) + b"\0")
        at_cwd = -100
        fd = self.syscall(servant, "openat", at_cwd, self.stage.buffer, flags | os.O_CLOEXEC, 0).result
        if fd < 0:
            raise OSError(-fd, os.strerror(-fd), path)
        return fd

    def close_file(self, servant: Servant, fd: int) -> None:
        """A servant closes a file; one that has ended has none open."""
        if servant.alive:
            self.syscall(servant, "close", fd)

    def end_all(self) -> None:
        """Kill whatever process is left of a run; returns when none is."""
        for servant in self.live:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(servant.pidfd, signal.SIGKILL)
        for servant in list(self.live):
            servant.ended(PATIENCE)
            self._forget(servant)

    def close(self) -> None:
        """End every servant."""
        self.end_all()
        for fd in (*(channel.wake for channel in self.channels.values()), self.answer, self.runner):
            os.close(fd)
        self.channels = {}

    def _add(self, pid: int, number: int) -> Servant:
        servant = _Plain(pid, self.channels[number], self.stage.buffer)
        self.live.append(servant)
        return servant

    def _forget(self, servant: Servant) -> None:
        with contextlib.suppress(ChildProcessError):  # only the first one is this Python's own child
            os.waitpid(servant.pid, 0)
        servant.close()
        self.live.remove(servant)


class _Plain(Servant):
    """A servant that cannot tell SIGBUS from SIGSEGV: its mappings can."""

    def call(self, op: int, number: int = 0, args: Sequence[int] = (), pages: int = 0) -> Reply:
        reply = super().call(op, number, args, pages)
        if reply.signal and self._allowed(args[0], "w" if op == Ops.STORE else "r"):
            return reply._replace(signal=n.SIGBUS)
        return reply

    def _allowed(self, address: int, letter: str) -> bool:
        """A mapping allows the access, and no guard page forbids it: then what failed is that no page is behind it."""
        pagemap = Path(f"/proc/{self.pid}/pagemap")
        with pagemap.open("rb") as file:
            file.seek((address >> 12) * WORD)
            word = file.read(WORD)
        if word and word[-1] & GUARD:
            return False
        vmas = parse_maps(Path(f"/proc/{self.pid}/maps").read_bytes())
        return any(vma.start <= address < vma.end and letter in vma.prot for vma in vmas)
