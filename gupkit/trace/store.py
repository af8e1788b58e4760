"""Snapshots in files: plain JSON with a version, compressed when the name ends in ``.gz``."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from gupkit.errors import GupkitError
from gupkit.trace.pack import pack
from gupkit.trace.snapshot import Snapshot
from gupkit.trace.snapshot_schema import FORMAT, SCHEMA, VERSION
from gupkit.trace.unpack import unpack


class SnapshotFileError(GupkitError):
    """A snapshot file that cannot be read or written; the message is one line that begins with its name."""


def snapshot_to_dict(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as plain JSON values, page tables as runs (the layout is in :mod:`gupkit.trace.snapshot_schema`).

    >>> snapshot_to_dict(Snapshot(clock=4))["clock"]
    4
    """
    return {"format": FORMAT, "version": VERSION, **pack(snapshot)}


def snapshot_from_dict(data: Any, where: str = "the snapshot") -> Snapshot:
    """The inverse of :func:`snapshot_to_dict`: equal to the snapshot that was given to it.

    Raises :class:`SnapshotFileError` for anything else; ``where`` is what its message begins with.

    >>> snapshot_from_dict(snapshot_to_dict(Snapshot(clock=4))) == Snapshot(clock=4)
    True
    """
    _check_version(data, where)
    try:
        return unpack(_validator()(data))
    except (ValueError, LookupError, RecursionError) as error:  # fastjsonschema's error is a ValueError
        raise SnapshotFileError(f"{where}: not a snapshot: {_one_line(error)}") from None


def save_snapshot(snapshot: Snapshot, path: str | Path, *, overwrite: bool = False) -> None:
    """Write ``snapshot`` to ``path``. An existing file is refused unless ``overwrite`` says otherwise.

    Raises :class:`SnapshotFileError` when the file exists or cannot be written.
    """
    text = json.dumps(snapshot_to_dict(snapshot), separators=(",", ":")).encode() + b"\n"
    data = gzip.compress(text, compresslevel=6, mtime=0) if str(path).endswith(".gz") else text
    try:
        with Path(path).open("wb" if overwrite else "xb") as file:
            file.write(data)
    except FileExistsError:
        raise SnapshotFileError(f"{path}: it exists and is left as it is; choose another name") from None
    except OSError as error:
        raise SnapshotFileError(f"{path}: cannot be written: {error.strerror}") from None


def load_snapshot(path: str | Path) -> Snapshot:
    """The snapshot in ``path``, compressed or not. One that was read from a live process is now ``recorded``.

    Raises :class:`SnapshotFileError` when there is no such file or it holds no snapshot of this version.
    """
    snapshot = snapshot_from_dict(_json(_read(path), path), str(path))
    return replace(snapshot, origin="recorded") if snapshot.origin == "live" else snapshot


def _read(path: str | Path) -> bytes:
    try:
        data = Path(path).read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise SnapshotFileError(f"{path}: a damaged .gz file; get it again") from None
    except OSError as error:
        raise SnapshotFileError(f"{path}: cannot be read: {error.strerror}") from None


def _json(data: bytes, path: str | Path) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SnapshotFileError(f"{path}: not a snapshot, for it is not JSON: {_one_line(error)}") from None


def _check_version(data: Any, where: str) -> None:
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise SnapshotFileError(f"{where}: not a snapshot: it does not say \"format\": \"{FORMAT}\"")
    if data.get("version") != VERSION:
        raise SnapshotFileError(
            f"{where}: a snapshot of version {data.get('version')!r}; this gupkit reads version {VERSION}")


@cache
def _validator() -> Callable[[Any], Any]:
    import fastjsonschema  # only a reader of files needs it

    return fastjsonschema.compile(SCHEMA)


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"
