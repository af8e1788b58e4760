"""What a step's output tells about pages: the same fields for every backend, those it can see."""

from __future__ import annotations

from typing import Any

from ..kernel import Task
from ..kernel.compound import page_count, page_mapcount
from ..kernel.flags import VM_EXEC, VM_READ, VM_WRITE
from ..kernel.huge_memory import is_huge_zero
from ..kernel.pgtable import (
    _PAGE_ACCESSED,
    _PAGE_DIRTY,
    _PAGE_PROTNONE,
    _PAGE_RW,
    SWP_GUARD,
    SWP_HWPOISON,
    pte_present,
    swp_type,
)  # fmt: skip
from ..kernel.vma import find_vma_intersection
from .world import World


def pages(world: World) -> dict[str, dict[str, Any]]:
    """Every page that is present or swapped, by name (``P:A[0]``)."""
    out = {}
    for name, task, address, pte in world.mapped_pages():
        seen = _page(world, task, address, pte)
        if seen is not None:
            out[name] = seen
    return out


def _page(world: World, task: Task, address: int, pte: int) -> dict[str, Any] | None:
    if not pte_present(pte) and swp_type(pte) == SWP_HWPOISON:
        return None
    if not pte_present(pte):
        guard = {"guard": True} if swp_type(pte) == SWP_GUARD else {}
        return {"present": False, "swapped": True, **guard}
    page = world.kernel.page_at(task, address)
    if page is None:
        return None
    zero = page is world.kernel.zero_page or is_huge_zero(page.pfn)
    seen: dict[str, Any] = {
        "present": True,
        "frame": world.label(page),
        "zero": zero,
        "file": not zero and not page.anon,
        "swapped": False,
        "exclusive": page_mapcount(page) == 1,
        "mapcount": page_mapcount(page),
        "refcount": page_count(page),
        "pte": {"write": bool(pte & _PAGE_RW), "dirty": bool(pte & _PAGE_DIRTY), "young": bool(pte & _PAGE_ACCESSED)},
    }
    if _readable(task, address) and not pte & _PAGE_PROTNONE:
        seen["byte"] = page.content.byte
    return seen


def _readable(task: Task, address: int) -> bool:
    vma = find_vma_intersection(task.mm, address, address + 1)
    return vma is not None and bool(vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC))


def sampled(data: bytes) -> str:
    """Bytes as the output tells them: the first, and every further 4096th, in hex.

    >>> sampled(b"ab"), sampled(bytes(4096) + b"c")
    ('61', '0063')
    """
    return data[::4096].hex()
