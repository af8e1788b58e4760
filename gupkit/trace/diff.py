"""What differs between any two snapshots: that is what the pictures mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .snapshot import SHIFTS, PageTable, Pte, Snapshot


@dataclass(frozen=True, slots=True)
class Diff:
    """Keys of the things that are not the same in both: new, gone, or changed. False if nothing is."""

    ptes: frozenset[tuple[str, int]] = frozenset()
    """(process, address)"""
    frames: frozenset[int] = frozenset()
    vmas: frozenset[tuple[str, int]] = frozenset()
    """(process, start)"""
    cache: frozenset[tuple[str, int]] = frozenset()
    """(file, page number)"""
    swap: frozenset[int] = frozenset()
    locks: frozenset[str] = frozenset()
    pins: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any((self.ptes, self.frames, self.vmas, self.cache, self.swap, self.locks, self.pins))


def diff(new: Snapshot, old: Snapshot) -> Diff:
    """What differs. What the two share is not walked, so neighbours in a trace compare quickly."""
    names = new.processes.keys() | old.processes.keys()
    ptes, vmas, locks = set(), set(), set()
    for name in names:
        one, two = new.processes.get(name), old.processes.get(name)
        if one is two:
            continue
        ptes |= {(name, at) for at in _tables(one.pgd if one else {}, two.pgd if two else {}, 0, 0)}
        mine, theirs = (set(p.vmas) if p else set() for p in (one, two))
        vmas |= {(name, vma.start) for vma in mine ^ theirs}
        if (one.mmap_sem if one else None) != (two.mmap_sem if two else None):
            locks.add(name)
    return Diff(
        frozenset(ptes), _keys(new.frames, old.frames), frozenset(vmas), _caches(new, old), _keys(new.swap, old.swap),
        frozenset(locks), frozenset(pin.name for pin in set(new.pins) ^ set(old.pins)),
    )  # fmt: skip


def _keys(new: Mapping[Any, Any], old: Mapping[Any, Any]) -> frozenset[Any]:
    if new is old:
        return frozenset()
    return frozenset(key for key in new.keys() | old.keys() if new.get(key) != old.get(key))


def _caches(new: Snapshot, old: Snapshot) -> frozenset[tuple[str, int]]:
    found = set()
    for name in new.files.keys() | old.files.keys():
        one, two = new.files.get(name), old.files.get(name)
        if one is two:
            continue
        for view in ("cache", "disk"):
            found |= {(name, i) for i in _keys(getattr(one, view, {}), getattr(two, view, {}))}
    return frozenset(found)


def _tables(new: PageTable | None, old: PageTable | None, depth: int, base: int) -> Iterator[int]:
    """Addresses whose entry differs; a table that came or went counts as its first address."""
    if new is old:
        return
    new, old = new if new is not None else {}, old if old is not None else {}
    for index in new.keys() | old.keys():
        one: Any = new.get(index)
        two: Any = old.get(index)
        address = base + (index << SHIFTS[depth])
        if isinstance(one, Pte) or isinstance(two, Pte) or (depth == 3):
            if one != two:
                yield address
        elif one is not two:
            if not one and not two:
                yield address
            yield from _tables(one, two, depth + 1, address)
