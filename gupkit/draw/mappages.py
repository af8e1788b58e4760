"""What a page map shows, before it is a graph: virtual pages and frames, like neighbours as one where asked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from gupkit.draw.states import frame_state, refcount_words
from gupkit.draw.tables import FACTS
from gupkit.trace.snapshot import PAGE_SHIFT, Frame, Pte, Snapshot, Vma

Item = TypeVar("Item")


@dataclass(slots=True)
class Page:
    """``count`` virtual pages of a VMA from ``address`` on that are alike; ``pte`` is None where nothing is mapped."""

    process: str
    vma: Vma
    address: int
    count: int = 1
    state: str = "hole"
    pte: Pte | None = None
    tally: dict[str, int] = field(default_factory=dict)
    changed: bool = False

    @property
    def key(self) -> str:
        """Its key in graphs and scenes."""
        return f"pte:{self.process}:{self.address:#x}" + (f"+{self.count}" if self.count > 1 else "")


@dataclass(slots=True)
class Frames:
    """Page frames by number, and which of them are drawn as one box.

    ``leader[pfn]`` is the first frame of its box; ``members[leader]`` are all of them in order. ``zeros`` are frames of
    zeros: the snapshot need not list those of the huge page of zeros, which nobody counts.
    """

    snapshot: Snapshot
    leader: dict[int, int] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    zeros: frozenset[int] = frozenset()

    def alone(self, pfns: list[int]) -> None:
        """Every frame in a box of its own."""
        for pfn in pfns:
            self._put(pfn, pfn)

    def together(self, pfns: list[int], mapped: dict[int, list[Page]], keep: frozenset[int]) -> None:
        """Frames that say the same and are mapped side by side share a box; those in ``keep`` stay alone."""
        before: tuple[Hashable, tuple[int, ...]] | None = None
        leader = -1
        for pfn in sorted(pfns, key=lambda p: self._order(p, mapped.get(p, []))):
            places = self._places(pfn, mapped.get(pfn, []))
            facts = None if pfn in keep else self._facts(pfn, mapped.get(pfn, []))
            after = tuple(place - 1 for place in places)
            if facts is None or before != (facts, after):
                leader = pfn
            self._put(pfn, leader)
            before = None if facts is None else (facts, places)

    def by_state(self, pfns: list[int], pinned: frozenset[int]) -> None:
        """All frames of one state share a box, the ``pinned`` ones another."""
        leaders: dict[tuple[str, bool], int] = {}
        for pfn in sorted(pfns):
            self._put(pfn, leaders.setdefault((self.state(pfn), pfn in pinned), pfn))

    def _put(self, pfn: int, leader: int) -> None:
        self.leader[pfn] = leader
        self.members.setdefault(leader, []).append(pfn)

    def state(self, pfn: int) -> str:
        """The frame's state; one that is not in use is ``freed``."""
        frame = self.snapshot.frames.get(pfn)
        if frame is None:
            return "zero" if pfn in self.zeros else "freed"
        return frame_state(frame)

    def words(self, pfn: int) -> str:
        """The frame's reference count, in words."""
        frame = self.snapshot.frames.get(pfn)
        if frame is None:
            return "not counted" if pfn in self.zeros else "free: nobody counted"
        return refcount_words(frame)

    def key(self, pfn: int) -> str:
        """Key of the box that frame ``pfn`` is drawn in."""
        leader = self.leader[pfn]
        many = len(self.members[leader])
        return f"frame:{leader}" + (f"+{many}" if many > 1 else "")

    def _order(self, pfn: int, mappers: list[Page]) -> tuple[Any, ...]:
        frame = self.snapshot.frames.get(pfn)
        first = min(((m.process, m.address) for m in mappers), default=("~", 0))
        return (*first, (frame.file or "") if frame else "", (frame.index or 0) if frame else 0, pfn)

    def _places(self, pfn: int, mappers: list[Page]) -> tuple[int, ...]:
        frame = self.snapshot.frames.get(pfn)
        cached = [frame.index or 0] if frame and frame.cached else []
        return tuple([m.address >> PAGE_SHIFT for m in sorted(mappers, key=_mapper)] + cached)

    def _facts(self, pfn: int, mappers: list[Page]) -> Hashable:
        frame = self.snapshot.frames.get(pfn)
        by = tuple((m.process, m.vma.start, FACTS(m.pte)) for m in sorted(mappers, key=_mapper))
        return by, None if frame is None else _frame_facts(frame)


def _mapper(page: Page) -> tuple[str, int]:
    return page.process, page.address


def _frame_facts(frame: Frame) -> Hashable:
    return frame.kind, frame.refcount, frame.mapcount, frame.pins, frame.file, frame.swap, frame.flags


def merged(pages: Iterator[Page], box: Callable[[Page], object]) -> Iterator[Page]:
    """Neighbours that say the same and map into the same box (``box(page)``) as one page node."""
    held: Page | None = None
    for page in pages:
        if held is not None and _alike(held, page) and box(held) == box(page):
            held.count += page.count
            continue
        if held is not None:
            yield held
        held = replace(page)
    if held is not None:
        yield held


def _alike(one: Page, other: Page) -> bool:
    if one.changed or other.changed or one.state != other.state:
        return False
    if one.pte is None or other.pte is None:
        return one.pte is other.pte
    return bool(FACTS(one.pte) == FACTS(other.pte))


def chunks(items: list[Item], most: int) -> list[list[Item]]:
    """``items`` in order as at most ``most`` lists of neighbours.

    >>> chunks([1, 2, 3, 4, 5], 2)
    [[1, 2, 3], [4, 5]]
    """
    size = max(1, -(-len(items) // most))
    return [items[i : i + size] for i in range(0, len(items), size)]


def gathered(pages: list[Page]) -> Page:
    """Neighbouring pages that differ as one node with a tally by state."""
    tally: dict[str, int] = {}
    for page in pages:
        tally[page.state] = tally.get(page.state, 0) + page.count
    state = next(iter(tally)) if len(tally) == 1 else "group"
    first = pages[0]
    # The last page's end, not a sum: between the VMAs of a group there may be gaps, and addresses tell places.
    last = pages[-1]
    count = ((last.address - first.address) >> PAGE_SHIFT) + last.count
    return Page(first.process, first.vma, first.address, count, state, None, tally, any(p.changed for p in pages))
