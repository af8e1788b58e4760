"""The garbage collector during a search."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = 50_000, 20, 100
"""Thresholds of :mod:`gc`. Saved machines are many objects, they hold few circles, and they live until the search ends:
to look through them again and again is a tenth of its time."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Collect rarely for a while, and afterwards as before."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
