"""Traces in files: the first snapshot, the events, and what each of them changed, as plain JSON.

Compressed when the name ends in ``.gz``. A trace that was loaded equals the one that was saved, snapshot by snapshot.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import GupkitError
from .delta import Delta
from .event import Event
from .pack import sparse
from .snapshot import Frame, Lock, Pin, Pte, Vma
from .step import Step
from .store import snapshot_from_dict, snapshot_to_dict
from .trace import Trace

FORMAT, VERSION = "gupkit-trace", 1
T = TypeVar("T")


class TraceFileError(GupkitError):
    """A trace file that cannot be read or written; the message is one line that begins with its name."""


def trace_to_dict(trace: Trace) -> dict[str, Any]:
    """The trace as plain JSON values.

    >>> from gupkit.trace.snapshot import Snapshot
    >>> trace_to_dict(Trace(Snapshot(), title="t"))["title"]
    't'
    """
    return {
        "format": FORMAT, "version": VERSION,
        "title": trace.title, "about": trace.about, "era": trace.era, "backend": trace.backend,
        "problem": trace.problem,
        "base": snapshot_to_dict(trace[0]),
        "events": [event.to_dict() for event in trace.events],
        "deltas": [_pack_delta(delta) for delta in trace.deltas],
        "steps": [step.to_dict() for step in trace.steps],
    }  # fmt: skip


def trace_from_dict(data: Any, where: str = "the trace") -> Trace:
    """The inverse of :func:`trace_to_dict`; TraceFileError for anything else."""
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise TraceFileError(f'{where}: not a trace: it does not say "format": "{FORMAT}"')
    if data.get("version") != VERSION:
        raise TraceFileError(f"{where}: a trace of version {data.get('version')!r}; this gupkit reads {VERSION}")
    try:
        return Trace(
            snapshot_from_dict(data["base"], where),
            [Event.from_dict(event) for event in data["events"]],
            [_unpack_delta(delta) for delta in data["deltas"]],
            [Step.from_dict(step) for step in data["steps"]],
            title=data["title"], about=data["about"], era=data["era"], backend=data["backend"],
            problem=data["problem"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TraceFileError(f"{where}: a damaged trace: {type(error).__name__} {error}") from None


def save_trace(trace: Trace, path: str | Path) -> None:
    """Write a trace; an existing file is left as it is and refused. TraceFileError."""
    text = json.dumps(trace_to_dict(trace), separators=(",", ":")).encode()
    data = gzip.compress(text, mtime=0) if str(path).endswith(".gz") else text
    try:
        with Path(path).open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise TraceFileError(f"{path}: it exists and is left as it is; choose another name") from None
    except OSError as error:
        raise TraceFileError(f"{path}: cannot be written: {error.strerror}") from None


def load_trace(path: str | Path) -> Trace:
    """Read a trace. TraceFileError when there is none in the file."""
    try:
        data = Path(path).read_bytes()
        return trace_from_dict(json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data), str(path))
    except OSError as error:
        raise TraceFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, zlib.error, RecursionError):
        raise TraceFileError(f"{path}: not a trace, or damaged") from None


def _pack_delta(delta: Delta) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "frames": [[pfn, frame and sparse(frame)] for pfn, frame in delta.frames.items()],
        "ptes": [[*key, depth, pte and sparse(pte)] for key, (depth, pte) in delta.ptes.items()],
        "vmas": {name: [sparse(vma) for vma in vmas] for name, vmas in delta.vmas.items()},
        "locks": {name: sparse(lock) for name, lock in delta.locks.items()},
        "counters": {name: list(counters) for name, counters in delta.counters.items()},
        "files": [[*key, *facts] for key, facts in delta.files.items()],
        "swap": [list(item) for item in delta.swap.items()],
    }
    out = {key: value for key, value in packed.items() if value}
    if delta.pins is not None:
        out["pins"] = [sparse(pin) for pin in delta.pins]
    if delta.free is not None:
        out["free"] = delta.free
    return {"clock": delta.clock, **out}


def _unpack_delta(data: Mapping[str, Any]) -> Delta:
    return Delta(
        clock=data["clock"],
        free=data.get("free"),
        frames={pfn: frame and _made(Frame, frame) for pfn, frame in data.get("frames", ())},
        ptes={(name, at): (depth, pte and _made(Pte, pte)) for name, at, depth, pte in data.get("ptes", ())},
        vmas={name: tuple(_made(Vma, vma) for vma in vmas) for name, vmas in data.get("vmas", {}).items()},
        locks={name: _made(Lock, lock) for name, lock in data.get("locks", {}).items()},
        counters={name: tuple(counters) for name, counters in data.get("counters", {}).items()},
        files={(name, index): tuple(facts) for name, index, *facts in data.get("files", ())},
        swap=dict(data.get("swap", ())),
        pins=tuple(_made(Pin, pin) for pin in data["pins"]) if "pins" in data else None,
    )


def _made(kind: Callable[..., T], data: Mapping[str, Any]) -> T:
    """A value from its fields; lists are tuples there."""
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})
