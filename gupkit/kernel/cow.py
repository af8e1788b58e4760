"""A write to a page whose entry forbids it: copy, or take the page over.

Source: mm/memory.c, do_wp_page (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .anon import maybe_mkwrite
from .compound import page_count, page_mapcount
from .content import ZEROS
from .dirty import set_page_dirty
from .flags import (
    FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_RETRY_NOWAIT, FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, VM_FAULT_OOM,
    VM_FAULT_RETRY, VM_FAULT_WRITE, VM_SHARED, VM_WRITE,
)  # fmt: skip
from .page import (
    PG_anon_exclusive, PG_locked, PG_lru, PG_swapcache, PG_uptodate, Page, alloc_page, page_cache_get,
    page_cache_release,
)  # fmt: skip
from .pagelock import lock_page, unlock_page
from .pgtable import _PAGE_DIRTY, mk_pte, pte_at, pte_mkdirty, pte_mkyoung, set_pte_at
from .rmap import anon_vma_prepare, carry_dirty, page_add_new_anon_rmap, page_remove_rmap, set_exclusive
from .swap import free_swap_cache, reuse_swap_page, try_to_free_swap
from .zap import vm_normal_page

if TYPE_CHECKING:
    from .mm_types import MmStruct
    from .vma import VMA


def do_wp_page(mm: MmStruct, vma: VMA, address: int, pte: int, flags: int = FAULT_FLAG_WRITE) -> int:
    """Serve a write to a write-protected entry: VM_FAULT_WRITE, 0 if the entry changed meanwhile, or OOM.

    Anonymous pages that no other entry uses are taken over, shared file pages become writable, everything
    else is copied: also, under force, a page of a shared mapping without VM_WRITE.
    """
    page = vm_normal_page(vma, pte)
    shared_writable = vma.vm_flags & (VM_WRITE | VM_SHARED) == VM_WRITE | VM_SHARED
    if page is None:
        if shared_writable:
            return _reuse(mm, vma, address, pte)
    elif page.anon:
        if _may_take_over(page, mm, address, pte):
            page_move_anon_rmap(page, vma)
            set_exclusive(page)
            return 0 if flags & FAULT_FLAG_UNSHARE else _reuse(mm, vma, address, pte)
        if pte_at(mm, address) != pte:
            return 0
    elif shared_writable:
        ret = _reuse(mm, vma, address, pte)
        return ret | fault_dirty_shared_page(vma, page, flags)
    return _copy(mm, vma, address, pte, page, flags)


def fault_dirty_shared_page(vma: VMA, page: Page, flags: int) -> int:
    """Mark a page of a shared mapping dirty after a write fault on it.

    In some eras the writer is then throttled without mmap_lock: VM_FAULT_RETRY although the entry is set.
    Source: mm/memory.c, fault_dirty_shared_page.
    """
    mm = vma.vm_mm
    changed = set_page_dirty(page) or vma.kind == "file"
    waits = flags & (FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT) == FAULT_FLAG_ALLOW_RETRY
    if not (changed and waits and mm.kernel.era.shared_write_retries):
        return 0
    mm.mmap_sem.up_read()
    return VM_FAULT_RETRY


def _may_take_over(page: Page, mm: MmStruct, address: int, pte: int) -> bool:
    """Under the page lock; while asleep for it the entry may have changed."""
    if page.flags & PG_locked:
        page_cache_get(page)
        try:
            lock_page(page)
            unlock_page(page)
        finally:
            page_cache_release(page)
        if pte_at(mm, address) != pte:
            return False
    rule = mm.kernel.era.anon_reuse
    return rule(page) if callable(rule) else REUSE[rule](page)


def only_reference(page: Page) -> bool:
    """5.9 to 5.18: nobody else may hold the page, for whatever reason."""
    return page_count(page) == 1 and page_mapcount(page) == 1


def exclusive_or_only(page: Page) -> bool:
    """From 5.19 on: the mark decides; without it the rule is that of :func:`only_reference`, swap cache aside."""
    if page.flags & PG_anon_exclusive:
        return True
    if page_count(page) > 1 + bool(page.flags & PG_swapcache):
        return False
    try_to_free_swap(page)
    return page_count(page) == 1


REUSE = {"mapcount": reuse_swap_page, "refcount": only_reference, "exclusive": exclusive_or_only}
"""The eras' answers to: may a writer have this anonymous page to itself?"""


def page_move_anon_rmap(page: Page, vma: VMA) -> None:
    """The page now belongs to this VMA alone. Source: mm/rmap.c."""
    if vma.anon_vma is not None:
        page.mapping = vma.anon_vma


def _reuse(mm: MmStruct, vma: VMA, address: int, pte: int) -> int:
    set_pte_at(mm, address, maybe_mkwrite(pte_mkdirty(pte_mkyoung(pte)), vma))
    if mm.kernel.tracing:
        mm.kernel.emit("do_wp_page", process=mm.name, address=address, action="reuse")
    return VM_FAULT_WRITE


def _copy(mm: MmStruct, vma: VMA, address: int, pte: int, old: Page | None, flags: int) -> int:
    """Put a private copy in place of the old page; the old mapping goes last."""
    kernel = mm.kernel
    if old is not None:
        page_cache_get(old)
    try:
        anon_vma_prepare(vma)
        kernel.schedule("alloc_page", address=address)
        new = alloc_page(kernel, ZEROS if old is None else old.content)
        if new is None:
            return VM_FAULT_OOM
        if pte_at(mm, address) != pte:
            page_cache_release(new)
            return 0
        _replace(mm, vma, address, pte, old, new, bool(flags & FAULT_FLAG_UNSHARE))
    finally:
        if old is not None:
            page_cache_release(old)
    if kernel.tracing:
        kernel.emit("do_wp_page", process=mm.name, address=address, action="copy", pfn=new.pfn)
    return 0 if flags & FAULT_FLAG_UNSHARE else VM_FAULT_WRITE


def _replace(
    mm: MmStruct, vma: VMA, address: int, pte: int, old: Page | None, new: Page, read_only: bool
) -> None:
    new.flags |= PG_uptodate | PG_lru
    page_add_new_anon_rmap(new, vma, address)
    fresh = mk_pte(new.pfn, vma.vm_page_prot)
    set_pte_at(mm, address, fresh if read_only else maybe_mkwrite(pte_mkdirty(fresh), vma))
    if old is None:
        return
    if not old.anon and pte & _PAGE_DIRTY:
        carry_dirty(pte, old)
    page_remove_rmap(old)
    if old.anon:
        free_swap_cache(old)
    page_cache_release(old)
