"""A search written down while it runs, so that an interrupted one goes on where it was.

One line of JSON for each place that was looked at, after a first line that says which search it is. A file that is
something else, or of another search, is left alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from errno import ENOSPC
from hashlib import blake2b
from os import strerror
from pathlib import Path
from types import TracebackType

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
            "format": FORMAT, "gupkit": sys.modules["gupkit"].__version__, "title": scenario.title, "era": kernel.name,
            "max_switches": max_switches, "search": _digest(scenario, kernel),
        })  # fmt: skip
        self._known: dict[str, list[Arrival]] = {}
        with self._kept():
            there = self._read()
            self._file = path.open("ab", 0)  # a line at a time: two searches at once do not write into each other's
        if not there:
            try:
                self._add(self._head)
            except GupkitError:
                self._file.close()
                raise

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """What goes wrong with the file is said in one line."""
        try:
            yield
        except OSError as problem:
            raise GupkitError(f"{self.path}: the state of the search cannot be kept: {problem.strerror}") from None

    def _add(self, line: str) -> None:
        data = f"{line}\n".encode()
        with self._kept():
            if self._file.write(data) < len(data):
                raise OSError(ENOSPC, strerror(ENOSPC))

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
        return self._known.get(_name(work))

    def note(self, work: Work, arrivals: list[Arrival]) -> None:
        """Write down the ways on from a place, at once."""
        self._add(json.dumps([_name(work), [from_arrival(arrival) for arrival in arrivals]], separators=(",", ":")))

    def _take(self, number: int, line: str) -> None:
        try:
            name, arrivals = json.loads(line)
            self._known[name] = [to_arrival(data) for data in arrivals]
        except (ValueError, TypeError):
            raise GupkitError(f"{self.path}:{number}: damaged; take the line out, or name a new file") from None

    def _read(self) -> bool:
        """Take over what is in the file; False if there is nothing. A last line that was cut short is cut off."""
        foreign = GupkitError(f"{self.path} is not the state of this search; name a new file")
        if not self.path.exists():
            return False
        if not self.path.is_file() and not self.path.is_dir():  # a device may never end
            raise foreign
        try:
            text = self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise foreign from None
        if not text:  # a search was killed before it had written a word
            return False
        head, *lines = text.split("\n")
        if head != self._head:
            raise foreign
        whole = lines[:-1]
        for number, line in enumerate(whole, 2):
            self._take(number, line)
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
