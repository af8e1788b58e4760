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
from ..interleave.rarely import rarely_collected
from ..interleave.trial import Trial
from ..kernel.eras import Era
from ..scenario.model import Scenario

Piece: TypeAlias = "tuple[Place, int, Trial | None]"
"""A place, how many switches there may be until the next one, and what is decided already, if anything is."""
Part: TypeAlias = "Arrival | Trial | None"
"""What came of a piece: ways on, and what is left of it; None: all of it."""


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
    with _IN_TURN, rarely_collected():
        yield _expander(job)


@lru_cache(maxsize=4)
def _expander(job: Job) -> Expander:
    scenario, era = _unpack(job)
    return Expander(scenario, era)


def _unpack(job: Job) -> Any:
    return pickle.loads(job.packed)


def work(job: Job, pieces: Sequence[Piece], most: int) -> list[list[Part]]:
    """The ways on in each piece, ``most`` of them in all; and what is left, which others may do."""
    with expander_for(job) as expander:
        found: list[list[Part]] = []
        for place, budget, trial in pieces:
            found.append(list(expander.some(place, budget, trial, most)) if most else [trial])
            most -= sum(isinstance(part, Arrival) for part in found[-1])
        return found
