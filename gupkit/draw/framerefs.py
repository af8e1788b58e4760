"""A frame's reference count taken apart: each reference by kind, with the key of the thing that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gupkit.draw.states import PIN_BIAS, count, foll_pins
from gupkit.draw.tables import HUGE
from gupkit.trace.snapshot import Frame, Snapshot

ONE_BY_ONE = 5
"""A frame with more references than this shows one box for each kind."""


@dataclass(frozen=True, slots=True)
class Reference:
    """``count`` references of one ``kind``: ``map``, ``cache``, ``swap cache``, ``pin``, ``FOLL_PIN``, or ``?``.

    ``key`` is that of the holder where it is one and known, else empty; ``words`` say who it is.
    """

    kind: str
    count: int
    words: str
    key: str = ""

    @property
    def label(self) -> str:
        """What stands in its box.

        >>> Reference("map", 3, "").label, Reference("pin", 1, "").label, Reference("FOLL_PIN", 2, "").label
        ('3 maps', 'pin', '2 FOLL_PIN (2048)')
        """
        if self.kind == "FOLL_PIN":
            return f"{'' if self.count == 1 else f'{self.count} '}FOLL_PIN ({self.adds})"
        if self.count == 1 and self.kind != "?":
            return self.kind
        return f"{self.count} ?" if self.kind == "?" else f"{self.count} {self.kind}s"

    @property
    def adds(self) -> int:
        """What it adds to the frame's count: a FOLL_PIN is counted 1024 times."""
        return self.count * (PIN_BIAS if self.kind == "FOLL_PIN" else 1)


class Holders:
    """Who refers to which frame, read once for a snapshot. ``mapped`` False: page tables are not searched."""

    def __init__(self, snapshot: Snapshot, mapped: bool = True) -> None:
        self.maps: dict[int, list[tuple[str, int]]] = {}
        self.pins: dict[int, list[str]] = {}
        for pin in snapshot.pins:
            self.pins.setdefault(pin.pfn, []).append(pin.name)
        for name in snapshot.processes if mapped else ():
            for address, pte in snapshot.processes[name].ptes():
                if pte.pfn is not None and (pte.present or pte.protnone):
                    self._map(pte.pfn, name, address, HUGE if pte.huge else 1)

    def _map(self, pfn: int, process: str, address: int, pages: int) -> None:
        for i in range(pages):
            self.maps.setdefault(pfn + i, []).append((process, address))

    def of(self, frame: Frame) -> list[Reference]:
        """The references of a frame, one by one if they are few. Of one that counts for others, or not at all: none."""
        if frame.head is not None or frame.kind == "zero":
            return [Reference("pin", 1, f"pin {name}", f"pin:{name}") for name in self.pins.get(frame.pfn, ())]
        found = list(self._found(frame))
        if sum(one.count for one in found) > ONE_BY_ONE:
            found = list(_by_kind(found))
        known = sum(one.adds for one in found)
        more = max(0, (frame.refcount or 0) - known)
        words = f"{count(more, 'reference')} that the code which runs just now holds, or nobody"
        return [*found, *[Reference("?", more, words)] * bool(more)]

    def _found(self, frame: Frame) -> Iterator[Reference]:
        maps = [(f"pte:{name}:{at:#x}", f"mapped by {name} at {at:#x}") for name, at in self.maps.get(frame.pfn, ())]
        yield from _told("map", frame.mapcount or 0, maps)
        if frame.cached:
            yield Reference("cache", 1, f"page {frame.index} of {frame.file}", f"file:{frame.file}:{frame.index}")
        if frame.swapcache:
            yield Reference("swap cache", 1, f"swap slot {frame.swap}", f"swap:{frame.swap}")
        yield from self._held(frame)

    def _held(self, frame: Frame) -> Iterator[Reference]:
        """The pins; where some of them are FOLL_PINs, nothing tells which."""
        heavy = foll_pins(frame)
        pins = [(f"pin:{name}", f"pin {name}") for name in self.pins.get(frame.pfn, ())]
        if 0 < heavy < frame.pins:
            pins = []
        yield from _told("pin", frame.pins - heavy, pins)
        yield from _told("FOLL_PIN", heavy, pins)


def _told(kind: str, number: int, known: list[tuple[str, str]]) -> Iterator[Reference]:
    """``number`` references of a kind: by holder as far as holders are known."""
    for key, words in known[:number]:
        yield Reference(kind, 1, words, key)
    if number > len(known):
        yield Reference(kind, number - len(known), count(number - len(known), kind))


def _by_kind(references: Iterable[Reference]) -> Iterator[Reference]:
    kinds: dict[str, list[Reference]] = {}
    for one in references:
        kinds.setdefault(one.kind, []).append(one)
    for kind, group in kinds.items():
        number = sum(one.count for one in group)
        words = "; ".join(one.words for one in group[:3]) + (f"; {number - 3} more" if number > 3 else "")
        yield group[0] if len(group) == 1 else Reference(kind, number, words)
