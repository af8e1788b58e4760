"""Recordings of real kernels: what Linux 4.9, 5.8, 5.10 and 6.18 did with the same scenarios.

They ship with the package, so that anyone without Linux can hold the simulated kernel against them.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
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
    return _read((files("gupkit.host") / "recordings" / f"linux-{era}.json.gz").read_bytes())


def read_recording(path: str | Path) -> tuple[RecordedRun, ...]:
    """The runs of a file that ``gupkit record`` wrote; GupkitError for any other file."""
    try:
        return _read(Path(path).read_bytes())
    except (gzip.BadGzipFile, ValueError, EOFError, zlib.error, KeyError, TypeError, AttributeError):
        raise GupkitError(f"{path} is no recording of a kernel: gupkit record writes one") from None
    except OSError as error:
        raise GupkitError(f"{path}: {error.strerror}") from None


def write_recording(path: str | Path, runs: Iterable[RecordedRun]) -> None:
    """Write runs as a new file, in the form of the recordings that ship with the package."""
    data: dict[str, list[Any]] = {"named": [], "random": []}
    for run in runs:
        row = {"kernel": run.kernel, "scenario": dict(run.scenario), "steps": list(run.steps)}
        data["named" if run.named else "random"].append(row)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    with Path(path).open("xb") as file:
        file.write(gzip.compress(text, mtime=0))


def _read(raw: bytes) -> tuple[RecordedRun, ...]:
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
