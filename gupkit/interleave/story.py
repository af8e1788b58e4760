"""A schedule told line by line: who ran, which kernel function, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import overload

from ..kernel.sched import SCHEDULE_POINTS
from ..trace.event import Event
from ..trace.snapshot import PAGE_SIZE, Pte, Snapshot
from ..trace.trace import Trace
from ..trace.words import sentence
from ..trace.words_format import result_words

QUIET = frozenset({*SCHEDULE_POINTS, "end", "race_not_reached"})
"""Trace points that are told by what stands around them."""
TOLD = frozenset({"wait_on_page_locked", "wait_on_page_writeback", "direct_io", "access_process_vm"})
"""Schedule points at which something happens that a reader should know of."""


class Story(Sequence[str]):
    """The lines; printed, they are numbered from 1. Each begins with who ran, and ends with what changed in memory.

    ``detail`` is the first step, from 0, that is told event by event; the ones before it have a line each. ``ending``
    is what is wrong in the end.
    """

    def __init__(self, trace: Trace, detail: int = 0, ending: Sequence[str] = ()) -> None:
        self.lines = tuple(_Teller(trace, detail).lines())
        self.ending = tuple(ending)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self.lines[index]

    def __len__(self) -> int:
        return len(self.lines)

    def __str__(self) -> str:
        numbered = [f"{number:3}  {line}" for number, line in enumerate(self.lines, 1)]
        return "\n".join([*numbered, *(f"  => {text}" for text in self.ending)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = "".join(f"<li><code>{escape(line)}</code></li>" for line in self.lines)
        ending = "".join(f"<li><strong>{escape(text)}</strong></li>" for text in self.ending)
        return f"<ol>{lines}</ol><ul>{ending}</ul>"


class _Teller:
    """Goes through the events of a trace once."""

    def __init__(self, trace: Trace, detail: int) -> None:
        self.trace = trace
        self.detail = detail
        self.acting: list[str] = []
        self.changed: list[str] = []

    def lines(self) -> Iterator[str]:
        telling = False
        for i, event in enumerate(self.trace.events):
            if event.name == "step":
                telling = event["index"] >= self.detail
                yield self._step(event, telling)
            elif telling:
                self.changed += _changes(self.trace, i)
                yield from self._event(event)

    def _step(self, event: Event, telling: bool) -> str:
        """A step begins; one that is not told in detail ends in the same line."""
        step = next(step for step in self.trace.steps if step.index == event["index"])
        self.acting = [event["by"]]
        self.changed = []
        words = step.text.removeprefix(f"{event['by']}: ")
        return self._line(words if telling else f"{words} -> {result_words(step.result)}")

    def _event(self, event: Event) -> Iterator[str]:
        name = event.name
        if name == "race" or (name == "woken" and event.depth):
            self.acting.append(event["by"])
            yield self._line(f"{'comes in between' if name == 'race' else 'can go on'}: {event['op']}")
        elif name in ("raced", "done"):
            yield self._line(f"{event['op']} is over: {result_words(event.fields)}")
            if name == "raced" and len(self.acting) > 1:
                self.acting.pop()
        elif name == "blocked":
            yield self._line(sentence(event))
            if event.fields.get("again") and len(self.acting) > 1:
                self.acting.pop()
        elif name not in QUIET or name in TOLD:
            yield self._line(f"{name}: {sentence(event).removeprefix(f'{name} ')}")

    def _line(self, text: str) -> str:
        changed, self.changed = self.changed, []
        tail = f"  [{'; '.join(changed)}]" if changed else ""
        return f"{self.acting[-1]:<3} {'  ' * (len(self.acting) - 1)}{text}{tail}"


def _changes(trace: Trace, event: int) -> Iterator[str]:
    """What is mapped otherwise after an event than before, and which bytes changed."""
    delta, now, before = trace.deltas[event], trace[event + 1], trace[event]
    for (process, address), (_, pte) in sorted(delta.ptes.items(), key=lambda item: item[0]):
        old = before.processes[process].pte(address) if process in before.processes else None
        if _mapping(old) != _mapping(pte):
            yield f"{_place(now, process, address)} of {process}: {_mapping(pte)}"
    for pfn, frame in sorted(delta.frames.items(), key=lambda item: item[0]):
        was = before.frames.get(pfn)
        if frame is not None and was is not None and frame.byte != was.byte and frame.byte is not None:
            yield f"frame {pfn} holds {frame.byte:#04x}"


def _mapping(pte: Pte | None) -> str:
    if pte is None or (not pte.present and not pte.swapped):
        return "nothing mapped"
    if pte.swapped:
        return "in swap"
    frame = "the zero page" if pte.zero else f"frame {pte.pfn}"
    return f"{frame}, {'writable' if pte.write else 'read-only'}{', dirty' if pte.dirty else ''}"


def _place(now: Snapshot, process: str, address: int) -> str:
    """An address by the name of its region, where it has one."""
    vma = now.processes[process].find_vma(address) if process in now.processes else None
    if vma is None or not vma.name:
        return f"{address:#x}"
    return f"{vma.name}[{(address - vma.start) // PAGE_SIZE}]"
