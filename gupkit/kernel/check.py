"""Every invariant of the machine, in one place.

Frames and address spaces whose books the debug layer knows to be wrong (a page put twice, a walk without the
lock) are left out: that they are wrong is the point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .compound import HPAGE_NR, compound_head, subpages, total_mapcount
from .machine import Machine
from .mm_types import MmStruct
from .page import PG_swapcache, Page
from .pgtable import _PAGE_PSE, NO_SLOT, TASK_SIZE, Table, pte_pfn, pte_present, ptes, swp_offset, swp_type
from .vma import find_vma_intersection


class BrokenInvariant(AssertionError):
    """A statement about the machine that must always hold, and does not. A bug of the kit."""


def check(machine: Machine) -> None:
    """Raise BrokenInvariant at the first of these that is false:

    VMAs are ordered, disjoint and page-aligned, and each is among its file's and its anon_vma's mappings; every
    entry lies in a VMA and no table lies where none can be; a present entry names a live frame; for every
    frame, mappings are counted right and references are mappings + page cache + swap cache + pins; caches hold
    pages that say so; a swap slot is counted by as many entries as name it; free frames are in nobody's hands.
    """
    mappings: Counter[int] = Counter()
    slots: Counter[int] = Counter()
    for mm in {id(t.mm): t.mm for t in machine.tasks.values()}.values():
        _check_vmas(mm)
        _check_tables(mm, mappings, slots)
    _check_frames(machine, mappings)
    _check_caches(machine)
    _check_swap(machine, slots)


def expect(truth: bool, what: str) -> None:
    """Raise unless true."""
    if not truth:
        raise BrokenInvariant(what)


def _check_vmas(mm: MmStruct) -> None:
    end = 0
    for vma in mm.mmap:
        expect(end <= vma.vm_start < vma.vm_end <= TASK_SIZE, f"{vma} overlaps, is empty, or is out of order")
        expect(not (vma.vm_start | vma.vm_end) & 0xFFF, f"{vma} is not page-aligned")
        expect(vma.vm_mm is mm, f"{vma} belongs to another mm")
        expect(vma.vm_file is None or vma in vma.vm_file.mapping.i_mmap, f"{vma} is unknown to its file")
        expect(vma.anon_vma is None or vma in vma.anon_vma.vmas, f"{vma} is unknown to its anon_vma")
        end = vma.vm_end


def _check_tables(mm: MmStruct, mappings: Counter[int], slots: Counter[int]) -> None:
    tainted = mm in mm.kernel.debug.tainted
    for address, pte in ptes(mm, 0, TASK_SIZE):
        vma = find_vma_intersection(mm, address, address + 1)
        expect(vma is not None or tainted, f"an entry at {address:#x} of {mm} lies in no VMA")
        if pte_present(pte):
            mappings[-pte_pfn(pte) if pte & _PAGE_PSE else pte_pfn(pte)] += 1
        elif swp_type(pte) not in NO_SLOT:
            slots[swp_offset(pte)] += 1
    for start, span in _tables(mm.pgd, 39, 0):
        expect(tainted or _may_exist(mm, start, start + span), f"a table at {start:#x} of {mm} serves no VMA")


def _tables(table: Table, shift: int, base: int) -> Iterator[tuple[int, int]]:
    for index, below in table.items():
        start = base + (index << shift)
        yield start, 1 << shift
        if shift > 21 and type(below) is not int:
            yield from _tables(below, shift - 9, start)


def _may_exist(mm: MmStruct, start: int, end: int) -> bool:
    """A table belongs to a VMA that it overlaps."""
    return find_vma_intersection(mm, start, end) is not None


def _check_frames(machine: Machine, mappings: Counter[int]) -> None:
    free = {page.pfn for page in machine.zone.free}
    expect(len(free) == len(machine.zone.free), "a frame is among the free ones twice")
    free |= {head.pfn + i for head in machine.zone.free_huge for i in range(HPAGE_NR)}
    for page in machine.zone.mem_map:
        if page in machine.debug.tainted:
            continue
        where = f"frame {page.pfn}"
        if page.head is not None:
            _check_part(machine, page, mappings)
            continue
        expect((page.count == 0) == (page.pfn in free), f"{where} has count {page.count} and its place says otherwise")
        expect(page.mapcount == mappings[page.pfn], f"{where}: mapcount {page.mapcount}, {mappings[page.pfn]} entries")
        caches = _in_page_cache(page) + bool(page.flags & PG_swapcache)
        weight = max(machine.era.pin_bias - 1, 0) * page.dma_pins
        known = page.mapcount + caches + page.pins + weight + _in_flight(machine, page)
        if machine.depth == 0:
            expect(page.count == known, f"{where}: count {page.count}, but {known} references are known")
        expect(page.count >= known or machine.depth > 0, f"{where}: fewer references than holders")
    for pfn in mappings:
        page = compound_head(machine.zone.page(abs(pfn)))
        expect(page.count > 0 or page in machine.debug.tainted, f"a free frame {abs(pfn):#x} is mapped")
    zero = machine.zero_page
    weight = max(machine.era.pin_bias - 1, 0) * zero.dma_pins
    expect(zero.count == 1 + zero.pins + weight, "the zero page is counted wrong")


def _check_part(machine: Machine, page: Page, mappings: Counter[int]) -> None:
    """One frame of a compound page: its own entries; and the head, which counts for all of them."""
    where, head = f"frame {page.pfn}", compound_head(page)
    expect(page.mapcount == mappings[page.pfn], f"{where}: mapcount {page.mapcount}, {mappings[page.pfn]} entries")
    if page is not head:
        own = page.pins if machine.era.tail_references else 0
        expect(page.count == own, f"{where}: a tail with count {page.count} and {page.pins} pins")
        return
    parts = subpages(head)
    entries = mappings[-head.pfn]
    expect(head.compound_mapcount == entries, f"{where}: {head.compound_mapcount} huge mappings, {entries} entries")
    expect(head.pincount == sum(part.dma_pins for part in parts), f"{where}: pincount {head.pincount} is wrong")
    known = total_mapcount(head) + _in_page_cache(head) + sum(part.pins for part in parts)
    wrong = head.count != known if machine.depth == 0 else head.count < known
    expect(not wrong, f"{where}: count {head.count} of a huge page, but {known} references are known")


def _in_page_cache(page: Page) -> bool:
    return page.mapping is not None and not page.anon and page.mapping.pages.get(page.index) is page


def _in_flight(machine: Machine, page: Page) -> int:
    """References that a write to disk holds until it ends."""
    return sum(done.__name__ == "written" for _, pages, done in machine.disk.pending if page in pages)


def _check_caches(machine: Machine) -> None:
    for inode in machine.files.values():
        for index, page in inode.mapping.pages.items():
            expect(
                page.mapping is inode.mapping and page.index == index, f"{inode} page {index} does not know where it is"
            )
            expect(index not in inode.swapped, f"{inode} page {index} is in memory and in swap")


def _check_swap(machine: Machine, slots: Counter[int]) -> None:
    swap = machine.swap
    for inode in machine.files.values():
        slots.update(inode.swapped.values())
    for slot, page in swap.cache.items():
        expect(bool(page.flags & PG_swapcache) and page.private == slot, f"swap cache slot {slot} holds another page")
    for slot, count in swap.counts.items():
        expect(count == slots[slot], f"swap slot {slot}: count {count}, {slots[slot]} entries")
        expect(count > 0 or slot in swap.cache, f"swap slot {slot} is used by nobody")
    expect(not slots.keys() - swap.counts.keys(), "an entry names a free swap slot")
