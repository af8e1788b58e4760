"""Advice about a range; some of it throws data away.

Source: mm/madvise.c (2.6.39; advice of later kernels as the scenario format defines it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import GupkitError
from .errno import Errno
from .filemap import read_pages
from .flags import (
    MADV, FOLL_HWPOISON, FOLL_MADV_POPULATE, FOLL_TOUCH, FOLL_WRITE, VM_DONTCOPY, VM_HUGEPAGE, VM_HUGETLB, VM_LOCKED,
    VM_NOHUGEPAGE, VM_PFNMAP, VM_RAND_READ, VM_SEQ_READ, VM_SHARED, VM_WIPEONFORK,
)  # fmt: skip
from .gup import check_vma_flags
from .gup_locked import locked_loop
from .huge_memory import split_range
from .khugepaged import madvise_collapse
from .mmap import isolate_range
from .page import PG_active, PG_dirty, PG_referenced, PG_swapbacked
from .pgtable import (
    PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, SWP_GUARD, pte_mkclean, pte_mkold, pte_present, ptes, set_pte_at, swp_entry,
    swp_type,
)  # fmt: skip
from .rmap import anon_vma_prepare
from .truncate import truncate_range
from .vma import VMA, find_vma, vma_merge
from .vmscan import shrink_range
from .zap import vm_normal_page, zap_page_range

if TYPE_CHECKING:
    from .sched import Task

SET_FLAGS = {
    "NORMAL": (0, VM_RAND_READ | VM_SEQ_READ),
    "RANDOM": (VM_RAND_READ, VM_SEQ_READ),
    "SEQUENTIAL": (VM_SEQ_READ, VM_RAND_READ),
    "DONTFORK": (VM_DONTCOPY, 0),
    "DOFORK": (0, VM_DONTCOPY),
    "WIPEONFORK": (VM_WIPEONFORK, 0),
    "KEEPONFORK": (0, VM_WIPEONFORK),
    "HUGEPAGE": (VM_HUGEPAGE, VM_NOHUGEPAGE),
    "NOHUGEPAGE": (VM_NOHUGEPAGE, VM_HUGEPAGE),
}
"""Advice that only changes flags: (set, clear)."""
DISCARDS = frozenset({"DONTNEED", "FREE", "REMOVE", "COLD", "PAGEOUT", "GUARD_INSTALL", "GUARD_REMOVE"})
"""Advice that a locked VMA, or a device's, refuses. What is left only hints at something the kit does not have."""
ONE_BY_ONE = frozenset({"FREE", "COLD", "PAGEOUT", "GUARD_INSTALL"})
"""Advice that looks at each page: huge ones are split before."""
NEEDS_WRITE_LOCK = frozenset(SET_FLAGS) | {"COLLAPSE"}
"""Advice that changes VMAs or tables and so takes mmap_sem for writing; all other runs beside readers."""


def do_madvise(task: Task, start: int, length: int, advice: str) -> int | Errno:
    """Apply advice: 0, -EINVAL (unknown to the era, or impossible here), -ENOMEM if part of the range is a hole.

    A hole does not stop the rest. Takes mmap_sem itself, for reading wherever no VMA changes: that is why
    MADV_DONTNEED can run in the middle of somebody's ``__get_user_pages``.
    """
    mm = task.mm
    if advice not in MADV.__members__:
        raise GupkitError(f"madvise: there is no advice {advice!r}; it is one of {', '.join(MADV.__members__)}")
    if start & ~PAGE_MASK or length < 0 or advice in mm.kernel.era.unknown_advice:
        return Errno.EINVAL
    end = start + (length + PAGE_SIZE - 1 & PAGE_MASK)
    with mm.mmap_sem.write() if advice in NEEDS_WRITE_LOCK else mm.mmap_sem.read():
        return _each_vma(task, start, end, advice)


def _each_vma(task: Task, start: int, end: int, advice: str) -> int | Errno:
    error: int | Errno = 0
    while start < end:
        vma = find_vma(task.mm, start)
        if vma is None or vma.vm_start >= end or (vma.vm_start > start and advice in POPULATE):
            return Errno.ENOMEM
        if vma.vm_start > start:
            error, start = Errno.ENOMEM, vma.vm_start
        stop = min(vma.vm_end, end)
        ret = _advise(task, vma, start, stop, advice)
        if ret:
            return ret
        start = stop
    return error


