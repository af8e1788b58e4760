"""What a call left behind: every fact of the machine that is not as it was, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ..kernel import Kernel
from ..trace import Snapshot, take_snapshot
from ..trace.snapshot import Process
from .plain import plain

Facts = dict[str, Any]
"""What and where → a value, or a value object with fields."""


def facts(kernel: Kernel) -> Facts:
    """The whole machine as one flat dict.

    >>> k = Kernel()
    >>> a = k.mmap(k.spawn("P"), pages=1)
    >>> facts(k)["frames free"] > 60_000
    True
    """
    return dict(_facts(take_snapshot(kernel))) | {"reports of the debug layer": list(kernel.dmesg)}


def _facts(now: Snapshot) -> Iterator[tuple[str, Any]]:
    yield from {"clock": now.clock, "frames free": now.free, "swap": now.swap}.items()
    for name, process in sorted(now.processes.items()):
        yield from _process(name, process)
    for pfn, frame in now.frames.items():
        yield f"frame {pfn}", frame
    for name, file in sorted(now.files.items()):  # a snapshot's own order is another in every process
        yield f"file {name}", file


def _process(name: str, process: Process) -> Iterator[tuple[str, Any]]:
    yield f"{name}: faults", (process.min_flt, process.maj_flt)
    yield f"{name}: alive", process.alive
    yield f"{name}: tables", process.tables()
    yield f"{name}: mmap_sem", process.mmap_sem
    for vma in process.vmas:
        yield f"{name}: region at {vma.start:#x}", vma
    for address, pte in process.ptes():
        yield f"{name}: entry at {address:#x}", pte


def changes(before: Facts, after: Facts) -> Facts:
    """The facts of ``after`` that ``before`` does not have so, field by field; None for those that are gone.

    >>> changes({"a": 1, "b": 2}, {"a": 1, "c": 3})
    {'b': None, 'c': 3}
    """
    found: Facts = {}
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old != new:
            was, now = dict(_in_parts(key, old)), dict(_in_parts(key, new))
            found |= {part: now.get(part) for part in {**was, **now} if was.get(part) != now.get(part)}
    return found


def _in_parts(what: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value object as its fields; anything else as it is, in plain values."""
    if not is_dataclass(value):
        yield what, _plainly(value)
        return
    for part in fields(value):
        yield f"{what}, {part.name}", _plainly(getattr(value, part.name))


def _plainly(value: Any) -> Any:
    if isinstance(value, frozenset):
        value = sorted(value)
    return plain(dict(value) if isinstance(value, Mapping) else value)
