"""Watching a simulated kernel and keeping what it did.

After every event only what the journal names is looked at, and only plain facts are kept; events and deltas are
made of them when the trace is asked for. So recording costs about as much as running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, TypeAlias

from ..kernel import state
from ..kernel.mm_types import MmStruct
from ..kernel.ops_user import UserOps
from ..kernel.rwsem import RwSemaphore
from ..kernel.sched import Task
from . import capture
from .delta import Delta
from .event import Event
from .snapshot import Pin, Snapshot
from .step import Step
from .trace import Made, Trace

Seen: TypeAlias = "tuple[int, str, str, int, int, str, dict[str, Any]]"
"""An event as it is noted: its number, name, task, clock, depth, place and fields."""
Noted: TypeAlias = "tuple[int, dict[str, Any] | None]"
"""The clock after an event, and plain facts about what had changed; None: nothing."""
BINDING = frozenset({"done", "raced", "end"})
"""Events after which references may have other names than before."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A machine at one moment, and what was recorded up to it."""

    machine: state.State
    seen: list[Seen]
    facts: list[Noted]
    pins: tuple[Pin, ...]


class Recorder:
    """Records a kernel from construction to :meth:`stop`. ``pins`` names the references that are held.

    >>> from gupkit.kernel import Kernel
    >>> k = Kernel()
    >>> p = k.spawn("P")
    >>> with Recorder(k) as recorder:
    ...     a = k.mmap(p, pages=1)
    ...     k.store(p, a, b"x")
    >>> recorder.trace()[-1].frame("P", a).byte == ord("x")
    True
    """

    def __init__(self, machine: UserOps, pins: Callable[[], Iterable[Pin]] = tuple) -> None:
        self.machine = machine
        self.pins = pins
        self.base: Snapshot = capture.take(machine, pins())
        self.seen: list[Seen] = []
        self.facts: list[Noted] = []
        self.journal: set[Any] = set()
        self._last_pins = self.base.pins
        machine.watch(self.journal)
        machine.listen(self._on_event)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def count(self) -> int:
        """Events so far."""
        return len(self.seen)

    def stop(self) -> None:
        """Stop watching. What changed since the last event becomes an event of its own, ``end``."""
        self.machine.emit("end")
        self.machine.unlisten(self._on_event)
        self.machine.watch(None)

    def save(self) -> Saved:
        """The machine as it is now and the record so far, to be put back together with :meth:`restore`."""
        return Saved(state.save(self.machine), self.seen.copy(), self.facts.copy(), self._last_pins)

    def restore(self, saved: Saved) -> None:
        """Put machine and record back as they were at a :meth:`save` of this recorder."""
        state.restore(saved.machine)
        self.seen, self.facts = saved.seen.copy(), saved.facts.copy()
        self._last_pins = saved.pins
        self.journal.clear()

    def trace(
        self, steps: Iterable[Step] = (), *, start: Trace | None = None, same: int = 0, **about: Any
    ) -> Trace:
        """What was recorded so far; ``about`` are the keyword arguments of :class:`Trace`.

        ``start`` is an earlier trace of this recorder, the first ``same`` events of which happened in this record, too:
        what was made of them is taken over, not made again.
        """
        events = Made(self.seen.copy(), _event, start and start.events, same)
        deltas = Made(self.facts.copy(), partial(_made, self.machine), start and start.deltas, same)
        return Trace(
            self.base, events, deltas, tuple(steps), era=self.machine.era.name, start=start, same=same, **about
        )

    def _on_event(self, name: str, fields: dict[str, Any], place: str) -> None:
        machine, journal = self.machine, self.journal
        task = machine.current
        by = task.name if task else ""
        self.seen.append((len(self.seen), name, by, machine.clock, machine.depth, place, fields))
        facts = None
        if journal:
            facts = self._look()
            journal.clear()
            if "frames" in facts or name in BINDING:
                facts = self._look_at_pins(facts)
        elif name in BINDING:
            facts = self._look_at_pins(None)
        self.facts.append((machine.clock, facts))

    def _look(self) -> dict[str, Any]:
        """Note what the changed things look like now: plain facts by kind and key, the commonest kinds first."""
        page_class = self.machine.page_class
        facts: dict[str, Any] = {}
        for item in self.journal:
            kind = type(item)
            if kind is page_class:
                if "frames" not in facts:
                    facts["frames"], facts["free"] = {}, self.machine.zone.nr_free
                facts["frames"][item.pfn] = capture.frame_facts(item)
            elif kind is tuple and type(item[0]) is MmStruct:
                mm, address = item
                facts.setdefault("ptes", {})[mm.name, address] = _entry(mm, address)
            elif kind is RwSemaphore:
                facts.setdefault("locks", {})[item.mm.name] = capture.lock_facts(item)
            elif kind is Task:
                facts.setdefault("counters", {})[item.mm.name] = _counters(self.machine, item.mm)
            else:
                self._look_at(item, facts)
        return facts

    def _look_at(self, item: Any, facts: dict[str, Any]) -> None:
        """The rarer things: a page of a file, the VMAs of an address space, a swap slot."""
        machine = self.machine
        if isinstance(item, tuple):
            inode, index = item
            facts.setdefault("files", {})[inode.name, index] = capture.file_facts(inode, index)
        elif isinstance(item, MmStruct):
            facts.setdefault("vmas", {})[item.name] = capture.vmas(item)
        else:
            known = item in machine.swap.counts
            facts.setdefault("swap", {})[item] = capture.swap_byte(machine, item) if known else None

    def _look_at_pins(self, facts: dict[str, Any] | None) -> dict[str, Any] | None:
        pins = (*capture.held(self.machine), *self.pins())
        if pins == self._last_pins:
            return facts
        self._last_pins = pins
        return {**(facts or {}), "pins": pins}


def _counters(machine: UserOps, mm: MmStruct) -> tuple[int, int, int, bool]:
    leader = machine.tasks[mm.name]
    return leader.pid, leader.min_flt, leader.maj_flt, leader.alive


def _entry(mm: MmStruct, address: int) -> tuple[int, int]:
    """How many lower tables lead to an address, and the entry (0: none)."""
    table: Any = mm.pgd
    try:
        table = table[address >> 39][address >> 30 & 511][address >> 21 & 511]
    except KeyError:
        pud = mm.pgd.get(address >> 39)
        return (0 if pud is None else 2 if address >> 30 & 511 in pud else 1), 0
    if type(table) is int:
        return 2, table
    return 3, table.get(address >> 12 & 511, 0)


def _made(machine: UserOps, noted: Noted) -> Delta:
    """Values made of the facts noted after one event."""
    clock, facts = noted
    if facts is None:
        return Delta(clock, quiet=True)
    made = dict(facts)
    if "frames" in facts:
        made["frames"] = {pfn: capture.make_frame(noted) for pfn, noted in facts["frames"].items()}
    if "locks" in facts:
        made["locks"] = {name: capture.make_lock(noted) for name, noted in facts["locks"].items()}
    made["ptes"] = {
        key: (depth, capture.pte(machine, entry) if entry else None)
        for key, (depth, entry) in facts.get("ptes", {}).items()
    }
    return Delta(clock, **made)


def _event(seen: Seen) -> Event:
    number, name, task, clock, depth, place, fields = seen
    return Event(number, name, task or "the kernel", clock, max(depth - 1, 0), place, fields)
