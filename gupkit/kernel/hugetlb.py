"""hugetlb: memory that is made of huge pages by order, from a pool set aside for it. Never small, split or swapped.

Source: mm/hugetlb.c (2.6.39; 6.18).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from .compound import HPAGE_NR, alloc_huge_page, subpages
from .flags import (
    FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, FOLL_DUMP, FOLL_PIN, FOLL_WRITE, VM_FAULT_ERROR, VM_FAULT_SIGBUS, VM_SHARED,
    VM_WRITE,
)  # fmt: skip
from .huge_memory import block
from .page import (
    PG_anon_exclusive, PG_dirty, PG_hugetlb, PG_swapbacked, PG_uptodate, Page, get_page, maybe_dma_pinned,
    page_cache_get, page_cache_release, pin_page,
)  # fmt: skip
from .pgtable import (
    _PAGE_PSE, _PAGE_RW, PAGE_SHIFT, PAGE_SIZE, PMD_SIZE, mk_pte, pmd_leaf, pte_mkdirty, pte_mkold, pte_mkwrite,
    pte_mkyoung, pte_pfn, pte_wrprotect, set_pmd_at,
)  # fmt: skip
from .rmap import anon_vma_prepare
from .sched import fatal_signal_pending

if TYPE_CHECKING:
    from .filemap import Inode
    from .machine import Machine
    from .mm_types import MmStruct
    from .vma import VMA


def free_huge_pages(kernel: Machine) -> int:
    """Pages of the pool that nobody uses and nobody was promised: HugePages_Free less HugePages_Rsvd."""
    used = sum(page.head is page and bool(page.flags & PG_hugetlb) for page in kernel.zone.mem_map)
    return kernel.nr_hugepages - used - sum(map(_promised, _mappings(kernel)))


def _mappings(kernel: Machine) -> list[VMA]:
    mms = {id(task.mm): task.mm for task in kernel.tasks.values()}.values()
    return [vma for mm in mms for vma in mm.mmap if vma.kind == "hugetlb"]


def _promised(vma: VMA) -> int:
    """Pages that a mapping has a right to and has not touched yet: whoever maps memory of this kind reserves it."""
    if vma.inherited:  # a child of fork has no reservation of its own
        return 0
    blocks = range(vma.vm_start, vma.vm_end, PMD_SIZE)
    if vma.vm_file is not None:
        return sum(_index(vma, at) not in vma.vm_file.mapping.pages for at in blocks)
    return sum(not pmd_leaf(vma.vm_mm, at) for at in blocks)


def _index(vma: VMA, address: int) -> int:
    return vma.vm_pgoff + (block(address) - vma.vm_start >> PAGE_SHIFT)


# --- faults


def hugetlb_fault(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Make 2 MiB of a hugetlb VMA accessible: 0, or VM_FAULT_SIGBUS when the pool is empty."""
    leaf = pmd_leaf(mm, address)
    if not leaf:
        ret = hugetlb_no_page(mm, vma, address)
        if ret or vma.vm_flags & VM_SHARED or not flags & FAULT_FLAG_WRITE:
            return ret
        leaf = pmd_leaf(mm, address)
    if flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE) and not leaf & _PAGE_RW:
        return hugetlb_cow(mm, vma, address, leaf, flags)
    set_pmd_at(mm, address, pte_mkyoung(pte_mkdirty(leaf) if flags & FAULT_FLAG_WRITE else leaf))
    return 0


def hugetlb_no_page(mm: MmStruct, vma: VMA, address: int) -> int:
    """Fill a hole: the file's page in a shared mapping, a new one in a private one, read-only for the moment."""
    page = vma.vm_file.mapping.pages.get(_index(vma, address)) if vma.vm_file is not None else None
    if page is None:
        page = _new_page(mm.kernel, vma)
        if page is None:
            return VM_FAULT_SIGBUS
        if vma.vm_file is not None:
            _add_to_file(page, vma.vm_file, _index(vma, address))
        else:
            _make_anon(page, vma, address)
    else:
        page_cache_get(page)
    page.compound_mapcount += 1
    leaf = mk_pte(page.pfn, vma.vm_page_prot) | _PAGE_PSE
    writable = vma.vm_flags & (VM_SHARED | VM_WRITE) == VM_SHARED | VM_WRITE
    set_pmd_at(mm, address, pte_mkwrite(pte_mkdirty(leaf)) if writable else pte_wrprotect(leaf))
    if mm.kernel.tracing:
        mm.kernel.emit("hugetlb_no_page", process=mm.name, address=block(address), pfn=page.pfn)
    return 0


def _new_page(kernel: Machine, vma: VMA) -> Page | None:
    """A page out of the pool: a promised one for the mapping that reserved it, else one that nobody was promised."""
    if vma.inherited and free_huge_pages(kernel) < 1:
        return None
    page = alloc_huge_page(kernel)
    for part in () if page is None else subpages(page):
        part.flags |= PG_uptodate if part is page else 0
        part.flags |= PG_hugetlb
    return page


def _add_to_file(page: Page, inode: Inode, index: int) -> None:
    page_cache_get(page)
    for i, part in enumerate(subpages(page)):
        part.mapping, part.index = inode.mapping, index + i
    page.flags |= PG_dirty | PG_swapbacked
    inode.mapping.pages[index] = page
    inode.kernel.cache_changed(inode, index)


