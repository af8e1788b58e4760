"""Four-level page tables and the bits of their entries, as x86-64 lays them out.

A table is a dict from index (0 to 511) to the next table; a table of the last level maps to an entry, which
is the 64-bit number the hardware reads. No entry is 0. A user address selects with these bits::

     47      39 38      30 29      21 20      12 11        0
    |   pgd    |   pud    |   pmd    |   pte    |  offset   |

Source: arch/x86/include/asm/pgtable*.h, mm/memory.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .mm_types import MmStruct

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
PAGE_MASK = ~(PAGE_SIZE - 1)
PMD_SIZE = 1 << 21
TASK_SIZE = 0x7FFF_FFFF_F000
"""The end of user addresses."""

_PAGE_PRESENT = 0x001
_PAGE_RW = 0x002
_PAGE_USER = 0x004
_PAGE_ACCESSED = 0x020
_PAGE_DIRTY = 0x040
_PAGE_PSE = 0x080
"""In an entry of the pmd: it maps 2 MiB itself and leads to no table."""
_PAGE_PROTNONE = 0x100
_PAGE_SPECIAL = 0x200
_PAGE_NX = 1 << 63
PFN_MASK = 0x000F_FFFF_FFFF_F000
PRESENT_MASK = _PAGE_PRESENT | _PAGE_PROTNONE

Table: TypeAlias = dict[int, Any]
"""pgd, pud or pmd: index → the next table down."""
PteTable: TypeAlias = dict[int, int]
"""index → entry."""


def pte_at(mm: MmStruct, address: int) -> int:
    """The entry that translates ``address``, or 0 where there is no entry or no table."""
    try:
        pte: int = mm.pgd[address >> 39][address >> 30 & 511][address >> 21 & 511][address >> 12 & 511]
    except KeyError:
        return 0
    except TypeError:  # no table there, but the entry of a huge page
        return pmd_leaf(mm, address) + (address & PMD_SIZE - PAGE_SIZE)
    return pte


def pmd_leaf(mm: MmStruct, address: int) -> int:
    """The entry that maps the 2 MiB around ``address`` as one, or 0."""
    try:
        entry = mm.pgd[address >> 39][address >> 30 & 511][address >> 21 & 511]
    except KeyError:
        return 0
    return entry if type(entry) is int else 0


def set_pmd_at(mm: MmStruct, address: int, leaf: int) -> None:
    """Map the 2 MiB around ``address`` by one entry; 0 takes the entry away."""
    pud: Table = mm.pgd.setdefault(address >> 39, {})
    pmd: Table = pud.setdefault(address >> 30 & 511, {})
    if leaf:
        mm.has_huge = True
        pmd[address >> 21 & 511] = leaf & ~(PMD_SIZE - PAGE_SIZE)
    else:
        pmd.pop(address >> 21 & 511, None)
    if mm.kernel.tracing:
        mm.kernel.pte_written(mm, address & ~(PMD_SIZE - 1))


def pte_alloc(mm: MmStruct, address: int) -> PteTable:
    """The last-level table for ``address``; missing tables on the way are made (up to three)."""
    table = pte_table(mm, address)
    if table is not None:
        return table
    pud: Table = mm.pgd.setdefault(address >> 39, {})
    pmd: Table = pud.setdefault(address >> 30 & 511, {})
    made: PteTable = pmd.setdefault(address >> 21 & 511, {})
    if mm.kernel.tracing:
        mm.kernel.pte_written(mm, address)
    return made


def pte_table(mm: MmStruct, address: int) -> PteTable | None:
    """The last-level table for ``address`` if it exists."""
    try:
        table: Any = mm.pgd[address >> 39][address >> 30 & 511][address >> 21 & 511]
    except KeyError:
        return None
    return None if type(table) is int else table


def set_pte_at(mm: MmStruct, address: int, pte: int) -> None:
    """Write an entry (0 clears it); the table must exist unless the entry is 0. Of a huge mapping, the one there is."""
    if pte & _PAGE_PSE:
        set_pmd_at(mm, address, pte)
        return
    index = address >> 12 & 511
    if pte:
        pte_alloc(mm, address)[index] = pte
    else:
        table = pte_table(mm, address)
        if table is not None:
            table.pop(index, None)
    if mm.kernel.tracing:
        mm.kernel.pte_written(mm, address)


def ptes(mm: MmStruct, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Each (address, entry) of ``[start, end)`` that is not none; skips holes a whole table at a time.

    The caller may change entries while it iterates. A huge mapping comes as one entry, at its own start; if the
    caller splits it, its parts come next.
    """
    address = start
    while address < end:
        stop = min((address | PMD_SIZE - 1) + 1, end)
        leaf = pmd_leaf(mm, address)
        if leaf:
            yield address & ~(PMD_SIZE - 1), leaf
        table = pte_table(mm, address)
        if table:
            base = address & ~(PMD_SIZE - 1)
            first, last = (address - base) >> 12, (stop - base + PAGE_SIZE - 1) >> 12
            for index in sorted(i for i in table if first <= i < last):
                if index in table:
                    yield base + (index << 12), table[index]
            address = stop
        elif leaf:
            address = stop
        else:
            address = next_table(mm, address, end)


