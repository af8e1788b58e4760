"""vm_area_struct and the ordered set of them.

Source: include/linux/mm_types.h, mm/mmap.c (2.6.39).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from .flags import (
    VM_EXEC, VM_GROWSDOWN, VM_IO, VM_MAYWRITE, VM_PFNMAP, VM_READ, VM_SHARED, VM_WRITE,
)  # fmt: skip
from .pgtable import (
    _PAGE_ACCESSED, _PAGE_NX, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_RW, _PAGE_USER, PAGE_SHIFT,
)  # fmt: skip

if TYPE_CHECKING:
    from .filemap import Inode
    from .mm_types import MmStruct
    from .rmap import AnonVma

VM_SPECIAL = VM_IO | VM_PFNMAP
"""VMAs that are never merged."""


class VMA:
    """A range of addresses ``[vm_start, vm_end)`` with one set of rights and one backing.

    ``vm_file`` is the file behind it or None; ``vm_pgoff`` the page number of ``vm_start`` in it (for anonymous
    memory the page number of the address where it was first mapped). ``kind`` says what serves its faults:
    ``anon``, ``file``, ``shmem``, ``hugetlb``, ``io``, ``pfnmap`` or ``mixedmap``. ``inherited``: it came by fork.
    ``name`` is the kit's own label.
    """

    __slots__ = (
        "anon_vma", "inherited", "kind", "name", "vm_end", "vm_file", "vm_flags", "vm_mm", "vm_page_prot",
        "vm_pgoff", "vm_start",
    )  # fmt: skip

    def __init__(self, mm: MmStruct, start: int, end: int, flags: int, pgoff: int, file: Inode | None) -> None:
        self.vm_mm = mm
        self.vm_start = start
        self.vm_end = end
        self.vm_flags = flags
        self.vm_pgoff = pgoff
        self.vm_file = file
        self.kind = "anon"
        self.inherited = False
        self.anon_vma: AnonVma | None = None
        self.vm_page_prot = 0
        self.name = ""

    @property
    def has_fault(self) -> bool:
        """vm_ops->fault exists: a hole is filled from a file, not with zeros."""
        return self.kind in ("file", "shmem")

    def __repr__(self) -> str:
        return f"<vma {self.vm_start:#x}-{self.vm_end:#x} flags={self.vm_flags:#x}>"


class FreedVMA(VMA):
    """A tombstone: reading a VMA that was freed is reported, and answers what the memory last held."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("vm_") and name != "vm_mm":
            mm = object.__getattribute__(self, "vm_mm")
            mm.kernel.debug.report("stale vma", f"{name} is read from a VMA that was freed")
        return object.__getattribute__(self, name)


def find_vma(mm: MmStruct, address: int) -> VMA | None:
    """The first VMA that ends above ``address``: it may begin above it too. Source: mm/mmap.c, find_vma."""
    cached = mm.mmap_cache
    if cached is not None and cached.vm_start <= address < cached.vm_end:
        return cached
    index = bisect_right(mm.mmap, address, key=_end)
    if index == len(mm.mmap):
        return None
    mm.mmap_cache = mm.mmap[index]
    return mm.mmap_cache


def _end(vma: VMA) -> int:
    return vma.vm_end


def find_vma_prev(mm: MmStruct, address: int) -> tuple[VMA | None, VMA | None]:
    """The VMA that ``find_vma`` gives, and the one below it."""
    index = bisect_right(mm.mmap, address, key=_end)
    return (
        mm.mmap[index] if index < len(mm.mmap) else None,
        mm.mmap[index - 1] if index else None,
    )


def find_vma_intersection(mm: MmStruct, start: int, end: int) -> VMA | None:
    """The first VMA that shares an address with ``[start, end)``."""
    vma = find_vma(mm, start)
    return vma if vma is not None and vma.vm_start < end else None


def insert_vma(mm: MmStruct, vma: VMA) -> None:
    """Put a VMA into the ordered set, and into the set of mappings of its file."""
    index = bisect_right(mm.mmap, vma.vm_start, key=_start)
    mm.mmap.insert(index, vma)
    if vma.vm_file is not None:
        vma.vm_file.mapping.i_mmap.append(vma)
    mm.kernel.vmas_changed(mm)


def _start(vma: VMA) -> int:
    return vma.vm_start


def remove_vma(vma: VMA) -> None:
    """Take a VMA out of the set and free it: pointers to it are stale from here on."""
    mm = vma.vm_mm
    mm.mmap.remove(vma)
    mm.mmap_cache = None
    if vma.vm_file is not None:
        vma.vm_file.mapping.i_mmap.remove(vma)
    if vma.anon_vma is not None:
        vma.anon_vma.vmas.remove(vma)
    mm.kernel.vmas_changed(mm)
    if mm.kernel.debug.enabled:
        vma.__class__ = FreedVMA
    else:
        mm.kernel.vm_area_cachep.append(vma)


