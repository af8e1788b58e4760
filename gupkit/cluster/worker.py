"""What a worker does: it keeps an expander for each search, and finds the ways on from the places it is given."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, TypeAlias

from ..errors import GupkitError
from ..interleave.expand import Arrival, Expander, Place
from ..interleave.search import Work
from ..interleave.trial import Trial
from ..kernel.eras import Era
from ..scenario.model import Scenario

SOON = 40
"""Stretches run for one piece of work: about a tenth of a second. What is beyond can be shared out again."""
Piece: TypeAlias = "tuple[Place, int, Trial]"
"""A place, how many switches there may be until the next one, and what is decided already."""


@dataclass(frozen=True, slots=True)
class Job:
    """A search, packed so that it can be sent: the scenario and the kernel it runs on."""

    packed: bytes

    @classmethod
    def of(cls, scenario: Scenario, era: Era | str | None) -> Job:
        """GupkitError for a kernel with rules that live in this process only, such as functions of a notebook."""
        try:
            return cls(pickle.dumps((scenario, era)))
        except (pickle.PicklingError, AttributeError, TypeError):
            raise GupkitError(
                "rules that are functions of this session cannot be sent to other processes: write them in a module, "
                "or leave out workers and dask"
            ) from None


_IN_TURN = Lock()


@contextmanager
def expander_for(job: Job) -> Iterator[Expander]:
    """The expander of a search, which keeps the machines it has saved. The threads of a Dask worker take turns."""
    with _IN_TURN:
        yield _expander(job)


@lru_cache(maxsize=4)
def _expander(job: Job) -> Expander:
    scenario, era = _unpack(job)
    return Expander(scenario, era)


def _unpack(job: Job) -> Any:
    return pickle.loads(job.packed)


def find(job: Job, works: Sequence[Work]) -> list[list[Arrival]]:
    """The ways on from each place."""
    with expander_for(job) as expander:
        return [list(expander.ways_on(*work)) for work in works]


def opened(job: Job, works: Sequence[Work]) -> list[list[Arrival | Trial]]:
    """The ways on from each place, in pieces."""
    with expander_for(job) as expander:
        return [list(expander.opened(*work)) for work in works]


def beyond(job: Job, pieces: Sequence[Piece]) -> list[list[Arrival | Trial]]:
    """The ways on in each piece, as far as they are found soon; smaller pieces for the rest."""
    with expander_for(job) as expander:
        return [list(expander.beyond(place, trial, budget, SOON)) for place, budget, trial in pieces]
