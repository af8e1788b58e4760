"""A snapshot as plain JSON values: repeated kinds told once, page tables as runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, replace
from itertools import count as counting
from operator import eq
from typing import Any, TypeVar

from gupkit.trace.runs import like, runs
from gupkit.trace.snapshot import File, Frame, Process, Pte, Snapshot

T = TypeVar("T")


class Kinds(dict[T, int]):
    """Each distinct value and its position, in order of first sight.

    >>> kinds = Kinds()
    >>> [kinds.position(word) for word in ("a", "b", "a")], list(kinds)
    ([0, 1, 0], ['a', 'b'])
    """

    def position(self, value: T) -> int:
        """Where ``value`` stands; a new one is put at the end."""
        return self.setdefault(value, len(self))


def pack(snapshot: Snapshot) -> dict[str, Any]:
    """Everything in ``snapshot`` under the names of the snapshot file, without its format and version."""
    ptes: Kinds[Pte] = Kinds()
    likes: Kinds[Frame] = Kinds()
    processes = {key: _process(process, ptes) for key, process in snapshot.processes.items()}
    frames = _frames(snapshot.frames, likes)
    return {
        "clock": snapshot.clock, "origin": snapshot.origin, "about": snapshot.about, "free": snapshot.free,
        "ptes": [sparse(p) for p in ptes], "processes": processes,
        "likes": [_without(sparse(f), "pfn") for f in likes], "frames": frames,
        "files": {key: _file(file) for key, file in snapshot.files.items()},
        "swap": _pairs(snapshot.swap), "pins": [sparse(pin) for pin in snapshot.pins],
    }


def sparse(value: Any) -> dict[str, Any]:
    """A dataclass as a dict without the fields that have their default; tuples become lists."""
    given = ((f.name, f.default, getattr(value, f.name)) for f in fields(value))
    return {name: list(now) if isinstance(now, tuple) else now
            for name, default, now in given if default is MISSING or now != default}


def _without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def _process(process: Process, ptes: Kinds[Pte]) -> dict[str, Any]:
    return {
        "name": process.name, "pid": process.pid, "vmas": [sparse(vma) for vma in process.vmas],
        "pgd": _table(process.pgd, 3, ptes), "min_flt": process.min_flt, "maj_flt": process.maj_flt,
        "mmap_sem": sparse(process.mmap_sem), "alive": process.alive,
    }


def _table(table: Any, below: int, ptes: Kinds[Pte]) -> Any:
    if isinstance(table, Pte):
        return {"kind": ptes.position(like(table)), "pfn": table.pfn}
    if below:
        return {str(index): _table(table[index], below - 1, ptes) for index in sorted(table)}
    return [_run(table, first, count, ptes.position(like(head))) for first, count, head in runs(table)]


def _run(table: Mapping[int, Pte], first: int, count: int, kind: int) -> list[Any]:
    run = [first, count, kind, *(_numbers(numbers) for numbers in _own_numbers(table, first, count))]
    while run[-1] is None:
        run.pop()
    return run


def _own_numbers(table: Mapping[int, Pte], first: int, count: int) -> tuple[Sequence[int | None], Sequence[int | None]]:
    """The frame numbers and the swap slots of a run; a present page of a live process has no slot."""
    if hasattr(table, "pfns") and table[first].present:
        return table.pfns(first, count), (None,)
    entries = [table[index] for index in range(first, first + count)]
    return [e.pfn for e in entries], [e.swap for e in entries]


def _numbers(given: Sequence[int | None]) -> int | list[int | None] | None:
    """None when there are none, the first of a series that grows by one, or all of them."""
    first = given[0]
    if first is None:
        return None if all(number is None for number in given) else list(given)
    return first if all(map(eq, given, counting(first))) else list(given)


def _frames(frames: Mapping[int, Frame], likes: Kinds[Frame]) -> list[list[int]]:
    """Each frame as [number, kind] or [number, kind, page in its file]."""
    own = getattr(frames, "rows", None)  # a million frames of a live process know their kinds already
    rows = own() if own else ((f.pfn, replace(f, pfn=0, index=None), f.index) for f in frames.values())
    return [[pfn, likes.position(kind)] if index is None else [pfn, likes.position(kind), index]
            for pfn, kind, index in rows]


def _file(file: File) -> dict[str, Any]:
    return {"name": file.name, "pages": file.pages, "memfd": file.memfd,
            "cache": _pairs(file.cache), "disk": _pairs(file.disk)}


def _pairs(mapping: Mapping[int, int]) -> list[list[int]]:
    return [[key, value] for key, value in sorted(mapping.items())]
