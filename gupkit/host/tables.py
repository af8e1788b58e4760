"""The page tables of a live process, from its VMAs and its pagemap."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gupkit.host.leaf import ENTRIES, WORD, LeafTable, classes_of, mark_protnone, mark_zero
from gupkit.host.maps import TASK_SIZE
from gupkit.host.proc import ProcFiles
from gupkit.host.scan import IS_PRESENT, IS_SWAPPED, IS_ZERO_PAGE, pages_of
from gupkit.trace.snapshot import PAGE_SHIFT, PageTable, Vma

LEAF = ENTRIES << PAGE_SHIFT
"""Bytes that one last-level table maps (2 MiB)."""

SPARSE = 1 << 30
"""From this size on a VMA is asked for its occupied parts first: terabytes may be reserved and empty."""

READABLE = 1 << 36
"""The most bytes of one VMA that are read blindly on a kernel that cannot tell the occupied parts."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The pagemap of whole last-level tables in a row: ``start`` in bytes, and one word and one class a page."""

    start: int
    words: bytes
    classes: bytearray

    def index(self, address: int) -> int:
        """The position of ``address``, held within the chunk."""
        return min(max(address - self.start >> PAGE_SHIFT, 0), len(self.classes))


def read_chunks(files: ProcFiles, vmas: Sequence[Vma]) -> tuple[list[Chunk], int]:
    """The pagemap under ``vmas`` in one pass, and how many bytes of address space were left out as too many.

    All words are read before any is looked at, for the looking takes memory, and a process that reads itself
    would find it in its own tables.
    """
    parts, left_out = _occupied(files.pagemap, vmas)
    zeros = pages_of(files.pagemap, 0, TASK_SIZE, IS_ZERO_PAGE) or []
    raw = [(start, _words(files, start, end)) for start, end in leaf_spans(parts)]
    chunks = [Chunk(start, words, classes_of(words)) for start, words in raw]
    _mark(chunks, zeros, mark_zero)
    _mark(chunks, [(v.start, v.end) for v in vmas if v.prot == "---"], mark_protnone)
    return chunks, left_out


def leaf_spans(spans: Iterable[Span]) -> list[Span]:
    """``spans`` (in address order) widened to whole last-level tables, and joined where they meet.

    >>> [(hex(start), hex(end)) for start, end in leaf_spans([(0x1000, 0x2000), (0x5000, 0x200000)])]
    [('0x0', '0x200000')]
    """
    joined: list[Span] = []
    for start, end in spans:
        start, end = start // LEAF * LEAF, -(-end // LEAF) * LEAF
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _occupied(pagemap: int, vmas: Iterable[Vma]) -> tuple[list[Span], int]:
    """The VMAs' ranges, the large ones narrowed to what is occupied, and the bytes of those that cannot be."""
    kept: list[Span] = []
    left_out = 0
    for vma in vmas:
        size = vma.end - vma.start
        parts = pages_of(pagemap, vma.start, vma.end, IS_PRESENT | IS_SWAPPED) if size >= SPARSE else None
        if parts is not None:
            kept += parts
        elif size <= READABLE:
            kept.append((vma.start, vma.end))
        else:
            left_out += size
    return kept, left_out


def _words(files: ProcFiles, start: int, end: int) -> bytes:
    """The words of ``[start, end)``; those at and beyond TASK_SIZE, which cannot be read, as zero."""
    words = files.words(start, min(end, TASK_SIZE))
    return words.ljust((end - start >> PAGE_SHIFT) * WORD, b"\0")


def _mark(chunks: Sequence[Chunk], spans: Sequence[Span], mark: Any) -> None:
    """Call ``mark(classes, first, last)`` for each part of ``spans`` that lies in a chunk; both in address order."""
    at = 0
    for chunk in chunks:
        end = chunk.start + (len(chunk.classes) << PAGE_SHIFT)
        while at < len(spans) and spans[at][1] <= chunk.start:
            at += 1
        for start, stop in _until(spans, at, end):
            mark(chunk.classes, chunk.index(start), chunk.index(stop))


def _until(spans: Sequence[Span], at: int, end: int) -> Iterator[Span]:
    while at < len(spans) and spans[at][0] < end:
        yield spans[at]
        at += 1


def build_pgd(chunks: Iterable[Chunk]) -> PageTable:
    """The four levels of tables over the pages in ``chunks``.

    A table without entries is left out: it may exist in the kernel, but /proc does not show it.
    """
    pgd: dict[int, Any] = {}
    for address, leaf in _leaves(chunks):
        pud = pgd.setdefault(address >> 39, {})
        pmd = pud.setdefault(address >> 30 & 511, {})
        pmd[address >> 21 & 511] = leaf
    return MappingProxyType({
        i: MappingProxyType({j: MappingProxyType(pmd) for j, pmd in pud.items()}) for i, pud in pgd.items()
    })


def _leaves(chunks: Iterable[Chunk]) -> Iterator[tuple[int, LeafTable]]:
    empty = bytes(ENTRIES)
    for chunk in chunks:
        for first in range(0, len(chunk.classes), ENTRIES):
            classes = bytes(chunk.classes[first : first + ENTRIES])
            if classes != empty:
                words = array("Q", chunk.words[first * WORD : (first + ENTRIES) * WORD])
                yield chunk.start + (first << PAGE_SHIFT), LeafTable(classes, words)
