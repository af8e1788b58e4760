"""A kernel that states every invariant after each operation, and one call for all of ``__get_user_pages``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from gupkit.kernel import FOLL, Cell, Errno, Kernel, Signal, gup_api
from gupkit.kernel.page import Page
from gupkit.kernel.sched import Task

PAGE = 4096
READ = FOLL.GET
WRITE = FOLL.GET | FOLL.WRITE
FORCE = FOLL.FORCE

OPERATIONS = """
spawn thread fork exit mmap munmap mprotect madvise mlock mlock2 munlock msync mincore load store process_vm_readv
process_vm_writev mem_read mem_write vmsplice pipe_read odirect_read odirect_write uring_register uring_unregister
file pread pwrite ftruncate fsync writeback fadvise_dontneed drop_caches invalidate_inode_pages2
invalidate_mapping_pages page_load page_store put_page set_page_dirty set_page_dirty_lock lock_page unlock_page
reclaim hwpoison sigkill fail_alloc
""".split()
"""The methods of a kernel that do something to it."""


class CheckedKernel(Kernel):
    """``check()`` runs after every operation, whether it succeeded or raised a Signal."""

    quiet = False
    """True while a test has broken an invariant on purpose."""

    def settled(self) -> None:
        """State every invariant, unless an operation is under way."""
        if self.depth == 0 and not self.quiet:
            self.check()


def _checked(operation: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(operation)
    def run(self: CheckedKernel, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = operation(self, *args, **kwargs)
        except Signal:
            self.settled()
            raise
        self.settled()
        return answer

    return run


for _name in OPERATIONS:
    setattr(CheckedKernel, _name, _checked(getattr(Kernel, _name)))


@dataclass
class Call:
    """What one call of ``__get_user_pages`` did: its answer and all that it left behind."""

    ret: int
    pages: list[Page]
    vmas: list[Any]
    faults: list[int]
    """What each handle_mm_fault answered."""
    asked: list[tuple[int, int]]
    """The (fault flags, foll flags) of each."""
    nonblocking: int | None
    sem: str
    """How mmap_sem stood right after the call."""
    minor: int
    major: int

    @property
    def page(self) -> Page:
        """The only page."""
        (page,) = self.pages
        return page


@dataclass
class _Watcher:
    depth: int
    faults: list[int] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, name: str, fields: dict[str, Any], place: str) -> None:
        if name == "handle_mm_fault" and "foll_flags" in fields:
            self.faults.append(fields["ret"])
            self.asked.append((fields["fault_flags"], fields["foll_flags"]))


def gup(
    k: Kernel, task: Task, start: int, nr: int = 1, flags: int = READ, *, nb: int | None = None, pages: bool = True,
    tsk: Any = ..., lock: str = "read",
) -> Call:  # fmt: skip
    """Call ``__get_user_pages`` as ``task``, with mmap_sem held as ``lock`` says; pins stay with the caller."""
    charged = task if tsk is ... else tsk
    cell = None if nb is None else Cell(nb)
    got: list[Any] | None = [] if pages else None
    vmas: list[Any] = []
    sem = task.mm.mmap_sem
    before = task.min_flt, task.maj_flt
    with k.running(task):
        watcher = _Watcher(k.depth)
        k.listen(watcher)
        try:
            if lock != "none":
                getattr(sem, f"down_{lock}")()
            ret = gup_api.call(
                k, "__get_user_pages", start, nr, flags, got, tsk=charged, mm=task.mm, vmas=vmas, locked=cell
            )  # fmt: skip
            held = sem.held
            if held != "none":
                getattr(sem, f"up_{held}")()
        finally:
            k.unlisten(watcher)
    getattr(k, "settled", k.check)()
    return Call(
        int(ret), got or [], vmas, watcher.faults, watcher.asked, cell and cell.value, held,
        task.min_flt - before[0], task.maj_flt - before[1],
    )  # fmt: skip


def put(k: Kernel, call: Call) -> None:
    """Give every page of a call back."""
    for page in call.pages:
        k.put_page(page)


def signal(operation: Callable[..., Any], *args: Any) -> str:
    """The name of the signal that an operation raises, or an empty string."""
    try:
        operation(*args)
    except Signal as got:
        return got.name
    return ""


def bits(k: Kernel, task: Task, address: int) -> str:
    """The letters of an entry: P(resent) W(ritable) D(irty) A(ccessed) N(o access) S(pecial); ``-`` for none."""
    from gupkit.kernel import pgtable as pt

    pte = pt.pte_at(task.mm, address)
    if not pte:
        return "-"
    if not pt.pte_present(pte):
        return "swap"
    named = {
        "P": pt._PAGE_PRESENT, "W": pt._PAGE_RW, "D": pt._PAGE_DIRTY, "A": pt._PAGE_ACCESSED,
        "N": pt._PAGE_PROTNONE, "S": pt._PAGE_SPECIAL,
    }  # fmt: skip
    return "".join(letter for letter, bit in named.items() if pte & bit)


def kinds(k: Kernel) -> list[str]:
    """The kinds of everything the debug layer reported."""
    return [report.kind for report in k.debug.reports]


EFAULT, ENOMEM, EBUSY, EINVAL = (int(e) for e in (Errno.EFAULT, Errno.ENOMEM, Errno.EBUSY, Errno.EINVAL))
