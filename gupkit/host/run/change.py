"""From one look at a run to the next: the difference, as a trace keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from ...trace.delta import Delta
from ...trace.snapshot import PAGE_SHIFT, SHIFTS, Frame, Pte, Vma
from ..frames import flag_names
from ..leaf import FILE, PRESENT, PROTNONE, ZERO, entry
from ..maps import parse_maps
from .sample import Page
from .servant import Servant
from .world import HostWorld

PteKey = tuple[str, int]
K = TypeVar("K")
V = TypeVar("V")


class Look(NamedTuple):
    """What was seen at one moment: each live process's /proc/PID/maps, the pages, and each process's counters."""

    clock: int
    maps: dict[str, bytes]
    pages: list[Page]
    counters: dict[str, tuple[int, int, int, bool]]


class Changes(Sequence[Delta]):
    """The steps from each look to the next; made when first asked for, as most runs are only compared."""

    def __init__(self, world: HostWorld) -> None:
        self.world = world
        self.looks: list[Look] = []
        self.faults: dict[str, tuple[int, int]] = {}
        self._made: list[Delta] | None = None
        self._last = Look(0, {}, [], {})
        self._ptes: dict[PteKey, Pte] = {}
        self._frames: dict[int, Frame] = {}
        self._vmas: dict[str, tuple[Vma, ...]] = {}

    def __len__(self) -> int:
        return len(self.looks)

    def __getitem__(self, index: Any) -> Any:
        if self._made is None:
            self._made = [self._since_last(look) for look in self.looks]
        return self._made[index]

    def charge(self, name: str, faults: tuple[int, int] | None) -> None:
        """A task took so many (minor, major) faults."""
        leader = self.world.tasks[name].leader
        owner = next(n for n, s in self.world.tasks.items() if s is leader)
        old, new = self.faults.get(owner, (0, 0)), faults or (0, 0)
        self.faults[owner] = old[0] + new[0], old[1] + new[1]

    def nothing(self) -> None:
        """A moment at which all is as it was."""
        last = self.looks[-1] if self.looks else self._last
        self.looks.append(last._replace(clock=len(self.looks) + 1))

    def look(self, pages: list[Page]) -> None:
        """Note a moment, at which ``pages`` are seen."""
        maps = {name: Path(f"/proc/{s.pid}/maps").read_bytes() for name, s in self.world.processes()}
        counters = {name: self._counters(name, s) for name, s in self.world.tasks.items() if s.leader is s}
        self.looks.append(Look(len(self.looks) + 1, maps, pages, counters))

    def _since_last(self, look: Look) -> Delta:
        last, self._last = self._last, look
        if look.pages is last.pages and look.maps is last.maps:
            return Delta(look.clock)
        vmas = {
            name: self._vmas[name] if last.maps.get(name) == text else self._named(text)
            for name, text in look.maps.items()
        }
        ptes = {(page.process, page.address): self._pte(page, vmas[page.process]) for page in look.pages}
        frames: dict[int, Frame] = {page.pfn: self._frame(page) for page in look.pages if page.pfn is not None}
        gone: dict[str, tuple[Vma, ...]] = dict.fromkeys(self._vmas.keys() - vmas.keys(), ())
        delta = Delta(
            look.clock,
            frames=_changed(self._frames, frames),
            ptes={key: (3 if pte else _depth(key, ptes), pte) for key, pte in _changed(self._ptes, ptes).items()},
            vmas={k: v for k, v in (vmas | gone).items() if self._vmas.get(k) != v},
            counters={k: v for k, v in look.counters.items() if last.counters.get(k) != v},
        )
        self._ptes, self._frames, self._vmas = ptes, frames, vmas
        return delta

    def _counters(self, name: str, servant: Servant) -> tuple[int, int, int, bool]:
        return (servant.pid, *self.faults.get(name, (0, 0)), servant.alive)

    def _named(self, text: bytes) -> tuple[Vma, ...]:
        """The VMAs of the scenario's own making, under the names of their regions."""
        found = []
        for vma in parse_maps(text):
            region = self._region(vma.start)
            if region is not None:
                found.append(replace(vma, name=region, file=self.world.backed[region] or vma.file))
        return tuple(found)

    def _region(self, address: int) -> str | None:
        for name, (start, pages) in self.world.regions.items():
            if start <= address < start + (pages << PAGE_SHIFT):
                return name
        return None

    def _pte(self, page: Page, vmas: tuple[Vma, ...]) -> Pte:
        flags = page.flags | (ZERO if page.zero else 0)
        vma = next((v for v in vmas if v.start <= page.address < v.end), None)
        if vma is not None and vma.prot == "---" and flags & PRESENT:
            flags |= PROTNONE
        return entry(flags, page.word)

    def _frame(self, page: Page) -> Frame:
        kind = "zero" if page.zero else "file" if page.flags & FILE else "anon"
        region = page.name.partition(":")[2].partition("[")[0]
        assert page.pfn is not None
        file = self.world.backed[region] if kind == "file" else None
        return Frame(
            page.pfn, kind, mapcount=page.mapcount, file=file, flags=flag_names(page.frame_flags), byte=page.byte
        )


def _changed(old: Mapping[K, V], new: Mapping[K, V]) -> dict[K, V | None]:
    """What is new or other, and None for what is gone."""
    found: dict[K, V | None] = {key: value for key, value in new.items() if old.get(key) != value}
    found.update(dict.fromkeys(old.keys() - new.keys()))
    return found


def _depth(key: PteKey, ptes: dict[PteKey, Pte]) -> int:
    """How many of the three lower tables on the way to an entry that is gone still hold another one."""
    name, address = key
    others = [other for owner, other in ptes if owner == name]
    for depth, shift in ((3, SHIFTS[2]), (2, SHIFTS[1]), (1, SHIFTS[0])):
        if any(other >> shift == address >> shift for other in others):
            return depth
    return 0
