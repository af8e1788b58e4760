"""A notebook runs once in a test run, for all who look at it: the lecture's own tests, the book's and the slides'."""

import fcntl
import os
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from tools.book.executed import KEPT, kept, run

THIS_TEST_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
"""The same in all workers."""


@cache
def ran(path: Path) -> Any:
    """The notebook after its run in this test run; whichever worker comes first runs it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{path.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = kept(path)
        if there is None or there.metadata["run"]["by"] != THIS_TEST_RUN:
            run(path, by=THIS_TEST_RUN)
        return kept(path)
