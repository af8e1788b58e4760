"""A last-level page table as /proc/PID/pagemap tells it: 512 words, made into entries when asked for.

Kernel source: fs/proc/task_mmu.c, ``pte_to_pagemap_entry``; the layout of a word is that of 4.2 and later.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby

from gupkit.trace.snapshot import Pte

ENTRIES = 512
WORD = 8
"""Bytes of a pagemap word, which tells about one page."""

NUMBER = (1 << 55) - 1
"""The bits of a word that hold the frame number; zero without CAP_SYS_ADMIN."""

# A word's flags are the bits of its highest byte, which is called its class here; 0 means that nothing is there.
PRESENT, SWAPPED, FILE, GUARD, EXCLUSIVE = 0x80, 0x40, 0x20, 0x04, 0x01
# Two bits that pagemap leaves unused say what was learned elsewhere.
ZERO, PROTNONE = 0x10, 0x08

_KNOWN = PRESENT | SWAPPED | FILE | GUARD | EXCLUSIVE
_CLASSES = bytes(c & _KNOWN if c & (PRESENT | SWAPPED) else 0 for c in range(256))
_WITH_PRESENT = bytes(range(PRESENT, 256))
_AS_ZERO = bytes(c | ZERO if c & PRESENT and not c & EXCLUSIVE else c for c in range(256))
_AS_PROTNONE = bytes(c | PROTNONE if c & PRESENT else c for c in range(256))


def classes_of(raw: bytes) -> bytearray:
    """The class of each word in ``raw`` (little-endian pagemap words).

    A word that tells only of a hole (newer kernels set the soft-dirty bit there) has class 0, as the hole has.
    """
    return bytearray(raw[WORD - 1 :: WORD].translate(_CLASSES))


def count_present(classes: bytes | bytearray) -> int:
    """How many of ``classes`` are of present pages.

    >>> count_present(bytes([0, PRESENT, SWAPPED, PRESENT | FILE]))
    2
    """
    return len(classes) - len(classes.translate(None, _WITH_PRESENT))


def mark_zero(classes: bytearray, first: int, last: int) -> None:
    """Note in place that the present pages of ``classes[first:last]`` are the zero page."""
    classes[first:last] = classes[first:last].translate(_AS_ZERO)


def mark_protnone(classes: bytearray, first: int, last: int) -> None:
    """Note in place that ``classes[first:last]`` may not be touched (PROT_NONE)."""
    classes[first:last] = classes[first:last].translate(_AS_PROTNONE)


@cache
def _like(flags: int) -> Pte:
    """The entry of a class, without its number. A guard page (6.13 and later) is present nowhere and forbids all."""
    guard = bool(flags & GUARD)
    return Pte(
        present=bool(flags & PRESENT), swapped=bool(flags & SWAPPED) and not guard, zero=bool(flags & ZERO),
        protnone=guard or bool(flags & PROTNONE), file=bool(flags & FILE), exclusive=bool(flags & EXCLUSIVE),
    )


def entry(flags: int, word: int) -> Pte:
    """The entry of a pagemap word with class ``flags``.

    Write, dirty and accessed are None: /proc does not tell them. So are, without root, ``pfn`` and ``swap``.
    ``swap`` is the slot, with the number of the swap device above bit 50.

    >>> entry(PRESENT | EXCLUSIVE, 0).letters, entry(PRESENT, 7).pfn
    ('P???', 7)
    """
    pte, number = _like(flags), word & NUMBER
    if not number or not (pte.present or pte.swapped):
        return pte
    slot = None if pte.present else number >> 5 | (number & 31) << 50
    return Pte(
        pfn=number if pte.present else None, present=pte.present, protnone=pte.protnone, zero=pte.zero,
        swap=slot, swapped=pte.swapped, file=pte.file, exclusive=pte.exclusive,
    )


class LeafTable(Mapping[int, Pte]):
    """A page table of a live process: index (0 to 511) → :class:`Pte`, the non-empty ones only.

    It keeps 4.5 KiB, however many of its pages are present; ``words`` and ``classes`` must not be changed after.
    """

    __slots__ = ("_classes", "_words")

    def __init__(self, classes: bytes, words: array[int]) -> None:
        self._classes = classes
        self._words = words

    def __getitem__(self, index: int) -> Pte:
        flags = self._classes[index] if 0 <= index < ENTRIES else 0
        if not flags:
            raise KeyError(index)
        return entry(flags, self._words[index])

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and 0 <= index < ENTRIES and bool(self._classes[index])

    def __iter__(self) -> Iterator[int]:
        return (index for index, flags in enumerate(self._classes) if flags)

    def __len__(self) -> int:
        return ENTRIES - self._classes.count(0)

    def runs(self) -> Iterator[tuple[int, int, Pte]]:
        """Neighbouring entries that differ in their number at most, as (first index, how many, the first entry)."""
        first = 0
        for flags, group in groupby(self._classes):
            count = sum(1 for _ in group)
            if flags:
                yield first, count, entry(flags, self._words[first])
            first += count

    def pfns(self, first: int, count: int) -> list[int | None]:
        """The frame numbers of the run of ``count`` entries at ``first``, None where not observable."""
        if not self._classes[first] & PRESENT:
            return [None] * count
        return [word & NUMBER or None for word in self._words[first : first + count]]
