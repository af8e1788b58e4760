"""From the simulated kernel to values: one look at one thing each.

The recorder asks for what changed; a snapshot of a live kernel asks for everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeAlias

from pyrsistent import pmap

from ..kernel.compound import page_mapcount
from ..kernel.content import Content
from ..kernel.filemap import Inode
from ..kernel.flags import VM
from ..kernel.huge_memory import is_huge_zero
from ..kernel.machine import Machine
from ..kernel.mm_types import MmStruct
from ..kernel.ops_user import UserOps
from ..kernel.page import FLAG_NAMES, Page, PG_reserved, PG_swapcache
from ..kernel.pgtable import (
    _PAGE_ACCESSED,
    _PAGE_DIRTY,
    _PAGE_PRESENT,
    _PAGE_PROTNONE,
    _PAGE_PSE,
    _PAGE_RW,
    SWP_HWPOISON,
    pte_pfn,
    pte_present,
    swp_offset,
    swp_type,
)  # fmt: skip
from ..kernel.rwsem import RwSemaphore
from ..kernel.sched import Task
from ..kernel.vma import VMA
from .snapshot import File, Frame, Lock, Pin, Process, Pte, Snapshot, Vma

VM_NAMES = tuple((int(flag), flag.name or "") for flag in VM)


def take(machine: UserOps, pins: Iterable[Pin] = (), about: str = "") -> Snapshot:
    """Everything, now; ``pins`` are the references whose holders have names."""
    mms = {task.mm.name: task.mm for task in machine.tasks.values()}
    pages = (*machine.zone.mem_map, *machine.low_pages.values())
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
    name = None if vma.vm_file is None else vma.vm_file.name
    return Vma(vma.vm_start, vma.vm_end, _vm_names(vma.vm_flags), vma.name, name, vma.vm_pgoff if name else 0)


def lock(sem: RwSemaphore) -> Lock:
    """Who holds mmap_sem and who queues for it."""
    return make_lock(lock_facts(sem))


LockFacts: TypeAlias = tuple[tuple[Task, ...], Task | None, tuple[tuple[Task, str], ...]]
"""Readers, writer, and who waits with which mode."""


def lock_facts(sem: RwSemaphore) -> LockFacts:
    """Who is inside and who waits, now."""
    return tuple(sem.readers), sem.writer, tuple(sem.waiters)


def make_lock(facts: LockFacts) -> Lock:
    """The value made of the facts."""
    readers, writer, waiters = facts
    names = tuple(task.name for task in readers), writer.name if writer else None
    return Lock(*names, tuple(task.name for task, _ in waiters))


def _table(machine: Machine, table: Any, depth: int) -> Any:
    if type(table) is int:
        return pte(machine, table)
    if depth == 3:
        return pmap({index: pte(machine, entry) for index, entry in table.items()})
    return pmap({index: _table(machine, below, depth + 1) for index, below in table.items()})


def pte(machine: Machine, entry: int) -> Pte:
    """One entry that is not none. What depends on the page (file, exclusive) is left to its frame."""
    if not pte_present(entry):
        if swp_type(entry) == SWP_HWPOISON:
            return Pte(pfn=swp_offset(entry), poisoned=True)
        return Pte(swap=swp_offset(entry), swapped=True)
    pfn = pte_pfn(entry)
    return Pte(
        pfn=pfn,
        present=bool(entry & (_PAGE_PRESENT | _PAGE_PROTNONE)),
        write=bool(entry & _PAGE_RW),
        dirty=bool(entry & _PAGE_DIRTY),
        young=bool(entry & _PAGE_ACCESSED),
        protnone=bool(entry & _PAGE_PROTNONE),
        zero=pfn == machine.zero_page.pfn or is_huge_zero(pfn),
        huge=bool(entry & _PAGE_PSE),
    )


def frame(page: Page) -> Frame | None:
    """One frame, or None while it is free."""
    return make_frame(frame_facts(page))


FrameFacts: TypeAlias = tuple[Page, int, int, int, int, Any, int, int, Content, Page | None]
"""A page, and its flags, count, mapcount, pins, mapping, index, private, content and head at one moment."""


def frame_facts(page: Page) -> FrameFacts:
    """What a page looks like now."""
    return (
        page, page.flags, page.count, page_mapcount(page) if page is page.head else page.mapcount, page.pins,
        page.mapping, page.index, page.private, page.content, page.head,
    )  # fmt: skip


def make_frame(facts: FrameFacts) -> Frame | None:
    """The value made of the facts, or None if the frame was free. Of the kernel's own pages only pins are counted."""
    page, flags, count, mapcount, pins, mapping, index, slot, content, head = facts
    if flags & PG_reserved:
        zero = page is page.kernel.zero_page or is_huge_zero(page.pfn)
        if not pins and page is not page.kernel.zero_page:
            return None
        return Frame(page.pfn, "zero" if zero else "none", pins, 0, pins, flags=_flag_names(flags), byte=content.byte)
    if head is None and count <= 0 and pins <= 0 and mapcount <= 0:
        return None
    cached = mapping is not None and not mapping.is_anon
    kind = "none" if mapping is None else "file" if cached else "anon"
    return Frame(
        page.pfn, kind, count, mapcount, pins,
        file=mapping.host.name if cached else None,
        index=index if cached else None,
        swap=slot if flags & PG_swapcache else None,
        head=None if head is None else head.pfn,
        flags=_flag_names(flags),
        byte=content.byte,
    )  # fmt: skip


@cache
def _flag_names(flags: int) -> tuple[str, ...]:
    return tuple(name for bit, name in FLAG_NAMES.items() if flags & bit)


@cache
def _vm_names(flags: int) -> tuple[str, ...]:
    return tuple(name for bit, name in VM_NAMES if flags & bit)


def file(inode: Inode) -> File:
    """One file with its cache and what its disk holds."""
    return File(
        inode.name, inode.pages, inode.memfd,
        cache=pmap({index: page.pfn for index, page in inode.mapping.pages.items()}),
        disk=pmap({index: content.byte for index, content in inode.disk.items()}),
    )  # fmt: skip


def file_facts(inode: Inode, index: int) -> tuple[int, bool, int | None, int | None]:
    """What can change about one page of a file: size in pages, memfd, cached frame, first byte on disk.

    A size of -1: the file is no more.
    """
    if inode.name not in inode.kernel.files:
        return -1, inode.memfd, None, None
    page, content = inode.mapping.pages.get(index), inode.disk.get(index)
    return inode.pages, inode.memfd, page.pfn if page else None, content.byte if content else None


def swap_byte(machine: Machine, slot: int) -> int:
    """The first byte that the device holds for a slot; 0 until it was written."""
    return machine.swap.read(slot).byte


def held(machine: UserOps) -> tuple[Pin, ...]:
    """The pins of pipes and registered buffers."""
    if not machine.pipes and not machine.buffers:
        return ()
    pipes = ((f"{name}[{i}]", buffer.page) for name, pipe in machine.pipes.items() for i, buffer in enumerate(pipe))
    buffers: Any = (
        (f"{name}[{i}]", page) for name, (_, pages) in machine.buffers.items() for i, page in enumerate(pages)
    )
    return (
        *(Pin(name, page.pfn) for name, page in pipes),
        *(Pin(name, page.pfn, write=True) for name, page in buffers),
    )
