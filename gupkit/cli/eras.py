"""``gupkit eras``: the table of every rule that differs between the kernels."""

from __future__ import annotations

import json
from enum import IntFlag
from typing import Any

import click


@click.command("eras")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule, one line each.")
def eras_command(as_json: bool) -> int:
    """Print the rules in which the simulated kernels differ: the answer of each, the reason, and the source."""
    from ..kernel.eras import rows

    for name, what, why, source, answers in rows():
        told = {era: shown(answer) for era, answer in answers.items()}
        if as_json:
            row = {"rule": name, "what": what, "why": why, "source": source, "answers": told}
            click.echo(json.dumps(row, ensure_ascii=False))
            continue
        click.echo(f"{name}: {what}")
        for era, answer in told.items():
            click.echo(f"  {era:7} {answer}")
        click.echo(f"  why:    {why}\n  source: {source}\n")
    return 0


def shown(answer: Any) -> str:
    """An answer as a reader wants it.

    >>> shown(True), shown(16), shown(frozenset({"B", "A"}))
    ('yes', '16', 'A, B')
    """
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, type) and issubclass(answer, IntFlag):
        return " ".join(f"{flag.name}={flag.value:#x}" for flag in answer)
    if isinstance(answer, dict) and all(isinstance(told, str) for told in answer.values()):
        return "; ".join(f"{name}({', '.join(parameters.split())})" for name, parameters in answer.items())
    if isinstance(answer, dict):
        return ", ".join(f"{name} (GPL)" if gpl else name for name, gpl in answer.items())
    if isinstance(answer, frozenset):
        return ", ".join(sorted(answer)) or "none"
    return str(answer)
