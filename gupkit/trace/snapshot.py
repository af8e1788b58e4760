"""A whole machine at one instant, as immutable values: what every picture and every check is made from.

Nothing here knows how it was obtained. A snapshot taken from the simulated kernel, one read from a live
process's /proc and one loaded from a file are the same kind of thing. ``None`` means *not observable here*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .diff import Diff

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
LEVELS = ("pgd", "pud", "pmd", "pte")
"""The four tables of x86-64 from the root down; each has 512 entries, so each takes nine bits of the address."""

SHIFTS = (39, 30, 21, 12)
"""The lowest address bit that each level of :data:`LEVELS` looks at."""

EMPTY: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pte:
    """One page-table entry that is not empty: a present page, or a page in swap.

    >>> Pte(pfn=7, present=True, write=False).letters
    'P-??'
    """

    pfn: int | None = None
    present: bool = False
    write: bool | None = None
    dirty: bool | None = None
    young: bool | None = None
    protnone: bool = False
    zero: bool = False
    swap: int | None = None
    """Swap slot of a page that is not present (None: it is present, or the slot is not observable)."""
    swapped: bool = False
    poisoned: bool = False
    file: bool | None = None
    """Backed by a file or shared memory. None where the frame is known: see :attr:`Frame.kind`."""
    huge: bool = False
    """It stands in a pmd and maps 2 MiB: ``pfn`` is the first of 512 frames."""
    exclusive: bool | None = None
    """Mapped exactly once (bit 56 of /proc/PID/pagemap). None where the frame is known: see ``mapcount``."""

    @property
    def letters(self) -> str:
        """Four letters, P(resent) W(rite) D(irty) A(ccessed); ``-`` for no and ``?`` for not observable."""
        flags = (self.present, self.write, self.dirty, self.young)
        return "".join("?" if f is None else c if f else "-" for c, f in zip("PWDA", flags, strict=True))


PageTable: TypeAlias = "Mapping[int, PageTable | Pte]"
"""A table: index (0 to 511) → the next table down, or a :class:`Pte` at the fourth level (a huge one: at the third)."""


@dataclass(frozen=True, slots=True)
class Vma:
    """A vm_area_struct: the half-open range ``[start, end)`` of bytes and what may be done there.

    >>> Vma(0x1000, 0x3000, ("READ", "WRITE", "MAYREAD", "MAYWRITE")).prot
    'rw-'
    """

    start: int
    end: int
    flags: tuple[str, ...] = ()
    """Names without VM_, such as ``("READ", "WRITE", "SHARED", "MAYWRITE")``."""
    name: str = ""
    """What a reader calls it: the region's name in the scenario, or ``[heap]``, ``libc.so``."""
    file: str | None = None
    pgoff: int = 0
    """Offset of ``start`` in the file, in pages."""

    @property
    def pages(self) -> int:
        """Length in pages."""
        return (self.end - self.start) >> PAGE_SHIFT

    @property
    def prot(self) -> str:
        """Like the first three letters of a /proc/PID/maps line."""
        return "".join(c if f in self.flags else "-" for c, f in zip("rwx", ("READ", "WRITE", "EXEC"), strict=True))

    @property
    def shared(self) -> bool:
        """Whether it was asked for as shared."""
        return "SHARED" in self.flags or "MAYSHARE" in self.flags


