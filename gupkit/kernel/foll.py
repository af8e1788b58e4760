"""The FOLL_ flags of later kernels: more of them, and from 6.3 on with other values.

Inside the simulated kernel every flag has one number (:mod:`gupkit.kernel.flags`); callers use their era's enum.
Source: include/linux/mm.h (4.9, 5.8), include/linux/mm_types.h and mm/internal.h (6.18).
"""

from __future__ import annotations

from enum import IntFlag

from . import flags as canon
from .flags import FOLL


class FOLL_4_9(IntFlag):
    """The flags of Linux 4.9."""

    WRITE = 0x1
    TOUCH = 0x2
    GET = 0x4
    DUMP = 0x8
    FORCE = 0x10
    NOWAIT = 0x20
    POPULATE = 0x40
    SPLIT = 0x80
    HWPOISON = 0x100
    NUMA = 0x200
    MIGRATION = 0x400
    TRIED = 0x800
    MLOCK = 0x1000
    REMOTE = 0x2000
    COW = 0x4000


class FOLL_5_8(IntFlag):
    """The flags of Linux 5.8, and of 5.10."""

    WRITE = 0x1
    TOUCH = 0x2
    GET = 0x4
    DUMP = 0x8
    FORCE = 0x10
    NOWAIT = 0x20
    POPULATE = 0x40
    SPLIT = 0x80
    HWPOISON = 0x100
    NUMA = 0x200
    MIGRATION = 0x400
    TRIED = 0x800
    MLOCK = 0x1000
    REMOTE = 0x2000
    COW = 0x4000
    ANON = 0x8000
    LONGTERM = 0x10000
    SPLIT_PMD = 0x20000
    PIN = 0x40000
    FAST_ONLY = 0x80000


class FOLL_6_18(IntFlag):
    """The flags of Linux 6.18; those from TOUCH on are private to mm/."""

    WRITE = 1 << 0
    GET = 1 << 1
    DUMP = 1 << 2
    FORCE = 1 << 3
    NOWAIT = 1 << 4
    NOFAULT = 1 << 5
    HWPOISON = 1 << 6
    ANON = 1 << 7
    LONGTERM = 1 << 8
    SPLIT_PMD = 1 << 9
    PCI_P2PDMA = 1 << 10
    INTERRUPTIBLE = 1 << 11
    HONOR_NUMA_FAULT = 1 << 12
    TOUCH = 1 << 16
    TRIED = 1 << 17
    REMOTE = 1 << 18
    PIN = 1 << 19
    FAST_ONLY = 1 << 20
    UNLOCKABLE = 1 << 21
    MADV_POPULATE = 1 << 22


def canonical(flags: IntFlag | int) -> int:
    """An era's flags as the simulated kernel's own numbers; a plain int is taken to be those already.

    Flags that change nothing in the simulation have no number and are dropped.

    >>> canonical(FOLL_6_18.GET) == int(FOLL.GET)
    True
    """
    if not isinstance(flags, IntFlag) or isinstance(flags, FOLL):
        return int(flags)
    value = 0
    for flag in type(flags):
        if flag in flags:
            value |= getattr(canon, f"FOLL_{flag.name}", 0)
    return value
