"""What the names of a scenario stand for while it runs on the simulated kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ScenarioError
from ..kernel import Kernel, Task
from ..kernel.eras import Era
from ..kernel.filemap import Inode
from ..kernel.page import Page
from ..kernel.pgtable import PAGE_SIZE, ptes
from ..trace.snapshot import Pin
from .address import FileRef, PinRef, Place, Target
from .model import Scenario
from .vocabulary import FIRST_PROCESS

THREAD = re.compile(r"T[1-9][0-9]*")
"""Names of threads of the first process; they need no declaration."""


@dataclass(slots=True)
class HeldPin:
    """A page that a ``gup`` handed out. ``held`` counts the references its holder still owes to give back.

    ``dma``: it was taken with FOLL_PIN, in an era that has it; ``writes_file``: through a mapping whose writes are
    the file's own.
    """

    page: Page
    process: str
    address: int
    write: bool
    held: int
    serial: int = 0
    dma: bool = False
    writes_file: bool = False


@dataclass
class World:
    """Tasks, regions, files and pins by name, and the labels under which frames are told."""

    kernel: Kernel
    source: str = "scenario"
    regions: dict[str, tuple[int, int]] = field(default_factory=dict)
    pins: dict[str, list[HeldPin]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, scenario: Scenario, era: str | Era) -> World:
        """A machine with the scenario's first process and its files, before the first step."""
        world = cls(Kernel(era=era), scenario.source)
        world.kernel.spawn(FIRST_PROCESS)
        for file in scenario.files:
            world.kernel.file(file.name, list(file.fills), cached=file.cached, memfd=file.memfd)
        return world

    def task(self, name: str) -> Task:
        """The task of that name; a thread of the first process comes into being when it first acts."""
        tasks = self.kernel.tasks
        if name not in tasks and not THREAD.fullmatch(name):
            raise ScenarioError(f"{self.source}: {name} never came to be: the step that forks it was not reached")
        return tasks[name] if name in tasks else self.kernel.thread(tasks[FIRST_PROCESS], name)

    def file(self, name: str) -> Inode:
        """The file of that name."""
        return self.kernel.files[name]

    def span(self, at: Target) -> tuple[int, int]:
        """Address and bytes of a place."""
        return at.resolve(self.regions)

    def held(self, pin: PinRef) -> list[HeldPin]:
        """The pins of a name, or the one meant; none if the call brought fewer."""
        pins = self.pins.get(pin.name, [])
        return pins if pin.index is None else pins[pin.index : pin.index + 1]

    def page(self, place: Place, by: str) -> Page | None:
        """The page at a place: mapped there, held by a pin, or cached for a file. Nothing is touched."""
        if isinstance(place, FileRef):
            return self.file(place.name).mapping.pages.get(place.index)
        if isinstance(place, PinRef):
            held = self.held(place)
            return held[0].page if held else None
        task = self.task(place.process or by)
        return self.kernel.page_at(task, self.span(place)[0])

    def label(self, page: Page) -> str:
        """``f0``, ``f1`` … in the order of first sight; ``Z`` for the zero page."""
        if page is self.kernel.zero_page:
            return "Z"
        return self.labels.setdefault(page.pfn, f"f{len(self.labels)}")

    def named_pins(self) -> tuple[Pin, ...]:
        """The references that are held now, by name."""
        return tuple(
            Pin(f"{name}[{i}]", pin.page.pfn, pin.process, pin.address, pin.write)
            for name, pins in self.pins.items()
            for i, pin in enumerate(pins)
            if pin.held > 0
        )

    def outstanding(self) -> int:
        """Pages whose pin nobody has given back; pipes and registered buffers still have theirs."""
        return sum(self.kernel.leaked_pages().values())

    def mapped_pages(self) -> Iterator[tuple[str, Task, int, int]]:
        """Every entry in the regions of every living process: (``P:A[0]``, task, address, entry)."""
        for task in self.kernel.tasks.values():
            if not task.alive or task.mm.name != task.name:
                continue
            for region, (start, pages) in self.regions.items():
                for address, pte in ptes(task.mm, start, start + pages * PAGE_SIZE):
                    yield f"{task.name}:{region}[{(address - start) // PAGE_SIZE}]", task, address, pte
