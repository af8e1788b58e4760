"""Is anybody shown what he must not see? Asked at every write, since that is when it is decided.

A private page belongs to one process at a time: whoever writes to it does so in the name of an address space, and from
the moment of a fork on nobody else's mapping, pin or pipe may show what he wrote. A page of a file may be changed by
whoever maps the file shared and opened it for writing, and by nobody else. The zero page may be changed by nobody.
What is copied, read from the disk or written with ``pwrite`` is not looked at: that is how bytes may travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..kernel.mm_types import MmStruct
from ..kernel.page import Page, PG_reserved
from ..kernel.pgtable import PAGE_SIZE
from ..kernel.rmap import rmap_walk
from ..kernel.vma import writes_file
from ..scenario.address import Target
from ..scenario.world import HeldPin, World

if TYPE_CHECKING:
    from ..kernel.vma import VMA


Look: TypeAlias = "dict[str, Any]"
"""A step that looks at a byte and says what it should be, as a scenario file has it."""
Seen: TypeAlias = "tuple[str, str, Callable[[int], Look] | None]"
"""Who sees it, in words how, and what makes the step that shows it."""


@dataclass(frozen=True, slots=True)
class Lost:
    """One write that somebody else can see: by which op, in whose name (``writer``), who sees it, and how.

    ``witness`` is a step that looks at the byte with his eyes and expects what was there before, where there is one.
    """

    op: int
    writer: str
    seen_by: str
    text: str
    by_get: bool = False
    """The write came through a reference that was not taken with FOLL_PIN, in an era whose fork spares pinned pages."""
    witness: Look | None = field(default=None, compare=False)


class Acting(Protocol):
    """What a run can say of the op under way."""

    def op(self) -> int:
        """Its number."""

    def held_by(self, page: Page) -> HeldPin | None:
        """The pin through which it reaches a page, None if it names none."""

    def interrupted(self) -> Iterator[str]:
        """The tasks whose calls it interrupts: they may hold references that have no name yet."""


class Isolation:
    """Watches every write of one run. ``lost`` are those that isolation did not survive, in order."""

    def __init__(self, world: World, acting: Acting) -> None:
        self.world = world
        self.acting = acting
        self.lost: list[Lost] = []
        world.kernel.on_write = self.wrote

    def wrote(self, page: Page, mm: MmStruct | None, address: int) -> None:
        """Somebody has written to a page."""
        pin = None
        if mm is None:
            pin = self.acting.held_by(page)
            if pin is None:
                return
            mm, address = self._mm(pin.process), pin.address
        by_get = pin is not None and not pin.dma and bool(self.world.kernel.era.fork_copies_pinned)
        for seen_by, text, look in self._seen(page, mm, address, pin):
            words = f"what is written in {mm.name}'s name {text}"
            byte = page.content.read(address % PAGE_SIZE)[0]
            self.lost.append(Lost(self.acting.op(), mm.name, seen_by, words, by_get, look and look(byte)))

    def _mm(self, name: str) -> MmStruct:
        return self.world.kernel.tasks[name].mm

    def _seen(self, page: Page, mm: MmStruct, address: int, pin: HeldPin | None) -> Iterator[Seen]:
        if page.flags & PG_reserved:
            yield "everybody", "changes the zero page, which all untouched memory shows", None
        elif page.mapping is not None and not page.anon:
            may = pin.writes_file if pin is not None else writes_file(mm, address)
            if not may:
                name = page.mapping.host.name
                text = f"changes {name} itself, of which it had the right to a private copy only"
                yield f"file {name}", text, partial(_read_file, name, page.index) if not address % PAGE_SIZE else None
        else:
            yield from self._mapped(page, mm, address)
            yield from self._held(page, mm, address % PAGE_SIZE)

    def _mapped(self, page: Page, mm: MmStruct, address: int) -> Iterator[Seen]:
        for vma, at, _ in rmap_walk(page):
            owner = vma.vm_mm.name
            if owner != mm.name:
                place = self._place(vma, at, address % PAGE_SIZE)
                yield owner, f"appears in {owner} at {place}, which had shared the page", partial(_load, owner, place)

    def _place(self, vma: VMA, address: int, offset: int) -> Target:
        start, _ = self.world.regions.get(vma.name, (0, 0))
        if not start:
            return Target(literal=address + offset)
        index = (address - start) // PAGE_SIZE
        return Target(vma.name, index, index, offset or None)

    def _held(self, page: Page, mm: MmStruct, offset: int) -> Iterator[Seen]:
        """Pins, pipes and registered buffers of others that hold the page; then references without a name."""
        known = 0
        for owner, name, look in self._holders(page, offset):
            known += 1
            if owner != mm.name:
                yield owner, f"is seen through {name}, which {owner} had taken of the shared page", look
        if page.pins > known:
            for task in self.acting.interrupted():
                owner = self.world.task(task).mm.name
                if owner != mm.name:
                    yield owner, f"is seen by the call of {owner} under way, which had taken the shared page", None

    def _holders(self, page: Page, offset: int) -> Iterator[Seen]:
        for name, pins in self.world.pins.items():
            for i, pin in enumerate(pins):
                if pin.page is page and pin.held > 0 and pin.serial == page.serial:
                    yield pin.process, f"{name}[{i}]", partial(_page_load, f"{name}[{i}]")
        for name, pipe in self.world.kernel.pipes.items():
            for i, buffer in enumerate(pipe):
                if buffer.page is page:
                    first = len(pipe) == 1 and buffer.offset == offset
                    yield buffer.owner, f"pipe {name}[{i}]", partial(_pipe_read, buffer.owner, name) if first else None
        for name, (task, pages) in self.world.kernel.buffers.items():
            if page in pages:
                yield task.mm.name, f"the registered buffer {name}", None


def _read_file(name: str, index: int, byte: int) -> Look:
    return {"pread": {"file": name, "offset": index}, "expect": {"bytes": f"{byte:02x}"}}


def _load(owner: str, place: Target, byte: int) -> Look:
    return {"load": {"by": owner, "at": str(place)}, "expect": {"byte": byte}}


def _pipe_read(owner: str, name: str, byte: int) -> Look:
    return {"pipe_read": {"by": owner, "pipe": name}, "expect": {"bytes": f"{byte:02x}"}}


def _page_load(name: str, byte: int) -> Look:
    return {"page_load": {"pin": name}, "expect": {"byte": byte}}
