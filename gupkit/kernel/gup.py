"""From user addresses to pinned pages: ``follow_page``, ``__get_user_pages`` and their callers' variants.

Source: mm/memory.c (2.6.39; the functions moved to mm/gup.c in 3.16).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .compound import page_count
from .eras import Era, ForcedWrite
from .errno import Errno
from .flags import (
    FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_RETRY_NOWAIT, FAULT_FLAG_TRIED, FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE,
    FOLL_ANON, FOLL_COW, FOLL_DUMP, FOLL_FORCE, FOLL_GET, FOLL_HWPOISON, FOLL_LONGTERM, FOLL_MLOCK, FOLL_NOFAULT,
    FOLL_NOWAIT, FOLL_PIN, FOLL_SPLIT, FOLL_TOUCH, FOLL_TRIED, FOLL_WRITE, VM_FAULT_ERROR, VM_FAULT_HWPOISON,
    VM_FAULT_HWPOISON_LARGE, VM_FAULT_OOM, VM_FAULT_RETRY, VM_FAULT_WRITE, VM_IO, VM_LOCKED, VM_MAYREAD, VM_MAYWRITE,
    VM_HUGETLB, VM_PFNMAP, VM_READ, VM_WRITE,
)  # fmt: skip
from .memory import charge_fault, handle_mm_fault
from .page import (
    PG_anon_exclusive, PG_dirty, PG_mlocked, Page, get_page, mark_page_accessed, pin_page,
)  # fmt: skip
from .pagelock import trylock_page, unlock_page
from .huge_memory import split_range, touch_pmd
from .hugetlb import follow_hugetlb_page, in_hugetlb_file
from .pgtable import _PAGE_DIRTY, _PAGE_PSE, _PAGE_RW, PAGE_SIZE, PRESENT_MASK, pte_at, pte_pfn
from .dirty import set_page_dirty
from .sched import cond_resched, fatal_signal_pending
from .stack import find_extend_vma
from .vma import VMA, find_vma_intersection, is_cow_mapping, stack_guard_page, vma_wants_writenotify
from .zap import vm_normal_page

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct
    from .sched import Task

COUNT_MAX = (1 << 31) - 1024
"""References a page can have: the real count is 32 bits with a sign, and a FOLL_PIN adds 1024."""
GATE_ADDR = 0xFFFF_FFFF_FF60_0000
"""The vsyscall page: one page of kernel code that every process may read. It is in no VMA of any process."""


class Cell:
    """A variable whose address is passed: ``nonblocking`` points to one.

    >>> Cell(1).value
    1
    """

    def __init__(self, value: int) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Cell({self.value})"


def follow_page(vma: VMA, address: int, flags: int) -> Page | Errno | None:
    """The page that is mapped at ``address`` *now*, or None: fault it in first.

    With FOLL_GET the page comes with a reference. With FOLL_WRITE a page behind a read-only entry does not
    count. -EFAULT: there is memory but no page to give (special entries; under FOLL_DUMP also holes and the
    zero page). Whether the VMA may be read is not looked at. Source: mm/memory.c, follow_page.
    """
    pte = pte_at(vma.vm_mm, address)
    if pte & _PAGE_PSE and flags & FOLL_SPLIT and not vma.vm_flags & VM_HUGETLB:
        split_range(vma, address, address + PAGE_SIZE)
        pte = pte_at(vma.vm_mm, address)
    if not pte & PRESENT_MASK:
        return Errno.EFAULT if not pte and flags & FOLL_DUMP and is_dump_hole(vma, address) else None
    if flags & FOLL_WRITE and not pte & _PAGE_RW and not can_follow_write(vma, pte, flags):
        return None
    page = vm_normal_page(vma, pte)
    if page is None:
        page = zeros_behind(vma, pte)
        if page is None or flags & FOLL_DUMP:
            return Errno.EFAULT
    if flags & FOLL_PIN:
        if not pte & _PAGE_RW and gup_must_unshare(vma, page, flags):
            return Errno.EMLINK
        if overflows(page):
            return Errno.ENOMEM
        pin_page(page)
    elif flags & FOLL_GET:
        if overflows(page):
            return Errno.ENOMEM
        get_page(page)
    if flags & FOLL_TOUCH:
        if pte & _PAGE_PSE and not vma.vm_flags & VM_HUGETLB:
            touch_pmd(vma, address, pte, flags)
        elif flags & FOLL_WRITE and not pte & _PAGE_DIRTY and not page.flags & PG_dirty:
            set_page_dirty(page)
        mark_page_accessed(page)
    if flags & FOLL_MLOCK and vma.vm_flags & VM_LOCKED:
        mlock_vma_page(page)
    return page


def is_dump_hole(vma: VMA, address: int) -> bool:
    """A core dump should have a hole here: nothing but zeros would come."""
    return not vma.has_fault and not (vma.vm_flags & VM_HUGETLB and in_hugetlb_file(vma, address))


def zeros_behind(vma: VMA, pte: int) -> Page | None:
    """The zero page, or the part of the huge one, behind a special entry; None for a device's memory."""
    kernel = vma.vm_mm.kernel
    pfn = pte_pfn(pte)
    if pfn == kernel.zero_page.pfn:
        return kernel.zero_page
    return kernel.low_pages[pfn] if pte & _PAGE_PSE else None


