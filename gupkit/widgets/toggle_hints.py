"""What each toggle asks of the call, in one line: the tooltip of its button.

Source: include/linux/mm.h (2.6.39 to 5.10), include/linux/mm_types.h and mm/internal.h (6.18).
"""

from __future__ import annotations

from ..kernel import flags as canon

HINTS = {
    "FOLL_WRITE": "Ask for pages to write to: copy-on-write is broken first",
    "FOLL_FORCE": "Ask for what mprotect could allow, not for what the VMA allows now",
    "nonblocking": "Let mmap_sem go instead of waiting for the disk with it",
    "vmas": "Have the VMA of each page returned too",
    "FOLL_TOUCH": "Mark each page accessed, and dirty if it is for writing",
    "FOLL_GET": "Take a reference on each page that is handed out",
    "FOLL_DUMP": "For a core dump: an error instead of the zero page or of an empty table",
    "FOLL_NOWAIT": "Start the read of a page that is not there, but do not wait for it",
    "FOLL_MLOCK": "Mark pages of a locked mapping as such",
    "FOLL_SPLIT": "Split huge pages that are met",
    "FOLL_SPLIT_PMD": "Split the entry of a huge page, not the page",
    "FOLL_HWPOISON": "Tell poisoned memory by -EHWPOISON",
    "FOLL_TRIED": "The fault has been tried before: it may wait now",
    "FOLL_REMOTE": "The memory of another process: its protection keys do not count",
    "FOLL_COW": "Copy-on-write has been broken for this page: a forced write need not ask for it again",
    "FOLL_ANON": "Anonymous memory only",
    "FOLL_LONGTERM": "The pages will be held for long: none that the file system must be able to take back",
    "FOLL_PIN": "The reference is a pin, counted as such: given back with unpin_user_page",
    "FOLL_FAST_ONLY": "Only what can be found without a lock and without a fault",
    "FOLL_NOFAULT": "Only what is mapped already",
    "FOLL_UNLOCKABLE": "mmap_lock may be let go on the way",
    "FOLL_MADV_POPULATE": "Fill page tables for MADV_POPULATE",
    "FOLL_NUMA": "Take a hint of the NUMA balancer for a page that is not there",
    "FOLL_MIGRATION": "Wait for a page that is being moved",
    "FOLL_POPULATE": "Fault a locked range in",
    "FOLL_PCI_P2PDMA": "Memory of a PCI device is allowed too",
    "FOLL_INTERRUPTIBLE": "Any signal, not only a fatal one, ends the wait",
    "FOLL_HONOR_NUMA_FAULT": "Do not take pages that wait for a hint of the NUMA balancer",
}
"""By toggle."""


def hint_of(name: str) -> str:
    """The tooltip of a toggle; of a flag that the simulation does not know, also that.

    >>> hint_of("FOLL_NUMA")
    'Take a hint of the NUMA balancer for a page that is not there (changes nothing in the simulation)'
    """
    simulated = not name.startswith("FOLL_") or hasattr(canon, name)
    return HINTS[name] + ("" if simulated else " (changes nothing in the simulation)")
