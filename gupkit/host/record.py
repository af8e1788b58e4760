"""Recording this machine's kernel: the stories of the shipped recordings, and random sequences, performed here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import BackendError, GupkitError
from ..scenario.model import Scenario
from ..trace.trace import Trace
from .compare.sequences import sequence
from .recorded import ERAS, RecordedRun, recorded_runs, write_recording
from .run.runner import Host


def stories() -> list[dict[str, Any]]:
    """The named scenarios of the newest recorded kernel, as dicts that load."""
    return [dict(run.scenario) for run in recorded_runs(ERAS[-1]) if run.named]


def record(host: Host, count: int, seed: int = 0) -> Iterator[RecordedRun | BackendError]:
    """Every story, then ``count`` random sequences of a seed, performed on an open host, one run after the other.

    Where this machine cannot perform one, the error that says why comes in its place.
    """
    process_vm = host.powers.process_vm
    wanted = [(data, True) for data in stories()]
    wanted += [(sequence(seed, number, process_vm=process_vm), False) for number in range(count)]
    for data, named in wanted:
        try:
            yield _recorded(data, host.run(Scenario.load(data)), named)
        except BackendError as problem:
            yield problem


def record_to(output: Path, count: int, seed: int) -> Iterator[str]:
    """Write all that :func:`record` performs to a new file; yields lines that tell how it goes."""
    if output.exists():
        raise GupkitError(f"{output} exists already; name a new file")
    runs, left_out = [], 0
    with Host() as host:
        yield host.powers.about()
        for found in record(host, count, seed):
            if isinstance(found, BackendError):
                left_out += 1
                yield f"left out: {found}"
            else:
                runs.append(found)
    write_recording(output, runs)
    yield f"{output}: {len(runs)} runs of Linux {host.powers.release}, {left_out} left out"


def _recorded(data: dict[str, Any], trace: Trace, named: bool) -> RecordedRun:
    keys = ("op", "by", "result", "faults", "pages")
    steps = tuple({key: step[key] for key in keys if key in step} for step in trace.to_result()["steps"])
    return RecordedRun(trace.era, data, steps, named)
