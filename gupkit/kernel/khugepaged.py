"""MADV_COLLAPSE: 512 small pages become one huge one, by copying them.

Source: mm/khugepaged.c, madvise_collapse, collapse_huge_page (6.1 on); the answers were measured on 6.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compound import HPAGE_NR, alloc_huge_page, compound_head, page_count, subpages, total_mapcount
from .errno import Errno
from .flags import VM_FAULT_ERROR, VM_NOHUGEPAGE
from .huge_memory import block, map_huge_page
from .page import PG_locked, PG_swapcache, Page, page_cache_release
from .pgtable import (
    NO_SLOT, PAGE_SIZE, PMD_SIZE, PteTable, pmd_leaf, pte_present, pte_table, set_pmd_at, swp_type,
)  # fmt: skip
from .rmap import anon_vma_prepare, page_remove_rmap
from .swap import free_swap_cache
from .swap_in import do_swap_page
from .zap import vm_normal_page

if TYPE_CHECKING:
    from .vma import VMA


def madvise_collapse(vma: VMA, start: int, end: int) -> int | Errno:
    """Collapse every whole 2 MiB of ``[start, end)``; mmap_sem is held for writing.

    MADV_HUGEPAGE is not asked for, MADV_NOHUGEPAGE refuses. 0: every block is mapped by one entry now (a range
    without a whole block has none that is not). Else why the last one that failed did: -EINVAL (nothing was ever mapped
    in it, or something that cannot be copied), -EAGAIN (a page of it is held or locked), -ENOMEM (no 512 frames in a
    row). Files and shared memory stay as they are, with 0: the kit has huge pages for private memory alone.
    """
    if vma.kind != "anon" or vma.vm_file is not None:
        return 0
    whole = range(-(-vma.vm_start // PMD_SIZE) * PMD_SIZE, block(vma.vm_end), PMD_SIZE)
    if not whole or vma.vm_flags & VM_NOHUGEPAGE:
        return Errno.EINVAL
    wanted = [at for at in whole if start <= at and at + PMD_SIZE <= end]
    answers = [collapse_huge_page(vma, at) for at in wanted]
    return next((answer for answer in reversed(answers) if answer), 0)


def collapse_huge_page(vma: VMA, address: int) -> int | Errno:
    """Map the 2 MiB at ``address`` by one entry to a fresh page, into which the small ones (and holes) are copied.

    Whoever else maps a small page keeps it; this process's copy is its own.
    """
    mm = vma.vm_mm
    if pmd_leaf(mm, address):
        return 0
    if pte_table(mm, address) is None:
        return Errno.EINVAL
    problem = _swap_in(vma, address) or _isolate(vma, address)
    if problem:
        return problem
    new = alloc_huge_page(mm.kernel)
    if new is None:
        return Errno.ENOMEM
    anon_vma_prepare(vma)
    _move(vma, address, new)
    map_huge_page(mm, vma, address, new, dirty=True)
    if mm.kernel.tracing:
        mm.kernel.emit("collapse_huge_page", process=mm.name, address=address, pfn=new.pfn)
    return 0


def _table(vma: VMA, address: int) -> PteTable:
    return pte_table(vma.vm_mm, address) or {}


def _swap_in(vma: VMA, address: int) -> int | Errno:
    """Bring back what is in swap; guard pages and poisoned ones forbid the collapse."""
    for index, pte in sorted(_table(vma, address).items()):
        if pte_present(pte):
            continue
        if swp_type(pte) in NO_SLOT:
            return Errno.EINVAL
        if do_swap_page(vma.vm_mm, vma, address + index * PAGE_SIZE, pte, 0) & VM_FAULT_ERROR:
            return Errno.ENOMEM
    return 0


def _isolate(vma: VMA, address: int) -> int | Errno:
    """Whether every page can be copied: nobody may hold one, for what they would write later would be lost."""
    for pte in _table(vma, address).values():
        page = vm_normal_page(vma, pte)
        if page is not None and (page.flags & PG_locked or page_count(page) > _expected(page)):
            return Errno.EAGAIN
    return 0


def _expected(page: Page) -> int:
    """References that tables and swap cache hold."""
    mapped = page.mapcount if page.head is None else total_mapcount(compound_head(page))
    return mapped + bool(page.flags & PG_swapcache)


def _move(vma: VMA, address: int, new: Page) -> None:
    """Copy what is there into the huge page, give the small pages up, and take their table away."""
    mm = vma.vm_mm
    parts = subpages(new)
    for index, pte in list(_table(vma, address).items()):
        page = vm_normal_page(vma, pte)
        if page is not None:
            parts[index].content = page.content
            page_remove_rmap(page)
            free_swap_cache(page)
            page_cache_release(page)
    set_pmd_at(mm, address, 0)
    if mm.kernel.tracing:
        for at in range(address, address + HPAGE_NR * PAGE_SIZE, PAGE_SIZE):
            mm.kernel.pte_written(mm, at)
