"""First touch of a file mapping.

Source: mm/memory.c, do_linear_fault, __do_fault (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anon import map_new_anon
from .cow import fault_dirty_shared_page
from .filemap import filemap_fault
from .flags import (
    FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_HWPOISON, VM_FAULT_NOPAGE, VM_FAULT_OOM, VM_FAULT_RETRY, VM_SHARED,
    VM_WRITE,
)  # fmt: skip
from .page import (
    PG_hwpoison, PG_locked, PG_readahead, PG_uptodate, Page, alloc_page, page_cache_get, page_cache_release,
)  # fmt: skip
from .pagelock import unlock_page
from .pgtable import PAGE_SHIFT, PAGE_SIZE, mk_pte, pte_at, pte_mkdirty, pte_mkwrite, set_pte_at
from .rmap import anon_vma_prepare, page_add_file_rmap
from .shmem import shmem_fault

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .vma import VMA


def do_linear_fault(mm: MmStruct, vma: VMA, address: int, flags: int) -> int:
    """Map the file's page, or a copy of it if a private mapping is written.

    Answers what the file system's fault method said (LOCKED, MAJOR, RETRY, an error). Never VM_FAULT_WRITE.
    A private write copies at once: the cached page itself is never mapped.
    """
    if not flags & FAULT_FLAG_WRITE and do_fault_around(vma, address):
        return 0
    pgoff = (address - vma.vm_start >> PAGE_SHIFT) + vma.vm_pgoff
    fault = shmem_fault if vma.kind == "shmem" else filemap_fault
    ret, page = fault(vma, pgoff, flags)
    if ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY) or page is None:
        return ret
    if page.flags & PG_hwpoison:
        unlock_page(page)
        page_cache_release(page)
        return VM_FAULT_HWPOISON
    if flags & FAULT_FLAG_WRITE and not vma.vm_flags & VM_SHARED:
        failed = _map_copy(mm, vma, address, page)
    else:
        failed = _map_file_page(mm, vma, address, page, flags)
        _map_rest_of_folio(vma, pgoff, flags)
    unlock_page(page)
    return failed if failed & VM_FAULT_ERROR else ret | failed


def _map_copy(mm: MmStruct, vma: VMA, address: int, cached: Page) -> int:
    anon_vma_prepare(vma)
    page = alloc_page(mm.kernel, cached.content)
    page_cache_release(cached)
    if page is None:
        return VM_FAULT_OOM
    if pte_at(mm, address):
        page_cache_release(page)
        return 0
    page.flags |= PG_uptodate
    map_new_anon(mm, vma, address, page)
    pte = pte_at(mm, address)
    set_pte_at(mm, address, pte_mkdirty(pte))
    return 0


def _map_file_page(mm: MmStruct, vma: VMA, address: int, page: Page, flags: int) -> int:
    """Map the cached page itself; its reference becomes the entry's. A shared write marks it dirty."""
    if pte_at(mm, address):
        page_cache_release(page)
        return 0
    pte = mk_pte(page.pfn, vma.vm_page_prot)
    if flags & FAULT_FLAG_WRITE:
        pte = pte_mkdirty(pte)
        if vma.vm_flags & VM_WRITE:
            pte = pte_mkwrite(pte)
    page_add_file_rmap(page)
    set_pte_at(mm, address, pte)
    if flags & FAULT_FLAG_WRITE:
        return fault_dirty_shared_page(vma, page, flags)
    return 0


def _map_rest_of_folio(vma: VMA, pgoff: int, flags: int) -> None:
    """A folio is mapped as a whole where it fits in the VMA. Source: mm/memory.c, finish_fault."""
    inode = vma.vm_file
    folio = None if inode is None else inode.folios.get(pgoff)
    if inode is None or folio is None:
        return
    start = vma.vm_start + (folio[0] - vma.vm_pgoff << PAGE_SHIFT)
    if start < vma.vm_start or start + (folio[1] << PAGE_SHIFT) > vma.vm_end:
        return
    for i in range(folio[1]):
        at, page = start + i * PAGE_SIZE, inode.mapping.pages.get(folio[0] + i)
        if page is not None and not pte_at(vma.vm_mm, at):
            page_cache_get(page)
            _map_file_page(vma.vm_mm, vma, at, page, flags & FAULT_FLAG_WRITE)


def do_fault_around(vma: VMA, address: int) -> bool:
    """Map what is cached of the aligned window around a read fault; True if that served the fault itself.

    Only pages that could be mapped without waiting are. Source: mm/memory.c, do_fault_around;
    mm/filemap.c, filemap_map_pages (3.15 on).
    """
    inode, window = vma.vm_file, vma.vm_mm.kernel.era.fault_around_pages * PAGE_SIZE
    pgoff = (address - vma.vm_start >> PAGE_SHIFT) + vma.vm_pgoff
    if inode is None or window == PAGE_SIZE or pgoff in inode.folios:
        return False
    start = max(address & ~(window - 1), vma.vm_start)
    end = min((address & ~(window - 1)) + window, vma.vm_end)
    for at in range(start, end, PAGE_SIZE):
        page = inode.mapping.pages.get((at - vma.vm_start >> PAGE_SHIFT) + vma.vm_pgoff)
        if page is not None and not pte_at(vma.vm_mm, at) and _mappable(page):
            page_cache_get(page)
            _map_file_page(vma.vm_mm, vma, at, page, 0)
    return bool(pte_at(vma.vm_mm, address))


def _mappable(page: Page) -> bool:
    return bool(page.flags & PG_uptodate) and not page.flags & (PG_locked | PG_readahead | PG_hwpoison)
