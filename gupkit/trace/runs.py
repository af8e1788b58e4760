"""Page tables by runs: neighbouring entries that say the same, told once with how many there are.

A picture folds runs, a file stores them. A table may offer ``runs()`` itself (one read from a live process does,
without making 512 objects); :func:`runs` asks it, and groups the entries of any other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from gupkit.trace.snapshot import Pte


def like(pte: Pte) -> Pte:
    """``pte`` without its frame number and swap slot: two entries of one run are equal in this.

    >>> like(Pte(pfn=7, present=True))
    Pte(pfn=None, present=True, write=None, dirty=None, young=None, protnone=False, zero=False, swap=None, \
swapped=False, poisoned=False, file=None, huge=False, exclusive=None)
    """
    return pte if pte.pfn is None and pte.swap is None else replace(pte, pfn=None, swap=None)


def runs(table: Mapping[int, Pte]) -> Iterator[tuple[int, int, Pte]]:
    """The runs of a last-level table in index order, as (first index, how many, the first entry).

    Entries belong to one run when their indexes follow each other and they differ in frame or swap slot at most.

    >>> [(first, count) for first, count, _ in runs({0: Pte(pfn=9, present=True), 1: Pte(pfn=4, present=True)})]
    [(0, 2)]
    """
    own = cast("Callable[[], Iterator[tuple[int, int, Pte]]] | None", getattr(table, "runs", None))
    return own() if own is not None else _grouped(table)


def _grouped(table: Mapping[int, Pte]) -> Iterator[tuple[int, int, Pte]]:
    first, count, head = -1, 0, Pte()
    for index in sorted(table):
        entry = table[index]
        if count and index == first + count and like(entry) == like(head):
            count += 1
            continue
        if count:
            yield first, count, head
        first, count, head = index, 1, entry
    if count:
        yield first, count, head


@dataclass(frozen=True, slots=True)
class Run:
    """``count`` like entries from index ``first`` on; ``pfns`` and ``slots`` give each one's own number.

    ``pfns`` and ``slots`` are None (no entry has one) or sequences of ``count`` numbers or Nones.
    """

    first: int
    count: int
    like: Pte
    pfns: Sequence[int | None] | None = None
    slots: Sequence[int | None] | None = None

    def entry(self, offset: int) -> Pte:
        """The entry at index ``first + offset``."""
        if self.pfns is None and self.slots is None:
            return self.like
        pfn = None if self.pfns is None else self.pfns[offset]
        slot = None if self.slots is None else self.slots[offset]
        return replace(self.like, pfn=pfn, swap=slot)


class RunTable(Mapping[int, Pte]):
    """A last-level page table kept as runs; entries are made when asked for.

    Raises ValueError when runs overlap, are out of order or leave the 512 entries of a table.

    >>> table = RunTable([Run(3, 2, Pte(present=True), pfns=range(40, 42))])
    >>> len(table), list(table), table[4].pfn
    (2, [3, 4], 41)
    """

    __slots__ = ("_firsts", "_runs")

    def __init__(self, source: Iterable[Run]) -> None:
        self._runs = tuple(source)
        self._firsts = [run.first for run in self._runs]
        free = 0
        for run in self._runs:
            if run.first < free or run.count < 1 or run.first + run.count > 512:
                raise ValueError(f"a run of {run.count} entries at index {run.first} does not fit in its table")
            free = run.first + run.count
            for numbers in (run.pfns, run.slots):
                if numbers is not None and len(numbers) != run.count:
                    raise ValueError(f"the run at index {run.first} has {len(numbers)} numbers for {run.count} entries")

    def __getitem__(self, index: int) -> Pte:
        at = bisect_right(self._firsts, index) - 1
        if at < 0 or index >= self._runs[at].first + self._runs[at].count:
            raise KeyError(index)
        return self._runs[at].entry(index - self._runs[at].first)

    def __iter__(self) -> Iterator[int]:
        for run in self._runs:
            yield from range(run.first, run.first + run.count)

    def __len__(self) -> int:
        return sum(run.count for run in self._runs)

    def runs(self) -> Iterator[tuple[int, int, Pte]]:
        """As :func:`runs` says."""
        return ((run.first, run.count, run.entry(0)) for run in self._runs)
