"""fork: a second address space that shares every private page until one of the two writes.

Source: kernel/fork.c dup_mmap; mm/memory.c copy_page_range, copy_one_pte (2.6.39).
"""

from __future__ import annotations

from .flags import (
    VM_DONTCOPY, VM_HUGETLB, VM_INSERTPAGE, VM_LOCKED, VM_LOCKONFAULT, VM_PFNMAP, VM_SHARED, VM_WIPEONFORK,
)  # fmt: skip
from .anon import map_new_anon, maybe_mkwrite
from .huge_memory import copy_huge_pmd
from .hugetlb import copy_hugetlb_page_range
from .mm_types import MmStruct
from .page import PG_anon_exclusive, PG_uptodate, Page, alloc_page, maybe_dma_pinned, page_cache_get
from .pgtable import (
    _PAGE_PSE, NO_SLOT, mk_pte, pte_mkclean, pte_mkdirty, pte_mkold, pte_present, pte_wrprotect, ptes, set_pte_at,
    swp_offset,
    swp_type,
)  # fmt: skip
from .vma import VMA, insert_vma, is_cow_mapping, new_vma
from .zap import vm_normal_page


def dup_mmap(mm: MmStruct, oldmm: MmStruct) -> None:
    """Copy every VMA but those with MADV_DONTFORK, and the entries that a fault could not bring back.

    A lock (VM_LOCKED) is not inherited. mmap_sem of the parent is held for writing.
    """
    mm.regions = oldmm.regions
    for old in oldmm.mmap:
        if old.vm_flags & VM_DONTCOPY:
            continue
        flags = old.vm_flags & ~(VM_LOCKED | VM_LOCKONFAULT)
        new = new_vma(mm, old.vm_start, old.vm_end, flags, old.vm_pgoff, old.vm_file)
        new.kind, new.name, new.vm_page_prot = old.kind, old.name, old.vm_page_prot
        new.anon_vma = old.anon_vma
        new.inherited = True
        if new.anon_vma is not None:
            new.anon_vma.vmas.append(new)
        insert_vma(mm, new)
        if not old.vm_flags & VM_WIPEONFORK:
            copy_page_range(new, old)


def copy_page_range(new: VMA, old: VMA) -> None:
    """Share the pages of one VMA. Files without private copies are skipped: the child faults them in again."""
    if old.anon_vma is None and not old.vm_flags & (VM_HUGETLB | VM_PFNMAP | VM_INSERTPAGE):
        return
    for address, pte in ptes(old.vm_mm, old.vm_start, old.vm_end):
        if pte & _PAGE_PSE and old.vm_flags & VM_HUGETLB:
            copy_hugetlb_page_range(new, old, address, pte)
        elif pte & _PAGE_PSE:
            copy_huge_pmd(new, old, address, pte)
        else:
            copy_one_pte(new, old, address, pte)


def copy_one_pte(new: VMA, old: VMA, address: int, pte: int) -> None:
    """Copy an entry. A private writable one loses its write bit *in both tables*: the first writer pays.

    References are not looked at, so a pinned page is shared like any other and may end up with the child.
    """
    kernel = new.vm_mm.kernel
    if not pte_present(pte):
        if swp_type(pte) not in NO_SLOT:
            kernel.swap.duplicate(swp_offset(pte))
        set_pte_at(new.vm_mm, address, pte)
        return
    page = vm_normal_page(old, pte)
    if page is not None and page.anon and _copied_for_pin(old, page):
        _copy_now(new, address, page)
        return
    if page is not None:
        page.flags &= ~PG_anon_exclusive
    if is_cow_mapping(old.vm_flags):
        if pte != pte_wrprotect(pte):
            set_pte_at(old.vm_mm, address, pte_wrprotect(pte))
        pte = pte_wrprotect(pte)
    if old.vm_flags & VM_SHARED:
        pte = pte_mkclean(pte)
    if page is not None:
        page_cache_get(page)
        page.mapcount += 1
    set_pte_at(new.vm_mm, address, pte_mkold(pte))


def _copied_for_pin(old: VMA, page: Page) -> bool:
    """A page that a FOLL_PIN may hold stays the parent's; a guess by the count, and so at times a wrong one."""
    era = old.vm_mm.kernel.era
    if callable(era.fork_copies_pinned):
        return era.fork_copies_pinned(page)
    if not era.fork_copies_pinned or not maybe_dma_pinned(page) or not old.vm_mm.has_pinned:
        return False
    return not era.unshares or bool(page.flags & PG_anon_exclusive)


def _copy_now(new: VMA, address: int, page: Page) -> None:
    """The child's own copy, mapped writable where the VMA is. Source: mm/memory.c, copy_present_page."""
    copy = alloc_page(new.vm_mm.kernel, page.content)
    if copy is not None:
        copy.flags |= PG_uptodate
        map_new_anon(new.vm_mm, new, address, copy)
        set_pte_at(new.vm_mm, address, pte_mkdirty(maybe_mkwrite(mk_pte(copy.pfn, new.vm_page_prot), new)))
