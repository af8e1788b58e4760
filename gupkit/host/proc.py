"""The files of /proc/PID, opened together, and every way in which reading them can fail."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from gupkit.errors import GupkitError
from gupkit.trace.snapshot import PAGE_SIZE


class HostError(GupkitError):
    """A live process that cannot be read; the message is one line: which, why, and what to do."""


_PF_KTHREAD = 0x200000


@dataclass(frozen=True, slots=True)
class Stat:
    """What /proc/PID/stat says: the process's name, its state's letter, its minor and major faults, its sort."""

    name: str
    state: str
    min_flt: int
    maj_flt: int
    kernel_thread: bool = False


def parse_stat(text: bytes) -> Stat:
    """The fields that a picture needs; the name may hold spaces and parentheses.

    >>> parse_stat(b"7 (a) b) S 1 7 7 0 -1 4194304 120 0 3 0 1 1")
    Stat(name='a) b', state='S', min_flt=120, maj_flt=3, kernel_thread=False)
    """
    name, _, rest = text.partition(b"(")[2].rpartition(b")")
    fields = rest.split()
    kernel_thread = bool(int(fields[6]) & _PF_KTHREAD)
    shown = name.decode("utf-8", "backslashreplace")
    return Stat(shown, fields[0].decode(), int(fields[7]), int(fields[9]), kernel_thread)


def require_linux() -> None:
    """Raise :class:`HostError` where no process can be read: not Linux, no /proc, pages of another size."""
    if sys.platform != "linux":
        raise HostError(f"a live process can be read on Linux only, and this is {sys.platform}: use the recording")
    if not Path("/proc/self/pagemap").exists():
        raise HostError("this Linux has no /proc/PID/pagemap: mount /proc, or use the recording")
    size = os.sysconf("SC_PAGE_SIZE")
    if size != PAGE_SIZE or sys.byteorder != "little":
        raise HostError(f"this machine's pages have {size} bytes, the pictures are of {PAGE_SIZE}: use the recording")


def _checked(pid: object) -> int:
    if not isinstance(pid, int) or isinstance(pid, bool) or pid < 1:
        raise HostError(f"{pid!r} is not a process ID: give a whole number from 1 up, as `ps` shows")
    return pid


class ProcFiles:
    """``maps`` and ``pagemap`` of one process, held open from before the first read.

    Both were opened for one address space and go on speaking of that one: a process that calls exec meanwhile,
    or another that gets its number, is not mixed in. A context manager; raises :class:`HostError`.
    """

    def __init__(self, pid: int) -> None:
        require_linux()
        self.pid = _checked(pid)
        self.stat = self._read_stat()
        self._maps = self._open_memory("maps")
        try:
            self.pagemap = self._open_memory("pagemap")
        except HostError:
            os.close(self._maps)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self.pagemap)
        os.close(self._maps)

    def maps(self) -> bytes:
        """The text of /proc/PID/maps. Raises :class:`HostError` for what has no address space."""
        try:
            text = b"".join(iter(lambda: os.read(self._maps, 1 << 16), b""))
        except ProcessLookupError:
            raise self.gone() from None
        if not text:
            raise self._nothing_mapped()
        return text

    def words(self, start: int, end: int) -> bytes:
        """The pagemap words of the pages in ``[start, end)``, eight bytes each, in as few reads as may be.

        Raises :class:`HostError` when the process ends meanwhile.
        """
        parts, at, left = [], start // PAGE_SIZE * 8, (end - start) // PAGE_SIZE * 8
        while left:
            part = os.pread(self.pagemap, min(left, 1 << 24), at)
            if not part:
                raise self.gone()
            parts.append(part)
            at, left = at + len(part), left - len(part)
        return b"".join(parts)

    def gone(self) -> HostError:
        """The error for a process that ended while it was read."""
        return HostError(f"process {self.pid} ({self.stat.name}) ended while it was read: choose one that runs")

    def _nothing_mapped(self) -> HostError:
        who = f"process {self.pid} ({self.stat.name})"
        if self.stat.state in "ZX":
            return HostError(f"{who} has ended and waits for its parent: choose one that runs")
        if self.stat.kernel_thread:
            return HostError(f"{who} is a kernel thread, which has no address space: choose another")
        return self.gone()

    def _open_memory(self, name: str) -> int:
        try:
            return self._open(name)
        except ProcessLookupError:  # some kernels say so of what has no address space, others let it be opened
            raise self._nothing_mapped() from None

    def _open(self, name: str) -> int:
        path = f"/proc/{self.pid}/{name}"
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise self._no_such() from None
        except PermissionError:
            raise HostError(f"process {self.pid}: no permission to read {path}: choose one of your own") from None

    def _read_stat(self) -> Stat:
        try:
            fd = self._open("stat")
        except ProcessLookupError:
            raise self._no_such() from None
        try:
            return parse_stat(os.read(fd, 4096))
        except ProcessLookupError:
            raise self._no_such() from None
        finally:
            os.close(fd)

    def _no_such(self) -> HostError:
        return HostError(f"there is no process {self.pid}: `ps` lists those that run")
