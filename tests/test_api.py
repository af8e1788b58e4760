"""The one place that chooses a backend."""

import os
from pathlib import Path

import pytest

from gupkit import api
from gupkit.errors import BackendError, GupkitError, ScenarioError
from gupkit.scenario import Scenario


def test_run_takes_a_name_a_path_a_dict_and_a_scenario(tmp_path: Path) -> None:
    """However the scenario is given, the trace is of it."""
    scenario = Scenario.load("leak")
    path = tmp_path / "leak.yaml"
    path.write_text(scenario.to_yaml(), encoding="utf-8")
    for source in ("leak", str(path), path, scenario.to_dict(), scenario):
        assert api.run(source).title == scenario.title


def test_run_uses_the_scenarios_own_era_or_the_one_named() -> None:
    """The era of the scenario counts unless the caller names one."""
    data = {"title": "t", "era": "6.18", "steps": [{"fork": {}}]}
    assert api.run(data).era == "6.18"
    assert api.run(data, era="2.6.39").era == "2.6.39"


def test_run_refuses_what_is_not_there() -> None:
    """Unknown eras, unknown backends and bad scenarios are errors of the person's."""
    with pytest.raises(GupkitError, match="unknown era"):
        api.run("leak", era="2.6.93")
    with pytest.raises(GupkitError, match="unknown backend"):
        api.run("leak", on="moon")
    with pytest.raises(BackendError, match="only the simulated kernel runs it"):
        api.run("leak", on="host")
    with pytest.raises(ScenarioError):
        api.run({"title": "t"})


def test_a_region_that_a_race_never_mapped_is_refused_when_it_is_used() -> None:
    """Whether a race comes to its moment shows only in the run; what it should have made is missed in one line."""
    never = {"at": "cond_resched", "nth": 99, "do": [{"mmap": {"by": "T2", "as": "B", "pages": 1}}]}
    steps = [{"mmap": {"as": "A", "pages": 1}}, {"load": {"at": "A"}, "race": [never]}, {"load": {"at": "B"}}]
    with pytest.raises(ScenarioError, match=r"^scenario: region 'B' is not there"):
        api.run({"title": "t", "steps": steps})


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="reads /proc of Linux")
def test_snapshot_of_reads_a_live_process() -> None:
    """A live process has a stack with pages in it."""
    (process,) = api.snapshot_of(os.getpid()).processes.values()
    stack = next(vma for vma in process.vmas if vma.name == "[stack]")
    assert any(pte.present for _, pte in process.ptes(stack.start, stack.end))


def test_own_process_always_answers() -> None:
    """There is always a process to look at: this one, or a recording."""
    assert api.own_process().origin in ("live", "recorded")
