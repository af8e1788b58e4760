"""Transparent huge pages: 2 MiB mapped by one entry where the process asked for it (MADV_HUGEPAGE).

Source: mm/huge_memory.c (2.6.38 on).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .compound import HPAGE_NR, alloc_huge_page, page_count, split_compound, subpages, total_mapcount
from .flags import (
    FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, FOLL_WRITE, VM_FAULT_FALLBACK, VM_FAULT_OOM, VM_FAULT_WRITE, VM_HUGEPAGE,
    VM_HUGETLB,
    VM_SHARED, VM_WRITE,
)  # fmt: skip
from .page import (
    PG_anon_exclusive, PG_dirty, PG_hugetlb, PG_lru, PG_reserved, PG_swapbacked, PG_uptodate, Page, free_page,
    maybe_dma_pinned, page_cache_get,
    page_cache_release,
)  # fmt: skip
from .pgtable import (
    _PAGE_DIRTY, _PAGE_PSE, _PAGE_SPECIAL, PAGE_SHIFT, PAGE_SIZE, PMD_SIZE, mk_pte, pmd_leaf, pte_mkclean, pte_mkdirty,
    pte_mkold, pte_mkspecial, pte_mkwrite, pte_mkyoung, pte_modify, pte_pfn, pte_wrprotect, set_pmd_at,
)  # fmt: skip
from .rmap import anon_vma_prepare, rmap_walk

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct
    from .vma import VMA

HUGE_ZERO_PFN = 0x200
"""The first of the 512 frames of the huge zero page."""


def block(address: int) -> int:
    """The start of the 2 MiB around an address."""
    return address & ~(PMD_SIZE - 1)


def huge_zero_page(kernel: Machine) -> Page:
    """The head of 512 frames of zeros, shared by every reader of an untouched huge range (3.8)."""
    if HUGE_ZERO_PFN not in kernel.low_pages:
        for pfn in range(HUGE_ZERO_PFN, HUGE_ZERO_PFN + HPAGE_NR):
            page = kernel.low_pages[pfn] = Page(kernel, pfn)
            page.flags, page.count = PG_reserved | PG_uptodate, 1
            kernel.watch_page(page)
    return kernel.low_pages[HUGE_ZERO_PFN]


def is_huge_zero(pfn: int) -> bool:
    """The frame is part of the huge zero page."""
    return HUGE_ZERO_PFN <= pfn < HUGE_ZERO_PFN + HPAGE_NR


def huge_page(vma: VMA, leaf: int) -> Page | None:
    """The head behind a huge entry, or None for the huge zero page."""
    return None if leaf & _PAGE_SPECIAL else vma.vm_mm.kernel.zone.page(pte_pfn(leaf))


def fits(vma: VMA, address: int) -> bool:
    """The 2 MiB around an address lie in the VMA, which is anonymous, private and asked for huge pages."""
    start = block(address)
    wanted = vma.vm_flags & VM_HUGEPAGE and vma.kind == "anon"
    return bool(wanted) and vma.vm_start <= start and start + PMD_SIZE <= vma.vm_end


def handle_huge_pmd(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Serve a fault by a huge page, or on one: VM_FAULT bits; VM_FAULT_FALLBACK: small pages must serve it."""
    leaf = pmd_leaf(mm, address)
    if not leaf:
        nothing = (address >> 21 & 511) not in mm.pgd.get(address >> 39, {}).get(address >> 30 & 511, {})
        if not nothing or not fits(vma, address):
            return VM_FAULT_FALLBACK
        return do_huge_pmd_anonymous_page(mm, vma, address, flags)
    if flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE) and leaf == pte_wrprotect(leaf):
        return do_huge_pmd_wp_page(mm, vma, address, leaf, flags)
    set_pmd_at(mm, address, pte_mkyoung(leaf))
    return 0


