"""A trace as the checks see it: ops, calls and references, and when which page or VMA changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ..trace.snapshot import Frame, Lock, Process, Pte, Snapshot
from ..trace.trace import Trace
from .finding import Place
from .parts import Call, Op, Ref
from .reader import Reader

HUGE = 1 << 21
"""Bytes that a huge entry maps."""


class Story:
    """What a trace tells, read once. ``refs`` are the references that calls took, in order; ``calls`` the calls.

    ``strange_puts`` are the events at which a frame was put to which nobody held a reference. ``start`` is the story of
    a trace that this one continues: what it read is not read again.
    """

    def __init__(self, trace: Trace, start: Story | None = None) -> None:
        self.trace = trace
        self.events = trace.events
        reader = Reader(trace, None if start is None else start.reader)
        reader.read()
        self.reader: Reader = reader
        self.ops, self.calls, self.refs = reader.ops, reader.calls, reader.refs
        self.strange_puts = reader.strange_puts
        self._op_of, self._call_of = reader.op_of, reader.call_of

    @property
    def last(self) -> int:
        """The index of the last event."""
        return len(self.events) - 1

    def op(self, event: int) -> Op | None:
        """The op that an event belongs to, None outside of a scenario."""
        return self._op_of[event]

    def call(self, event: int) -> Call | None:
        """The call under way after an event, None outside of any."""
        return self._call_of[event]

    # --- the machine at an event

    def after(self, event: int) -> Snapshot:
        """The machine right after an event."""
        return self.trace[event + 1]

    def before(self, event: int) -> Snapshot:
        """The machine right before it (what changed since the event before counts as part of this one)."""
        return self.trace[event]

    def process(self, event: int, name: str) -> Process | None:
        """A process right after an event."""
        return self.after(event).processes.get(name)

    def lock(self, event: int, name: str) -> Lock:
        """The mmap_sem of a process right after an event."""
        process = self.process(event, name)
        return process.mmap_sem if process else Lock()

    def pte(self, event: int, process: str, address: int) -> Pte | None:
        """The entry of a page right after an event, None for none."""
        found = self.process(event, process)
        return found.pte(address) if found else None

    def frame(self, event: int, pfn: int | None) -> Frame | None:
        """A frame right after an event, None while it is free."""
        return None if pfn is None else self.after(event).frames.get(pfn)

    # --- when what changed

    @cached_property
    def _entries(self) -> Mapping[Hashable, list[int]]:
        return self._index("ptes")

    @cached_property
    def _frames(self) -> Mapping[Hashable, list[int]]:
        return self._index("frames")

    @cached_property
    def _regions(self) -> Mapping[Hashable, list[int]]:
        return self._index("vmas")

    def _index(self, what: str) -> Mapping[Hashable, list[int]]:
        """Key → the events that changed it, in order."""
        index: dict[Hashable, list[int]] = defaultdict(list)
        for i, delta in enumerate(self.trace.deltas):
            for key in getattr(delta, what):
                index[key].append(i)
        return index

    def entry_changes(self, process: str, address: int, first: int, end: int) -> list[int]:
        """Events from ``first`` up to, not including, ``end`` at which a page-table entry was written, or the huge one
        around it."""
        keys = {(process, address), (process, address & -HUGE)}
        return sorted({at for key in keys for at in _within(self._entries.get(key, []), first, end)})

    def frame_changes(self, pfn: int, first: int, end: int) -> list[int]:
        """The same for a frame: its counts, flags or first byte."""
        return _within(self._frames.get(pfn, []), first, end)

    def region_changes(self, process: str, first: int, end: int) -> list[int]:
        """The same for the VMAs of a process."""
        return _within(self._regions.get(process, []), first, end)

    # --- saying where

    def place(self, verdict: str, event: int, text: str, cause: int | None = None, **more: Any) -> Place:
        """A place at an event; ``more`` are further fields of :class:`Place`."""
        op = self.op(event) or (self.ops[-1] if event == self.last and self.ops else None)
        words = f"The pin{text[7:]}" if text.startswith("the pin") else text
        return Place(verdict=verdict, event=event, text=words, cause=cause, step=op.step if op else None, **more)

    def at_ref(self, verdict: str, event: int, ref: Ref, text: str, cause: int | None = None) -> Place:
        """A place about a reference."""
        return self.place(
            verdict, event, text, cause, process=ref.process, address=ref.address, pfn=ref.pfn, pin=ref.name
        )

    def at_call(self, verdict: str, event: int, call: Call, text: str, cause: int | None = None) -> Place:
        """A place about a call."""
        return self.place(verdict, event, text, cause, process=call.process, address=call.start)

    def holders(self) -> Iterator[Ref]:
        """The references whose holder acts for himself: not those a system call takes and gives back on its own."""
        return (ref for ref in self.refs if not ref.internal)


def _within(events: list[int], first: int, end: int) -> list[int]:
    return events[bisect_left(events, first) : bisect_left(events, end)]
