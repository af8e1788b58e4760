"""A CPU touches memory: the hardware walk, and the fault it may raise.

Source: arch/x86/mm/fault.c, do_page_fault (2.6.39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .flags import (
    FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_TRIED, FAULT_FLAG_WRITE, VM_EXEC, VM_FAULT_ERROR, VM_FAULT_RETRY,
    VM_FAULT_SIGSEGV, VM_GROWSDOWN, VM_READ, VM_WRITE,
)  # fmt: skip
from .memory import charge_fault, handle_mm_fault
from .pgtable import (
    _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, PAGE_SIZE, PFN_MASK, PAGE_SHIFT, pte_at, set_pte_at,
)  # fmt: skip
from .sched import Signal
from .stack import expand_stack
from .vma import VMA, find_vma

if TYPE_CHECKING:
    from .page import Page
    from .sched import Task


def user_access(task: Task, address: int, write: bool) -> Page:
    """The frame that a load or store of the CPU reaches, faulting as often as it takes; sets accessed and dirty.

    Raises Signal: SIGSEGV or SIGBUS.
    """
    mm = task.mm
    while True:
        pte = pte_at(mm, address) if 0 <= address < 1 << 47 else 0
        if pte & _PAGE_PRESENT and (pte & _PAGE_RW or not write):
            touched = pte | _PAGE_ACCESSED | (_PAGE_DIRTY if write else 0)
            if touched != pte:
                set_pte_at(mm, address & ~(PAGE_SIZE - 1), touched)
            return mm.kernel.zone.page((pte & PFN_MASK) >> PAGE_SHIFT)
        do_page_fault(task, address, write, present=bool(pte & _PAGE_PRESENT))


def do_page_fault(task: Task, address: int, write: bool, present: bool = False) -> None:
    """Serve one fault of the CPU, or raise Signal.

    A fault that had to let mmap_sem go is repeated, and counted once.
    """
    mm = task.mm
    flags = FAULT_FLAG_ALLOW_RETRY | (FAULT_FLAG_WRITE if write else 0)
    while True:
        mm.mmap_sem.down_read()
        try:
            vma = find_vma(mm, address)
            if vma is None or not _extends(vma, address) or not _allowed(vma, write):
                raise Signal("SIGSEGV", address)
            ret = handle_mm_fault(mm, vma, address, flags)
            if mm.kernel.tracing:
                mm.kernel.emit("handle_mm_fault", process=mm.name, address=address, ret=ret, fault_flags=flags)
        except BaseException:
            if task in mm.mmap_sem.readers:
                mm.mmap_sem.up_read()
            raise
        if ret & VM_FAULT_ERROR:
            mm.mmap_sem.up_read()
            raise Signal("SIGSEGV" if ret & VM_FAULT_SIGSEGV else "SIGBUS", address)
        if flags & FAULT_FLAG_ALLOW_RETRY and mm.kernel.era.faults_charged == "tsk":
            charge_fault(task, ret)
        if not ret & VM_FAULT_RETRY:
            mm.mmap_sem.up_read()
            return
        flags = flags & ~FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_TRIED


def _extends(vma: VMA, address: int) -> bool:
    """The address lies in the VMA, or the VMA is a stack that grows to it.

    The hardware's fault also asks that the address be near the stack pointer, which stands at the top of
    the main stack: for a stack of the program's own making everything below it is too far away.
    """
    if vma.vm_start <= address:
        return True
    if not vma.vm_flags & VM_GROWSDOWN or address + STACK_CUSHION < vma.vm_start:
        return False
    return expand_stack(vma, address) == 0


STACK_CUSHION = 65536 + 32 * 8
"""How far below the stack pointer a program may touch its stack (bytes)."""


def _allowed(vma: VMA, write: bool) -> bool:
    """On x86 whatever may be written or executed may be read."""
    return bool(vma.vm_flags & (VM_WRITE if write else VM_READ | VM_WRITE | VM_EXEC))