def do_huge_pmd_anonymous_page(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Fill 2 MiB at once: a reader gets the huge zero page where the era has one, else a page like a writer's.

    0, or VM_FAULT_FALLBACK when there are no 512 frames in a row.
    """
    kernel = mm.kernel
    if not flags & FAULT_FLAG_WRITE and kernel.era.huge_zero_page:
        zero = huge_zero_page(kernel)
        set_pmd_at(mm, address, pte_mkspecial(mk_pte(zero.pfn, vma.vm_page_prot)) | _PAGE_PSE)
        return 0
    head = alloc_huge_page(kernel)
    if head is None:
        return VM_FAULT_FALLBACK
    anon_vma_prepare(vma)
    map_huge_page(mm, vma, address, head, dirty=bool(flags & FAULT_FLAG_WRITE))
    if kernel.tracing:
        kernel.emit("do_huge_pmd_anonymous_page", process=mm.name, address=block(address), pfn=head.pfn)
    return 0


def map_huge_page(mm: MmStruct, vma: VMA, address: int, head: Page, *, dirty: bool) -> None:
    """Map a fresh huge page; the reference that came with it becomes the entry's."""
    first = vma.vm_pgoff + (block(address) - vma.vm_start >> PAGE_SHIFT)
    exclusive = PG_anon_exclusive if mm.kernel.era.marks_exclusive else 0
    for i, page in enumerate(subpages(head)):
        page.mapping, page.index = vma.anon_vma, first + i
        page.flags |= PG_uptodate | PG_lru | PG_swapbacked | exclusive
    head.compound_mapcount = 1
    leaf = mk_pte(head.pfn, vma.vm_page_prot) | _PAGE_PSE
    leaf = pte_mkdirty(leaf) if dirty or vma.vm_flags & VM_WRITE else leaf
    set_pmd_at(mm, address, pte_mkwrite(leaf) if vma.vm_flags & VM_WRITE else leaf)


def do_huge_pmd_wp_page(mm: MmStruct, vma: VMA, address: int, leaf: int, flags: int) -> int:
    """A write to a read-only huge entry: take the page over, copy all of it (until 5.8), or split and let one part
    be copied.

    VM_FAULT_WRITE, 0 (unshared), VM_FAULT_OOM, or VM_FAULT_FALLBACK after a split.
    """
    era, head = mm.kernel.era, huge_page(vma, leaf)
    if head is not None and _may_take_over(head):
        _own(head)
        if flags & FAULT_FLAG_UNSHARE:
            return 0
        new = pte_mkdirty(pte_mkyoung(leaf))
        set_pmd_at(mm, address, pte_mkwrite(new) if vma.vm_flags & VM_WRITE else new)
        return VM_FAULT_WRITE
    copies = era.huge_zero_write_copies if head is None else era.huge_cow_copies
    return _copy_huge(mm, vma, address, head) if copies else _split_for_write(vma, address)


def _split_for_write(vma: VMA, address: int) -> int:
    split_huge_pmd(vma, address)
    return VM_FAULT_FALLBACK


def _may_take_over(head: Page) -> bool:
    """Until 5.18 by the number of mappings, whatever the rule for small pages was; then by the mark, or as the only
    user."""
    if head.kernel.era.marks_exclusive:
        return bool(head.flags & PG_anon_exclusive) or head.count == 1
    return total_mapcount(head) == 1


def _own(head: Page) -> None:
    if head.kernel.era.marks_exclusive:
        for page in subpages(head):
            page.flags |= PG_anon_exclusive


def _copy_huge(mm: MmStruct, vma: VMA, address: int, old: Page | None) -> int:
    """Put a copy of all 512 pages in place of the old ones (or of zeros)."""
    new = alloc_huge_page(mm.kernel)
    if new is None:
        return _split_for_write(vma, address) if old is not None else VM_FAULT_OOM
    if old is not None:
        for page, copy in zip(subpages(old), subpages(new), strict=True):
            copy.content = page.content
    anon_vma_prepare(vma)
    map_huge_page(mm, vma, address, new, dirty=True)
    if old is not None:
        old.compound_mapcount -= 1
        page_cache_release(old)
    if mm.kernel.tracing:
        mm.kernel.emit("do_huge_pmd_wp_page", process=mm.name, address=block(address), pfn=new.pfn)
    return VM_FAULT_WRITE


def touch_pmd(vma: VMA, address: int, leaf: int, foll_flags: int) -> None:
    """FOLL_TOUCH on a huge entry: accessed, and dirty for a writer; in some eras for a reader too.

    Source: mm/huge_memory.c, touch_pmd.
    """
    dirty = foll_flags & FOLL_WRITE or vma.vm_mm.kernel.era.huge_touch_dirties
    new = pte_mkyoung(pte_mkdirty(leaf) if dirty else leaf)
    if new != leaf:
        set_pmd_at(vma.vm_mm, address, new)


# --- splitting


def split_huge_pmd(vma: VMA, address: int) -> None:
    """Map what one entry mapped by 512; before 4.5 the page itself comes apart with it, in every process.

    Source: mm/huge_memory.c, __split_huge_page_pmd (2.6.38), __split_huge_pmd (4.5 on).
    """
    mm = vma.vm_mm
    leaf = pmd_leaf(mm, address)
    if not leaf:
        return
    head = huge_page(vma, leaf)
    if head is None:
        _map_small(vma, address, leaf, None)
    elif mm.kernel.era.tail_references:
        split_huge_page(head)
    else:
        _map_small(vma, address, leaf, head)


def _map_small(vma: VMA, address: int, leaf: int, head: Page | None) -> None:
    mm, zero = vma.vm_mm, vma.vm_mm.kernel.zero_page
    start, bits = block(address), leaf & ~_PAGE_PSE & ~(pte_pfn(leaf) << PAGE_SHIFT)
    set_pmd_at(mm, start, 0)
    mm.pgd[start >> 39][start >> 30 & 511][start >> 21 & 511] = {
        i: (zero.pfn if head is None else head.pfn + i) << PAGE_SHIFT | bits for i in range(HPAGE_NR)
    }
    if head is not None:
        head.compound_mapcount -= 1
        head.count += HPAGE_NR - 1
        for page in subpages(head):
            page.mapcount += 1
            page.flags |= PG_dirty if leaf & _PAGE_DIRTY else 0
    if mm.kernel.tracing:
        for at in range(start, start + PMD_SIZE, PAGE_SIZE):
            mm.kernel.pte_written(mm, at)
        mm.kernel.emit("split_huge_pmd", process=mm.name, address=start)


def split_huge_page(head: Page) -> bool:
    """Make 512 ordinary pages of a huge one; False if somebody holds it and the era's references are the head's.

    Every huge entry that maps it is split first. Source: mm/huge_memory.c, split_huge_page.
    """
    if head.flags & PG_hugetlb:
        return False
    carries = head.kernel.era.tail_references
    if not carries and page_count(head) > total_mapcount(head):
        return False
    for vma, address, pte in list(rmap_walk(head)):
        if pte & _PAGE_PSE:
            _map_small(vma, address, pmd_leaf(vma.vm_mm, address), head)
    for page in split_compound(head):
        free_page(page)
    if head.kernel.tracing:
        head.kernel.emit("split_huge_page", pfn=head.pfn)
    return True


# --- the ways in which a huge entry goes or changes


def zap_or_split(vma: VMA, start: int, end: int, address: int, leaf: int) -> None:
    """Unmap 2 MiB if the range takes in all of them; else split the entry, so that its parts can be."""
    if covered(start, end, address):
        zap_huge_pmd(vma, address, leaf)
    else:
        split_huge_pmd(vma, address)


def zap_huge_pmd(vma: VMA, address: int, leaf: int) -> None:
    """Unmap 2 MiB at once."""
    set_pmd_at(vma.vm_mm, address, 0)
    head = huge_page(vma, leaf)
    if head is not None:
        head.compound_mapcount -= 1
        page_cache_release(head)


def covered(start: int, end: int, address: int) -> bool:
    """The range takes in all of the 2 MiB around an address."""
    return start <= block(address) and block(address) + PMD_SIZE <= end


def copy_huge_pmd(new: VMA, old: VMA, address: int, leaf: int) -> None:
    """fork: share a huge page; or split its entry, so that a part that a FOLL_PIN holds can be copied."""
    head = huge_page(old, leaf)
    if head is not None:
        era = head.kernel.era
        if era.fork_copies_pinned and old.vm_mm.has_pinned and maybe_dma_pinned(head):
            split_huge_pmd(old, address)
            return
        head.compound_mapcount += 1
        page_cache_get(head)
        for page in subpages(head):
            page.flags &= ~PG_anon_exclusive
    if not old.vm_flags & VM_SHARED:
        leaf = pte_wrprotect(leaf)
        set_pmd_at(old.vm_mm, address, leaf)
    set_pmd_at(new.vm_mm, address, pte_mkold(pte_mkclean(leaf)))


def change_huge_pmd(vma: VMA, address: int, leaf: int) -> None:
    """mprotect: new rights for 2 MiB at once."""
    new = pte_modify(leaf, vma.vm_page_prot) | _PAGE_PSE
    head = huge_page(vma, leaf)
    keeps = vma.vm_mm.kernel.era.mprotect_keeps_write and vma.vm_flags & (VM_WRITE | VM_SHARED) == VM_WRITE
    own = head is not None and bool(head.flags & PG_anon_exclusive) and not vma.vm_flags & VM_HUGETLB
    set_pmd_at(vma.vm_mm, address, pte_mkwrite(new) if keeps and own else new)


def split_range(vma: VMA, start: int, end: int) -> None:
    """Split every huge entry in a range, and the pages where nobody holds them, for what can only handle small ones."""
    mm = vma.vm_mm
    for address in range(block(start), end, PMD_SIZE) if mm.has_huge else ():
        leaf = pmd_leaf(mm, address)
        if leaf:
            head = huge_page(vma, leaf)
            split_huge_pmd(vma, address)
            if head is not None and head.head is head:
                split_huge_page(head)
