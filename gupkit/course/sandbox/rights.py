"""What the child gives up before a student's code runs in it."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import sys
from pathlib import Path

FIRST_UID = 61_184
"""User ids that nobody has; each server's children get one of their own, so that limits are not shared."""
UIDS = 4_000
PROCESSES = 64
MIB = 1 << 20
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION_3 = 0x20080522


def set_limits(seconds: int, memory_mib: int) -> None:
    """CPU seconds, address space, size of a file, processes, open files, core dumps, for who we are by now."""
    hard = {
        resource.RLIMIT_CPU: seconds, resource.RLIMIT_AS: memory_mib * MIB, resource.RLIMIT_FSIZE: 8 * MIB,
        resource.RLIMIT_NOFILE: 64, resource.RLIMIT_CORE: 0,
    }  # fmt: skip
    if sys.platform == "linux":
        hard[resource.RLIMIT_NPROC] = PROCESSES + tasks()
    for which, value in hard.items():
        ceiling = resource.getrlimit(which)[1]
        bound = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(which, (bound, bound))


def tasks() -> int:
    """How many processes and threads this user has already: the limit counts them all."""
    mine = os.getuid()
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            found += len([*(process / "task").iterdir()]) if process.stat().st_uid == mine else 0
    return found


def limit_cpu(seconds: float) -> None:
    """Processor seconds for this process alone, if that is less than it has."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (min(math.ceil(seconds), hard),) * 2)


def become_nobody(uid: int) -> None:
    """Another user if we are root, and a container's root knows another; no capabilities, and none ever again."""
    if os.getuid() == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        header, data = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
        libc.capset(header, data)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def be_unreadable() -> None:
    """Let no process of the same user look into this one (its memory, its open files)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
