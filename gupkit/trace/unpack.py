"""A snapshot from the plain values of its file, made lazily where there may be a million of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from gupkit.trace.runs import Run, RunTable
from gupkit.trace.snapshot import File, Frame, Lock, Pin, Process, Pte, Snapshot, Vma


class FrameTable(Mapping[int, Frame]):
    """Frames by number, made when asked for from (kind, index) and one frame of each kind.

    >>> table = FrameTable([[7, 0, 3]], [Frame(0, "file", mapcount=2)])
    >>> table[7].pfn, table[7].index, table[7].mapcount
    (7, 3, 2)
    """

    __slots__ = ("_likes", "_rows")

    def __init__(self, rows: Sequence[Sequence[int]], likes: Sequence[Frame]) -> None:
        self._likes = tuple(likes)
        self._rows = {row[0]: row for row in rows}
        if any(row[1] >= len(self._likes) for row in rows):
            raise ValueError("a frame refers to a kind that is not listed in likes")

    def __getitem__(self, pfn: int) -> Frame:
        row = self._rows[pfn]
        return replace(self._likes[row[1]], pfn=pfn, index=row[2] if len(row) > 2 else None)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def unpack(data: Mapping[str, Any]) -> Snapshot:
    """The snapshot that ``data`` (valid by the schema) tells of; ValueError where its parts do not fit together."""
    ptes = [Pte(**given) for given in data.get("ptes", ())]
    likes = [Frame(0, **_tupled(given, "flags")) for given in data.get("likes", ())]
    return Snapshot(
        clock=data.get("clock", 0), origin=data.get("origin", "sim"), about=data.get("about", ""),
        free=data.get("free"), frames=FrameTable(data.get("frames", ()), likes),
        processes=_proxy({key: _process(given, ptes) for key, given in data["processes"].items()}),
        files=_proxy({key: _file(given) for key, given in data.get("files", {}).items()}),
        swap=_pairs(data.get("swap", ())), pins=tuple(Pin(**given) for given in data.get("pins", ())),
    )


def _process(given: Mapping[str, Any], ptes: Sequence[Pte]) -> Process:
    vmas = tuple(Vma(**_tupled(vma, "flags")) for vma in given["vmas"])
    if any(after < before for before, after in pairwise(end for vma in vmas for end in (vma.start, vma.end))):
        raise ValueError(f"the VMAs of {given['name']} overlap or are out of order")
    lock = Lock(**_tupled(given.get("mmap_sem", {}), "readers", "waiters"))
    rest = {key: given[key] for key in ("name", "pid", "min_flt", "maj_flt", "alive") if key in given}
    return Process(vmas=vmas, mmap_sem=lock, pgd=_table(given["pgd"], ptes), **rest)


def _table(given: Any, ptes: Sequence[Pte]) -> Any:
    if "kind" in given:
        return replace(_kind(ptes, given["kind"], "a huge entry"), pfn=given["pfn"])
    if isinstance(given, list):
        return RunTable(_run(row, ptes) for row in given)
    return _proxy({int(index): _table(below, ptes) for index, below in given.items()})


def _run(row: Sequence[Any], ptes: Sequence[Pte]) -> Run:
    first, count, kind, pfns, slots = (*row, None, None)[:5]
    like = _kind(ptes, kind, f"the run at index {first}")
    return Run(first, count, like, _numbers(pfns, count), _numbers(slots, count))


def _kind(ptes: Sequence[Pte], kind: int, who: str) -> Pte:
    if kind >= len(ptes):
        raise ValueError(f"{who} refers to entry kind {kind}, and {len(ptes)} are listed")
    return ptes[kind]


def _numbers(given: Any, count: int) -> Sequence[int | None] | None:
    return range(given, given + count) if isinstance(given, int) else given


def _file(given: Mapping[str, Any]) -> File:
    tables = {key: _pairs(given.get(key, ())) for key in ("cache", "disk")}
    return File(name=given["name"], pages=given["pages"], memfd=given.get("memfd", False), **tables)


def _pairs(given: Sequence[Sequence[int]]) -> Mapping[int, int]:
    return MappingProxyType(dict(given))  # type: ignore[arg-type]


def _proxy(given: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(given)


def _tupled(given: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: tuple(value) if key in keys else value for key, value in given.items()}
