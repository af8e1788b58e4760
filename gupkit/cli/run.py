"""``gupkit run``: scenarios on a simulated kernel, in words or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .group import check_new

if TYPE_CHECKING:
    from ..scenario.model import Scenario
    from ..trace.trace import Trace


@click.command("run")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--era", help="Simulate this kernel version instead of the scenario's own.")
@click.option("--on", default="sim", show_default=True, help="The backend: sim or host.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per scenario, one line each, nothing else.")
@click.option("--trace", is_flag=True, help="Also print every event of each step (with --json, on standard error).")
@click.option("--save-trace", type=click.Path(path_type=Path), metavar="FILE", help="Save the trace of one scenario.")
@click.option("--list-points", is_flag=True, help="Print the schedule points a race may name, and do nothing else.")
def run_command(
    files: tuple[str, ...], era: str | None, on: str, as_json: bool, trace: bool, save_trace: Path | None,
    list_points: bool,
) -> int:
    """Run scenarios: files, or names of built-in ones; all built-in ones when none is named.

    Exits with 0 if every expectation held, 1 if some did not, 2 if an input is bad (nothing has run then).
    """
    if list_points:
        return _list_points()
    from ..scenario.model import Scenario, builtin_names

    names = files or builtin_names()
    if save_trace is not None:
        _check_save(save_trace, names)
    scenarios = [(name, Scenario.load(name)) for name in names]
    held = [_run_one(name, scenario, era, on, as_json, trace, save_trace) for name, scenario in scenarios]
    if not as_json and len(held) > 1:
        click.echo(f"{sum(held)} of {len(held)} scenarios held")
    return 0 if all(held) else 1


def _list_points() -> int:
    from ..api import schedule_points

    points = schedule_points()
    width = max(map(len, points))
    for name, sentence in points.items():
        click.echo(f"{name:{width}}  {sentence}")
    return 0


def _check_save(path: Path, names: Sequence[str]) -> None:
    if len(names) != 1:
        raise click.UsageError("--save-trace saves one run; name one scenario")
    check_new(path)


def _run_one(
    name: str, scenario: Scenario, era: str | None, on: str, as_json: bool, trace: bool, save: Path | None
) -> bool:
    from ..api import run
    from ..trace.archive import save_trace

    done = run(scenario, era=era, on=on)
    result = done.to_result()
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        _print_run(name, scenario, done, result)
    if trace:
        _print_events(done, err=as_json)
    if save is not None:
        save_trace(done, save)
    return bool(result["ok"])


def _print_run(name: str, scenario: Scenario, trace: Trace, result: dict[str, Any]) -> None:
    from ..scenario.clauses import claims_told
    from ..scenario.report import report

    if trace.backend == "host":
        click.echo(trace[0].about)
    told = claims_told(trace, scenario.steps) if trace.backend == "sim" else {}
    for line in report(result, tuple(step.text for step in trace.steps), name, told):
        click.echo(line)


def _print_events(trace: Trace, err: bool) -> None:
    for event in trace.events:
        fields = " ".join(f"{key}={value}" for key, value in event.fields.items())
        click.echo(f"  {event.clock:6} {event.task:4} {'  ' * event.depth}{event.name} {fields}".rstrip(), err=err)
