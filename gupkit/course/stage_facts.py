"""A machine as one flat dict of facts for people: every frame by a name, every entry by its letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..kernel import Kernel
from ..kernel.mm_types import MmStruct
from ..kernel.pgtable import _PAGE_SPECIAL, PAGE_SIZE, pte_at
from ..trace import Snapshot, take_snapshot
from ..trace.snapshot import Frame, Process, Pte

Names = Mapping[int, str]
"""Number of a frame → how it is called."""
Old = Mapping[tuple[int, int], str]
"""Number of a frame, and which use of it → how it is called: a frame that was freed and taken again is a new one."""


def facts(kernel: Kernel, at: Mapping[str, int], old: Old) -> dict[str, Any]:
    """All there is to know of the machine. ``at``: where each region begins; ``old``: frames that have a name."""
    now = take_snapshot(kernel)
    names = frame_names(kernel, now, at, old)
    mms = {task.mm.name: task.mm for task in kernel.tasks.values()}
    return dict(_facts(now, mms, at, names)) | {
        "the zero page: references": kernel.zero_page.count, "the zero page: mapcount": kernel.zero_page.mapcount,
        "frames free": now.free, "the debug layer says": list(kernel.dmesg),
    }  # fmt: skip


def _facts(
    now: Snapshot, mms: Mapping[str, MmStruct], at: Mapping[str, int], names: Names
) -> Iterator[tuple[str, Any]]:
    for process in processes(now):
        yield from _process(process, mms[process.name], at, names)
    for pfn in sorted(now.frames):
        yield from _frame(names[pfn], now.frames[pfn])
    for name, file in sorted(now.files.items()):  # a snapshot's own order is another in every process
        yield f"file {name}: cached pages", {str(i): names[pfn] for i, pfn in sorted(file.cache.items())}
    yield "swap slots in use", {str(slot): byte for slot, byte in sorted(now.swap.items())}


def processes(now: Snapshot) -> list[Process]:
    """All processes, P first: what P shares with others is called P's."""
    return sorted(now.processes.values(), key=lambda process: (process.name != "P", process.name))


def _process(process: Process, mm: MmStruct, at: Mapping[str, int], names: Names) -> Iterator[tuple[str, Any]]:
    name = process.name
    yield f"{name}: minor faults", process.min_flt
    yield f"{name}: major faults", process.maj_flt
    yield f"{name}: tables", process.tables()
    yield f"{name}: mmap_sem is held", process.mmap_sem.held
    yield f"{name}: regions", [f"{vma.start:#x}-{vma.end:#x} {' '.join(vma.flags)}" for vma in process.vmas]
    for address, pte in process.ptes():
        special = ", special" * (pte.pfn is not None and pte_at(mm, address) & _PAGE_SPECIAL != 0)
        yield f"{name}: entry of {place(at, address)}", entry(pte, names) + special


def _frame(name: str, frame: Frame) -> Iterator[tuple[str, Any]]:
    if frame.kind != "zero":
        yield f"{name}: references", frame.refcount
        yield f"{name}: mapcount", frame.mapcount
    yield f"{name}: references of others", frame.pins
    yield f"{name}: it is", f"page {frame.index} of file {frame.file}" if frame.file else frame.kind
    yield f"{name}: flags", " ".join(sorted(frame.flags))
    yield f"{name}: first byte", frame.byte


def entry(pte: Pte, names: Names) -> str:
    """An entry for people: its letters, and where it leads."""
    if pte.pfn is None:
        return "in swap"
    return f"{pte.letters}{' no rights' if pte.protnone else ''}, leads to {names.get(pte.pfn, f'frame {pte.pfn}')}"


def place(at: Mapping[str, int], address: int) -> str:
    """An address as a reader names it: ``A[2]``, a page of the region that begins nearest below.

    >>> place({"A": 0x1000, "B": 0x8000}, 0x9000)
    'B[1]'
    """
    below = [(start, region) for region, start in at.items() if start <= address]
    if not below:
        return f"{address:#x}"
    start, region = max(below)
    return f"{region}[{(address - start) // PAGE_SIZE}]"


def frame_names(kernel: Kernel, now: Snapshot, at: Mapping[str, int], old: Old) -> dict[int, str]:
    """Every frame in use by a name: its old one, or one made from where it is mapped or cached ``now``."""
    word = "new " if old else ""
    found = {pfn: old[use] for pfn in now.frames if (use := use_of(kernel, pfn)) in old}
    for pfn, frame in now.frames.items():
        if frame.kind == "zero":
            found.setdefault(pfn, "the zero page")
        elif frame.file:
            found.setdefault(pfn, f"the {word}frame of page {frame.index} of file {frame.file}")
    for process in processes(now):
        whose = "" if process.name == "P" else f" of {process.name}"
        for address, pte in process.ptes():
            if pte.pfn is not None:
                found.setdefault(pte.pfn, f"the {word}frame of {place(at, address)}{whose}")
    nowhere = [pfn for pfn in sorted(now.frames) if pfn not in found]
    return found | {pfn: f"frame {i} that is mapped nowhere" for i, pfn in enumerate(nowhere, 1)}


def use_of(kernel: Kernel, pfn: int) -> tuple[int, int]:
    """A frame and its use now."""
    return pfn, kernel.zone.page(pfn).serial
