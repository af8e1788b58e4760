"""The 21 clauses: what is promised, what is owed, and what is expressly not promised.

Source: the kernel-doc block above ``__get_user_pages`` (mm/memory.c, 2.6.39; mm/gup.c from 3.16 on) and what the
code of that version does where the block is silent.
"""

from __future__ import annotations

from dataclasses import dataclass

PROMISE, DUTY, NON_PROMISE = "promise", "duty", "non-promise"
KINDS = {
    PROMISE: "the kernel keeps it; broken, it is a bug of that kernel (or of this one)",
    DUTY: "the caller keeps it; broken, the caller did what is forbidden, whether or not it went well",
    NON_PROMISE: "nobody promised it; never broken, but exercised when the surprise it allows came",
}
"""Kind → what it means."""

KEPT, BROKEN = "kept", "broken"
EXERCISED, NOT_EXERCISED, NOT_REACHED = "exercised", "not exercised", "not reached"
VERDICTS = {PROMISE: (BROKEN, KEPT), DUTY: (BROKEN, KEPT), NON_PROMISE: (EXERCISED, NOT_EXERCISED)}
"""Kind → its verdicts, the louder one first. ``not reached`` is open to every kind."""


@dataclass(frozen=True, slots=True)
class Clause:
    """``name`` C1 to C21, one of the three kinds, a title of a few words, the clause in a sentence or two, and where
    it stands in the kernel's source."""

    name: str
    kind: str
    title: str
    text: str
    source: str

    def __str__(self) -> str:
        return f"{self.name} ({self.kind}): {self.text}"


_DOC = "kernel-doc of __get_user_pages, mm/memory.c"

_TABLE = (
    Clause("C1", DUTY, "hold mmap_sem", "Hold mmap_sem of the address space, for reading or writing, when you call. "
           "Nothing in the function checks it.", _DOC),
    Clause("C2", DUTY, "nonblocking: hold it for reading", "If you pass a pointer for nonblocking, hold mmap_sem for "
           "reading: the call may release it, and it releases it as a reader.", "__lock_page_or_retry, mm/filemap.c"),
    Clause("C3", DUTY, "put each page once", "Give each page that was returned back with put_page, once, when you are "
           "done with it, and do not touch it after that.", _DOC),
    Clause("C4", DUTY, "a short return: put what came", "If fewer pages came than you asked for, give back exactly "
           "those; ask again from where the call stopped to learn why.", _DOC),
    Clause("C5", PROMISE, "what is returned", "The number of pages taken, perhaps fewer than asked; 0 for a count of 0 "
           "or less; a negative errno if none could be taken.", _DOC),
    Clause("C6", NON_PROMISE, "vmas[] outlives the lock", "The pointers in vmas[] are good only while mmap_sem is "
           "held: nobody promised that the regions stay.", _DOC),
    Clause("C7", PROMISE, "the page of that instant", "Each page is the one an access of that kind by the process "
           "would have reached at the instant it was looked up; each address has an instant of its own.", _DOC),
    Clause("C8", NON_PROMISE, "it stays mapped", "Nobody promised that the page is still mapped there when the call "
           "returns, or later: a pin holds the page, not the mapping.", _DOC),
    Clause("C9", NON_PROMISE, "no other page takes its place", "Nobody promised that a different page is not mapped "
           "there later, while you hold the old one.", _DOC),
    Clause("C10", PROMISE, "it is not freed", "A page that you hold is not freed and not given to anybody else until "
           "you put it.", _DOC),
    Clause("C11", NON_PROMISE, "the content stays valid", "What you read was valid at some moment. Nobody promised "
           "that it still is, or that it does not change under you.", _DOC),
    Clause("C12", DUTY, "no FOLL_WRITE, no writing", "Never write to a page that you took without FOLL_WRITE: copying "
           "was not done, and it may be everybody's.", _DOC),
    Clause("C13", DUTY, "dirty after the last write", "If you wrote to a page, mark it dirty after your last write: "
           "the kernel did not see the write.", _DOC),
    Clause("C14", DUTY, "dirty before the put", "Mark it dirty before you put it: after that it may be gone.", _DOC),
    Clause("C15", DUTY, "the right set_page_dirty", "Use set_page_dirty_lock, unless you hold the page lock or "
           "something else keeps the file: the page may lose its file meanwhile.",
           f"{_DOC}; set_page_dirty_lock, mm/page-writeback.c"),
    Clause("C16", DUTY, "look at *nonblocking", "Set it to 1 before the call and look at it after every call, whatever "
           "that returned: 0 says that mmap_sem is gone, and yours to take again. It says so wrongly if you passed "
           "FOLL_NOWAIT too.", f"{_DOC}; do_mlock_pages, mm/mlock.c"),
    Clause("C17", DUTY, "fast: without mmap_sem", "Use get_user_pages or get_user_pages_fast unless you need special "
           "flags; and call the fast one without mmap_sem, since it may take it itself.",
           f"{_DOC}; arch/x86/mm/gup.c"),
    Clause("C18", NON_PROMISE, "tsk is whoever runs", "tsk only says who is charged the faults. Nobody promised that "
           "this is who runs the call, or whose memory it is.", _DOC),
    Clause("C19", NON_PROMISE, "caches agree afterwards", "The call flushes the caches once, at the pin. Nobody "
           "promised that holder and CPU see each other's later writes: flushing is the caller's job (x86 needs none).",
           "Documentation/cachetlb.txt, flush_dcache_page"),
    Clause("C20", PROMISE, "no array, nothing held", "With NULL for pages the range is faulted in, nothing is held, "
           "and there is nothing to put.", "__get_user_pages, mm/memory.c; its caller mm/mlock.c"),
    Clause("C21", DUTY, "no lock back to user space", "Release mmap_sem before the task returns to user space. No lock "
           "outlives the system call, which is why all promises are about an instant.", _DOC),
)  # fmt: skip

CLAUSES: dict[str, Clause] = {clause.name: clause for clause in _TABLE}
"""Every clause by name, in order."""

SHOWN_BY = {
    "C1": ("munmap-waits", "no-lock"),
    "C2": ("nonblocking", "write-lock"),
    "C3": ("same-page-twice", "leak"),
    "C4": ("partial-return", "short-leak"),
    "C5": ("partial-return", "nonblocking"),
    "C6": ("vmas-array", "munmap-waits"),
    "C7": ("instant", "dirty-cow"),
    "C8": ("same-page-twice", "dontneed"),
    "C9": ("drop-caches", "fork-pin"),
    "C10": ("truncate", "double-put"),
    "C11": ("partial-return", "zero-page-pin"),
    "C12": ("foll-write-cow", "read-pin-write"),
    "C13": ("saved-dirty", "lost-dirty"),
    "C14": ("saved-dirty", "put-before-dirty"),
    "C15": ("saved-dirty", "dirty-unlocked"),
    "C16": ("nonblocking", "nowait-flag"),
    "C17": ("fast", "fast-under-lock"),
    "C18": ("accounting", "charged-to-another"),
    "C19": ("instant", "foll-write-cow"),
    "C20": ("populate", "guard-page"),
    "C21": ("partial-return", "lock-kept"),
}
"""Clause → a built-in scenario that keeps it (of a non-promise: lets it be), and one that breaks or exercises it, in
2.6.39."""
