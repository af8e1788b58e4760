"""Making and removing mappings.

Source: mm/mmap.c (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errno import Errno
from .flags import (
    PROT, VM_ACCOUNT, VM_CAN_NONLINEAR, VM_DONTEXPAND, VM_GROWSDOWN, VM_HUGETLB, VM_IO, VM_LOCKED, VM_MAYEXEC,
    VM_MAYREAD, VM_MAYSHARE,
    VM_MAYWRITE, VM_MIXEDMAP, VM_NORESERVE, VM_PFNMAP, VM_RESERVED, VM_SHARED, VM_WRITE,
)  # fmt: skip
from .huge_memory import split_huge_pmd
from .pgtable import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE, PMD_SIZE, TASK_SIZE, free_pgtables
from .vma import (
    VMA, find_vma, find_vma_intersection, find_vma_prev, insert_vma, new_vma, remove_vma, split_vma, vma_merge,
    vma_set_page_prot,
)  # fmt: skip
from .zap import zap_page_range

if TYPE_CHECKING:
    from .filemap import Inode
    from .mm_types import MmStruct

MMAP_BASE = 0x7F00_0000_0000
"""Where the first mapping of a process goes."""
USER_SPACE = 1 << 47
"""What the tables can translate for user space; one page less of it can be mapped."""
KIND_FLAGS = {
    "normal": 0,
    "io": VM_IO | VM_PFNMAP | VM_RESERVED,
    "pfnmap": VM_IO | VM_PFNMAP | VM_RESERVED,
    "mixedmap": VM_MIXEDMAP,
    "hugetlb": VM_HUGETLB | VM_DONTEXPAND,
}
"""VMA flags of a driver's mapping, by the format's ``kind``."""


def get_unmapped_area(mm: MmStruct) -> int:
    """The address of a mapping that names none: each begins at the first 2 MiB boundary at least 2 MiB above
    the end of the one below, so that the same story draws the same tables every time."""
    if not mm.regions:
        return MMAP_BASE
    return mm.regions + 2 * PMD_SIZE - 1 & ~(PMD_SIZE - 1)


def calc_vm_flags(prot: PROT, share: str, file: Inode | None, ro: bool) -> int:
    """Rights now, and what mprotect may make of them.

    A shared mapping of a file that was opened read-only loses VM_MAYWRITE *and VM_SHARED*; only VM_MAYSHARE
    still says what was asked for. Source: mm/mmap.c, do_mmap_pgoff.
    """
    flags = int(prot) | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC
    if share == "shared":
        flags |= VM_SHARED | VM_MAYSHARE
        if ro:
            flags &= ~(VM_MAYWRITE | VM_SHARED)
    return flags | (VM_CAN_NONLINEAR if file is not None else 0)


def accountable(flags: int) -> int:
    """VM_ACCOUNT for private memory that may be written: it counts against what the machine can promise."""
    return VM_ACCOUNT if flags & (VM_NORESERVE | VM_SHARED | VM_WRITE) == VM_WRITE else 0


def mmap_region(
    mm: MmStruct, address: int, pages: int, flags: int, file: Inode | None, pgoff: int, kind: str, name: str
) -> VMA | Errno:
    """Lay a VMA over ``[address, address + pages)``; whatever was mapped there goes. mmap_sem held for writing.

    It is merged with a neighbour that nothing tells apart. Source: mm/mmap.c, mmap_region.
    """
    end = address + pages * PAGE_SIZE
    if address & ~PAGE_MASK or pages <= 0 or not 0 <= address < end <= TASK_SIZE:
        return Errno.EINVAL
    do_munmap(mm, address, end - address)
    flags |= accountable(flags)
    vma = new_vma(mm, address, end, flags, pgoff if file is not None else address >> PAGE_SHIFT, file)
    vma.kind = kind
    vma.name = name
    vma_set_page_prot(vma)
    insert_vma(mm, vma)
    mm.regions = max(mm.regions, end)
    return vma_merge(vma) if file is None and kind == "anon" and not flags & VM_GROWSDOWN else vma


def do_munmap(mm: MmStruct, start: int, length: int) -> int | Errno:
    """Unmap a range: VMAs are cut at its ends, entries cleared, tables without a user freed. Holes are no error.

    mmap_sem held for writing. Source: mm/mmap.c, do_munmap.
    """
    end = start + (length + PAGE_SIZE - 1 & PAGE_MASK)
    if start & ~PAGE_MASK or length <= 0 or not 0 <= start < end <= TASK_SIZE:
        return Errno.EINVAL
    first = find_vma_intersection(mm, start, end)
    if first is None:
        return 0
    if cuts_huge_page(mm, start, end):
        return Errno.EINVAL
    for vma in isolate_range(mm, start, end):
        zap_page_range(vma, vma.vm_start, vma.vm_end)
        file = vma.vm_file
        remove_vma(vma)
        if file is not None and file.unlinked and not file.mapping.i_mmap:
            mm.kernel.drop_file(file)
    above, below = find_vma_prev(mm, start)
    free_pgtables(mm, start, end, below.vm_end if below else 0, above.vm_start if above else USER_SPACE)
    return 0


def cuts_huge_page(mm: MmStruct, start: int, end: int) -> bool:
    """An end of the range lies inside a page of a hugetlb VMA, which cannot be cut."""
    return any(
        at % PMD_SIZE and vma is not None and vma.kind == "hugetlb"
        for at in (start, end)
        for vma in [find_vma_intersection(mm, at, at + 1)]
    )


def isolate_range(mm: MmStruct, start: int, end: int) -> list[VMA]:
    """The VMAs inside ``[start, end)``, the outer ones cut so that none reaches beyond."""
    found = []
    vma = find_vma(mm, start)
    if vma is not None and vma.vm_start < start:
        cut(vma, start)
    while (vma := find_vma(mm, start)) is not None and vma.vm_start < end:
        if vma.vm_end > end:
            cut(vma, end)
        found.append(vma)
        start = vma.vm_end
    return found


def cut(vma: VMA, address: int) -> None:
    """Make two VMAs of one; a huge entry across the edge is split first. Source: mm/huge_memory.c,
    vma_adjust_trans_huge."""
    if vma.vm_mm.has_huge and address % PMD_SIZE:
        split_huge_pmd(vma, address)
    split_vma(vma, address)


def extra_flags(names: tuple[str, ...]) -> int:
    """VMA flags from the names of mmap's own flags (POPULATE is no property of a VMA)."""
    table = {"LOCKED": VM_LOCKED, "GROWSDOWN": VM_GROWSDOWN, "NORESERVE": VM_NORESERVE}
    flags = 0
    for name in names:
        flags |= table.get(name, 0)
    return flags
