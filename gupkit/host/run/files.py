"""The files of a scenario: nameless, so that nothing of them can be left behind."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ...errors import BackendError
from ...scenario.parts import FileSpec
from ...trace.snapshot import PAGE_SIZE

_TMPFS = 0x01021994


class HostFile:
    """A file under a scenario's name: on disk without a directory entry, or a memfd.

    All its pages are written at once and reach the disk before the run begins; then they stay cached, or not.
    """

    def __init__(self, spec: FileSpec) -> None:
        self.name = spec.name
        self.fd = os.memfd_create(spec.name, os.MFD_CLOEXEC) if spec.memfd else _nameless()
        self._others: dict[int, int] = {}
        os.pwrite(self.fd, b"".join(bytes([fill]) * PAGE_SIZE for fill in spec.fills), 0)
        os.fsync(self.fd)
        if not spec.cached:
            os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def opened(self, flags: int) -> int:
        """The same file opened once more, with ``flags`` (O_RDONLY, O_DIRECT). Raises BackendError if it cannot be."""
        if flags not in self._others:
            try:
                self._others[flags] = os.open(f"/proc/self/fd/{self.fd}", flags | os.O_CLOEXEC)
            except OSError as problem:
                raise BackendError(
                    f"file {self.name!r} cannot be opened so on this machine's file system: {problem.strerror}"
                ) from None
        return self._others[flags]

    def close(self) -> None:
        """Close it, which is its end."""
        for fd in (self.fd, *self._others.values()):
            os.close(fd)
        self._others = {}


def make_files(specs: Iterable[FileSpec], direct: frozenset[str]) -> dict[str, HostFile]:
    """The files of a scenario by name; ``direct`` are those that will be read or written past the cache."""
    made: dict[str, HostFile] = {}
    try:
        for spec in specs:
            made[spec.name] = HostFile(spec)
            made[spec.name].opened(os.O_RDONLY)
            if spec.name in direct:
                made[spec.name].opened(os.O_RDWR | os.O_DIRECT)
    except BaseException:
        close_files(made.values())
        raise
    return made


def close_files(files: Iterable[HostFile]) -> None:
    """Close them all."""
    for file in files:
        file.close()


def _nameless() -> int:
    """An empty file in a directory that lies on a disk, if there is one; it has no name from the start or at once."""
    directory = _directory()
    try:
        return os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        fd, path = tempfile.mkstemp(dir=directory)
        Path(path).unlink()
        return fd


def _directory() -> str:
    """Where files are made: the first of the usual places that is not kept in memory, else the first at all."""
    usual = [place for place in ("/var/tmp", tempfile.gettempdir(), str(Path.cwd())) if os.access(place, os.W_OK)]
    if not usual:
        raise BackendError("no directory for temporary files can be written: set TMPDIR to one that can")
    return next((place for place in usual if not _in_memory(place)), usual[0])


def _in_memory(directory: str) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    told = (ctypes.c_long * 32)()
    return bool(libc.statfs(os.fsencode(directory), told) == 0 and told[0] == _TMPFS)
