"""A search done by several: whoever does the work and whoever dies over it, the result is the same."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import gupkit as gk
from gupkit.cluster.local import Processes
from gupkit.errors import GupkitError
from gupkit.interleave import Progress
from gupkit.kernel.eras import ForcedWrite, find_era

NAME = "race-pin-fork"


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    """What one process finds."""
    return gk.explore(NAME).to_dict()


def test_several_processes_find_the_same(alone: dict[str, Any]) -> None:
    """Two workers of this machine: the same schedules, counts, and violations in the same order."""
    assert gk.explore(NAME, workers=2).to_dict() == alone


def test_a_process_killed_in_mid_search_is_replaced(alone: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two processes gets a SIGKILL while the search is under way; what it had in hand is done again."""
    crews: list[Processes] = []
    real = Processes.__init__
    monkeypatch.setattr(Processes, "__init__", lambda self, *rest: crews.append(self) or real(self, *rest))
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.done >= 12 and not killed:
            killed.append(next(iter(crews[0].pools[0]._processes)))
            os.kill(killed[0], signal.SIGKILL)

    assert gk.explore(NAME, workers=2, progress=kill).to_dict() == alone
    assert killed


def test_processes_that_die_at_once_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no worker ever gets to work the search ends with one line, not with endless trying."""
    monkeypatch.setattr("gupkit.cluster.local._settle_in", os.abort)
    with pytest.raises(GupkitError, match="died 3 times in a row"):
        gk.explore(NAME, workers=2)


def test_processes_end_with_a_parent_that_is_killed() -> None:
    """A search that gets a SIGKILL leaves no process behind: the pipe that all of them hold is closed in the end."""
    search = f"import gupkit as gk; gk.explore({NAME!r}, workers=2, progress=lambda progress: print(flush=True))"
    with subprocess.Popen([sys.executable, "-c", search], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline()
        parent.kill()
        parent.communicate(timeout=300)


def test_a_browser_has_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Pyodide several workers are refused in one line; one process searches there as everywhere."""
    monkeypatch.setattr("sys.platform", "emscripten")
    with pytest.raises(GupkitError, match="leave out workers"):
        gk.explore(NAME, workers=2)
    assert gk.explore("race-short", max_switches=0).schedules == 1


def test_progress_is_told_wherever_the_work_is_done() -> None:
    """What is done never goes back, and in the end it is all that is known."""
    told: list[Progress] = []
    gk.explore("race-short", max_switches=1, workers=2, progress=told.append)
    assert [p.done for p in told] == list(range(1, len(told) + 1))
    assert (told[-1].done, told[-1].known) == (len(told), len(told))


def test_rules_of_ones_own_go_along_if_they_have_a_module() -> None:
    """A rule that is a function of this session cannot be sent to others: one line says so."""
    era = find_era("2.6.39").but(forced_write=ForcedWrite(lambda flags: flags, lambda *_: False))
    with pytest.raises(GupkitError, match="write them in a module"):
        gk.explore(NAME, era, workers=2)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A real scheduler with two worker processes of two threads each: a worker has several unless somebody says so."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=":0", host="127.0.0.1"
    ) as there:
        yield there


def test_a_worker_killed_in_mid_search_takes_nothing_with_it(cluster: Any, alone: dict[str, Any]) -> None:
    """One of the two Dask workers gets a SIGKILL while the search is under way; the result is the same."""
    pids = [worker.pid for worker in cluster.workers.values()]
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.done >= 12 and not killed:
            killed.append(pids[0])
            os.kill(pids[0], signal.SIGKILL)

    found = gk.explore(NAME, dask=cluster.scheduler_address, progress=kill)
    assert killed
    assert json.dumps(found.to_dict()) == json.dumps(alone)


def test_a_cluster_without_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler to which no worker has come is refused after a while, in one line."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("gupkit.cluster.dask.PATIENCE", 0.5)
    with (
        distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0", host="127.0.0.1") as empty,
        pytest.raises(GupkitError, match="has no workers"),
    ):
        gk.explore(NAME, dask=empty.scheduler_address)