def next_table(mm: MmStruct, address: int, end: int) -> int:
    """The first address above ``address`` whose last-level table could exist, at most ``end``."""
    table: Any = mm.pgd
    for shift in (39, 30):
        below = table.get(address >> shift & 511)
        if below is None:
            return min(_next_entry(table, address, shift), end)
        table = below
    return min(_next_entry(table, address, 21), end)


def _next_entry(table: Table, address: int, shift: int) -> int:
    """Where the next entry of this table begins; where the table ends if it has none."""
    index = address >> shift & 511
    after = min((i for i in table if i > index), default=512)
    return (address >> shift) - index + after << shift


def free_pgtables(mm: MmStruct, start: int, end: int, floor: int, ceiling: int) -> None:
    """Free the tables of ``[start, end)`` that serve no address outside ``[floor, ceiling)``, bottom up.

    ``floor`` and ``ceiling`` are the end of the VMA below and the start of the VMA above: a table that one of
    them may use stays. Source: mm/memory.c, free_pgtables, free_pgd_range.
    """
    _free_level(mm, mm.pgd, 39, 0, start, end, floor, ceiling)


def _free_level(
    mm: MmStruct, table: Table, shift: int, base: int, start: int, end: int, floor: int, ceiling: int
) -> None:
    span = 1 << shift
    for index in [i for i in table if base + i * span < end and base + (i + 1) * span > start]:
        low = base + index * span
        if shift > 21:
            _free_level(mm, table[index], shift - 9, low, start, end, floor, ceiling)
        if floor <= low and low + span <= ceiling and not table[index]:
            del table[index]
            if mm.kernel.tracing:
                mm.kernel.pte_written(mm, max(low, start))


def pte_present(pte: int) -> bool:
    """Mapped, even if nobody may touch it: a PROT_NONE page counts as present."""
    return bool(pte & PRESENT_MASK)


def pte_pfn(pte: int) -> int:
    """The frame number in a present entry."""
    return (pte & PFN_MASK) >> PAGE_SHIFT


def pte_wrprotect(pte: int) -> int:
    """Without the write bit."""
    return pte & ~_PAGE_RW


def pte_mkclean(pte: int) -> int:
    """Without the dirty bit."""
    return pte & ~_PAGE_DIRTY


def pte_mkdirty(pte: int) -> int:
    """With the dirty bit."""
    return pte | _PAGE_DIRTY


def pte_mkold(pte: int) -> int:
    """Without the accessed bit."""
    return pte & ~_PAGE_ACCESSED


def pte_mkyoung(pte: int) -> int:
    """With the accessed bit."""
    return pte | _PAGE_ACCESSED


def pte_mkwrite(pte: int) -> int:
    """With the write bit."""
    return pte | _PAGE_RW


def pte_mkspecial(pte: int) -> int:
    """Marked as having no page to count."""
    return pte | _PAGE_SPECIAL


def mk_pte(pfn: int, prot: int) -> int:
    """An entry for a frame with the protection bits of its VMA."""
    return pfn << PAGE_SHIFT | prot


def pte_modify(pte: int, prot: int) -> int:
    """The entry with new protection; what the page went through (accessed, dirty, special) is kept."""
    return pte & (PFN_MASK | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_SPECIAL) | prot & ~_PAGE_DIRTY


SWP_HWPOISON = 31
"""Swap type of an entry that stands for a poisoned frame."""
SWP_GUARD = 30
"""Swap type of a guard page (6.13 on): touching it is SIGSEGV."""
NO_SLOT = frozenset({SWP_HWPOISON, SWP_GUARD})
"""Non-present entries that name no swap slot."""


def swp_entry(slot: int, kind: int = 0) -> int:
    """A non-present entry: swap slot (or, for a poisoned page, the frame) above bit 9, the type in bits 1 to 5.

    >>> hex(swp_entry(1))
    '0x200'
    """
    return slot << 9 | kind << 1


def swp_offset(pte: int) -> int:
    """The slot (or frame) of a non-present entry."""
    return pte >> 9


def swp_type(pte: int) -> int:
    """What kind of non-present entry it is."""
    return pte >> 1 & 31
