"""A search written down while it runs, so that an interrupted one goes on where it was.

One line of JSON for each place that was looked at, after a first line that says which search it is. A file that is
something else, or of another search, is left alone.
"""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import GupkitError
from ..kernel.eras import Era, find_era
from ..scenario.model import Scenario
from .code import from_arrival, from_place, to_arrival
from .expand import Arrival
from .search import Work

FORMAT = "gupkit-explore-1"


class StateFile:
    """The log of one search (:class:`~gupkit.interleave.search.Log`), as a context manager.

    GupkitError if the file is there and is not this search's, or cannot be written.
    """

    def __init__(self, path: Path, scenario: Scenario, era: Era | str | None, max_switches: int) -> None:
        kernel = find_era(era or scenario.era)
        self.path = path
        self._head = json.dumps({
            "format": FORMAT, "title": scenario.title, "era": kernel.name,
            "max_switches": max_switches, "search": _digest(scenario, kernel),
        })  # fmt: skip
        self._known: dict[str, Any] = {}
        try:
            self._file = path.open("r+" if self._read() else "x", encoding="utf-8")
            self._file.seek(0, 2)
            if not self._file.tell():
                self._file.write(f"{self._head}\n")
        except OSError as problem:
            raise GupkitError(f"{path}: the state of the search cannot be kept: {problem.strerror}") from None

    def __enter__(self) -> StateFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def recalled(self) -> int:
        """Places that were looked at before."""
        return len(self._known)

    def recall(self, work: Work) -> list[Arrival] | None:
        """The ways on from a place, if they were found before."""
        arrivals = self._known.get(_name(work))
        return None if arrivals is None else [to_arrival(data) for data in arrivals]

    def note(self, work: Work, arrivals: list[Arrival]) -> None:
        """Write down the ways on from a place, at once."""
        line = json.dumps([_name(work), [from_arrival(arrival) for arrival in arrivals]], separators=(",", ":"))
        self._file.write(f"{line}\n")
        self._file.flush()

    def _read(self) -> bool:
        """Take over what is in the file; False if there is none. A last line that was cut short is cut off."""
        if not self.path.exists():
            return False
        try:
            text = self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            text = ""
        head, *lines = text.split("\n")
        if head != self._head:
            raise GupkitError(f"{self.path} is not the state of this search; name a new file")
        whole = lines[:-1]
        for line in whole:
            name, arrivals = json.loads(line)
            self._known[name] = arrivals
        if lines and lines[-1]:
            with self.path.open("r+", encoding="utf-8", newline="") as file:
                file.truncate(len("\n".join([head, *whole, ""]).encode()))
        return True


def _name(work: Work) -> str:
    place, budget = work
    return json.dumps([from_place(place), budget], separators=(",", ":"))


def _digest(scenario: Scenario, kernel: Era) -> str:
    """A short text for what is searched: the scenario and the rules of the kernel, as far as they have a name.

    It is the same in every process; how a set is printed is not.
    """
    values = ((rule.name, getattr(kernel, rule.name)) for rule in fields(kernel))
    rules = [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in values]
    data = json.dumps(scenario.to_dict(), sort_keys=True)
    return blake2b(f"{data}\n{rules}".encode(), digest_size=8).hexdigest()
