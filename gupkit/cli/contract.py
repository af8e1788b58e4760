"""``gupkit contract``: what became of each clause of the contract, as a table or as JSON."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..contract import Findings
    from ..scenario.model import Scenario
    from ..trace.trace import Trace

GZIP = b"\x1f\x8b"
TRACE = b'{"format":"gupkit-trace"'
"""What a saved trace begins with, compressed or not."""


@click.command("contract")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--era", help="Simulate this kernel version instead of the scenario's own.")
@click.option("--clauses", is_flag=True, help="List the clauses, each with a scenario for either side of it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per scenario, one line each, nothing else.")
def contract_command(files: tuple[str, ...], era: str | None, clauses: bool, as_json: bool) -> int:
    """Judge runs by the contract of __get_user_pages: each clause kept, broken, exercised or not reached.

    FILE is a scenario, the name of a built-in one, or a trace saved by gupkit run --save-trace; all built-in
    scenarios when none is named. Exits with 0, also if a clause was broken; with 2 if an input is bad.
    """
    if clauses:
        _list_clauses(as_json)
        return 0
    from ..scenario.model import Scenario, builtin_names

    names = files or builtin_names()
    sources = [(name, None if is_trace(name) else Scenario.load(name)) for name in names]
    for i, (name, scenario) in enumerate(sources):
        _judge_one(name, trace_of(name, scenario, era), as_json, first=i == 0)
    return 0


def _list_clauses(as_json: bool) -> None:
    """Every clause: its kind and text, the scenario that keeps it or lets it be, and the one on the other side."""
    from ..contract.clauses import CLAUSES, SHOWN_BY, VERDICTS

    for clause in CLAUSES.values():
        loud, quiet = VERDICTS[clause.kind]
        calm, breaking = SHOWN_BY[clause.name]
        if as_json:
            row = {"clause": clause.name, "kind": clause.kind, "text": clause.text, quiet: calm, loud: breaking}
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        click.echo(f"{clause.name:4} {clause.kind}: {clause.title}")
        for line in textwrap.wrap(clause.text, 74):
            click.echo(f"     {line}")
        click.echo(f"     {quiet}: {calm}; {loud}: {breaking}")


def is_trace(name: str) -> bool:
    """Whether the file of that name holds a saved trace and not a scenario."""
    from ..scenario.model import builtin_names

    path = Path(name)
    if name in builtin_names() or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(len(TRACE))
    return head == TRACE or head.startswith(GZIP)


def trace_of(name: str, scenario: Scenario | None, era: str | None) -> Trace:
    """The trace of that name: loaded, or made by running the scenario."""
    if scenario is None:
        from ..trace.archive import load_trace

        if era is not None:
            raise click.UsageError(f"{name} is a trace: it was made by a kernel already; leave out --era")
        return load_trace(name)
    from ..api import run

    return run(scenario, era=era)


def _judge_one(name: str, trace: Trace, as_json: bool, first: bool) -> None:
    from ..contract import check
    from ..contract.report import table

    findings = check(trace)
    if as_json:
        click.echo(json.dumps(to_dict(trace, findings), ensure_ascii=False))
        return
    if not first:
        click.echo()
    click.echo(f"{name}: {trace.title} ({trace.backend} {trace.era})")
    if trace.problem:
        click.echo(f"{name}: the run ended early: {trace.problem}")
    for line in table(findings):
        click.echo(line.rstrip())


def to_dict(trace: Trace, findings: Findings) -> dict[str, Any]:
    """What ``--json`` prints: the run, and its clauses in order."""
    out: dict[str, Any] = {"title": trace.title, "backend": trace.backend, "era": trace.era}
    if trace.problem:
        out["problem"] = trace.problem
    return out | {"clauses": [finding.to_dict() for finding in findings]}
