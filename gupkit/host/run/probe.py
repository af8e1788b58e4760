"""What this machine allows: found out by trying, before a run begins."""

from __future__ import annotations

import ctypes
import os
import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import BackendError
from ..leaf import NUMBER
from ..proc import require_linux
from . import numbers as n

OLDEST = (5, 3)
"""The first kernel with pidfd_open, by which the end of a process is seen."""


@dataclass(frozen=True, slots=True)
class Powers:
    """What a run on this machine can do and see. ``release`` is the kernel's version; the others are yes or no."""

    release: str
    code: bool = True
    """Machine code can be run in the servants: faults can be counted, and processes have threads."""
    frames: bool = True
    """Frame numbers, map counts and the zero page can be read (CAP_SYS_ADMIN)."""
    swap: bool = True
    io_uring: bool = True
    process_vm: bool = True
    drop_caches: bool = True

    @property
    def offers(self) -> frozenset[str]:
        """What a scenario may ``need`` and this machine has."""
        found = {"pagemap", "memfd", "vmsplice", "proc_mem", "odirect"}
        found |= {name for name in ("frames", "swap", "io_uring", "process_vm") if getattr(self, name)}
        return frozenset(found)

    def missing(self) -> tuple[str, ...]:
        """A sentence for each power that is missing, and what cannot be seen or done without it."""
        return tuple(text for name, text in _WITHOUT.items() if not getattr(self, name))

    def about(self) -> str:
        """One sentence about this machine, then what is missing and what nobody can see from outside."""
        return " ".join([f"Performed on Linux {self.release}.", *self.missing(), _HIDDEN])


_HIDDEN = "Nobody outside the kernel sees reference counts, pins and the entries' write, dirty and accessed bits."
_WITHOUT = {
    "code": "No machine code of ours may run here: faults cannot be counted, and there are no threads.",
    "frames": "Not root: frame numbers and map counts cannot be seen.",
    "swap": "No swap is on: no page can be swapped out.",
    "io_uring": "No io_uring: buffers cannot be registered.",
    "process_vm": "process_vm_readv and process_vm_writev are not permitted.",
    "drop_caches": "Not root: the page cache cannot be dropped.",
}


def probe(*, code: bool = True) -> Powers:
    """What this machine allows; with ``code`` False as if no machine code could run here.

    Raises HostError off Linux, BackendError for a Linux that is too old or a processor that is not known.
    """
    require_linux()
    release = os.uname().release
    numbers = n.syscall_numbers()
    if numbers is None:
        machine = os.uname().machine
        raise BackendError(f"the host backend knows x86-64, arm64 and riscv64, and this machine is {machine}")
    if _version(release)[:2] < OLDEST:
        raise BackendError(f"the host backend needs Linux 5.3 or later, and this is {release}; run it simulated")
    libc = ctypes.CDLL(None, use_errno=True)
    return Powers(
        release=".".join(map(str, _version(release))),
        code=code and os.uname().machine == "x86_64",
        frames=_sees_frames(),
        swap=len(_text("/proc/swaps").splitlines()) > 1,
        io_uring=_has_io_uring(libc, numbers),
        process_vm=_has_process_vm(libc, numbers),
        drop_caches=os.access("/proc/sys/vm/drop_caches", os.W_OK),
    )


def _version(release: str) -> tuple[int, ...]:
    """The numbers that a release begins with.

    >>> _version("6.1.0-18-amd64"), _version("6.18-rc1")
    ((6, 1, 0), (6, 18))
    """
    found = re.match(r"\d+(?:\.\d+)*", release)
    return tuple(map(int, found[0].split("."))) if found else (0,)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def _sees_frames() -> bool:
    page = ctypes.create_string_buffer(1)
    fd = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    try:
        word = int.from_bytes(os.pread(fd, 8, (ctypes.addressof(page) >> 12) * 8), "little")
    finally:
        os.close(fd)
    return bool(word & NUMBER) and os.access("/proc/kpagecount", os.R_OK)


def _has_io_uring(libc: ctypes.CDLL, numbers: dict[str, int]) -> bool:
    params = ctypes.create_string_buffer(120)
    fd = libc.syscall(numbers["io_uring_setup"], 1, params)
    if fd >= 0:
        os.close(fd)
    return bool(fd >= 0)


def _has_process_vm(libc: ctypes.CDLL, numbers: dict[str, int]) -> bool:
    page = ctypes.create_string_buffer(2)
    iovecs = (ctypes.c_uint64 * 4)(ctypes.addressof(page), 1, ctypes.addressof(page) + 1, 1)
    local, remote = ctypes.addressof(iovecs), ctypes.addressof(iovecs) + 16
    call = numbers["process_vm_readv"]
    args = [ctypes.c_long(value) for value in (call, os.getpid(), local, 1, remote, 1, 0)]
    return bool(libc.syscall(*args) == 1)
