"""What an explorer can open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import GupkitError
from ..scenario.model import Scenario
from ..trace.snapshot import Snapshot
from ..trace.trace import Trace

Source: TypeAlias = "Scenario | Trace | Snapshot | str | Path | Mapping[str, Any]"
"""A built-in name, a path or a dict of a scenario; a Scenario; a Trace; a Snapshot."""


def read_source(source: Source) -> Scenario | Trace | Snapshot:
    """The thing itself. GupkitError, in one line, for what cannot be opened.

    >>> read_source("leak").title
    'A pin that nobody puts keeps its frame for ever'
    >>> read_source(7)
    Traceback (most recent call last):
    ...
    gupkit.errors.GupkitError: an explorer opens a scenario (name, path, dict), a Trace or a Snapshot, not a int
    """
    if isinstance(source, Scenario | Trace | Snapshot):
        return source
    if isinstance(source, str | Path | Mapping):
        return Scenario.load(source)
    raise GupkitError("an explorer opens a scenario (name, path, dict), a Trace or a Snapshot, "
                      f"not a {type(source).__name__}")
