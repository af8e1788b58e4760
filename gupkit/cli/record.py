"""``gupkit record``: what this machine's Linux does with the recorded stories, in a file."""

from __future__ import annotations

from pathlib import Path

import click

from .group import check_new


@click.command("record")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A new file.")
@click.option("--random", "count", type=click.IntRange(min=0), default=100, show_default=True,
              help="How many random sequences besides the stories.")
@click.option("--seed", default=0, show_default=True, help="Which random sequences.")
def record_command(output: Path, count: int, seed: int) -> int:
    """Perform the recorded stories on this machine's Linux and write down what it did.

    The file can be held against the simulated kernel anywhere: gupkit compare --recorded FILE. Exits with 0, or with
    2 if nothing can be recorded here. A story that this machine cannot perform is named and left out.
    """
    check_new(output)
    from ..api import record

    for line in record(output, count, seed):
        click.echo(line, err=not line.startswith(f"{output}:"))
    return 0
