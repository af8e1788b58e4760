"""System call numbers and constants of Linux: what the processes of a run ask their kernel for.

Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h; the constants are those of
include/uapi/asm-generic/mman-common.h and their like, the same on both.
"""

from __future__ import annotations

import os

_X86_64 = {
    "read": 0, "close": 3, "mmap": 9, "mprotect": 10, "munmap": 11, "rt_sigaction": 13, "pread64": 17, "pwrite64": 18,
    "msync": 26, "mincore": 27, "madvise": 28, "clone": 56, "exit": 60, "mlock": 149, "munlock": 150, "prctl": 157,
    "arch_prctl": 158, "exit_group": 231, "openat": 257, "vmsplice": 278, "process_vm_readv": 310,
    "process_vm_writev": 311, "mlock2": 325, "rseq": 334, "io_uring_setup": 425, "io_uring_register": 427,
}
_GENERIC = {
    "openat": 56, "close": 57, "read": 63, "pread64": 67, "pwrite64": 68, "vmsplice": 75, "exit": 93,
    "exit_group": 94, "rt_sigaction": 134, "prctl": 167, "munmap": 215, "clone": 220, "mmap": 222,
    "mprotect": 226, "msync": 227, "mlock": 228, "munlock": 229, "mincore": 232, "madvise": 233,
    "process_vm_readv": 270, "process_vm_writev": 271, "mlock2": 284, "io_uring_setup": 425, "io_uring_register": 427,
}


def syscall_numbers(machine: str | None = None) -> dict[str, int] | None:
    """Name → number on ``machine`` (an ``os.uname().machine``; None: this one); None for one that is not known.

    >>> syscall_numbers("x86_64")["mmap"], syscall_numbers("aarch64")["mmap"], syscall_numbers("vax")
    (9, 222, None)
    """
    tables = {"x86_64": _X86_64, "aarch64": _GENERIC, "riscv64": _GENERIC}
    return tables.get(os.uname().machine if machine is None else machine)


PROT = {"r": 1, "w": 2, "x": 4}
MAP_SHARED, MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS = 0x01, 0x02, 0x10, 0x20
MAP_NORESERVE, MAP_FIXED_NOREPLACE = 0x4000, 0x100000
MAP_FLAGS = {"POPULATE": 0x8000, "LOCKED": 0x2000, "GROWSDOWN": 0x0100, "NORESERVE": MAP_NORESERVE}
"""mmap's flags by the format's names."""

ADVICE = {
    "NORMAL": 0, "RANDOM": 1, "SEQUENTIAL": 2, "WILLNEED": 3, "DONTNEED": 4, "FREE": 8, "REMOVE": 9, "DONTFORK": 10,
    "DOFORK": 11, "MERGEABLE": 12, "UNMERGEABLE": 13, "HUGEPAGE": 14, "NOHUGEPAGE": 15, "DONTDUMP": 16,
    "DODUMP": 17, "WIPEONFORK": 18, "KEEPONFORK": 19, "COLD": 20, "PAGEOUT": 21, "POPULATE_READ": 22,
    "POPULATE_WRITE": 23, "COLLAPSE": 25, "GUARD_INSTALL": 102, "GUARD_REMOVE": 103,
}
"""madvise's advice by the format's names."""

MLOCK_ONFAULT = 1
MS_SYNC = 4
SPLICE_F_NONBLOCK = 2
IORING_REGISTER_BUFFERS, IORING_UNREGISTER_BUFFERS = 0, 1
PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_THP_DISABLE, PR_SET_PTRACER = 1, 15, 41, 0x59616D61
SIGKILL, SIGBUS, SIGSEGV, SIGCHLD = 9, 7, 11, 17
WALL = 0x40000000
"""waitpid: wait for a child that sends no signal when it ends, too."""

CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND = 0x100, 0x200, 0x400, 0x800
CLONE_PARENT, CLONE_THREAD, CLONE_SYSVSEM = 0x8000, 0x10000, 0x40000
FIRST_SERVANT = CLONE_FILES
"""Flags of the servant that this Python starts: no signal comes when it ends, so nobody else waits for it."""
NEW_PROCESS = CLONE_FILES | SIGCHLD
FORK = CLONE_FILES | CLONE_PARENT | SIGCHLD
"""A fork whose child has the same parent as the forking process: it lives on when that one exits."""
THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM
