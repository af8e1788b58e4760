"""Address spaces for checks: regions laid down as a recipe says, in pages of any size, and what they are like later.

A recipe is plain data: a list of trials, each with ``regions`` and ``asks``. Every trial gets a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kernel import Kernel
from ..kernel.flags import PROT, VM, VM_MAYREAD
from ..kernel.mm_types import MmStruct
from ..kernel.vma import VMA, insert_vma
from .plain import plain

MAY = VM_MAYREAD
"""VM_MAYREAD, VM_MAYWRITE, VM_MAYEXEC are VM_READ, VM_WRITE, VM_EXEC times this."""
LETTERS = {VM.READ: "r", VM.WRITE: "w", VM.EXEC: "x"}


@dataclass(frozen=True, slots=True)
class Space:
    """One process's address space, by the name of the process, and what is asked of it, in order."""

    name: str
    mm: MmStruct
    asks: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Spaces:
    """The address spaces of a check, on one machine. It can be walked through."""

    kernel: Kernel
    spaces: Sequence[Space]

    def __iter__(self) -> Iterator[Space]:
        return iter(self.spaces)


def spaces(page: int, trials: Sequence[Mapping[str, Any]]) -> Spaces:
    """The machine of a recipe; ``page`` is the size of a page in bytes.

    >>> row = {"name": "A", "at": 4, "pages": 2, "prot": "rw", "may": "rwx", "flags": [], "file": None, "pgoff": 4}
    >>> [space] = spaces(0x4000, [{"regions": [row], "asks": []}])
    >>> space.mm.mmap
    [<vma 0x10000-0x18000 flags=0x73>]
    """
    kernel = Kernel()
    made = []
    for number, trial in enumerate(trials, 1):
        mm = kernel.spawn(f"P{number}").mm
        for row in trial["regions"]:
            insert_vma(mm, region(mm, page, row))
        made.append(Space(f"P{number}", mm, trial["asks"]))
    return Spaces(kernel, made)


def region(mm: MmStruct, page: int, row: Mapping[str, Any]) -> VMA:
    """The region of one row: ``at`` and ``pages`` count pages, ``prot`` and ``may`` are letters, ``flags`` names."""
    kernel = mm.kernel
    file = row["file"]
    if file is not None and file not in kernel.files:
        kernel.file(file, [])  # type: ignore[attr-defined]
    flags = int(PROT.of(row["prot"])) | int(PROT.of(row["may"])) * MAY | sum(VM[name] for name in row["flags"])
    start = row["at"] * page
    vma = VMA(mm, start, start + row["pages"] * page, flags, row["pgoff"], kernel.files.get(file))
    vma.kind = "file" if file else "anon"
    vma.name = row["name"]
    return vma


def in_list(mm: MmStruct, value: Any) -> Any:
    """What a function that gives a region gave: the region's name if it is one of the list, else what it is."""
    if type(value) is not VMA:
        return plain(value)
    return value.name if any(value is vma for vma in mm.mmap) else "a region that is not in mm.mmap"


def standing(mm: MmStruct) -> dict[str, Any]:
    """The list of regions as it is: each by its first address, with its fields."""
    found: dict[str, Any] = {}
    for vma in mm.mmap:
        what = f"the region from {number(vma.vm_start)}" if type(vma) is VMA else "no region, but in mm.mmap"
        found[what + " (once more)" * (what in found)] = fields(vma) if type(vma) is VMA else plain(vma)
    starts = [vma.vm_start for vma in mm.mmap if type(vma) is VMA and type(vma.vm_start) is int]
    if starts != sorted(starts):
        found["the list"] = "not in the order of addresses"
    return found


def fields(vma: VMA) -> dict[str, Any]:
    """The fields of a region that say what it is."""
    file = vma.vm_file
    return {
        "vm_end": plain(vma.vm_end), "vm_flags": flag_words(vma.vm_flags), "vm_pgoff": plain(vma.vm_pgoff),
        "vm_file": None if file is None else plain(getattr(file, "name", file)), "name": plain(vma.name),
    }  # fmt: skip


def flag_words(flags: Any) -> Any:
    """``vm_flags`` for people.

    >>> flag_words(0x173)
    'rw-, may rwx, GROWSDOWN'
    """
    if not isinstance(flags, int):
        return plain(flags)
    value = int(flags)
    rest = [flag.name for flag in VM if value & flag and not flag & (7 | 7 * MAY)]
    return ", ".join([letters(value), f"may {letters(value // MAY)}", *(name for name in rest if name)])


def letters(flags: int) -> str:
    """Rights as letters.

    >>> letters(5)
    'r-x'
    """
    return "".join(letter if flags & flag else "-" for flag, letter in LETTERS.items())


def number(value: Any) -> str:
    """An address in hexadecimal, or the type of what is no number.

    >>> number(16), number(1.0)
    ('0x10', 'a float')
    """
    return hex(value) if type(value) is int else f"a {type(value).__name__}"
