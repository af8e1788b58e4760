"""The grammar of places: regions, pages of a region, bytes, pins and pages of a file.

======================  =======================================================
``A``                   the whole region A
``A[2]``                one page; ``A[-1]`` is the page just below the region
``A[1:3]``              pages 1 and 2, as a Python slice has them
``A[0]+100``            the byte 100 bytes into a page
``C:A[0]``              the same place in process C
``0x7f0000001000``      a literal address
``pins``, ``pins[0]``   all the pages a name holds, or one of them
``file:f1[0]``          a page of a file, in its page cache
======================  =======================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import ScenarioError
from ..trace.snapshot import PAGE_SHIFT, PAGE_SIZE

FIRST_REGION = 0x7F0000000000
"""Where the first region of a scenario lies."""
REGION_GAP = 2 << 20
"""Bytes left free, at least, between one region and the next; also what a region's start is a multiple of."""
USER_SPACE = 1 << 47
"""The first byte that no process of x86-64 can map."""
MAX_PAGE = 1 << 35
"""Page numbers are below this, on either side of a region's start: all of user space."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_FILE_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_NUMBER = r"(?:0x[0-9a-fA-F]+|[0-9]+)"
_REGION = re.compile(
    rf"(?:(?P<process>{_NAME}):)?(?P<region>{_NAME})"
    rf"(?:\[(?P<first>-?[0-9]+)(?::(?P<stop>-?[0-9]+))?\])?(?:\+(?P<offset>{_NUMBER}))?"
)
_LITERAL = re.compile(rf"(?:(?P<process>{_NAME}):)?(?P<literal>0x[0-9a-fA-F]+)")
_PIN = re.compile(rf"(?P<name>{_NAME})(?:\[(?P<index>[0-9]+)\])?")
_FILE = re.compile(rf"file:(?P<name>{_FILE_NAME})\[(?P<index>[0-9]+)\]")


class BadPlace(ScenarioError):
    """A text that is no place, or a place that is not there; the message says why, and others add where."""


@dataclass(frozen=True, slots=True)
class Target:
    """Some bytes of an address space: a region, pages of it, one byte of it, or a literal address.

    ``first`` and ``last`` are page numbers within the region, ``last`` included, both None for the whole
    region; ``offset`` counts bytes from page ``first``, None for whole pages; ``process`` is None where the
    step says whose address space is meant.

    >>> str(Target("A", 1, 2)), str(Target("A", 0, 0, 100, process="C")), str(Target(literal=0x1000))
    ('A[1:3]', 'C:A[0]+100', '0x1000')
    """

    region: str | None = None
    first: int | None = None
    last: int | None = None
    offset: int | None = None
    literal: int | None = None
    process: str | None = None

    def __str__(self) -> str:
        text = f"{self.process}:" if self.process else ""
        if self.literal is not None:
            return f"{text}{self.literal:#x}"
        text += self.region or ""
        if self.first is not None and self.last is not None:
            text += f"[{self.first}]" if self.first == self.last else f"[{self.first}:{self.last + 1}]"
        return text if self.offset is None else f"{text}+{self.offset}"

    def resolve(self, regions: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
        """The address and how many bytes are meant, given each region's start (an address) and length in pages.

        Nothing says that something is mapped there: pages may lie below or above their region. A single byte
        is 1 long; so is a literal address, or a page if it is a multiple of the page size.
        BadPlace for a region that is not in ``regions``: the op that maps it stands in a race that never came.

        >>> Target("A", -1, 1).resolve({"A": (0x7f0000000000, 4)})
        (139637976723456, 12288)
        """
        if self.literal is not None:
            return self.literal, 1 if self.literal % PAGE_SIZE else PAGE_SIZE
        if self.region is None or self.region not in regions:
            raise BadPlace(f"region {self.region!r} is not there: the race that maps it never came to its moment")
        start, pages = regions[self.region]
        first = 0 if self.first is None else self.first
        last = pages - 1 if self.last is None else self.last
        address = start + (first << PAGE_SHIFT)
        if self.offset is not None:
            return address + self.offset, 1
        return address, (last - first + 1) << PAGE_SHIFT

    def pages(self, regions: Mapping[str, tuple[int, int]]) -> range:
        """The address of each page it touches, wholly or in part.

        >>> [hex(page) for page in Target("A", 0, 1).pages({"A": (0x4000, 2)})]
        ['0x4000', '0x5000']
        """
        address, length = self.resolve(regions)
        return range(address & ~(PAGE_SIZE - 1), address + length, PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class PinRef:
    """The pages held under a name, or one of them: ``pins``, ``pins[0]``.

    >>> str(PinRef("pins")), str(PinRef("pins", 2))
    ('pins', 'pins[2]')
    """

    name: str
    index: int | None = None

    def __str__(self) -> str:
        return self.name if self.index is None else f"{self.name}[{self.index}]"


@dataclass(frozen=True, slots=True)
class FileRef:
    """Page ``index`` of a file, as the page cache holds it: ``file:f1[0]``.

    >>> str(FileRef("f1", 3))
    'file:f1[3]'
    """

    name: str
    index: int

    def __str__(self) -> str:
        return f"file:{self.name}[{self.index}]"


Place: TypeAlias = Target | PinRef | FileRef


def parse_target(text: str | int) -> Target:
    """A region, page, range, byte or literal address; an int is a literal address. BadPlace if it is none.

    >>> parse_target("A[1:3]")
    Target(region='A', first=1, last=2, offset=None, literal=None, process=None)
    """
    if isinstance(text, int):
        return Target(literal=_within(text, "address", 0, (1 << 64) - 1))
    if found := _LITERAL.fullmatch(text):
        literal = _within(int(found["literal"], 16), "address", 0, (1 << 64) - 1)
        return Target(literal=literal, process=found["process"])
    found = _REGION.fullmatch(text)
    if found is None:
        raise BadPlace(f"{text[:60]!r} is no address; write A, A[2], A[1:3], A[0]+100, C:A[0] or 0x7f0000000000")
    first, last = _span(text, found["first"], found["stop"])
    offset = None if found["offset"] is None else _offset(text, found["offset"], first, last)
    return Target(found["region"], first, last, offset, process=found["process"])


def parse_pin(text: str) -> PinRef:
    """``pins`` or ``pins[0]``. BadPlace if it is neither.

    >>> parse_pin("pins[0]")
    PinRef(name='pins', index=0)
    """
    found = _PIN.fullmatch(text)
    if found is None:
        raise BadPlace(f"{text[:60]!r} is no pin; write pins or pins[0]")
    return PinRef(found["name"], None if found["index"] is None else _page(found["index"]))


def parse_place(text: str | int) -> Target | FileRef:
    """Whatever an expectation may name. A pin reads as a region here: who knows the names tells them apart.

    >>> parse_place("file:f1[0]"), str(parse_place("C:A[0]"))
    (FileRef(name='f1', index=0), 'C:A[0]')
    """
    if isinstance(text, str) and text.startswith("file:"):
        found = _FILE.fullmatch(text)
        if found is None:
            raise BadPlace(f"{text[:60]!r} is no page of a file; write file:f1[0]")
        return FileRef(found["name"], _page(found["index"]))
    return parse_target(text)


def _span(text: str, first: str | None, stop: str | None) -> tuple[int | None, int | None]:
    if first is None:
        return None, None
    low = _page(first)
    high = low + 1 if stop is None else _page(stop)
    if high <= low:
        better = f"; write [{high}:{low}]" if high < low else "; a range ends before its second number"
        raise BadPlace(f"{text[:60]!r} is an empty range{better}")
    return low, high - 1


def _offset(text: str, offset: str, first: int | None, last: int | None) -> int:
    if first is None or first != last:
        raise BadPlace(f"{text[:60]!r}: an offset in bytes follows one page, as in A[0]+100")
    return _within(int(offset, 0) if offset.startswith("0x") else int(offset), "offset", 0, USER_SPACE)


def _page(text: str) -> int:
    # int() refuses thousands of digits, and no address space has so many pages
    return _within(int(text) if len(text) < 20 else MAX_PAGE + 1, "page number", -MAX_PAGE, MAX_PAGE)


def _within(number: int, what: str, low: int, high: int) -> int:
    if not low <= number <= high:
        raise BadPlace(f"{what} {number:#x} lies outside the address space")
    return number


class Layout:
    """Where regions lie: each at the first 2 MiB boundary at least 2 MiB above the end of the one before.

    A region with an address of its own takes no part in the row. The same scenario so draws the same tree
    every time.

    >>> row = Layout(); [hex(row.place(pages)) for pages in (2, 512, 1)]
    ['0x7f0000000000', '0x7f0000400000', '0x7f0000800000']
    """

    def __init__(self) -> None:
        self.end: int | None = None

    def place(self, pages: int) -> int:
        """The address of the next region, ``pages`` long."""
        start = FIRST_REGION if self.end is None else -(-(self.end + REGION_GAP) // REGION_GAP) * REGION_GAP
        self.end = start + (pages << PAGE_SHIFT)
        return start
