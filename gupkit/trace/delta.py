"""What changed between two snapshots that follow each other: small, and enough to make the second from the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyrsistent import pmap

from .snapshot import EMPTY, SHIFTS, File, Frame, Lock, PageTable, Pin, Process, Pte, Snapshot, Vma


@dataclass(frozen=True, slots=True)
class Delta:
    """``None`` as a value stands for "gone". Keys: frame number; (process, address); process; file; slot.

    ``ptes`` carries, beside the entry, how many of the three lower tables exist on the way to it (2, and an entry:
    it is a huge one).
    """

    clock: int
    free: int | None = None
    frames: Mapping[int, Frame | None] = field(default_factory=lambda: EMPTY)
    ptes: Mapping[tuple[str, int], tuple[int, Pte | None]] = field(default_factory=lambda: EMPTY)
    vmas: Mapping[str, tuple[Vma, ...]] = field(default_factory=lambda: EMPTY)
    locks: Mapping[str, Lock] = field(default_factory=lambda: EMPTY)
    counters: Mapping[str, tuple[int, int, int, bool]] = field(default_factory=lambda: EMPTY)
    """Process → pid, minor faults, major faults, alive."""
    files: Mapping[tuple[str, int], tuple[int, bool, int | None, int | None]] = field(default_factory=lambda: EMPTY)
    """(file, page number) → size in pages (-1: the file is no more), memfd, cached frame, first byte on disk."""
    swap: Mapping[int, int | None] = field(default_factory=lambda: EMPTY)
    pins: tuple[Pin, ...] | None = None
    quiet: bool = False
    """Nothing changed but the clock."""


def apply(snapshot: Snapshot, delta: Delta) -> Snapshot:
    """The snapshot after the change; what did not change is shared with the one before."""
    if delta.quiet:
        return snapshot if snapshot.clock == delta.clock else replace(snapshot, clock=delta.clock)
    return replace(
        snapshot,
        clock=delta.clock,
        free=snapshot.free if delta.free is None else delta.free,
        frames=_merge(snapshot.frames, delta.frames),
        processes=_processes(snapshot.processes, delta),
        files=_files(snapshot.files, delta),
        swap=_merge(snapshot.swap, delta.swap),
        pins=snapshot.pins if delta.pins is None else delta.pins,
    )


MAPPINGS = ("frames", "ptes", "vmas", "locks", "counters", "files", "swap")
"""The fields of a delta that say by key what is new."""


def joined(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """Fewer deltas that come to the same: as a rule one. What became of a thing in between is forgotten.

    >>> [delta.clock for delta in joined([Delta(1, quiet=True), Delta(2, free=7)])]
    [2]
    """
    waiting: list[Delta] = []
    for delta in deltas:
        if _removes_files(delta):  # a name may come again and mean another file
            yield from _one(waiting)
            yield delta
            waiting = []
        else:
            waiting.append(delta)
    yield from _one(waiting)


def _removes_files(delta: Delta) -> bool:
    return any(pages < 0 for pages, *_ in delta.files.values())


def _one(deltas: list[Delta]) -> Iterator[Delta]:
    if not deltas:
        return
    loud = [delta for delta in deltas if not delta.quiet]
    free = [delta.free for delta in loud if delta.free is not None]
    pins = [delta.pins for delta in loud if delta.pins is not None]
    yield Delta(
        deltas[-1].clock, free=free[-1] if free else None, pins=pins[-1] if pins else None, quiet=not loud,
        **{name: _last_words([getattr(delta, name) for delta in loud]) for name in MAPPINGS},
    )  # fmt: skip


def _last_words(changes: list[Mapping[Any, Any]]) -> Mapping[Any, Any]:
    """The last value of each key, in the order in which those were said: tables come and go with their entries."""
    last: dict[Any, Any] = {}
    for change in filter(None, changes):
        for key, value in change.items():
            last.pop(key, None)
            last[key] = value
    return last


def _merge(old: Mapping[Any, Any], changes: Mapping[Any, Any]) -> Mapping[Any, Any]:
    if not changes:
        return old
    news = {key: value for key, value in changes.items() if old.get(key) != value}
    if not news:
        return old
    evolver = _persistent(old).evolver()
    for key, value in news.items():
        if value is not None:
            evolver[key] = value
        else:
            del evolver[key]
    merged: Mapping[Any, Any] = evolver.persistent()
    return merged


def _persistent(mapping: Mapping[Any, Any]) -> Any:
    return mapping if hasattr(mapping, "evolver") else pmap(mapping)


def _files(old: Mapping[str, File], delta: Delta) -> Mapping[str, File]:
    changes: dict[str, File | None] = {}
    for (name, index), (pages, memfd, pfn, byte) in delta.files.items():
        if pages < 0:
            changes[name] = None
            continue
        file = changes.get(name) or old.get(name) or File(name, 0, memfd, pmap(), pmap())
        cache, disk = _merge(file.cache, {index: pfn}), _merge(file.disk, {index: byte})
        changes[name] = replace(file, pages=pages, cache=cache, disk=disk)
    return _merge(old, changes)


def _processes(old: Mapping[str, Process], delta: Delta) -> Mapping[str, Process]:
    if not (delta.ptes or delta.vmas or delta.locks or delta.counters):
        return old
    touched = {name for name, _ in delta.ptes} | delta.vmas.keys() | delta.locks.keys() | delta.counters.keys()
    evolver = _persistent(old).evolver()
    for name in touched:
        evolver[name] = _process(old.get(name) or Process(name, pgd=pmap()), delta)
    changed: Mapping[str, Process] = evolver.persistent()
    return changed


def _process(old: Process, delta: Delta) -> Process:
    """One process after the change. Its fields are not compared with what they were: the tables are large."""
    name, pgd = old.name, old.pgd
    for (owner, address), (depth, pte) in delta.ptes.items():
        if owner == name:
            pgd = _set(pgd, address, depth, pte, 0)
    pid, min_flt, maj_flt, alive = delta.counters.get(name, (old.pid, old.min_flt, old.maj_flt, old.alive))
    return replace(
        old, pid=pid, pgd=pgd, vmas=delta.vmas.get(name, old.vmas), min_flt=min_flt, maj_flt=maj_flt, alive=alive,
        mmap_sem=delta.locks.get(name, old.mmap_sem),
    )  # fmt: skip


def _set(table: PageTable, address: int, depth: int, pte: Pte | None, level: int) -> PageTable:
    """Write an entry, or remove what no longer exists below the last table that does."""
    index = address >> SHIFTS[level] & 511
    persistent = _persistent(table)
    if level == 3 and table.get(index) == pte:
        return table
    if level == 3:
        return persistent.discard(index) if pte is None else persistent.set(index, pte)  # type: ignore[no-any-return]
    if depth == level:
        return persistent.discard(index) if pte is None else persistent.set(index, pte)  # type: ignore[no-any-return]
    below: Any = table.get(index)
    if below is None or isinstance(below, Pte):
        below = pmap()
    made = _set(below, address, depth, pte, level + 1)
    return table if table.get(index) is made else persistent.set(index, made)
