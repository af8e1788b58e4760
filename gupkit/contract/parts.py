"""What the story of a trace is made of: operations, calls, and the references that calls took."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

FOLL_WRITE, FOLL_GET, FOLL_FORCE, FOLL_NOWAIT, FOLL_PIN = 0x1, 0x4, 0x10, 0x20, 0x40000
"""Flags as they stand in the events of a trace: the same numbers for every era. Source: include/linux/mm.h."""

HANDS_ON = frozenset({"vmsplice", "uring_register"})
"""Ops that hand their references on to a pipe or a registered buffer, which give them back later."""


@dataclass(eq=False, slots=True)
class Op:
    """One op of a scenario, a step or one injected into a step: who did it and which events belong to it.

    ``pin`` is the pin it uses (``pins``, ``pins[0]``), ``api`` the function a ``gup`` calls, ``binds`` the name it
    gives to the pages. ``first`` and ``last`` are indexes of events, ``last`` -1 if it never came to its end;
    ``outer`` is the op that was interrupted for it.
    """

    name: str
    by: str
    step: int | None
    first: int
    pin: str | None = None
    api: str | None = None
    binds: str | None = None
    last: int = -1
    woken: bool = False
    outer: Op | None = None

    @property
    def inside_own(self) -> bool:
        """It was injected into an op of the same task: what that one holds is no matter of this one."""
        outer = self.outer
        while outer is not None and outer.by != self.by:
            outer = outer.outer
        return outer is not None

    def names(self, ref: Ref) -> bool:
        """Whether this op names the reference: by its name, or by that of the whole array."""
        return self.pin is not None and ref.name is not None and self.pin in (ref.name, ref.name.partition("[")[0])


class Lookup(NamedTuple):
    """One page of a call: the event, the address, and the frame found (None: counted, and nothing there)."""

    event: int
    address: int
    pfn: int | None


@dataclass(eq=False, slots=True)
class Call:
    """One call of ``__get_user_pages`` (or of the fast walk): what it was asked, what came, and when.

    ``tsk`` is who is charged, None for nobody. ``nonblocking`` is the value before the call and ``flag`` the one
    after it, None for NULL. ``returned`` is the index of the event, -1 if it never did.
    """

    op: Op | None
    task: str
    process: str
    start: int
    nr_pages: int
    flags: int
    entered: int
    fast: bool = False
    tsk: str | None = None
    nonblocking: int | None = None
    flag: int | None = None
    pages: bool = True
    vmas: bool = False
    alone: bool = False
    returned: int = -1
    ret: int = 0
    lookups: list[Lookup] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)

    @property
    def takes(self) -> bool:
        """It takes a reference to each page."""
        return bool(self.flags & (FOLL_GET | FOLL_PIN))

    @property
    def write(self) -> bool:
        """It asked to write."""
        return bool(self.flags & FOLL_WRITE)


@dataclass(eq=False, slots=True)
class Ref:
    """One reference that a call took: to which frame, through which address, and what its holder did with it.

    ``taken``, ``put`` and ``freed`` are events; ``put`` None while it is held, ``freed`` None unless the frame was
    freed all the same. ``stores``, ``loads`` and ``marks`` are events in which the holder wrote, read, and marked it
    dirty; ``extra`` those in which it was put although it had been.
    """

    call: Call | None
    process: str
    address: int
    pfn: int
    write: bool
    taken: int
    op: Op | None
    name: str | None = None
    put: int | None = None
    freed: int | None = None
    stores: list[int] = field(default_factory=list)
    loads: list[int] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What a reader calls it: its name, or where it was taken."""
        return self.name or f"the pin of {self.address:#x}"

    @property
    def handed_on(self) -> bool:
        """A pipe or a registered buffer has it."""
        return self.op is not None and self.op.name in HANDS_ON

    @property
    def internal(self) -> bool:
        """A system call took it for itself: nobody outside of the kernel's own code has its name."""
        return self.op is not None and self.op.name != "gup"

    def copy(self) -> Ref:
        """The same reference with lists of its own."""
        return replace(
            self, stores=self.stores.copy(), loads=self.loads.copy(), marks=self.marks.copy(), extra=self.extra.copy()
        )

    def end(self, events: int) -> int:
        """The first event at which it is not held any more; ``events``, how many there are, if it always is."""
        over = [at for at in (self.put, self.freed) if at is not None]
        return min(over) if over else events