def overflows(page: Page) -> bool:
    """One more reference would make the count negative; whether that is looked at is the era's rule."""
    return page_count(page) >= COUNT_MAX and page.kernel.era.count_checked


def can_follow_write(vma: VMA, pte: int, flags: int) -> bool:
    """Whether a writer may have a page whose entry is read-only: only one that a forced write has just copied.

    How the walk knows is the era's rule: it does not (2.6.39); a latch that the fault set, and a dirty entry; or
    the page's exclusive mark. Source: mm/gup.c, can_follow_write_pte.
    """
    era = vma.vm_mm.kernel.era
    if pte & _PAGE_PSE and not era.huge_forced_write:
        return False
    return forced_write(era).may_follow(vma, pte, vm_normal_page(vma, pte), flags)


def forced_write(era: Era) -> ForcedWrite:
    """The era's rule for forced writes."""
    rule = era.forced_write
    return rule if isinstance(rule, ForcedWrite) else FORCED_WRITE[rule]


def never(vma: VMA, pte: int, page: Page | None, flags: int) -> bool:
    """2.6.39: a writer needs a writable entry, and one who has his copy does not say that he writes any more."""
    return False


def latched(vma: VMA, pte: int, page: Page | None, flags: int) -> bool:
    """4.9: the fault has said that it made the copy (FOLL_COW), and the entry is dirty, as a copy's is."""
    forced = flags & FOLL_FORCE or vma.vm_mm.kernel.era.read_gup_breaks_cow
    return bool(flags & FOLL_COW and pte & _PAGE_DIRTY and forced)


def owned(vma: VMA, pte: int, page: Page | None, flags: int) -> bool:
    """6.0: the page itself is marked as this process's own, whoever made it."""
    forced = flags & FOLL_FORCE and is_cow_mapping(vma.vm_flags) and not vma.vm_flags & VM_WRITE
    return bool(forced) and page is not None and is_exclusive(page)


def is_exclusive(page: Page) -> bool:
    """An anonymous page that is one process's own."""
    return page.anon and bool(page.flags & PG_anon_exclusive)


def gup_must_unshare(vma: VMA, page: Page, flags: int) -> bool:
    """A read FOLL_PIN of a page that is not this process's own: it would be left behind by the next write.

    Source: mm/internal.h, gup_must_unshare (5.19 on).
    """
    if not vma.vm_mm.kernel.era.unshares or flags & FOLL_WRITE:
        return False
    if page.anon:
        return not page.flags & PG_anon_exclusive
    return bool(flags & FOLL_LONGTERM) and is_cow_mapping(vma.vm_flags)


def mlock_vma_page(page: Page) -> None:
    """Mark a page that must stay in memory, if its lock is free. Source: mm/mlock.c."""
    if page.mapping is not None and trylock_page(page):
        page.flags |= PG_mlocked
        unlock_page(page)


