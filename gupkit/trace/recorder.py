"""Watching a simulated kernel and keeping what it did.

After every event only what the journal names is looked at, so that recording costs about as much as running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from ..kernel.journal import Journal
from ..kernel.mm_types import MmStruct
from ..kernel.ops_user import UserOps
from ..kernel.pgtable import Table
from . import capture
from .delta import Delta
from .event import Event
from .snapshot import Pin, Pte, Snapshot
from .step import Step
from .trace import Trace


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
        self.events: list[Event] = []
        self.deltas: list[Delta] = []
        self.journal = Journal()
        self._last_pins = self.base.pins
        self._counters = {name: _counters(machine, task.mm) for name, task in machine.tasks.items()}
        machine.watch(self.journal)
        machine.listen(self._on_event)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop watching. What changed since the last event becomes an event of its own, ``end``."""
        self.machine.emit("end")
        self.machine.unlisten(self._on_event)
        self.machine.watch(None)

    def trace(self, steps: Iterable[Step] = (), **about: Any) -> Trace:
        """What was recorded so far; ``about`` are the keyword arguments of :class:`Trace`."""
        return Trace(self.base, self.events, self.deltas, tuple(steps), era=self.machine.era.name, **about)

    def _on_event(self, name: str, fields: dict[str, Any], place: str) -> None:
        machine = self.machine
        self.events.append(
            Event(len(self.events), name, machine.current_name, machine.clock, max(machine.depth - 1, 0), place, fields)
        )
        self.deltas.append(self._delta())

    def _delta(self) -> Delta:
        machine, journal = self.machine, self.journal
        pins = (*capture.held(machine), *self.pins())
        delta = Delta(
            clock=machine.clock,
            free=machine.zone.nr_free,
            frames={page.pfn: capture.frame(page) for page in journal.pages},
            ptes={(mm.name, address): _entry(machine, mm, address) for mm, address in journal.ptes},
            vmas={mm.name: capture.vmas(mm) for mm in journal.mms},
            locks={
                task.mm.name: capture.lock(task.mm.mmap_sem)
                for task in machine.tasks.values()
                if journal.locks and task.mm.mmap_sem.name in journal.locks
            },
            counters=self._changed_counters(),
            files={inode.name: capture.file(inode) for inode, _ in journal.files if inode.name in machine.files},
            swap={
                slot: capture.swap_byte(machine, slot) if slot in machine.swap.counts else None
                for slot in journal.slots
            },
            pins=None if pins == self._last_pins else pins,
        )
        self._last_pins = pins
        journal.clear()
        return delta

    def _changed_counters(self) -> dict[str, tuple[int, int, int, bool]]:
        changed = {}
        for name, task in self.machine.tasks.items():
            if task.mm.name != name:
                continue
            now = _counters(self.machine, task.mm)
            if self._counters.get(name) != now:
                self._counters[name] = changed[name] = now
        return changed


def _counters(machine: UserOps, mm: MmStruct) -> tuple[int, int, int, bool]:
    leader = machine.tasks[mm.name]
    return leader.pid, leader.min_flt, leader.maj_flt, leader.alive


def _entry(machine: UserOps, mm: MmStruct, address: int) -> tuple[int, Pte | None]:
    """How many lower tables lead to an address, and the entry."""
    table: Table = mm.pgd
    for depth, shift in enumerate((39, 30, 21)):
        below = table.get(address >> shift & 511)
        if below is None:
            return depth, None
        table = below
    entry: Any = table.get(address >> 12 & 511)
    return 3, None if entry is None else capture.pte(machine, entry)
