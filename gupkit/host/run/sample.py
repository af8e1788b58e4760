"""Looking at the pages of a run from outside, without disturbing what comes next.

Which page is there is read from /proc/PID/pagemap, its frame from /proc/kpagecount and kpageflags. Its first byte is
read by the process itself, with an ordinary load, and only where the page is present, so that nothing is faulted in:
a byte read through /proc/PID/mem would be a use of the page by the kernel, and a write that follows could then copy
the page where it would have kept it.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...trace.snapshot import PAGE_SHIFT, PAGE_SIZE
from ..frames import read_words
from ..leaf import EXCLUSIVE, FILE, GUARD, NUMBER, PRESENT, WORD, classes_of
from ..scan import IS_PRESENT, IS_SWAPPED, IS_ZERO_PAGE, pages_of
from .probe import Powers
from .servant import Servant
from .stub import BLIND, Ops
from .world import HostWorld

_MANY = 1 << 16
"""From so many pages on, a region is asked for its occupied parts first."""
_PEEKS = 1 << 16
"""Addresses that fit into the buffer at once."""
_FEW = 256
_ZERO_FLAG = 24


@dataclass(slots=True)
class Page:
    """A page that is present or swapped: whose, where, what pagemap's word says, and what was learned elsewhere."""

    process: str
    name: str
    address: int
    flags: int
    """The class of the word, as :mod:`gupkit.host.leaf` has it."""
    word: int
    zero: bool | None = None
    mapcount: int | None = None
    frame_flags: int = 0
    byte: int | None = None

    @property
    def pfn(self) -> int | None:
        """The frame's number; None without root, and where nothing is present."""
        return self.word & NUMBER or None if self.flags & PRESENT else None


@dataclass
class Sampler:
    """Looks at one run. Frames are told by labels: ``f0``, ``f1`` … by first sight, ``Z`` for the zero page."""

    world: HostWorld
    powers: Powers
    labels: dict[int, str] = field(default_factory=dict)

    def look(self) -> list[Page]:
        """Every page of every live process's regions that is present or swapped now."""
        found = []
        for name, process in self.world.processes():
            own = [page for region in self.world.regions for page in self._region(name, process, region)]
            self._peek(process, [page for page in own if page.flags & PRESENT])
            found += own
        if self.powers.frames:
            _learn_of_frames([page for page in found if page.pfn])
        return found

    def told(self, pages: list[Page]) -> dict[str, dict[str, Any]]:
        """The pages as a step's output tells them: ``P:A[0]`` and what can be seen of it."""
        return {page.name: self._told(page) for page in pages}

    def words(self, process: Servant, start: int, end: int) -> array[int]:
        """The pagemap words of the pages in ``[start, end)`` of a process."""
        first, count = start >> PAGE_SHIFT, end - start >> PAGE_SHIFT
        raw = os.pread(self.world.pagemaps[process.leader.pid], count * WORD, first * WORD)
        return array("Q", raw.ljust(count * WORD, b"\0"))

    def _told(self, page: Page) -> dict[str, Any]:
        if not page.flags & PRESENT:
            guard = {"guard": True} if page.flags & GUARD else {}
            return {"present": False, "swapped": True, **guard}
        told: dict[str, Any] = {"present": True}
        if page.pfn is not None:
            told["frame"] = "Z" if page.zero else self.labels.setdefault(page.pfn, f"f{len(self.labels)}")
        if page.zero is not None:
            told["zero"] = page.zero
        told |= {"file": bool(page.flags & FILE), "swapped": False, "exclusive": bool(page.flags & EXCLUSIVE)}
        if page.mapcount is not None:
            told["mapcount"] = page.mapcount
        if page.byte is not None:
            told["byte"] = page.byte
        return told

    def _region(self, name: str, process: Servant, region: str) -> Iterator[Page]:
        start, count = self.world.regions[region]
        for first, end in self._parts(process, start, start + (count << PAGE_SHIFT)):
            words = self.words(process, first, end)
            classes = classes_of(words.tobytes())
            zeros = self._zeros(process, first, end) if any(classes) else None
            for i, flags in enumerate(classes):
                if flags:
                    address = first + i * PAGE_SIZE
                    label = f"{name}:{region}[{address - start >> PAGE_SHIFT}]"
                    yield Page(name, label, address, flags, words[i], None if zeros is None else address in zeros)

    def _parts(self, process: Servant, start: int, end: int) -> list[tuple[int, int]]:
        if end - start < _MANY << PAGE_SHIFT:
            return [(start, end)]
        pagemap = self.world.pagemaps[process.leader.pid]
        parts = pages_of(pagemap, start, end, IS_PRESENT | IS_SWAPPED)
        if parts is not None:
            return parts
        step = _MANY << PAGE_SHIFT
        return [(at, min(at + step, end)) for at in range(start, end, step)]

    def _zeros(self, process: Servant, start: int, end: int) -> set[int] | None:
        """Addresses of the zero page; None if this kernel does not tell, or root will learn it from the frames."""
        if self.powers.frames:
            return None
        spans = pages_of(self.world.pagemaps[process.leader.pid], start, end, IS_ZERO_PAGE)
        return None if spans is None else {at for a, b in spans for at in range(a, b, PAGE_SIZE)}

    def _peek(self, process: Servant, pages: list[Page]) -> None:
        stage = self.world.crew.stage
        for first in range(0, len(pages), _PEEKS):
            some = pages[first : first + _PEEKS]
            form = f"={len(some)}Q"
            stage.put(stage.buffer, struct.pack(form, *(page.address for page in some)))
            buffer_pages = (len(some) * 8 + PAGE_SIZE - 1) >> PAGE_SHIFT
            process.call(Ops.PEEK, args=(stage.buffer, len(some)), pages=buffer_pages)
            for page, byte in zip(some, struct.unpack(form, stage.get(stage.buffer, len(some) * 8)), strict=True):
                page.byte = None if byte == BLIND else byte


def frame_words(path: str, pfns: array[int]) -> array[int] | None:
    """The words of ``pfns`` (ascending) in /proc/kpagecount or kpageflags; None where that is not permitted.

    A few are read one by one: for each word that is read the kernel looks at a frame.
    """
    if len(pfns) > _FEW:
        return read_words(path, pfns)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return array("Q", b"".join(os.pread(fd, WORD, pfn * WORD).ljust(WORD, b"\0") for pfn in pfns))
    finally:
        os.close(fd)


def _learn_of_frames(pages: list[Page]) -> None:
    pfns = array("Q", sorted({page.word & NUMBER for page in pages}))
    counts, flags = frame_words("/proc/kpagecount", pfns), frame_words("/proc/kpageflags", pfns)
    if counts is None or flags is None:
        return
    known = dict(zip(pfns, zip(counts, flags, strict=True), strict=True))
    for page in pages:
        page.mapcount, page.frame_flags = known[page.word & NUMBER]
        page.zero = bool(page.frame_flags >> _ZERO_FLAG & 1)