def _advise(task: Task, vma: VMA, start: int, end: int, advice: str) -> int | Errno:
    if advice in SET_FLAGS:
        add, remove = SET_FLAGS[advice]
        vma = isolate_range(vma.vm_mm, start, end)[0]
        vma.vm_flags = (vma.vm_flags | add) & ~remove
        vma.vm_mm.kernel.vmas_changed(vma.vm_mm)
        vma_merge(vma)
        return 0
    if advice == "WILLNEED":
        return _willneed(vma, start, end)
    if advice in POPULATE:
        return faultin_page_range(task, vma, start, end, write=advice == "POPULATE_WRITE")
    if advice == "COLLAPSE":
        return madvise_collapse(vma, start, end)
    if advice not in DISCARDS:
        return 0
    if vma.vm_flags & (VM_LOCKED | VM_HUGETLB | VM_PFNMAP):
        return Errno.EINVAL
    if advice in ONE_BY_ONE:
        split_range(vma, start, end)
    if advice == "DONTNEED":
        zap_page_range(vma, start, end, keep_guards=True)
    elif advice in GUARDS:
        GUARDS[advice](vma, start, end)
    elif advice == "FREE":
        return _free(vma, start, end)
    elif advice == "REMOVE":
        return _remove(vma, start, end)
    elif advice == "PAGEOUT":
        shrink_range(vma, start, end, spare_shared=vma.vm_mm.kernel.era.pageout_spares_shared)
    elif advice == "COLD":
        _cold(vma, start, end)
    return 0


POPULATE = frozenset({"POPULATE_READ", "POPULATE_WRITE"})


def faultin_page_range(task: Task, vma: VMA, start: int, end: int, *, write: bool) -> int | Errno:
    """MADV_POPULATE_READ and _WRITE (5.14): fault a range in and say what went wrong.

    -EINVAL if the VMA does not allow the access, -EFAULT or -EHWPOISON if a page cannot be had, -ENOMEM.
    Source: mm/madvise.c, madvise_populate; mm/gup.c, faultin_page_range.
    """
    flags = FOLL_TOUCH | FOLL_HWPOISON | FOLL_MADV_POPULATE | (FOLL_WRITE if write else 0)
    if not check_vma_flags(vma, flags):
        return Errno.EINVAL
    count = end - start >> PAGE_SHIFT
    done = locked_loop(task, vma.vm_mm, start, count, flags, None)[0]
    if 0 <= done < count:
        done = locked_loop(task, vma.vm_mm, start + (done << PAGE_SHIFT), count - done, flags, None)[0]
    return Errno(done) if done < 0 else 0


def _guard_install(vma: VMA, start: int, end: int) -> None:
    """MADV_GUARD_INSTALL (6.13): drop what is there and make every touch a SIGSEGV, without a VMA of its own."""
    anon_vma_prepare(vma)
    zap_page_range(vma, start, end)
    for address in range(start, end, PAGE_SIZE):
        set_pte_at(vma.vm_mm, address, swp_entry(0, SWP_GUARD))


def _guard_remove(vma: VMA, start: int, end: int) -> None:
    """MADV_GUARD_REMOVE: guard pages become holes again; others stay."""
    for address, pte in ptes(vma.vm_mm, start, end):
        if not pte_present(pte) and swp_type(pte) == SWP_GUARD:
            set_pte_at(vma.vm_mm, address, 0)


GUARDS = {"GUARD_INSTALL": _guard_install, "GUARD_REMOVE": _guard_remove}


def _willneed(vma: VMA, start: int, end: int) -> int | Errno:
    if vma.vm_file is None:
        return Errno.EBADF
    if not vma.vm_file.memfd:
        read_pages(vma.vm_file, vma.vm_pgoff + (start - vma.vm_start >> PAGE_SHIFT), end - start >> PAGE_SHIFT)
    return 0


def _free(vma: VMA, start: int, end: int) -> int | Errno:
    """MADV_FREE (4.5): clean entries of private memory, so that reclaim drops the pages instead of swapping."""
    if vma.vm_file is not None or vma.vm_flags & VM_SHARED:
        return Errno.EINVAL
    for address, pte in ptes(vma.vm_mm, start, end):
        if not pte_present(pte):
            zap_page_range(vma, address, address + PAGE_SIZE, keep_guards=True)
            continue
        page = vm_normal_page(vma, pte)
        if page is not None and page.mapcount == 1:
            page.flags &= ~(PG_dirty | PG_active | PG_referenced | PG_swapbacked)
            set_pte_at(vma.vm_mm, address, pte_mkold(pte_mkclean(pte)))
    return 0


def _remove(vma: VMA, start: int, end: int) -> int | Errno:
    """MADV_REMOVE: punch a hole into shared memory."""
    inode = vma.vm_file
    if inode is None or not inode.memfd or not vma.vm_flags & VM_SHARED:
        return Errno.EINVAL
    first = vma.vm_pgoff + (start - vma.vm_start >> PAGE_SHIFT)
    truncate_range(inode, first, first + (end - start >> PAGE_SHIFT))
    return 0


def _cold(vma: VMA, start: int, end: int) -> None:
    """MADV_COLD (5.4): the pages lose their place in line."""
    for address, pte in ptes(vma.vm_mm, start, end):
        page = vm_normal_page(vma, pte) if pte_present(pte) else None
        if page is not None:
            page.flags &= ~(PG_active | PG_referenced)
            set_pte_at(vma.vm_mm, address, pte_mkold(pte))