def __get_user_pages(
    tsk: Task | None, mm: MmStruct, start: int, nr_pages: int, gup_flags: int,
    pages: list[Any] | None, vmas: list[Any] | None, nonblocking: Cell | None,
) -> int:  # fmt: skip
    """Pin the pages that ``nr_pages`` user addresses from ``start`` map, each at the instant it is looked up.

    ``mm.mmap_sem`` must be held (for reading if ``nonblocking`` is given). ``pages`` and ``vmas`` are lists to
    fill, or None. Faults are charged to ``tsk``; the running task's SIGKILL ends the walk.

    Returns how many pages were taken, perhaps fewer than asked: exactly ``pages[0:ret]`` hold a reference
    each (FOLL_GET), to be given back with ``put_page``. If none was: -EFAULT (no VMA, no right, no page
    struct, beyond a file's end, poisoned), -EHWPOISON (poisoned, with FOLL_HWPOISON), -ENOMEM or
    -ERESTARTSYS. An error after the first page is lost: ask again where the walk ended. 0 is returned for
    ``nr_pages <= 0``, and **when a wait was avoided at the first page**: then ``nonblocking.value`` is 0,
    mmap_sem has been released, and every VMA pointer is stale. Source: mm/memory.c, __get_user_pages.
    """
    kernel = mm.kernel
    if nr_pages == 0 or (nr_pages < 0 and kernel.era.signed_count):
        return 0
    if nr_pages < 0:
        nr_pages += 1 << 64
    gup_flags = int(gup_flags)
    mm.has_pinned = mm.has_pinned or bool(gup_flags & FOLL_PIN)
    kernel.debug.gup_entry(mm, gup_flags, pages)
    if kernel.tracing:
        kernel.emit(
            "__get_user_pages", at="enter", process=mm.name, start=start, nr_pages=nr_pages, gup_flags=gup_flags,
            nonblocking=None if nonblocking is None else nonblocking.value, tsk=None if tsk is None else tsk.name,
            pages=pages is not None, vmas=vmas is not None, alone=not kernel.debug.lock_checks,
        )  # fmt: skip
    ret = _gup_range(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking)
    if kernel.tracing:
        kernel.emit(
            "__get_user_pages", at="return", ret=int(ret), sem=mm.mmap_sem.held,
            nonblocking=None if nonblocking is None else nonblocking.value,
        )  # fmt: skip
    return ret


def _gup_range(
    tsk: Task | None, mm: MmStruct, start: int, nr_pages: int, gup_flags: int,
    pages: list[Any] | None, vmas: list[Any] | None, nonblocking: Cell | None,
) -> int:  # fmt: skip
    """The loop over VMAs, and within each over its pages."""
    kernel = mm.kernel
    asked = gup_flags
    i = 0
    while i < nr_pages:
        vma = find_extend_vma(mm, start) if kernel.era.gup_grows_stack else find_vma_intersection(mm, start, start + 1)
        if vma is None and in_gate_area(start):
            page = gate_page(kernel, gup_flags, take=pages is not None)
            if page is None:
                return i or Errno.EFAULT
            store(pages, i, page)
            store(vmas, i, kernel.gate_vma)
            i += 1
            start += PAGE_SIZE
            continue
        if vma is None or not check_vma_flags(vma, asked):
            return i or Errno.EFAULT
        gup_flags = asked | _added_write(vma, asked)
        if vma.vm_flags & VM_HUGETLB and kernel.era.hugetlb_walk != "the common one":
            done = _hugetlb_range(vma, start, nr_pages - i, gup_flags, pages, vmas, i)
            i += done
            start += done * PAGE_SIZE
            if i < nr_pages and start < vma.vm_end:
                return i or Errno.EFAULT
        while i < nr_pages and start < vma.vm_end:
            if fatal_signal_pending(kernel.running_task()):
                return i or kernel.era.fatal_signal
            cond_resched(kernel)
            found = follow_page(vma, start, gup_flags)
            if type(found) is not Page:
                found = fault_in_page(tsk, vma, start, gup_flags, nonblocking, found)
            if found is SKIP:
                pass
            elif isinstance(found, int):
                return i or found
            elif pages is not None:
                store(pages, i, found)
            if vmas is not None:
                store(vmas, i, vma)
            if kernel.tracing:
                kernel.emit("follow_page", process=mm.name, address=start, i=i, pfn=getattr(found, "pfn", None))
            i += 1
            start += PAGE_SIZE
    return i