def _make_anon(page: Page, vma: VMA, address: int) -> None:
    anon_vma_prepare(vma)
    exclusive = PG_anon_exclusive if page.kernel.era.marks_exclusive else 0
    for i, part in enumerate(subpages(page)):
        part.mapping, part.index = vma.anon_vma, _index(vma, address) + i
        part.flags |= exclusive


def hugetlb_cow(mm: MmStruct, vma: VMA, address: int, leaf: int, flags: int) -> int:
    """A write to a read-only huge page: the only mapper takes it over, **whoever else holds it**, in every era.

    0 or VM_FAULT_SIGBUS. Source: mm/hugetlb.c, hugetlb_cow, hugetlb_wp.
    """
    old = mm.kernel.zone.page(pte_pfn(leaf))
    unshare = flags & FAULT_FLAG_UNSHARE
    if vma.vm_flags & VM_SHARED or old.compound_mapcount == 1:
        if mm.kernel.era.marks_exclusive and old.anon:
            for part in subpages(old):
                part.flags |= PG_anon_exclusive
        if not unshare:
            set_pmd_at(mm, address, pte_mkwrite(pte_mkdirty(pte_mkyoung(leaf))))
        return 0
    new = _new_page(mm.kernel, vma)
    if new is None:
        return VM_FAULT_SIGBUS
    _copy_content(old, new)
    _make_anon(new, vma, address)
    new.compound_mapcount = 1
    fresh = mk_pte(new.pfn, vma.vm_page_prot) | _PAGE_PSE
    set_pmd_at(mm, address, fresh if unshare else pte_mkwrite(pte_mkdirty(fresh)))
    old.compound_mapcount -= 1
    page_cache_release(old)
    if mm.kernel.tracing:
        mm.kernel.emit("hugetlb_cow", process=mm.name, address=block(address), pfn=new.pfn)
    return 0


def _copy_content(old: Page, new: Page) -> None:
    for page, copy in zip(subpages(old), subpages(new), strict=True):
        copy.content = page.content


# --- fork


def copy_hugetlb_page_range(new: VMA, old: VMA, address: int, leaf: int) -> None:
    """fork: share a huge page, private ones read-only for both; where pins count, a pinned one is copied at once."""
    kernel = new.vm_mm.kernel
    page = kernel.zone.page(pte_pfn(leaf))
    if not old.vm_flags & VM_SHARED:
        if kernel.era.unshares and maybe_dma_pinned(page) and page.flags & PG_anon_exclusive:
            _copy_now(new, address, page)
            return
        for part in subpages(page):
            part.flags &= ~PG_anon_exclusive
        leaf = pte_wrprotect(leaf)
        set_pmd_at(old.vm_mm, address, leaf)
    page.compound_mapcount += 1
    page_cache_get(page)
    set_pmd_at(new.vm_mm, address, pte_mkold(leaf))


def _copy_now(new: VMA, address: int, page: Page) -> None:
    copy = _new_page(new.vm_mm.kernel, new)
    if copy is None:
        return
    _copy_content(page, copy)
    _make_anon(copy, new, address)
    copy.compound_mapcount = 1
    set_pmd_at(new.vm_mm, address, pte_mkwrite(pte_mkdirty(mk_pte(copy.pfn, new.vm_page_prot) | _PAGE_PSE)))


# --- the walk's own way through


Taker: TypeAlias = "Callable[[Page, int, Callable[[Page], None]], None]"


def follow_hugetlb_page(vma: VMA, start: int, nr_pages: int, gup_flags: int, take: Taker) -> int:
    """Pin up to ``nr_pages`` pages of 4 KiB from ``start`` to the VMA's end: how many; ``take`` gets each, its
    address, and the
    function that takes a reference.

    It faults by itself: nobody is charged, nothing is retried, FOLL_TOUCH does nothing, and every failure looks the
    same to the caller. A pending SIGKILL is noticed only where the era's table says so. Until 6.10, when the common
    walk took over. Source: mm/hugetlb.c, follow_hugetlb_page.
    """
    mm, kernel = vma.vm_mm, vma.vm_mm.kernel
    deaf = kernel.era.hugetlb_walk == "its own, deaf to signals"
    end = min(vma.vm_end, start + nr_pages * PAGE_SIZE)
    for address in range(start, end, PAGE_SIZE):
        if (not deaf and fatal_signal_pending(kernel.running_task())) or not _faulted_in(vma, address, gup_flags):
            return address - start >> PAGE_SHIFT
        page = kernel.zone.page(pte_pfn(pmd_leaf(mm, address)) + (address >> PAGE_SHIFT) % HPAGE_NR)
        take(page, address, pin_page if gup_flags & FOLL_PIN else get_page)
    return end - start >> PAGE_SHIFT


def _faulted_in(vma: VMA, address: int, gup_flags: int) -> bool:
    mm = vma.vm_mm
    leaf = pmd_leaf(mm, address)
    if leaf and (leaf & _PAGE_RW or not gup_flags & FOLL_WRITE):
        return True
    if not leaf and gup_flags & FOLL_DUMP and not in_hugetlb_file(vma, address):
        return False
    ret = hugetlb_fault(mm, vma, address, FAULT_FLAG_WRITE if gup_flags & FOLL_WRITE else 0)
    return not ret & VM_FAULT_ERROR


def in_hugetlb_file(vma: VMA, address: int) -> bool:
    """The file behind a shared mapping has a page for this address."""
    return vma.vm_file is not None and _index(vma, address) in vma.vm_file.mapping.pages
