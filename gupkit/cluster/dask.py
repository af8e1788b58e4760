"""The workers of a Dask cluster that is there already (extra ``gupkit[dask]``). They need gupkit installed, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from ..errors import GupkitError
from ..interleave.search import DoAll
from .share import Shared
from .worker import Job, Part, Piece, work

PATIENCE = 10.0
"""Seconds that a scheduler may take to answer, and to have a worker."""


@contextmanager
def cluster(job: Job, address: str) -> Iterator[DoAll]:
    """Do the work of a search on the cluster whose scheduler listens at ``address`` (``tcp://host:8786``).

    A task whose worker dies is done again by another. GupkitError if Dask is not installed, nobody answers there, it
    has no workers, or they cannot do the work.
    """
    try:
        from distributed import Client
    except ImportError:
        raise GupkitError("Dask is not installed: pip install 'gupkit[dask]'") from None
    try:
        client = Client(address, timeout=PATIENCE, name="gupkit explore")
    except (OSError, ValueError) as problem:
        raise GupkitError(f"no Dask scheduler answers at {address}: {problem}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise GupkitError(f"the Dask scheduler at {address} has no workers") from None
        yield Shared(Cluster(client, address, job))


class Cluster:
    """A crew of Dask workers: those who are there when the search begins. What one dies over, Dask gives to another."""

    def __init__(self, client: Any, address: str, job: Job) -> None:
        self.client = client
        self.address = address
        self.job = job
        self.addresses = sorted(client.nthreads())
        self.workers = len(self.addresses)

    def begin(self, who: int, pieces: Sequence[Piece], most: int) -> Any:
        """A share given to a worker, or to another if he is gone."""
        there = [self.addresses[who]]
        return self.client.submit(
            work, self.job, pieces, most, workers=there, allow_other_workers=True, pure=False, retries=10
        )

    def first(self, futures: Iterable[Any]) -> Iterable[Any]:
        """Those that are done, as soon as there are any."""
        from distributed import wait

        try:
            return list(wait(list(futures), return_when="FIRST_COMPLETED").done)
        except CancelledError:
            raise GupkitError(f"the Dask scheduler at {self.address} has dropped the work") from None

    def result(self, future: Any) -> list[list[Part]]:
        """What came of a share."""
        from distributed import KilledWorker

        try:
            found: list[list[Part]] = future.result()
        except (ImportError, KilledWorker) as problem:
            raise GupkitError(f"the Dask workers at {self.address} cannot do the work: {problem}") from None
        return found
