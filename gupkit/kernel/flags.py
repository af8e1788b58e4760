"""Flag values, spelled and numbered as in Linux 2.6.39.

Kernel code uses the plain numbers (``FOLL_WRITE``); the enums are their printable face (``FOLL.WRITE``).
Source: include/linux/mm.h (FOLL_, VM_, FAULT_FLAG_, VM_FAULT_), include/asm-generic/mman*.h (PROT_, MAP_, MADV_).
"""

from enum import IntEnum, IntFlag

from ..errors import GupkitError

FOLL_WRITE = 0x01
FOLL_TOUCH = 0x02
FOLL_GET = 0x04
FOLL_DUMP = 0x08
FOLL_FORCE = 0x10
FOLL_NOWAIT = 0x20
FOLL_MLOCK = 0x40
FOLL_SPLIT = 0x80
FOLL_HWPOISON = 0x100
FOLL_TRIED = 0x800
FOLL_REMOTE = 0x2000
FOLL_COW = 0x4000
FOLL_LONGTERM = 0x10000
FOLL_PIN = 0x40000
FOLL_FAST_ONLY = 0x80000
FOLL_MADV_POPULATE = 0x400000
FOLL_UNLOCKABLE = 0x200000
FOLL_ANON = 0x8000
FOLL_NOFAULT = 0x1000000


class FOLL(IntFlag):
    """What a caller of ``__get_user_pages`` asks for.

    >>> FOLL.WRITE | FOLL.GET
    <FOLL.WRITE|GET: 5>
    """

    WRITE = FOLL_WRITE
    TOUCH = FOLL_TOUCH
    GET = FOLL_GET
    DUMP = FOLL_DUMP
    FORCE = FOLL_FORCE
    NOWAIT = FOLL_NOWAIT
    MLOCK = FOLL_MLOCK
    SPLIT = FOLL_SPLIT
    HWPOISON = FOLL_HWPOISON


VM_READ = 0x1
VM_WRITE = 0x2
VM_EXEC = 0x4
VM_SHARED = 0x8
VM_MAYREAD = 0x10
VM_MAYWRITE = 0x20
VM_MAYEXEC = 0x40
VM_MAYSHARE = 0x80
VM_GROWSDOWN = 0x100
VM_PFNMAP = 0x400
VM_LOCKED = 0x2000
VM_IO = 0x4000
VM_SEQ_READ = 0x8000
VM_RAND_READ = 0x10000
VM_DONTCOPY = 0x20000
VM_DONTEXPAND = 0x40000
VM_RESERVED = 0x80000
VM_ACCOUNT = 0x100000
VM_NORESERVE = 0x200000
VM_HUGETLB = 0x400000
VM_HUGEPAGE = 0x1000000
VM_INSERTPAGE = 0x2000000
VM_CAN_NONLINEAR = 0x8000000
VM_MIXEDMAP = 0x10000000
VM_NOHUGEPAGE = 0x40000000
"""As later kernels number it."""
VM_WIPEONFORK = 1 << 40
"""Linux 4.14's; far above the values of 2.6.39, where the operation exists only as an abstract one."""
VM_LOCKONFAULT = 1 << 41
"""Linux 4.4's, likewise."""


class VM(IntFlag):
    """Flags of a VMA (``vm_flags``): what may be done now, what mprotect may later allow, and how it behaves."""

    READ = VM_READ
    WRITE = VM_WRITE
    EXEC = VM_EXEC
    SHARED = VM_SHARED
    MAYREAD = VM_MAYREAD
    MAYWRITE = VM_MAYWRITE
    MAYEXEC = VM_MAYEXEC
    MAYSHARE = VM_MAYSHARE
    GROWSDOWN = VM_GROWSDOWN
    PFNMAP = VM_PFNMAP
    LOCKED = VM_LOCKED
    IO = VM_IO
    SEQ_READ = VM_SEQ_READ
    RAND_READ = VM_RAND_READ
    DONTCOPY = VM_DONTCOPY
    DONTEXPAND = VM_DONTEXPAND
    RESERVED = VM_RESERVED
    ACCOUNT = VM_ACCOUNT
    NORESERVE = VM_NORESERVE
    HUGETLB = VM_HUGETLB
    HUGEPAGE = VM_HUGEPAGE
    INSERTPAGE = VM_INSERTPAGE
    CAN_NONLINEAR = VM_CAN_NONLINEAR
    MIXEDMAP = VM_MIXEDMAP
    NOHUGEPAGE = VM_NOHUGEPAGE
    WIPEONFORK = VM_WIPEONFORK
    LOCKONFAULT = VM_LOCKONFAULT


