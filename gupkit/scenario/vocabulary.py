"""The words the format knows: eras, flags, advice, error names and the like, in the kernel's spelling."""

from __future__ import annotations

ERAS = ("2.6.39", "4.9", "5.8", "5.10", "6.18")
"""The kernels a scenario may be written for; which of them this version runs is the kernel's to say."""

FOLL_FLAGS = (
    "WRITE", "TOUCH", "GET", "DUMP", "FORCE", "NOWAIT", "MLOCK", "SPLIT", "HWPOISON",  # 2.6.39
    "POPULATE", "NUMA", "MIGRATION", "TRIED", "REMOTE", "COW", "ANON", "LONGTERM", "SPLIT_PMD", "PIN",
    "FAST_ONLY", "INTERRUPTIBLE", "PCI_P2PDMA", "UNLOCKABLE", "HONOR_NUMA_FAULT", "NOFAULT",
)
"""Names of FOLL_ flags of any era, without the prefix. Source: include/linux/mm.h, include/linux/mm_types.h."""

GUP_APIS = (
    "__get_user_pages", "get_user_pages", "get_user_pages_fast", "__get_user_pages_fast",
    "get_user_pages_locked", "get_user_pages_unlocked", "get_user_pages_remote", "get_user_pages_fast_only",
    "pin_user_pages", "pin_user_pages_fast", "pin_user_pages_unlocked", "pin_user_pages_remote",
    "pin_user_pages_fast_only", "get_dump_page",
)
"""Functions that a ``gup`` step can call. Source: mm/memory.c, mm/gup.c, arch/x86/mm/gup.c."""

ADVICE = (
    "NORMAL", "RANDOM", "SEQUENTIAL", "WILLNEED", "DONTNEED", "FREE", "REMOVE", "DONTFORK", "DOFORK",
    "MERGEABLE", "UNMERGEABLE", "HUGEPAGE", "NOHUGEPAGE", "DONTDUMP", "DODUMP", "WIPEONFORK", "KEEPONFORK",
    "COLD", "PAGEOUT", "POPULATE_READ", "POPULATE_WRITE", "COLLAPSE", "GUARD_INSTALL", "GUARD_REMOVE",
)
"""What madvise can be told, without MADV_. Source: include/uapi/asm-generic/mman-common.h."""

MAP_FLAGS = ("POPULATE", "LOCKED", "GROWSDOWN", "NORESERVE")
VMA_KINDS = ("normal", "io", "pfnmap", "mixedmap", "hugetlb")
PROTS = ("", "r", "w", "x", "rw", "rx", "wx", "rwx")
ERRNOS = (
    "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "EAGAIN", "ENOMEM", "EACCES",
    "EFAULT", "EBUSY", "EEXIST", "ENODEV", "EINVAL", "ENOSPC", "EPIPE", "EDEADLK", "ENOSYS", "EOPNOTSUPP",
    "EHWPOISON", "ERESTARTSYS",
)
SIGNALS = ("SIGSEGV", "SIGBUS")
CLAUSES = tuple(f"C{n}" for n in range(1, 22))
"""The clauses of the contract of ``__get_user_pages``."""

SIM_OFFERS = ("swap", "frames", "refcount", "memfd", "io_uring", "kernel", "hwpoison", "odirect", "vmsplice",
              "process_vm", "proc_mem", "pagemap")
"""What a scenario may ``need`` and the simulated kernel has."""

ANY = "any"
"""The schedule point that leaves the moment open."""
FIRST_PROCESS = "P"
FIRST_THREAD = "T2"
