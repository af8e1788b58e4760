"""The page frames of a live process, which only root may see.

Kernel source: fs/proc/page.c (/proc/kpagecount, /proc/kpageflags); the flags' numbers are those of
include/uapi/linux/kernel-page-flags.h and include/linux/kernel-page-flags.h, 2.6.25 to 6.18.
"""

from __future__ import annotations

import os
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from operator import add
from typing import Any

from gupkit.host.leaf import FILE, NUMBER, WORD, ZERO
from gupkit.host.tables import Chunk
from gupkit.trace.snapshot import PAGE_SHIFT, Frame, Vma

FLAGS = {
    0: "locked", 1: "error", 2: "referenced", 3: "uptodate", 4: "dirty", 5: "lru", 6: "active", 7: "slab",
    8: "writeback", 9: "reclaim", 11: "mmap", 12: "anon", 13: "swapcache", 14: "swapbacked", 15: "head", 16: "tail",
    17: "huge", 18: "unevictable", 19: "hwpoison", 21: "ksm", 22: "thp", 23: "offline", 24: "zero", 25: "idle",
    26: "pgtable", 32: "reserved", 33: "mlocked", 35: "private",
}
"""Bit of a /proc/kpageflags word → the flag's name in a :class:`~gupkit.trace.snapshot.Frame`."""

_BLOCK = 512  # frames that are read at once: one page of words


def mapped_at(chunks: Iterable[Chunk]) -> dict[int, int]:
    """Frame number → where it is mapped, for every present page; empty without root.

    Where: the page's number in the address space, shifted left by eight, and its class in the lowest byte.
    """
    found: dict[int, int] = {}
    for chunk in chunks:
        words = memoryview(chunk.words).cast("Q")
        for span in re.finditer(rb"[\x80-\xff]+", chunk.classes):
            first, last = span.span()
            if not words[first] & NUMBER:
                continue  # this kernel hides the numbers from us
            numbers = map(NUMBER.__and__, words[first:last])
            page = (chunk.start >> PAGE_SHIFT) + first
            places = map(add, range(page << 8, page + last - first << 8, 1 << 8), span.group())
            found.update(zip(numbers, places, strict=True))
    return found


def read_words(path: str, pfns: array[int]) -> array[int] | None:
    """The word of each frame in ``pfns`` (ascending) from /proc/kpagecount or kpageflags; None: not permitted.

    A frame that the file does not know has 0.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _by_blocks(fd, pfns)
    finally:
        os.close(fd)


def _by_blocks(fd: int, pfns: array[int]) -> array[int]:
    words, first = array("Q"), 0
    while first < len(pfns):
        block = pfns[first] // _BLOCK
        last = bisect_left(pfns, (block + 1) * _BLOCK, first)
        words.extend(_some(array("Q", _pread(fd, block * _BLOCK * WORD)), pfns[first:last]))
        first = last
    return words


def _some(block: array[int], pfns: array[int]) -> array[int]:
    """The words of ``pfns``, all of them in ``block``; C code throughout, as there may be a million."""
    if len(pfns) == _BLOCK:
        return block
    return array("Q", map(block.__getitem__, map((_BLOCK - 1).__and__, pfns)))


def _pread(fd: int, at: int) -> bytes:
    """One block of words. Outside memory the file answers short or with an error: nothing is known of such frames."""
    try:
        known = os.pread(fd, _BLOCK * WORD, at)
    except OSError:
        known = b""
    return known.ljust(_BLOCK * WORD, b"\0")


class LiveFrames(Mapping[int, Frame]):
    """Frame number → :class:`Frame` for the frames that a process maps, in ascending order, made when asked for.

    ``mapcount`` counts the mappings of every process; it is 0 for the zero page, and for a part of a large folio
    some kernels tell the folio's average. ``refcount``, pins and contents are not observable.
    """

    __slots__ = ("_counts", "_flags", "_pfns", "_places", "_starts", "_vmas")

    def __init__(self, vmas: Sequence[Vma], places: Mapping[int, int]) -> None:
        self._vmas = vmas
        self._starts = [vma.start for vma in vmas]
        self._pfns = array("Q", sorted(places))
        self._places = array("Q", map(places.__getitem__, self._pfns))
        self._counts = read_words("/proc/kpagecount", self._pfns)
        self._flags = read_words("/proc/kpageflags", self._pfns)

    def __getitem__(self, pfn: int) -> Frame:
        at = bisect_left(self._pfns, pfn)
        if at == len(self._pfns) or self._pfns[at] != pfn:
            raise KeyError(pfn)
        return self._frame(at)

    def __iter__(self) -> Iterator[int]:
        return iter(self._pfns)

    def __len__(self) -> int:
        return len(self._pfns)

    def rows(self) -> Iterator[tuple[int, Frame, int | None]]:
        """Each frame as (number, what it shares with others of its kind, page number in its file).

        Frames of one kind come with the same object, whose own number is 0.
        """
        kinds: dict[tuple[Any, ...], Frame] = {}
        for at, pfn in enumerate(self._pfns):
            kind, file, index = self._owner(at)
            key = (kind, file, self._count(at), self._word(at))
            if key not in kinds:
                kinds[key] = replace(self._frame(at), pfn=0, index=None)
            yield pfn, kinds[key], index

    def _frame(self, at: int) -> Frame:
        kind, file, index = self._owner(at)
        return Frame(self._pfns[at], kind, mapcount=self._count(at), file=file, index=index,
                     flags=flag_names(self._word(at)))

    def _count(self, at: int) -> int | None:
        return None if self._counts is None else self._counts[at]

    def _word(self, at: int) -> int:
        return 0 if self._flags is None else self._flags[at]

    def _owner(self, at: int) -> tuple[str, str | None, int | None]:
        """The frame's kind, and the file and page number within it."""
        place = self._places[at]
        if place & ZERO or self._word(at) >> 24 & 1:
            return "zero", None, None
        if not place & FILE:
            return "anon", None, None
        address = place >> 8 << PAGE_SHIFT
        vma = _holding(self._vmas, self._starts, address)
        if vma is None or vma.file is None:
            return "none", None, None  # the vDSO: the kernel's own page, in no file's cache
        return "file", vma.file, vma.pgoff + (address - vma.start >> PAGE_SHIFT)


@cache
def flag_names(word: int) -> tuple[str, ...]:
    """The names of the bits in a /proc/kpageflags word.

    >>> flag_names(0b101001)
    ('locked', 'uptodate', 'lru')
    """
    return tuple(name for bit, name in FLAGS.items() if word >> bit & 1)


def _holding(vmas: Sequence[Vma], starts: Sequence[int], address: int) -> Vma | None:
    at = bisect_right(starts, address) - 1
    return vmas[at] if at >= 0 and address < vmas[at].end else None
