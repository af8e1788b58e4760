"""A real Python process, read once and shipped with the package, for machines whose own cannot be read."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from functools import cache
from importlib.resources import files

from gupkit.host.live import snapshot_of
from gupkit.host.proc import HostError
from gupkit.trace.snapshot import Snapshot
from gupkit.trace.store import snapshot_from_dict


@cache
def recorded_process() -> Snapshot:
    """The recording that ships with gupkit: a Python process on Linux with its frames, as root sees them.

    Its origin is ``recorded``. :mod:`gupkit.host.make_recording` made it.

    >>> list(recorded_process().processes)
    ['python']
    """
    data = files("gupkit.host").joinpath("recordings", "python.json.gz").read_bytes()
    snapshot = snapshot_from_dict(json.loads(gzip.decompress(data)), "the recording that ships with gupkit")
    return replace(snapshot, origin="recorded")


def own_process() -> Snapshot:
    """The process that calls this, read live; or, where that is impossible, the recording.

    ``origin`` tells which (``live`` or ``recorded``), and ``about`` tells why it is not the live one.
    """
    try:
        return snapshot_of(os.getpid())
    except HostError as reason:
        shown = recorded_process()
        return replace(shown, about=f"Not your own process, for {_inside(reason)}. {shown.about}")


def _inside(reason: HostError) -> str:
    """Why, without the advice that stands behind the last colon."""
    return str(reason).rpartition(":")[0]