FAULT_FLAG_WRITE = 0x01
FAULT_FLAG_ALLOW_RETRY = 0x08
FAULT_FLAG_RETRY_NOWAIT = 0x10
FAULT_FLAG_TRIED = 0x20
FAULT_FLAG_UNSHARE = 0x400


class FAULT_FLAG(IntFlag):
    """How ``handle_mm_fault`` is asked to behave."""

    WRITE = FAULT_FLAG_WRITE
    ALLOW_RETRY = FAULT_FLAG_ALLOW_RETRY
    RETRY_NOWAIT = FAULT_FLAG_RETRY_NOWAIT
    TRIED = FAULT_FLAG_TRIED
    UNSHARE = FAULT_FLAG_UNSHARE


VM_FAULT_OOM = 0x0001
VM_FAULT_SIGBUS = 0x0002
VM_FAULT_MAJOR = 0x0004
VM_FAULT_WRITE = 0x0008
VM_FAULT_HWPOISON = 0x0010
VM_FAULT_HWPOISON_LARGE = 0x0020
VM_FAULT_SIGSEGV = 0x0040
VM_FAULT_NOPAGE = 0x0100
VM_FAULT_LOCKED = 0x0200
VM_FAULT_RETRY = 0x0400
VM_FAULT_FALLBACK = 0x0800
VM_FAULT_ERROR = (
    VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE | VM_FAULT_SIGSEGV
)


class VM_FAULT(IntFlag):
    """What ``handle_mm_fault`` answers; 0 is a minor fault served."""

    OOM = VM_FAULT_OOM
    SIGBUS = VM_FAULT_SIGBUS
    MAJOR = VM_FAULT_MAJOR
    WRITE = VM_FAULT_WRITE
    HWPOISON = VM_FAULT_HWPOISON
    HWPOISON_LARGE = VM_FAULT_HWPOISON_LARGE
    SIGSEGV = VM_FAULT_SIGSEGV
    NOPAGE = VM_FAULT_NOPAGE
    LOCKED = VM_FAULT_LOCKED
    RETRY = VM_FAULT_RETRY
    FALLBACK = VM_FAULT_FALLBACK


class PROT(IntFlag):
    """Protection asked of mmap and mprotect.

    >>> PROT.of("rw")
    <PROT.READ|WRITE: 3>
    """

    NONE = 0
    READ = 1
    WRITE = 2
    EXEC = 4

    @classmethod
    def of(cls, letters: str) -> "PROT":
        """``"r"``, ``"rw"``, ``"rx"`` … or ``""`` for PROT_NONE; ``-`` is ignored."""
        names = {"r": cls.READ, "w": cls.WRITE, "x": cls.EXEC, "-": cls.NONE}
        prot = cls.NONE
        for letter in letters:
            if letter not in names:
                raise GupkitError(f"prot {letters!r}: the letters are r, w and x")
            prot |= names[letter]
        return prot


class MADV(IntEnum):
    """Advice numbers of madvise."""

    NORMAL = 0
    RANDOM = 1
    SEQUENTIAL = 2
    WILLNEED = 3
    DONTNEED = 4
    FREE = 8
    REMOVE = 9
    DONTFORK = 10
    DOFORK = 11
    MERGEABLE = 12
    UNMERGEABLE = 13
    HUGEPAGE = 14
    NOHUGEPAGE = 15
    DONTDUMP = 16
    DODUMP = 17
    WIPEONFORK = 18
    KEEPONFORK = 19
    COLD = 20
    PAGEOUT = 21
    POPULATE_READ = 22
    POPULATE_WRITE = 23
    COLLAPSE = 25
    GUARD_INSTALL = 102
    GUARD_REMOVE = 103
