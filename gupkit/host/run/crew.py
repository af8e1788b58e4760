"""The processes of a run: started from one small process, and never outliving the Python that asked for them.

The first servant is a copy of this Python that at once runs machine code, and then unmaps everything else. The
others are its forks: each begins with a memory that holds nothing but the stage. All have the first servant as
their parent, so that a scenario's process may exit before its children do, and all ask the kernel to be killed
when their parent ends, as the first one does when this Python ends, whatever ends it. They share this Python's
table of open files: what is opened here can be used there.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from ...errors import BackendError
from ..maps import parse_maps
from . import numbers as n
from .servant import PATIENCE, Channel, Reply, Servant
from .stage import SLOTS, Stage
from .stub import Ops

_RSEQ_SIGNATURE = 0x53053053
_RSEQ_UNREGISTER = 1
_ARCH_GET_FS = 0x1003
_SIGINFO_RESTORER_NODEFER = 0x4 | 0x04000000 | 0x40000000


class Crew:
    """Servants that run machine code (x86-64). A context manager; when it ends, so have they.

    Raises BackendError where processes cannot be made so.
    """

    counts_faults = True
    has_threads = True

    def __init__(self, stage: Stage) -> None:
        numbers = n.syscall_numbers()
        assert numbers is not None  # the stage runs code, so the machine is known
        self.stage = stage
        self.numbers = numbers
        self.answer = os.eventfd(0, os.EFD_CLOEXEC)
        self.free = [Channel(stage, 0, self.answer)]
        self.made = 1
        self.live: list[Servant] = []
        self.first: Servant | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def reserve(self, count: int) -> None:
        """Nothing need be made ready for ``count`` processes: slots are made as they are asked for."""

    def new_process(self) -> Servant:
        """A process with an empty memory, for a scenario's ``P``."""
        assert self.first is not None
        return self._born(self.first, n.NEW_PROCESS)

    def fork(self, parent: Servant) -> Servant:
        """``parent`` forks; the child."""
        return self._born(parent, n.FORK)

    def thread(self, process: Servant) -> Servant:
        """A further thread of a process."""
        return self._born(process, n.THREAD, process)

    def syscall(self, servant: Servant, name: str, *args: int, pages: int = 0) -> Reply:
        """``servant`` makes a system call; ``pages`` as in :meth:`Servant.call`."""
        return servant.call(Ops.SYSCALL, self.numbers[name], args, pages)

    def exit(self, servant: Servant) -> None:
        """The servant's process ends, or, for a thread that is not its first, the thread. Returns when it has."""
        whole = servant.leader is servant
        servant.send(Ops.SYSCALL, self.numbers["exit_group" if whole else "exit"], (0,))
        gone = servant.ended if whole else lambda seconds: _thread_ended(servant, seconds)
        if not gone(PATIENCE):
            raise BackendError(f"process {servant.pid} of the run does not come to its end")
        self._forget([s for s in self.live if s is servant or (whole and s.leader is servant)])

    def table_of(self, servant: Servant) -> int:
        """Which table of open files a servant uses: 0 is this Python's own, which all these servants share."""
        return 0

    def open(self, servant: Servant, path: str, flags: int) -> int:
        """Open a file for a servant. Raises OSError."""
        return os.open(path, flags | os.O_CLOEXEC)

    def close_file(self, servant: Servant, fd: int) -> None:
        """Close a file that a servant has open; one that ended has it open no longer, unless the table is shared."""
        os.close(fd)

    def end_all(self) -> None:
        """Kill whatever process is left of a run; returns when none is."""
        leaders = [s for s in self.live if s.leader is s]
        for servant in leaders:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(servant.pidfd, signal.SIGKILL)
        for servant in leaders:
            servant.ended(PATIENCE)
        self._forget(list(self.live))

    def close(self) -> None:
        """End every servant, the first one too."""
        self.end_all()
        if self.first is not None:
            os.kill(self.first.pid, signal.SIGKILL)
            os.waitpid(self.first.pid, n.WALL)
            self.first.close()
            self.free.append(self.first.channel)
            self.first = None
        for channel in self.free:
            channel.close()
        self.free = []
        if self.answer >= 0:
            os.close(self.answer)
            self.answer = -1

    # --- making servants

    def _born(self, parent: Servant, flags: int, leader: Servant | None = None) -> Servant:
        assert self.first is not None
        channel = self._channel()
        channel.prepare(self.first.pid)
        pid = parent.call(Ops.FORK, args=(self.stage.slot(channel.number), flags)).result
        if pid < 0:
            self.free.append(channel)
            raise BackendError(f"this machine makes no further process: {os.strerror(-pid)}")
        servant = Servant(pid, channel, self.stage.buffer, leader)
        self.live.append(servant)
        return servant

    def _channel(self) -> Channel:
        if self.free:
            return self.free.pop()
        if self.made == SLOTS:
            raise BackendError(f"a run on the host can have {SLOTS - 1} processes and threads at once")
        self.made += 1
        return Channel(self.stage, self.made - 1, self.answer)

    def _forget(self, servants: list[Servant]) -> None:
        for servant in servants:
            servant.close()
            self.live.remove(servant)
            self.free.append(servant.channel)

    def _start(self) -> None:
        channel = self._channel()
        channel.prepare(os.getpid())
        start = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_long)(self.stage.label("start"))
        # The servant must never run a handler of this Python's: it begins with every signal blocked but its own two.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - {signal.SIGSEGV, signal.SIGBUS})
        try:
            pid = start(self.stage.slot(channel.number), n.FIRST_SERVANT)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if pid < 0:
            self.free.append(channel)
            raise BackendError(f"this machine makes no further process: {os.strerror(-pid)}")
        self.first = Servant(pid, channel, self.stage.buffer)
        self._prepare(self.first)

    def _prepare(self, first: Servant) -> None:
        self._catch(first, n.SIGSEGV, self.stage.label("handler"))
        self._catch(first, n.SIGBUS, self.stage.label("handler"))
        self._catch(first, n.SIGCHLD, 1)  # SIG_IGN: nobody need wait for the others
        if self._leave_rseq(first):
            self._unmap_the_rest(first)
        self.syscall(first, "prctl", n.PR_SET_THP_DISABLE, 1, 0, 0, 0)
        self.stage.put(self.stage.buffer, b"gupkit run\0")
        self.syscall(first, "prctl", n.PR_SET_NAME, self.stage.buffer, pages=1)
        # One processor for all: pages that wait in another one's batches would be counted once more.
        os.sched_setaffinity(first.pid, {max(os.sched_getaffinity(first.pid))})

    def _catch(self, servant: Servant, number: int, handler: int) -> None:
        action = struct.pack("=4Q", handler, _SIGINFO_RESTORER_NODEFER, self.stage.label("restorer"), 0)
        self.stage.put(self.stage.buffer, action)
        self.syscall(servant, "rt_sigaction", number, self.stage.buffer, 0, 8, pages=1)

    def _leave_rseq(self, first: Servant) -> bool:
        """Tell the kernel not to write into glibc's restartable-sequence area, which is about to go."""
        libc = ctypes.CDLL(None)
        try:
            offset = ctypes.c_ssize_t.in_dll(libc, "__rseq_offset").value
            size = ctypes.c_uint.in_dll(libc, "__rseq_size").value
        except ValueError:
            return True  # a C library that registers none
        self.syscall(first, "arch_prctl", _ARCH_GET_FS, self.stage.buffer, pages=1)
        (base,) = struct.unpack("=Q", self.stage.get(self.stage.buffer, 8))
        sizes = {32, size, -(-size // 32) * 32} - {0}
        replies = [self.syscall(first, "rseq", base + offset, s, _RSEQ_UNREGISTER, _RSEQ_SIGNATURE) for s in sizes]
        return size == 0 or any(reply.result == 0 for reply in replies)

    def _unmap_the_rest(self, first: Servant) -> None:
        low, high = self.stage.spans
        for vma in parse_maps(Path(f"/proc/{first.pid}/maps").read_bytes()):
            if not low <= vma.start < high and not vma.name.startswith("[v"):
                self.syscall(first, "munmap", vma.start, vma.end - vma.start)


def _thread_ended(servant: Servant, seconds: float) -> bool:
    task = Path(f"/proc/{servant.leader.pid}/task/{servant.pid}")
    deadline = time.monotonic() + seconds
    while task.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.0005)
    return True