def new_vma(mm: MmStruct, start: int, end: int, flags: int, pgoff: int, file: Inode | None) -> VMA:
    """A VMA, from recycled memory if the slab has some: then an old pointer to it shows the new owner's range."""
    cachep = mm.kernel.vm_area_cachep
    if not cachep:
        return VMA(mm, start, end, flags, pgoff, file)
    vma = cachep.pop()
    vma.__init__(mm, start, end, flags, pgoff, file)  # type: ignore[misc]
    return vma


def split_vma(vma: VMA, address: int) -> VMA:
    """Cut a VMA in two at ``address``; returns the upper half. Source: mm/mmap.c, __split_vma."""
    pgoff = vma.vm_pgoff + (address - vma.vm_start >> PAGE_SHIFT)
    upper = new_vma(vma.vm_mm, address, vma.vm_end, vma.vm_flags, pgoff, vma.vm_file)
    upper.kind, upper.name, upper.inherited = vma.kind, vma.name, vma.inherited
    upper.vm_page_prot = vma.vm_page_prot
    upper.anon_vma = vma.anon_vma
    if upper.anon_vma is not None:
        upper.anon_vma.vmas.append(upper)
    vma.vm_end = address
    insert_vma(vma.vm_mm, upper)
    return upper


def can_merge(low: VMA, high: VMA) -> bool:
    """Whether two neighbours are one mapping in all but name. Source: mm/mmap.c, can_vma_merge_after."""
    return (
        low.vm_end == high.vm_start
        and low.vm_flags == high.vm_flags
        and not low.vm_flags & VM_SPECIAL
        and low.vm_file is high.vm_file
        and low.kind == high.kind
        and (low.anon_vma is high.anon_vma or low.anon_vma is None or high.anon_vma is None)
        and high.vm_pgoff - low.vm_pgoff == high.vm_start - low.vm_start >> PAGE_SHIFT
    )


def vma_merge(vma: VMA) -> VMA:
    """Join a VMA with its neighbours where nothing tells them apart; returns the VMA that now covers it."""
    mm = vma.vm_mm
    index = mm.mmap.index(vma)
    if index + 1 < len(mm.mmap) and can_merge(vma, mm.mmap[index + 1]):
        _absorb(vma, mm.mmap[index + 1])
    if index and can_merge(mm.mmap[index - 1], vma):
        low = mm.mmap[index - 1]
        _absorb(low, vma)
        return low
    return vma


def _absorb(low: VMA, high: VMA) -> None:
    end, anon_vma = high.vm_end, high.anon_vma
    remove_vma(high)
    low.vm_end = end
    if low.anon_vma is None and anon_vma is not None:
        low.anon_vma = anon_vma
        anon_vma.vmas.append(low)
    low.vm_mm.kernel.vmas_changed(low.vm_mm)


def vm_get_page_prot(flags: int) -> int:
    """Entry bits for a VMA's rights: only shared memory is writable at once; private pages start read-only.

    Source: mm/mmap.c, protection_map; arch/x86/include/asm/pgtable_types.h.
    """
    if not flags & (VM_READ | VM_WRITE | VM_EXEC):
        return _PAGE_PROTNONE | _PAGE_ACCESSED
    prot = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED
    if flags & VM_WRITE and flags & VM_SHARED:
        prot |= _PAGE_RW
    return prot if flags & VM_EXEC else prot | _PAGE_NX


def is_cow_mapping(flags: int) -> bool:
    """Private and possibly writable: a write gets a copy. Source: include/linux/mm.h."""
    return flags & (VM_SHARED | VM_MAYWRITE) == VM_MAYWRITE


def writes_file(mm: MmStruct, address: int) -> bool:
    """Whoever writes at an address may change the file behind it: mapped shared, and opened for writing."""
    vma = find_vma_intersection(mm, address, address + 1)
    return vma is not None and vma.vm_flags & (VM_SHARED | VM_MAYWRITE) == VM_SHARED | VM_MAYWRITE


def vma_wants_writenotify(vma: VMA) -> bool:
    """Whether the first write to each page must fault so that it can be marked dirty (shared disk files)."""
    return vma.vm_flags & (VM_WRITE | VM_SHARED) == VM_WRITE | VM_SHARED and vma.kind == "file"


def vma_set_page_prot(vma: VMA) -> None:
    """Derive the entry bits from the VMA's flags. Source: mm/mmap.c, mmap_region; mm/mprotect.c."""
    flags = vma.vm_flags
    vma.vm_page_prot = vm_get_page_prot(flags & ~VM_SHARED if vma_wants_writenotify(vma) else flags)


def stack_guard_page(vma: VMA, address: int) -> bool:
    """``address`` is the lowest page of a stack that can still grow. Source: include/linux/mm.h, mm/mlock.c."""
    if not vma.vm_mm.kernel.era.stack_guard_inside:
        return False
    if not vma.vm_flags & VM_GROWSDOWN or address & ~0xFFF != vma.vm_start:
        return False
    _, below = find_vma_prev(vma.vm_mm, vma.vm_start)
    return not (below is not None and below.vm_flags & VM_GROWSDOWN and below.vm_end == vma.vm_start)