@dataclass(frozen=True, slots=True)
class Lock:
    """A reader/writer lock (mmap_sem): who holds it and who waits, by name."""

    readers: tuple[str, ...] = ()
    writer: str | None = None
    waiters: tuple[str, ...] = ()

    @property
    def held(self) -> str:
        """``none``, ``read`` or ``write``."""
        return "write" if self.writer else "read" if self.readers else "none"


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its VMAs in address order, its page tables, its fault counters, its mmap_sem."""

    name: str
    pid: int = 0
    vmas: tuple[Vma, ...] = ()
    pgd: PageTable = field(default_factory=lambda: EMPTY)
    min_flt: int = 0
    maj_flt: int = 0
    mmap_sem: Lock = Lock()
    alive: bool = True

    def find_vma(self, address: int) -> Vma | None:
        """The VMA that holds ``address``, or None (stricter than the kernel's, which may answer the next one)."""
        return next((v for v in self.vmas if v.start <= address < v.end), None)

    def pte(self, address: int) -> Pte | None:
        """The entry for ``address``, or None where there is no entry or no table.

        Of a huge entry: as it is, but that ``pfn`` is the frame of this address.
        """
        table: Any = self.pgd
        for shift in SHIFTS:
            table = table.get(address >> shift & 511)
            if table is None or isinstance(table, Pte):
                return _part(table, address)
        return None

    def ptes(self, start: int = 0, end: int = 1 << 47) -> Iterator[tuple[int, Pte]]:
        """Every non-empty entry of ``[start, end)`` as (address, entry), in address order."""
        return _ptes(self.pgd, 0, 0, start, end)

    def tables(self) -> dict[str, int]:
        """How many tables of each level exist (the pgd always does).

        >>> Process("P").tables()
        {'pgd': 1, 'pud': 0, 'pmd': 0, 'pte': 0}
        """
        counts, level = {}, [self.pgd]
        for name in LEVELS:
            counts[name] = len(level)
            level = [t for table in level for t in table.values() if isinstance(t, Mapping)]
        return counts


def _part(pte: Pte | None, address: int) -> Pte | None:
    if pte is None or not pte.huge or pte.pfn is None:
        return pte
    return replace(pte, pfn=pte.pfn + (address >> PAGE_SHIFT & 511))


def _ptes(table: PageTable, depth: int, base: int, start: int, end: int) -> Iterator[tuple[int, Pte]]:
    shift = SHIFTS[depth]
    for index in sorted(table):
        address, entry = base + (index << shift), table[index]
        if address >= end or address + (1 << shift) <= start:
            continue
        if isinstance(entry, Pte):
            yield address, entry
        else:
            yield from _ptes(entry, depth + 1, address, start, end)


@dataclass(frozen=True, slots=True)
class Frame:
    """A page frame in use and its struct page: who is counted on it, and what its first byte is.

    ``refcount`` = ``mapcount`` + 1 if in a page cache + 1 if in the swap cache + ``pins``, if nobody erred;
    a pin that was taken with FOLL_PIN counts 1024 times. The zero page is never freed: only its pins are counted.
    """

    pfn: int
    kind: str
    """``anon``, ``file``, ``zero``, or ``none`` (taken out of its file by truncation or invalidation)."""
    refcount: int | None = None
    mapcount: int | None = None
    pins: int = 0
    file: str | None = None
    index: int | None = None
    """Page number within ``file``."""
    head: int | None = None
    """Of a part of a huge page: its first frame (its own number for the head), whose ``refcount`` counts for all."""
    swap: int | None = None
    """Swap slot, while the page is in the swap cache."""
    flags: tuple[str, ...] = ()
    """Lower-case page flags: ``locked dirty uptodate writeback referenced active mlocked hwpoison private …``."""
    byte: int | None = None

    @property
    def cached(self) -> bool:
        """In the page cache of a file."""
        return self.kind == "file"

    @property
    def swapcache(self) -> bool:
        """In the swap cache."""
        return self.swap is not None


@dataclass(frozen=True, slots=True)
class File:
    """A file: its size, its page cache (page number → frame) and what the disk holds (page number → first byte)."""

    name: str
    pages: int
    memfd: bool = False
    cache: Mapping[int, int] = field(default_factory=lambda: EMPTY)
    disk: Mapping[int, int] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Pin:
    """A reference that somebody outside the page tables holds: ``pins[2]`` of a gup, or a pipe's.

    ``address`` is where the page was mapped when it was taken; it may be mapped there no longer.
    """

    name: str
    pfn: int
    process: str | None = None
    address: int | None = None
    write: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one instant. Two snapshots are equal when they say the same.

    >>> Snapshot() == Snapshot(clock=0)
    True
    """

    clock: int = 0
    processes: Mapping[str, Process] = field(default_factory=lambda: EMPTY)
    frames: Mapping[int, Frame] = field(default_factory=lambda: EMPTY)
    """Frames in use, by page frame number; free ones are left out."""
    files: Mapping[str, File] = field(default_factory=lambda: EMPTY)
    swap: Mapping[int, int] = field(default_factory=lambda: EMPTY)
    """Swap slots in use: slot → first byte on the swap device."""
    pins: tuple[Pin, ...] = ()
    free: int | None = None
    """Free frames, where known."""
    origin: str = "sim"
    """``sim``, ``live`` (read from /proc) or ``recorded``."""
    about: str = ""
    """One sentence about what this is, shown above the pictures."""

    @property
    def locks_known(self) -> bool:
        """Whether it says who holds each mmap_sem: a simulated machine does, a real one does not tell."""
        return self.origin == "sim"

    def diff(self, older: Snapshot) -> Diff:
        """What differs from ``older``."""
        from .diff import diff  # stands on this module

        return diff(self, older)

    def frame(self, process: str, address: int) -> Frame | None:
        """The frame mapped at ``address`` of ``process``, or None."""
        pte = self.processes[process].pte(address)
        return None if pte is None or pte.pfn is None else self.frames.get(pte.pfn)
