"""A simulated kernel beside a recorded one: no Linux needed, nor the machine that was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import GupkitError
from ...scenario.model import Scenario
from ...scenario.runner import run
from ...scenario.vocabulary import ERAS as SIMULATED
from ...scenario.words import hint
from ...trace.trace import Trace
from ..recorded import ERAS, RecordedRun, read_recording, recorded_runs
from .differences import Comparison, differences

WARMTH = {
    ("5.10", "file page truncate+extend while vmsplice-pinned"),
    ("6.18", "PAGEOUT of file pages (clean shared; private COWed)"),
}
"""Stories in which the recorded machine's own page cache decided between major and minor; the sum is compared."""


def runs_of(
    recorded: str, era: str | None = None, titles: Sequence[str] = ()
) -> tuple[tuple[RecordedRun, ...], str]:
    """The runs of a shipped recording or of a file, and the era to simulate beside them.

    ``era`` None: that of the recorded kernel. GupkitError for a recording, an era or a title that is not there.
    """
    runs = recorded_runs(recorded) if recorded in ERAS else read_recording(_file(recorded))
    if titles:
        known = [run.title for run in runs]
        for title in titles:
            if title not in known:
                raise GupkitError(f"the recording has no run {title!r}{hint(title, known)}")
        runs = tuple(run for run in runs if run.title in titles)
    if not runs:
        raise GupkitError(f"the recording {recorded} holds no run")
    return runs, era or _era_of(runs[0].kernel)


def _file(name: str) -> Path:
    if not Path(name).exists():
        raise GupkitError(f"no recording {name!r}: name a file, or one of {', '.join(ERAS)}")
    return Path(name)


def _era_of(kernel: str) -> str:
    for era in SIMULATED:
        if f"{kernel}.".startswith(f"{era}."):
            return era
    known = ", ".join(SIMULATED)
    raise GupkitError(f"Linux {kernel} is none of the eras {known}: say with --era which to compare with")


def compare_recorded(runs: Sequence[RecordedRun], era: str) -> Iterator[Comparison]:
    """Each recorded run beside the same scenario on the simulated kernel of ``era``."""
    for recorded in runs:
        scenario = Scenario.load(dict(recorded.scenario))
        left = run(scenario, era, refuse_newer=True)
        told, real = left.to_result(), recorded.to_result()
        if (era, recorded.title) in WARMTH:
            told, real = summed(told), summed(real)
        yield Comparison(scenario, left, _as_trace(left, recorded), tuple(differences(told, real)))


def summed(result: Mapping[str, Any]) -> dict[str, Any]:
    """The same run with all faults called minor."""
    steps = [
        {**step, "faults": {"minor": sum(step["faults"].values()), "major": 0}} if step.get("faults") else step
        for step in result["steps"]
    ]
    return {**result, "steps": steps}


def _as_trace(left: Trace, recorded: RecordedRun) -> Trace:
    """The recorded answers in the shape of a trace, for a table: the steps of the other side with these results."""
    steps = [
        replace(step, result=dict(told["result"]), faults=dict(told.get("faults") or {}), pages=dict(told["pages"]))
        for step, told in zip(left.steps, recorded.steps, strict=True)
    ]
    return Trace(
        left[0], (), (), steps, title=left.title, about=left.about, era=recorded.kernel, backend="recorded"
    )