def _hugetlb_range(
    vma: VMA, start: int, nr_pages: int, gup_flags: int, pages: list[Any] | None, vmas: list[Any] | None, first: int
) -> int:
    """One hugetlb VMA's part of the walk: references are taken if there is an array for them, FOLL_GET or not."""
    kernel = vma.vm_mm.kernel

    def take(page: Page, address: int, reference: Callable[[Page], None]) -> None:
        i = first + (address - start) // PAGE_SIZE
        if pages is not None:
            reference(page)
            store(pages, i, page)
        store(vmas, i, vma)
        if kernel.tracing:
            kernel.emit("follow_page", process=vma.vm_mm.name, address=address, i=i, pfn=page.pfn)

    return follow_hugetlb_page(vma, start, nr_pages, gup_flags, take)


SKIP = Errno.EEXIST
"""What ``fault_in_page`` answers for a guard page under FOLL_MLOCK: counted, and nothing to store."""


def required_vm_flag(gup_flags: int) -> int:
    """The one VMA flag a request needs: FOLL_FORCE asks for what mprotect *could* allow, not for what is.

    >>> from gupkit.kernel.flags import FOLL, VM
    >>> VM(required_vm_flag(FOLL.WRITE)), VM(required_vm_flag(FOLL.WRITE | FOLL.FORCE))
    (<VM.WRITE: 2>, <VM.MAYWRITE: 32>)
    """
    if gup_flags & FOLL_FORCE:
        return VM_MAYWRITE if gup_flags & FOLL_WRITE else VM_MAYREAD
    return VM_WRITE if gup_flags & FOLL_WRITE else VM_READ


def check_vma_flags(vma: VMA, gup_flags: int) -> bool:
    """Whether the request may go to this VMA at all: no device memory, and the right that the era asks for.

    Source: mm/memory.c, __get_user_pages (2.6.39); mm/gup.c, check_vma_flags.
    """
    flags, era = vma.vm_flags, vma.vm_mm.kernel.era
    if flags & (VM_IO | VM_PFNMAP) or (gup_flags & FOLL_ANON and vma.has_fault):
        return False
    if era.forced_shared_write:
        return bool(flags & required_vm_flag(gup_flags))
    if not gup_flags & FOLL_WRITE:
        return bool(flags & required_vm_flag(gup_flags)) or bool(flags & VM_READ)
    longterm = gup_flags & FOLL_PIN and gup_flags & FOLL_LONGTERM
    if longterm and era.longterm_file_rule and vma_wants_writenotify(vma):
        return False
    forced = gup_flags & FOLL_FORCE and (era.hugetlb_forced_write or not flags & VM_HUGETLB)
    return bool(flags & VM_WRITE) or (bool(forced) and is_cow_mapping(flags))


def _added_write(vma: VMA, gup_flags: int) -> int:
    """FOLL_WRITE where the era makes a read pin of private memory copy first."""
    if vma.vm_mm.kernel.era.read_gup_breaks_cow and gup_flags & (FOLL_GET | FOLL_PIN) and is_cow_mapping(vma.vm_flags):
        return FOLL_WRITE
    return 0


