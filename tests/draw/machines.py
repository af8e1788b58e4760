"""Machines made by hand, as snapshots: what the pictures are tried on."""

from __future__ import annotations

import random
from typing import Any

from gupkit.draw.scene import Rect, Scene, Text
from gupkit.trace.delta import Delta
from gupkit.trace.diff import Diff
from gupkit.trace.event import Event
from gupkit.trace.runs import Run, RunTable
from gupkit.trace.snapshot import File, Frame, Pin, Process, Pte, Snapshot, Vma
from gupkit.trace.step import Step
from gupkit.trace.trace import Trace

BUF = 0x7F1234567000
HEAP = 0x7F1200000000
KINDS = (
    Pte(pfn=1, present=True, write=True, dirty=True, young=True, file=False),
    Pte(pfn=2, present=True, write=False, dirty=False, young=True, file=True),
    Pte(swapped=True, swap=2),
    Pte(pfn=0, zero=True, present=True, write=False),
    Pte(present=False, protnone=True, pfn=4),
)


def put(pgd: dict[int, Any], address: int, entry: Pte) -> None:
    """Enter ``entry`` for ``address``, making the tables on the way."""
    table = pgd
    for shift in (39, 30, 21):
        table = table.setdefault(address >> shift & 511, {})
    table[address >> 12 & 511] = entry


def small() -> Snapshot:
    """P with a file and a buffer, its child Q, and one thing in each state."""
    pgd: dict[int, Any] = {}
    put(pgd, BUF, Pte(pfn=12, present=True, write=True, dirty=True, young=True))
    put(pgd, BUF + 0x1000, Pte(pfn=13, present=True, write=False, dirty=False, young=True))
    put(pgd, BUF + 0x2000, Pte(swapped=True, swap=3))
    put(pgd, BUF + 0x3000, Pte(pfn=0, present=True, zero=True, write=False, dirty=False, young=True))
    put(pgd, 0x400000, Pte(pfn=20, present=True, write=False, dirty=False, young=True, file=True))
    put(pgd, 0x401000, Pte(pfn=21, present=True, write=False, dirty=False, young=False, file=True))
    put(pgd, 0x402000, Pte(pfn=22, protnone=True, write=False, dirty=False, young=False))
    text = Vma(0x400000, 0x404000, ("READ", "MAYREAD", "SHARED", "MAYSHARE"), "text", "disk.txt", 0)
    buf = Vma(BUF, BUF + 0x6000, ("READ", "WRITE", "MAYREAD", "MAYWRITE"), "buf")
    other: dict[int, Any] = {}
    put(other, BUF + 0x1000, Pte(pfn=13, present=True, write=False, dirty=False, young=True))
    frames = (
        Frame(0, "zero", 0), Frame(12, "anon", 2, 1, 1, flags=("dirty", "uptodate"), byte=65), Frame(13, "anon", 2, 2),
        Frame(20, "file", 2, 1, 0, "disk.txt", 0), Frame(21, "file", 3, 1, 0, "disk.txt", 1, flags=("dirty",)),
        Frame(22, "file", 3, 1, 1, "disk.txt", 2, flags=("locked",)),
        Frame(23, "file", 1, 0, 0, "disk.txt", 3, flags=("writeback",)), Frame(24, "anon", 1, 0, swap=3),
        Frame(30, "none", 1, 0, 1),
    )
    pins = (
        Pin("pins[0]", 12, "P", BUF, True), Pin("pins[1]", 22, "P", 0x402000, True),
        Pin("pins[2]", 30, "P", BUF + 0x4000), Pin("late", 77),
    )
    file = File("disk.txt", 6, cache={0: 20, 1: 21, 2: 22, 3: 23})
    processes = {"P": Process("P", 100, (text, buf), pgd, min_flt=5), "Q": Process("Q", 101, (buf,), other)}
    return Snapshot(
        7, processes, {frame.pfn: frame for frame in frames}, {"disk.txt": file}, {3: 65}, pins, 100,
        about="P wrote two pages <and> one went to swap.",
    )


def change() -> Diff:
    """A difference that touches one thing of each kind of :func:`small`, and things that are gone."""
    return Diff(
        frozenset({("P", BUF), ("P", BUF + 0x4000)}), frozenset({12, 99}), frozenset({("P", BUF)}),
        frozenset({("disk.txt", 1), ("disk.txt", 5)}), frozenset({3, 4}), frozenset({"P"}),
        frozenset({"pins[0]", "pins[9]"}),
    )


