"""Stacks that grow downwards when the page below them is touched.

Source: mm/mmap.c, expand_downwards, find_extend_vma (2.6.39).
"""

from __future__ import annotations

from .errno import Errno
from .flags import VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_READ, VM_WRITE
from .mm_types import MmStruct
from .pgtable import PAGE_MASK, PAGE_SHIFT
from .vma import VMA, find_vma, find_vma_intersection

VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC
RLIMIT_STACK = 8 << 20
"""Bytes a stack may have: the usual limit of a shell."""
STACK_GUARD_GAP = 256 << PAGE_SHIFT
"""Bytes that a growing stack leaves free below itself, from 4.12 on."""


def expand_stack(vma: VMA, address: int) -> int | Errno:
    """Lower the start of a stack to the page of ``address``: 0, or -ENOMEM when limit or neighbour forbid it.

    mmap_sem need only be held for reading; no distance from a stack pointer is looked at.
    """
    address &= PAGE_MASK
    if address >= vma.vm_start:
        return 0
    if vma.vm_end - address > RLIMIT_STACK or _too_close(vma, address):
        return Errno.ENOMEM
    vma.vm_pgoff -= vma.vm_start - address >> PAGE_SHIFT
    vma.vm_start = address
    kernel = vma.vm_mm.kernel
    kernel.vmas_changed(vma.vm_mm)
    if kernel.tracing:
        kernel.emit("expand_stack", start=address, end=vma.vm_end)
    return 0


def _too_close(vma: VMA, address: int) -> bool:
    """Something lies where the stack would grow to, or in the gap that it must keep."""
    if find_vma_intersection(vma.vm_mm, address, vma.vm_start):
        return True
    if vma.vm_mm.kernel.era.stack_guard_inside:
        return False
    below = find_vma_intersection(vma.vm_mm, address - STACK_GUARD_GAP, address)
    return below is not None and not below.vm_flags & VM_GROWSDOWN and bool(below.vm_flags & VM_ACCESS)


def find_extend_vma(mm: MmStruct, address: int) -> VMA | None:
    """The VMA that holds ``address``, grown down to it if the next one up is a stack; None otherwise.

    What a locked stack grew by is faulted in at once.
    """
    address &= PAGE_MASK
    vma = find_vma(mm, address)
    if vma is None or vma.vm_start <= address:
        return vma
    grown = vma.vm_start
    if not vma.vm_flags & VM_GROWSDOWN or expand_stack(vma, address):
        return None
    if vma.vm_flags & VM_LOCKED:
        mm.kernel.populate(vma, address, grown)
    return vma
