"""From the simulated kernel to values: one look at one thing each.

The recorder asks for what changed; a snapshot of a live kernel asks for everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyrsistent import pmap

from ..kernel.filemap import Inode
from ..kernel.flags import VM
from ..kernel.machine import Machine
from ..kernel.mm_types import MmStruct
from ..kernel.ops_user import UserOps
from ..kernel.page import FLAG_NAMES, PG_swapcache, Page
from ..kernel.pgtable import (
    _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_RW, SWP_HWPOISON, Table, pte_pfn, pte_present,
    swp_offset, swp_type,
)  # fmt: skip
from ..kernel.rwsem import RwSemaphore
from ..kernel.vma import VMA
from .snapshot import File, Frame, Lock, PageTable, Pin, Process, Pte, Snapshot, Vma

VM_NAMES = tuple((int(flag), flag.name or "") for flag in VM)


def take(machine: UserOps, pins: Iterable[Pin] = (), about: str = "") -> Snapshot:
    """Everything, now; ``pins`` are the references whose holders have names."""
    mms = {task.mm.name: task.mm for task in machine.tasks.values()}
    pages = (*machine.zone.mem_map, machine.zero_page, machine.gate_page)
    return Snapshot(
        clock=machine.clock,
        processes=pmap({name: process(machine, mm) for name, mm in mms.items()}),
        frames=pmap({page.pfn: view for page in pages if (view := frame(page)) is not None}),
        files=pmap({name: file(inode) for name, inode in machine.files.items()}),
        swap=pmap({slot: swap_byte(machine, slot) for slot in machine.swap.counts}),
        pins=(*held(machine), *pins),
        free=machine.zone.nr_free,
        about=about,
    )


def process(machine: Machine, mm: MmStruct) -> Process:
    """A process with all of its tables."""
    leader = machine.tasks[mm.name]
    return Process(
        name=mm.name, pid=leader.pid, vmas=vmas(mm), pgd=_table(machine, mm.pgd, 0),
        min_flt=leader.min_flt, maj_flt=leader.maj_flt, mmap_sem=lock(mm.mmap_sem), alive=leader.alive,
    )  # fmt: skip


def vmas(mm: MmStruct) -> tuple[Vma, ...]:
    """The VMAs in address order."""
    return tuple(vma_view(vma) for vma in mm.mmap)


def vma_view(vma: VMA) -> Vma:
    """One VMA."""
    names = tuple(name for bit, name in VM_NAMES if vma.vm_flags & bit)
    name = None if vma.vm_file is None else vma.vm_file.name
    return Vma(vma.vm_start, vma.vm_end, names, vma.name, name, vma.vm_pgoff if name else 0)


def lock(sem: RwSemaphore) -> Lock:
    """Who holds mmap_sem and who queues for it."""
    return Lock(
        tuple(task.name for task in sem.readers),
        sem.writer.name if sem.writer else None,
        tuple(task.name for task, _ in sem.waiters),
    )


def _table(machine: Machine, table: Table, depth: int) -> PageTable:
    if depth == 3:
        return pmap({index: pte(machine, entry) for index, entry in table.items()})  # type: ignore[arg-type]
    return pmap({index: _table(machine, below, depth + 1) for index, below in table.items()})


def pte(machine: Machine, entry: int) -> Pte:
    """One entry that is not none. What depends on the page (file, exclusive) is left to its frame."""
    if not pte_present(entry):
        if swp_type(entry) == SWP_HWPOISON:
            return Pte(pfn=swp_offset(entry), poisoned=True)
        return Pte(swap=swp_offset(entry), swapped=True)
    page = machine.zone.page(pte_pfn(entry))
    return Pte(
        pfn=page.pfn,
        present=bool(entry & (_PAGE_PRESENT | _PAGE_PROTNONE)),
        write=bool(entry & _PAGE_RW),
        dirty=bool(entry & _PAGE_DIRTY),
        young=bool(entry & _PAGE_ACCESSED),
        protnone=bool(entry & _PAGE_PROTNONE),
        zero=page is machine.zero_page,
    )


def frame(page: Page) -> Frame | None:
    """One frame, or None while it is free. Of the kernel's own pages only the pins are counted."""
    if page.pfn in page.kernel.low_pages:
        return _kernel_page(page)
    if page.count <= 0 and page.pins <= 0 and page.mapcount <= 0:
        return None
    mapping = page.mapping
    kind = "none" if mapping is None else "anon" if mapping.is_anon else "file"
    return Frame(
        pfn=page.pfn,
        kind=kind,
        refcount=page.count,
        mapcount=page.mapcount,
        pins=page.pins,
        file=mapping.host.name if kind == "file" else None,
        index=page.index if kind == "file" else None,
        swap=page.private if page.flags & PG_swapcache else None,
        flags=_flag_names(page.flags),
        byte=page.content.byte,
    )


def _kernel_page(page: Page) -> Frame | None:
    if not page.pins and page is not page.kernel.zero_page:
        return None
    kind = "zero" if page is page.kernel.zero_page else "none"
    return Frame(page.pfn, kind, page.pins, 0, page.pins, flags=_flag_names(page.flags), byte=page.content.byte)


_NAMES: dict[int, tuple[str, ...]] = {}


def _flag_names(flags: int) -> tuple[str, ...]:
    names = _NAMES.get(flags)
    if names is None:
        names = _NAMES[flags] = tuple(name for bit, name in FLAG_NAMES.items() if flags & bit)
    return names


def file(inode: Inode) -> File:
    """One file with its cache and what its disk holds."""
    return File(
        inode.name, inode.pages, inode.memfd,
        cache=pmap({index: page.pfn for index, page in inode.mapping.pages.items()}),
        disk=pmap({index: content.byte for index, content in inode.disk.items()}),
    )  # fmt: skip


def swap_byte(machine: Machine, slot: int) -> int:
    """The first byte of a slot, on the device or still in the swap cache."""
    page = machine.swap.cache.get(slot)
    return page.content.byte if page is not None else machine.swap.read(slot).byte


def held(machine: UserOps) -> tuple[Pin, ...]:
    """The pins of pipes and registered buffers."""
    pipes = ((f"{name}[{i}]", buffer.page) for name, pipe in machine.pipes.items() for i, buffer in enumerate(pipe))
    buffers: Any = (
        (f"{name}[{i}]", page) for name, (_, pages) in machine.buffers.items() for i, page in enumerate(pages)
    )
    return (
        *(Pin(name, page.pfn) for name, page in pipes),
        *(Pin(name, page.pfn, write=True) for name, page in buffers),
    )
