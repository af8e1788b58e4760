"""fork: a second address space that shares every private page until one of the two writes.

Source: kernel/fork.c dup_mmap; mm/memory.c copy_page_range, copy_one_pte (2.6.39).
"""

from __future__ import annotations

from .flags import (
    VM_DONTCOPY, VM_HUGETLB, VM_INSERTPAGE, VM_LOCKED, VM_LOCKONFAULT, VM_MAYWRITE, VM_PFNMAP, VM_SHARED,
    VM_WIPEONFORK,
)  # fmt: skip
from .mm_types import MmStruct
from .page import page_cache_get
from .pgtable import (
    SWP_HWPOISON, pte_alloc, pte_mkclean, pte_mkold, pte_present, pte_wrprotect, ptes, set_pte_at,
    swp_offset, swp_type,
)  # fmt: skip
from .vma import VMA, insert_vma, new_vma
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
        copy_one_pte(new, old, address, pte)


def copy_one_pte(new: VMA, old: VMA, address: int, pte: int) -> None:
    """Copy an entry. A private writable one loses its write bit *in both tables*: the first writer pays.

    References are not looked at, so a pinned page is shared like any other and may end up with the child.
    """
    kernel = new.vm_mm.kernel
    if not pte_present(pte):
        if swp_type(pte) != SWP_HWPOISON:
            kernel.swap.duplicate(swp_offset(pte))
        set_pte_at(new.vm_mm, address, pte)
        return
    if old.vm_flags & (VM_SHARED | VM_MAYWRITE) == VM_MAYWRITE:
        if pte != pte_wrprotect(pte):
            set_pte_at(old.vm_mm, address, pte_wrprotect(pte))
        pte = pte_wrprotect(pte)
    if old.vm_flags & VM_SHARED:
        pte = pte_mkclean(pte)
    page = vm_normal_page(old, pte)
    if page is not None:
        page_cache_get(page)
        page.mapcount += 1
    pte_alloc(new.vm_mm, address)
    set_pte_at(new.vm_mm, address, pte_mkold(pte))
