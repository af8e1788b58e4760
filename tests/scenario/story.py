"""Scenarios for tests, written short: steps as YAML, run with every invariant checked after each op."""

from __future__ import annotations

from typing import Any

from gupkit.scenario import Scenario
from gupkit.scenario.runner import run
from gupkit.trace import Trace

FILES = (
    "files: {f: [0x61, 0x62, 0x63, 0x64], cold: {pages: [0x30, 0x31], cached: false}, "
    "m: {pages: [1, 2], memfd: true}}"
)


def story(steps: str, *, check: bool = True) -> Trace:
    """The run of these steps, on a machine with the files ``f`` (warm), ``cold`` and ``m`` (a memfd)."""
    return run(Scenario.from_text(f"title: a test\n{FILES}\nsteps:\n{steps}", "test.yaml"), check=check)


def result(steps: str, index: int = -1) -> dict[str, Any]:
    """The result of one step (the last by default)."""
    return dict(story(steps).steps[index].result)


def names(trace: Trace, *wanted: str) -> list[tuple[str, str]]:
    """The events of these names as (name, op), in order."""
    return [(e.name, e.fields.get("op", "")) for e in trace.events if e.name in wanted]


def unmet(trace: Trace) -> dict[int, tuple[str, ...]]:
    """Steps (from 0) with expectations that did not hold."""
    return {step.index: step.unmet for step in trace.steps if step.unmet}
