"""The workers of a Dask cluster that is there already (extra ``gupkit[dask]``). They need gupkit installed, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..errors import GupkitError
from ..interleave.expand import Arrival
from ..interleave.search import DoAll, Work
from .worker import Job, find

PATIENCE = "10s"
"""How long a scheduler may take to answer."""
AT_ONCE = 8
"""Places in one task: enough to be worth the way, few enough that a lost one costs little."""


@contextmanager
def cluster(job: Job, address: str) -> Iterator[DoAll]:
    """Do the work of a search on the cluster whose scheduler listens at ``address`` (``tcp://host:8786``).

    A task whose worker dies is done again by another. GupkitError if Dask is not installed or nobody answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        raise GupkitError("Dask is not installed: pip install 'gupkit[dask]'") from None
    try:
        client = Client(address, timeout=PATIENCE, name="gupkit explore")
    except (OSError, ValueError) as problem:
        raise GupkitError(f"no Dask scheduler answers at {address}: {problem}") from None

    def do_all(works: Sequence[Work]) -> Iterator[list[Arrival]]:
        size = max(1, min(AT_ONCE, len(works) // 8))
        parts = [works[i : i + size] for i in range(0, len(works), size)]
        futures = [client.submit(find, job, part, pure=False, retries=10) for part in parts]
        try:
            for future in futures:
                yield from future.result()
        finally:
            client.cancel(futures)

    with client:
        yield do_all
