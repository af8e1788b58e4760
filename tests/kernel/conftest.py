"""A fresh machine for every test, watched: each operation ends with every invariant stated."""

import pytest

from gupkit.kernel.sched import Task
from tests.kernel.bench import CheckedKernel


@pytest.fixture(name="k")
def make_kernel() -> CheckedKernel:
    """A kernel of 2.6.39 with the debug layer on."""
    return CheckedKernel()


@pytest.fixture(name="p")
def make_process(k: CheckedKernel) -> Task:
    """Its first process, P."""
    return k.spawn("P")
