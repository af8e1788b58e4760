"""The races that the search finds by itself: built-in scenarios that state an intent, and in which kernels it fails.

What the eras do is known from the kernels themselves; the search must come to the same. A row that goes otherwise is a
bug of the kit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..kernel.eras import ERAS
from ..scenario.model import Scenario
from . import explore
from .judge import CALLER, KERNEL
from .switch import in_switches


@dataclass(frozen=True, slots=True)
class Race:
    """A bug: the built-in scenario whose intent it breaks, the eras that have it, whose it is, and what ended it."""

    scenario: str
    bug: str
    eras: tuple[str, ...]
    whose: str
    ended: str


_ALL = tuple(ERAS)
RACES = (
    Race("race-dirty-cow", "Dirty COW, CVE-2016-5195", ("2.6.39",), KERNEL, "FOLL_COW, 4.8.3: commit 19be0eaffa3a"),
    Race("race-vmsplice", "a page in a pipe leaks to the child, CVE-2020-29374", ("2.6.39", "4.9"), KERNEL,
         "5.8: 17839856fd58; 5.9: 09854ba94c6a; 5.19: the exclusive mark"),
    Race("race-pin-fork", "a registered page is lost at fork", ("2.6.39", "4.9", "5.8"), KERNEL,
         "fork copies pinned pages, 5.9: commit 70e806e4e645"),
    Race("race-direct-io", "direct I/O is lost at fork", ("2.6.39", "4.9", "5.8", "5.10"), KERNEL,
         "O_DIRECT takes FOLL_PIN, 6.5"),
    Race("race-invalidate", "a pin is made stale by invalidation", _ALL, CALLER, "never: nobody promises it (C8, C9)"),
    Race("race-lost-byte", "a byte is lost: marked dirty before it was written", _ALL, CALLER, "never: duty C13"),
    Race("race-retry", "a lock is released twice after an avoided wait", _ALL, CALLER, "never: duty C16"),
    Race("race-short", "a page of a short return is leaked", _ALL, CALLER, "never: duty C3"),
)  # fmt: skip
"""Every race, with what the facts say of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the search found in one era: the switches of the shortest schedule that breaks the intent, None for none,
    and whose bug it is. ``right``: as the facts say."""

    era: str
    switches: int | None
    whose: str
    right: bool

    def __str__(self) -> str:
        return "-" if self.switches is None else in_switches(self.switches)


def table(max_switches: int = 2) -> Iterator[tuple[Race, list[Cell]]]:
    """Search every race in every era; a row for each, as it is found.

    >>> from itertools import islice
    >>> [(race, cells)] = islice(table(1), 1)
    >>> race.bug, [str(cell) for cell in cells]
    ('Dirty COW, CVE-2016-5195', ['1 switch', '-', '-', '-', '-'])
    """
    for race in RACES:
        yield race, [_cell(race, era, max_switches) for era in ERAS]


def _cell(race: Race, era: str, max_switches: int) -> Cell:
    found = explore(Scenario.load(race.scenario), era, max_switches).violations
    whose = found[0].whose if found else ""
    right = whose == race.whose if era in race.eras else not found
    return Cell(era, found[0].switches if found else None, whose, right)
