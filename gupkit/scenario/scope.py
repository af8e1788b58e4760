"""What is bound while a scenario is read from top to bottom: regions, pins, processes, files, pipes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..errors import ScenarioError
from .address import USER_SPACE, Layout, PinRef, Target
from .parts import FileSpec, Step
from .vocabulary import FIRST_PROCESS, FIRST_THREAD
from .where import Path, Where
from .words import hint

_THREAD = re.compile(r"T([2-9]|[1-9][0-9]{1,4})")
_RESERVED = {FIRST_PROCESS, "file"}


def is_thread(name: str) -> bool:
    """A thread of the first process, which needs no declaration: T2, T3, …

    >>> is_thread("T2"), is_thread("T1"), is_thread("T02")
    (True, False, False)
    """
    return _THREAD.fullmatch(name) is not None


@dataclass
class Scope:
    """The names bound so far; the methods either answer or raise ScenarioError."""

    where: Where
    files: dict[str, FileSpec]
    later: dict[str, int] = field(default_factory=dict)
    """Every name bound anywhere → the line that binds it first."""
    regions: dict[str, tuple[int, int]] = field(default_factory=dict)
    pins: dict[str, int] = field(default_factory=dict)
    """Name → the most pages it may hold."""
    rings: set[str] = field(default_factory=set)
    processes: dict[str, int] = field(default_factory=lambda: {FIRST_PROCESS: 0})
    exited: dict[str, int] = field(default_factory=dict)
    pipes: set[str] = field(default_factory=set)
    layout: Layout = field(default_factory=Layout)

    def process(self, name: str, path: Path) -> None:
        """``name`` is somebody."""
        if name in self.processes or is_thread(name):
            return
        raise self.missing(path, "process", name, (*self.processes, FIRST_THREAD))

    def alive(self, name: str, path: Path) -> None:
        """``name`` has not exited."""
        owner = FIRST_PROCESS if is_thread(name) and name not in self.exited else name
        if owner in self.exited:
            line = self.exited[owner]
            when = f" in line {line}" if line else ""
            raise self.where.refuse(path, f"{name} has exited{when} and does nothing after that")

    def file(self, name: str, path: Path) -> None:
        """``name`` is a file of the scenario."""
        if name not in self.files:
            tail = hint(name, self.files) or "; 'files' at the top declares them"
            raise self.where.refuse(path, f"unknown file {name!r}{tail}")

    def target(self, target: Target, path: Path) -> None:
        """Its process and region are there, and its first byte is an address."""
        if target.process is not None:
            self.process(target.process, path)
        if target.literal is not None:
            return
        if target.region not in self.regions:
            raise self.missing(path, "region", str(target.region), tuple(self.regions))
        if target.resolve(self.regions)[0] < 0:
            raise self.where.refuse(path, f"{target} lies below address 0")

    def pin(self, pin: PinRef, path: Path, one: bool) -> None:
        """Its name is bound, it can have so many pages, and it is a single one where one is asked for."""
        if pin.name not in self.pins:
            raise self.missing(path, "pin", pin.name, tuple(self.pins))
        count = self.pins[pin.name]
        if pin.index is not None and pin.index >= count:
            last = f"its last is {pin.name}[{count - 1}]" if count else "it holds no page"
            raise self.where.refuse(path, f"{pin} is beyond what was asked for: {last}")
        if one and pin.index is None:
            raise self.where.refuse(path, f"one pin is needed here; nearest right word: '{pin.name}[0]'")

    def missing(self, path: Path, what: str, name: str, known: Iterable[str]) -> ScenarioError:
        """The error for a name that is not bound, or not yet."""
        line = self.later.get(f"{what} {name}")
        if line:
            return self.where.refuse(path, f"{what} {name!r} is used before line {line} makes it")
        return self.where.refuse(path, f"unknown {what} {name!r}{hint(name, known)}")

    def bind_region(self, step: Step, path: Path) -> None:
        """A region gets its name and its place."""
        name, pages, addr = step.args["as"], step.args["pages"], step.args["addr"]
        if name in self.regions:
            raise self.where.refuse((*path, "as"), f"region {name!r} is mapped already; give this one another name")
        if name in self.pins:
            raise self.where.refuse((*path, "as"), f"{name!r} names pins already; give the region another name")
        start = self.layout.place(pages) if addr is None else addr
        if start + (pages << 12) > USER_SPACE:
            message = f"{pages} pages at {start:#x} end beyond the address space, which has {USER_SPACE:#x} bytes"
            raise self.where.refuse((*path, "pages"), message)
        self.regions[name] = (start, pages)

    def bind_pins(self, step: Step, path: Path) -> None:
        """Pages pinned or registered get a name, which may have been used for others before."""
        name = step.args["as"]
        if name is None:
            return
        if name in self.regions:
            raise self.where.refuse((*path, "as"), f"{name!r} names a region already; give the pins another name")
        self.pins[name] = max(self.pins.get(name, 0), self._asked(step))
        if step.op == "uring_register":
            self.rings.add(name)

    def _asked(self, step: Step) -> int:
        if not step.args.get("pages_array", True):
            return 0
        pages = step.args.get("pages")
        return len(step.args["at"].pages(self.regions)) if pages is None else max(pages, 0)

    def bind_process(self, step: Step, path: Path) -> None:
        """A forked process gets its name."""
        name = step.args["as"]
        if name in self.processes:
            raise self.where.refuse((*path, "as"), f"process {name!r} is there already; give this one another name")
        if name in _RESERVED or is_thread(name):
            raise self.where.refuse((*path, "as"), f"{name!r} is reserved; give the process another name")
        self.processes[name] = step.line


BINDS = {"mmap": "region", "gup": "pin", "uring_register": "pin", "fork": "process"}
"""Op → what its ``as`` names."""


def bindings(steps: Iterable[Step]) -> Iterator[tuple[str, int]]:
    """Every name that some step binds, as ``kind name``, with its line: injected ones too."""
    for step in steps:
        if step.op in BINDS:
            yield f"{BINDS[step.op]} {step.args['as']}", step.line
        yield from bindings(step.injected)
