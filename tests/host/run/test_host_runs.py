"""Scenarios performed by the Linux of this machine, against what a 6.18 was recorded to do."""

import json
import platform

import pytest
from click.testing import CliRunner

from gupkit import api
from gupkit.cli import cli
from gupkit.errors import BackendError
from gupkit.host.compare.differences import differences
from gupkit.host.recorded import RecordedRun, recorded_runs
from gupkit.host.run.runner import Host
from gupkit.scenario import Scenario
from gupkit.trace import Trace

SAME_KERNEL = platform.release().startswith("6.18")
USERS = {
    "title": "two writers",
    "steps": [
        {"mmap": {"as": "A", "pages": 2}}, {"store": {"at": "A[0]", "byte": 7}, "expect": {"byte": 7}},
        {"fork": {"as": "C"}}, {"store": {"by": "C", "at": "A[0]", "byte": 9}},
        {"load": {"at": "A[0]"}, "expect": {"byte": 7, "present": "A[0]", "different_frame": ["A[0]", "C:A[0]"]}},
    ],
}  # fmt: skip


def performed(host: Host, recorded: RecordedRun) -> Trace | None:
    """The run, or None where the probe says that this machine has no swap and the story needs it."""
    scenario = Scenario.load(dict(recorded.scenario))
    if "swap" not in scenario.needs or host.powers.swap:
        return host.run(scenario)
    with pytest.raises(BackendError, match="needs 'swap'"):
        host.run(scenario)
    return None


@pytest.mark.parametrize("code", [True, False], ids=["machine code", "pipes"])
def test_every_recorded_story(code: bool) -> None:
    """Each named story can be performed here, and on the recorded kernel it goes as it was recorded."""
    stories = [r for r in recorded_runs("6.18") if r.named]
    with Host(code=code) as host:
        done = [(r, trace) for r in stories if (trace := performed(host, r)) is not None]
    assert len(done) >= 36
    for recorded, trace in done:
        assert len(trace.steps) == len(recorded.steps)
        if SAME_KERNEL:
            assert [str(d) for d in differences(trace.to_result(), recorded.to_result())] == [], recorded.title


def test_expectations_are_judged_by_what_was_seen() -> None:
    """A user's story passes on the host, and a wrong expectation is told."""
    assert api.run(USERS, on="host").ok
    wrong = {**USERS, "steps": [*USERS["steps"][:-1], {"load": {"at": "A[0]"}, "expect": {"byte": 9}}]}
    trace = api.run(wrong, on="host")
    assert trace.steps[-1].unmet


def test_what_no_user_can_see_is_unobservable() -> None:
    """A reference count is told as unobservable, never as passed or failed."""
    story = {"title": "t", "steps": [
        {"mmap": {"as": "A", "pages": 1}}, {"store": {"at": "A", "byte": 1}, "expect": {"refcount": {"A[0]": 99}}},
    ]}  # fmt: skip
    step = api.run(story, on="host").steps[1]
    assert step.unobservable
    assert not step.unmet


def test_the_two_kernels_side_by_side() -> None:
    """``gupkit compare`` finds no difference in random sequences where this is a 6.18, and prints data on request."""
    compared = CliRunner().invoke(cli, ["compare", "--random", "40", "--seed", "3"])
    assert compared.exit_code in ((0,) if SAME_KERNEL else (0, 1)), compared.output
    assert "of 40 the same" in compared.output


def test_a_difference_is_marked(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A story that 2.6.39 and this kernel tell differently is shown with its first difference marked; exit 1."""
    story = tmp_path / "s.yaml"
    story.write_text("title: forced\nsteps:\n  - mmap: {as: A, pages: 1, prot: r}\n"
                     "  - mem_write: {at: A, byte: 7}\n  - mprotect: {at: A, prot: rw}\n  - store: {at: A, byte: 8}\n")
    shown = CliRunner().invoke(cli, ["compare", "--era", "2.6.39", str(story)])
    assert shown.exit_code == 1
    assert "differs in faults" in shown.output
    assert any(line.startswith(">") for line in shown.output.splitlines())
    data = CliRunner().invoke(cli, ["compare", "--era", "2.6.39", "--json", str(story)])
    assert json.loads(data.output)["same"] is False
