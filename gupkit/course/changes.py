"""What a call left behind: every fact of the machine that is not as it was, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ..kernel import Kernel
from ..trace import Snapshot, take_snapshot
from .plain import plain

Facts = dict[str, Any]


def facts(kernel: Kernel) -> Facts:
    """The whole machine as one flat dict: what and where → a plain value.

    >>> k = Kernel()
    >>> a = k.mmap(k.spawn("P"), pages=1)
    >>> facts(k)["frames free"] > 60_000
    True
    """
    now = take_snapshot(kernel)
    return dict(_facts(now)) | {"reports of the debug layer": list(kernel.dmesg)}


def _facts(now: Snapshot) -> Iterator[tuple[str, Any]]:
    yield "clock", now.clock
    yield "frames free", now.free
    for name, process in now.processes.items():
        yield f"{name}: faults", [process.min_flt, process.maj_flt]
        yield f"{name}: alive", process.alive
        yield f"{name}: tables", plain(process.tables())
        yield f"{name}: mmap_sem", process.mmap_sem.held
        for vma in process.vmas:
            yield from _fields(f"{name}: region at {vma.start:#x}", vma)
        for address, pte in process.ptes():
            yield from _fields(f"{name}: entry at {address:#x}", pte)
    for pfn, frame in now.frames.items():
        yield from _fields(f"frame {pfn:#x}", frame)
    for name, file in now.files.items():
        yield from _fields(f"file {name}", file)
    yield "swap", plain(dict(now.swap))


def _fields(what: str, value: Any) -> Iterator[tuple[str, Any]]:
    for f in fields(value):
        now = getattr(value, f.name)
        if f.name == "flags":
            now = sorted(now)
        yield f"{what}, {f.name}", plain(dict(now) if hasattr(now, "items") else now)


def changes(before: Facts, after: Facts) -> Facts:
    """The facts of ``after`` that ``before`` does not have so, and None for those that are gone.

    >>> changes({"a": 1, "b": 2}, {"a": 1, "c": 3})
    {'b': None, 'c': 3}
    """
    keys = dict.fromkeys([*before, *after])
    return {key: after.get(key) for key in keys if before.get(key) != after.get(key)}