def fault_in_page(
    tsk: Task | None, vma: VMA, address: int, gup_flags: int, nonblocking: Cell | None, page: Page | Errno | None
) -> Any:
    """Fault until ``follow_page`` finds a page: the page; or what the whole call returns if it is the first.

    0 stands for "a wait was avoided". There is no bound on the number of faults. A forced write to a VMA that
    is not writable would go on for ever, since the entry never becomes writable: once the handler says that
    it has made the copy (VM_FAULT_WRITE), FOLL_WRITE is dropped for this page. What is mapped may change
    between the two, and then the walk takes as a reader what it was only allowed to write as a copy:
    CVE-2016-5195, Dirty COW.
    """
    kernel = vma.vm_mm.kernel
    foll_flags = gup_flags
    faults = 0
    while page is None or page is Errno.EMLINK:
        faults += 1
        if faults > LOCKUP and not fatal_signal_pending(kernel.running_task()):
            kernel.debug.report("soft lockup", f"{faults - 1} faults at {address:#x} and no end in sight: killed")
            kernel.running_task().sigkill = True
        if faults > LOCKUP:
            return kernel.era.fatal_signal
        if foll_flags & FOLL_MLOCK and stack_guard_page(vma, address):
            return SKIP
        if foll_flags & FOLL_NOFAULT:
            return Errno.EFAULT
        fault_flags = FAULT_FLAG_WRITE if foll_flags & FOLL_WRITE else 0
        if page is Errno.EMLINK:
            fault_flags |= FAULT_FLAG_UNSHARE
        if foll_flags & FOLL_TRIED:
            fault_flags |= FAULT_FLAG_TRIED
        if nonblocking is not None:
            fault_flags |= FAULT_FLAG_ALLOW_RETRY
        if foll_flags & FOLL_NOWAIT:
            fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT
        ret = handle_mm_fault(vma.vm_mm, vma, address, fault_flags)
        if kernel.tracing:
            kernel.emit(
                "handle_mm_fault", process=vma.vm_mm.name, address=address, ret=ret, fault_flags=fault_flags,
                foll_flags=foll_flags,
            )  # fmt: skip
        if ret & VM_FAULT_ERROR:
            return fault_errno(ret, gup_flags)
        if kernel.era.faults_charged == "tsk":
            charge_fault(tsk, ret)
        if ret & VM_FAULT_RETRY:
            if nonblocking is not None:
                nonblocking.value = 0
            return 0
        if ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
            foll_flags = forced_write(kernel.era).after_copy(foll_flags)
        cond_resched(kernel)
        page = follow_page(vma, address, foll_flags)
    return page


LOCKUP = 100
"""Faults on one page after which the kit does what a person would do: it sends SIGKILL."""
FORCED_WRITE = {
    "drop": ForcedWrite(lambda foll_flags: foll_flags & ~FOLL_WRITE, never),
    "latch": ForcedWrite(lambda foll_flags: foll_flags | FOLL_COW, latched),
    "exclusive": ForcedWrite(lambda foll_flags: foll_flags, owned),
}
"""What the eras do once the handler has made the copy for a forced write, and how the walk then knows it."""


def fault_errno(ret: int, gup_flags: int) -> Errno:
    """The error that a failed fault becomes; which one it was is often lost."""
    if ret & VM_FAULT_OOM:
        return Errno.ENOMEM
    if ret & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE) and gup_flags & FOLL_HWPOISON:
        return Errno.EHWPOISON
    return Errno.EFAULT


def in_gate_area(address: int) -> bool:
    """``address`` lies in the vsyscall page."""
    return GATE_ADDR <= address < GATE_ADDR + PAGE_SIZE


def gate_page(kernel: Machine, gup_flags: int, take: bool) -> Page | None:
    """The vsyscall page; None for a writer. Its reference is taken whenever the caller wants pages at all."""
    if gup_flags & FOLL_WRITE:
        return None
    if take:
        get_page(kernel.gate_page)
    return kernel.gate_page


def store(out: list[Any] | None, i: int, value: object) -> None:
    """``out[i] = value``; the list grows if the caller did not size it, as a C array need not."""
    if out is None:
        return
    while len(out) < i:
        out.append(None)
    if i < len(out):
        out[i] = value
    else:
        out.append(value)


def get_user_pages(
    tsk: Task | None, mm: MmStruct, start: int, nr_pages: int, write: int, force: int,
    pages: list[Any] | None, vmas: list[Any] | None,
) -> int:  # fmt: skip
    """The usual call: waits when it must, so it never returns 0 for ``nr_pages > 0``.

    Otherwise as ``__get_user_pages``. Source: mm/memory.c, get_user_pages.
    """
    flags = FOLL_TOUCH
    if pages is not None:
        flags |= FOLL_GET
    if write:
        flags |= FOLL_WRITE
    if force:
        flags |= FOLL_FORCE
    return __get_user_pages(tsk, mm, start, nr_pages, flags, pages, vmas, None)


def get_dump_page(kernel: Machine, address: int) -> Page | None:
    """One page of the running task for a core dump, or None where the dump should have a hole.

    Called without mmap_sem: all other threads are dead by then. Source: mm/memory.c, get_dump_page.
    """
    task = kernel.running_task()
    pages: list[Any] = []
    flags = FOLL_FORCE | FOLL_DUMP | FOLL_GET
    with kernel.debug.lock_not_needed():
        ret = __get_user_pages(task, task.mm, address, 1, flags, pages, None, None)
    return pages[0] if ret == 1 else None