def flat(entries: int, seed: int = 1) -> Snapshot:
    """One leaf table or more with ``entries`` entries of mixed kinds side by side."""
    kind, pgd = random.Random(seed), dict[int, Any]()
    for i in range(entries):
        put(pgd, HEAP + (i << 12), kind.choice(KINDS))
    vma = Vma(HEAP, HEAP + max(1, entries) * 4096, ("READ", "WRITE"), "heap")
    return Snapshot(processes={"P": Process("P", 1, (vma,), pgd)})


def full_tree(fan: int, seed: int = 1) -> Snapshot:
    """``fan`` tables under each table and ``fan`` entries in each leaf: 121 nodes for 3, 341 for 4."""
    kind, pgd = random.Random(seed), dict[int, Any]()
    for number in range(fan**4):
        a, b, c, d = (number // fan**power % fan for power in (3, 2, 1, 0))
        put(pgd, a * 60 << 39 | b * 100 << 30 | c * 127 << 21 | (d * 3 + 5) << 12, kind.choice(KINDS))
    return Snapshot(processes={"P": Process("P", 1, (), pgd)})


def cached(pages: int) -> Snapshot:
    """A file of which every page is cached and mapped, and nothing pinned."""
    pgd: dict[int, Any] = {}
    for i in range(pages):
        put(pgd, HEAP + (i << 12), Pte(pfn=i, present=True, write=False, file=True))
    frames = {i: Frame(i, "file", 2, 1, 0, "f", i) for i in range(pages)}
    vma = Vma(HEAP, HEAP + pages * 4096, ("READ", "SHARED"), "map", "f")
    file = File("f", pages, cache={i: i for i in range(pages)})
    return Snapshot(processes={"P": Process("P", 1, (vma,), pgd)}, frames=frames, files={"f": file})


class Untouchable(RunTable):
    """A leaf table whose entries may not be looked at one by one."""

    __slots__ = ()

    def __getitem__(self, index: int) -> Pte:
        raise LookupError(f"entry {index} was looked at")


def million(vmas: int = 2_000, pages: int = 500) -> Snapshot:
    """A live process's million pages in leaf tables that only tell runs."""
    pgd: dict[int, Any] = {}
    regions = []
    for number in range(vmas):
        start = 0x7F0000000000 + (number << 21)
        flags = ("READ", "WRITE") if number % 3 else ("READ",)
        regions.append(Vma(start, start + (pages << 12), flags, f"map {number}"))
        half = pages // 2
        table = Untouchable([
            Run(0, half, Pte(present=True, file=bool(number % 2))),
            Run(half, pages - half, Pte(present=True, exclusive=False)),
        ])
        upper = pgd.setdefault(start >> 39 & 511, {}).setdefault(start >> 30 & 511, {})
        upper[start >> 21 & 511] = table
    return Snapshot(processes={"big": Process("big", 1, tuple(regions), pgd)}, origin="live")


def trace(events: int) -> Trace:
    """Two steps by P, which Q interrupts now and then."""
    names = ("__get_user_pages", "find_extend_vma", "follow_page", "handle_mm_fault", "follow_page", "follow_page")
    happened = [
        Event(i, names[i % 6], "P" if i % 11 else "Q", i // 3, int(i % 11 == 0), "gup.py:40", {"address": i << 12})
        for i in range(events)
    ]
    steps = [Step(0, "mmap", "P", "make a region", first=0, last=3), Step(1, "gup", "P", first=3, last=events)]
    deltas = [Delta(clock=event.clock) for event in happened]
    return Trace(Snapshot(), happened, deltas, steps, title="pin two pages")


def label_boxes(scene: Scene) -> list[tuple[float, float, float, float]]:
    """What every piece of text covers at most: (left, top, right, bottom); a label in a box covers its box."""
    boxes = [s.box for s in scene.shapes if isinstance(s, Text)]
    rects = [s for s in scene.shapes if isinstance(s, Rect) and s.label]
    return boxes + [(r.x, r.y, r.x + r.width, r.y + r.height) for r in rects]


def overlaps(boxes: list[tuple[float, float, float, float]]) -> list[Any]:
    """Every pair of boxes that share some area."""
    found, open_boxes = [], list[tuple[float, float, float, float]]()
    for box in sorted(boxes, key=lambda b: b[1]):
        open_boxes = [other for other in open_boxes if other[3] > box[1]]
        found += [(o, box) for o in open_boxes if o[0] < box[2] and box[0] < o[2] and o[3] > box[1] and box[3] > o[1]]
        open_boxes.append(box)
    return found
