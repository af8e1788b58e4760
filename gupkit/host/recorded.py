"""Recordings of real kernels: what Linux 4.9, 5.8, 5.10 and 6.18 did with the same scenarios.

They ship with the package, so that anyone without Linux can hold the simulated kernel against them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import GupkitError

ERAS = ("4.9", "5.8", "5.10", "6.18")
"""Eras that were recorded."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One scenario (as a dict that loads) and the steps a real kernel answered with, as ``run --json`` tells them."""

    kernel: str
    scenario: Mapping[str, Any]
    steps: tuple[Mapping[str, Any], ...]
    named: bool
    """A story with a title, not a random sequence."""

    @property
    def title(self) -> str:
        """The scenario's title."""
        return str(self.scenario["title"])

    def to_result(self) -> dict[str, Any]:
        """The run as ``gupkit run --json`` prints one."""
        return {"title": self.title, "backend": "recorded", "era": self.kernel, "ok": True, "steps": list(self.steps)}


@cache
def recorded_runs(era: str) -> tuple[RecordedRun, ...]:
    """Every recorded run of an era, stories first; GupkitError for an era that was not recorded.

    >>> len(recorded_runs("4.9"))
    140
    """
    if era not in ERAS:
        raise GupkitError(f"era {era!r} was not recorded; there are recordings of {', '.join(ERAS)}")
    raw = (files("gupkit.host") / "recordings" / f"linux-{era}.json.gz").read_bytes()
    data = json.loads(gzip.decompress(raw))
    return tuple(
        RecordedRun(run["kernel"], run["scenario"], tuple(_spelled(step) for step in run["steps"]), kind == "named")
        for kind in ("named", "random")
        for run in data[kind]
    )


def _spelled(step: dict[str, Any]) -> dict[str, Any]:
    """95 has two names; the kernel's headers say EOPNOTSUPP."""
    if step["result"].get("errno") == "ENOTSUP":
        step["result"]["errno"] = "EOPNOTSUPP"
    return step
