"""The workers of a Dask cluster that is there already (extra ``gupkit[dask]``). They need gupkit installed, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..errors import GupkitError
from ..interleave.search import DoAll
from .share import Share, Shared
from .worker import Job

PATIENCE = 10.0
"""Seconds that a scheduler may take to answer, and to have a worker."""


@contextmanager
def cluster(job: Job, address: str) -> Iterator[DoAll]:
    """Do the work of a search on the cluster whose scheduler listens at ``address`` (``tcp://host:8786``).

    A task whose worker dies is done again by another. GupkitError if Dask is not installed, nobody answers there, it
    has no workers, or they cannot do the work.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise GupkitError("Dask is not installed: pip install 'gupkit[dask]'") from None
    try:
        client = Client(address, timeout=PATIENCE, name="gupkit explore")
    except (OSError, ValueError) as problem:
        raise GupkitError(f"no Dask scheduler answers at {address}: {problem}") from None

    def each(work: Callable[..., Any], shares: Sequence[Share]) -> Iterator[tuple[int, list[Any]]]:
        futures = [
            client.submit(
                work, job, share.what, workers=[addresses[share.home]], allow_other_workers=True, pure=False, retries=10
            )
            for share in shares
        ]  # fmt: skip
        try:
            for share, future in zip(shares, futures, strict=True):
                yield share.home, future.result()
        except (ImportError, KilledWorker) as problem:
            raise GupkitError(f"the Dask workers at {address} cannot do the work: {problem}") from None
        finally:
            client.cancel(futures)

    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise GupkitError(f"the Dask scheduler at {address} has no workers") from None
        addresses = sorted(client.nthreads())
        yield Shared(each, len(addresses))
