"""Reading a trace once, from its first event to its last: which op an event belongs to, which call took what."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..trace.event import Event
from ..trace.snapshot import PAGE_SIZE
from ..trace.trace import Trace
from .parts import FOLL_GET, FOLL_WRITE, Call, Lookup, Op, Ref


class Reader:
    """Goes through the events and fills the lists that a :class:`~gupkit.contract.story.Story` is made of."""

    def __init__(self, trace: Trace, start: Reader | None = None) -> None:
        self.trace = trace
        self.first = 0
        self.ops: list[Op] = []
        self.calls: list[Call] = []
        self.refs: list[Ref] = []
        self.op_of: list[Op | None] = []
        self.call_of: list[Call | None] = []
        self.strange_puts: list[int] = []
        self._ops: list[Op] = []
        self._calls: list[Call] = []
        self._held: dict[int, list[Ref]] = defaultdict(list)
        self._done: dict[int, list[Ref]] = defaultdict(list)
        self._read = {
            "step": self._begin, "race": self._begin, "woken": self._begin, "done": self._finish,
            "raced": self._finish, "blocked": self._give_up, "__get_user_pages": self._call,
            "__get_user_pages_fast": self._fast, "follow_page": self._found, "handle_mm_fault": self._fault,
            "put_page": self._put, "free_page": self._free, "page_store": self._store,
            "set_page_dirty": self._mark,
        }  # fmt: skip
        if start is not None and not start._ops and not start._calls:
            self._continue(start)

    def _continue(self, start: Reader) -> None:
        """Know what another reader knows of the same events, to read on from there; what it has is left alone."""
        self.first = len(start.op_of)
        own = {id(ref): ref.copy() for ref in start.refs}
        self.ops, self.calls, self.refs = start.ops.copy(), start.calls.copy(), list(own.values())
        self.op_of, self.call_of = start.op_of.copy(), start.call_of.copy()
        self.strange_puts = start.strange_puts.copy()
        for mine, theirs in ((self._held, start._held), (self._done, start._done)):
            mine.update((pfn, [own[id(ref)] for ref in refs]) for pfn, refs in theirs.items())

    def read(self) -> None:
        """Read every event that is not known yet."""
        for i in range(self.first, len(self.trace.events)):
            event = self.trace.events[i]
            before = self._ops[-1] if self._ops else None
            read = self._read.get(event.name)
            if read is not None:
                read(i, event)
            starts = event.name in ("step", "race", "woken")
            self.op_of.append(self._ops[-1] if starts else before)
            self.call_of.append(self._calls[-1] if self._calls else None)

    # --- ops

    def _begin(self, i: int, event: Event) -> None:
        """A step or an injection begins, or goes on after it had to wait; a step then begins once more."""
        fields = event.fields
        if event.name == "step" and self._ops and self._ops[-1].woken:
            self._ops.pop()
        step = fields.get("index", self._ops[-1].step if self._ops else None)
        op = Op(
            fields["op"], fields["by"], step, i, fields.get("pin"), fields.get("api"), fields.get("as"),
            woken=event.name == "woken", outer=self._ops[-1] if self._ops else None,
        )  # fmt: skip
        self._ops.append(op)
        self.ops.append(op)
        if op.name == "page_load":
            self._load(i, op)

    def _finish(self, i: int, event: Event) -> None:
        if self._ops:
            op = self._ops.pop()
            op.last = i
            if op.name == "gup":
                self._name_refs(i, op)

    def _give_up(self, i: int, event: Event) -> None:
        """An op that cannot go on is undone, and begins from its start later."""
        if event.fields.get("again", True) and self._ops:
            op = self._ops.pop()
            while self._calls and self._calls[-1].op is op:
                self._calls.pop()

    # --- calls

    def _call(self, i: int, event: Event) -> None:
        if event["at"] == "enter":
            self._enter(i, event)
        elif self._calls:
            call = self._calls.pop()
            call.returned, call.ret, call.flag = i, event["ret"], event["nonblocking"]

    def _enter(self, i: int, event: Event) -> None:
        fields = event.fields
        flags = fields["gup_flags"]
        call = Call(
            self._ops[-1] if self._ops else None, event.task, fields["process"], fields["start"], fields["nr_pages"],
            flags, i, tsk=fields.get("tsk", event.task), nonblocking=fields["nonblocking"],
            pages=fields.get("pages", bool(flags & FOLL_GET)), vmas=fields.get("vmas", False),
            alone=fields.get("alone", False),
        )  # fmt: skip
        self._calls.append(call)
        self.calls.append(call)

    def _found(self, i: int, event: Event) -> None:
        if not self._calls:
            return
        call, pfn = self._calls[-1], event["pfn"]
        call.lookups.append(Lookup(i, event["address"], pfn))
        if call.takes and pfn is not None:
            self._take(i, call, event["address"], pfn)

    def _fast(self, i: int, event: Event) -> None:
        fields = event.fields
        flags = FOLL_GET | (FOLL_WRITE if fields.get("write") else 0)
        call = Call(
            self._ops[-1] if self._ops else None, event.task, fields.get("process", event.task), fields["start"],
            fields["nr_pages"], flags, i, fast=True, tsk=event.task, returned=i, ret=fields["ret"],
        )  # fmt: skip
        self.calls.append(call)
        for n, pfn in enumerate(fields.get("pfns", ())):
            address = fields["start"] + n * PAGE_SIZE
            call.lookups.append(Lookup(i, address, pfn))
            self._take(i, call, address, pfn)

    def _fault(self, i: int, event: Event) -> None:
        if self._calls and "foll_flags" in event.fields:
            self._calls[-1].faults.append(i)

    # --- references

    def _take(self, i: int, call: Call, address: int, pfn: int) -> None:
        frame = self.trace[i + 1].frames.get(pfn)
        if (frame is None or frame.kind == "zero") and (frame.pins if frame else 0) <= len(self._held[pfn]):
            return  # kernels with the exclusive mark hand the zero page out without counting
        ref = Ref(call, call.process, address & -PAGE_SIZE, pfn, call.write, i, call.op)
        self._keep(ref)

    def _keep(self, ref: Ref) -> None:
        self.refs.append(ref)
        self._held[ref.pfn].append(ref)

    def _name_refs(self, i: int, op: Op) -> None:
        """The runner has given names to what the call returned."""
        for pin in self.trace[i + 1].pins:
            if pin.name.partition("[")[0] != op.binds:
                continue
            mine = [r for r in self._held[pin.pfn] if r.op is op and r.name is None and r.address == pin.address]
            if mine:
                mine[0].name = pin.name
            elif pin.process is not None and pin.address is not None:
                # a page that no trace point tells of: the vsyscall page
                call = next((call for call in reversed(self.calls) if call.op is op), None)
                self._keep(Ref(call, pin.process, pin.address, pin.pfn, pin.write, i, op, pin.name))

    def _named(self, refs: list[Ref]) -> Ref | None:
        """The one of these references that the op names, the newest first."""
        op = self._ops[-1] if self._ops else None
        return next((ref for ref in reversed(refs) if op is not None and op.names(ref)), None)

    def _pick(self, pfn: int) -> Ref | None:
        """The reference to a frame that is meant: the one the op names, held or not; else the newest that is held."""
        held = self._held[pfn]
        op = self._ops[-1] if self._ops else None
        if op is not None and op.pin is not None:
            return self._named(held) or self._named(self._done[pfn])
        own = [ref for ref in held if ref.op is op]
        return own[-1] if own else held[-1] if held else None

    def _put(self, i: int, event: Event) -> None:
        pfn = event["pfn"]
        ref = self._pick(pfn)
        if ref is None:
            frame = self.trace[i + 1].frames.get(pfn)
            if frame is None or frame.pins < 0:
                self.strange_puts.append(i)
        elif ref.put is not None or ref.freed is not None:
            ref.extra.append(i)
        else:
            ref.put = i
            self._held[pfn].remove(ref)
            self._done[pfn].append(ref)

    def _free(self, i: int, event: Event) -> None:
        """The frame is gone, whoever still believed to hold it."""
        pfn = event["pfn"]
        for ref in self._held[pfn]:
            ref.freed = i
        self._done[pfn] += self._held.pop(pfn, [])

    # --- holders

    def _store(self, i: int, event: Event) -> None:
        ref = self._pick(event["pfn"]) or self._late(i, event["pfn"])
        if ref is not None:
            ref.stores.append(i)

    def _late(self, i: int, pfn: int) -> Ref | None:
        """Driven by hand, pins have no names. A write to a frame that nobody holds is by one who held it: the last."""
        frame = self.trace[i + 1].frames.get(pfn)
        nobody = not self._ops and (frame is None or frame.pins <= 0)
        return self._done[pfn][-1] if nobody and self._done[pfn] else None

    def _load(self, i: int, op: Op) -> None:
        """A holder reads: the one page it names, or the first of the array."""
        names = (op.pin, f"{op.pin}[0]")
        meant = [ref for ref in self.refs if ref.name in names]
        if meant:
            meant[-1].loads.append(i)

    def _mark(self, i: int, event: Event) -> None:
        """A mark is the holder's only if an op of that name made it: the kernel marks pages for itself, too."""
        op: Any = self._ops[-1] if self._ops else None
        if op is None or op.name.startswith("set_page_dirty"):
            ref = self._pick(event["pfn"])
            if ref is not None:
                ref.marks.append(i)

