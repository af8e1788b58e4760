"""``gupkit export``: a scenario as one HTML file that needs neither Python nor a network."""

from __future__ import annotations

from pathlib import Path

import click

from .group import check_new


@click.command("export")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO]")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A new file.")
@click.option("--era", "eras", multiple=True, metavar="ERA", help="The simulated kernel; twice: both, side by side.")
def export_command(scenarios: tuple[str, ...], output: Path, eras: tuple[str, ...]) -> int:
    """Write a page with the pictures and sentences of every step, and buttons that step through them.

    SCENARIO is a file or the name of a built-in scenario. Two scenarios, or one in two eras, stand side by side, in
    step. The page holds everything; it opens in any browser, from a disk as well.
    """
    check_new(output)
    told = [*scenarios] if len(scenarios) > 1 else [*scenarios] * max(1, len(eras))
    if len(told) > 2 or len(eras) > 2:
        raise click.UsageError("two kernels or two scenarios can stand side by side, not more")
    from ..api import run
    from ..film.call import calls_of
    from ..film.film import Film
    from ..film.page import html
    from ..scenario.model import Scenario

    films, names = [], []
    for number, name in enumerate(told):
        scenario = Scenario.load(name)
        trace = run(scenario, eras[min(number, len(eras) - 1)] if eras else None)
        films.append(Film(trace, call_at=calls_of(trace, {i: step.args for i, step in enumerate(scenario.steps)})))
        names.append(f"Linux {trace.era}" if len(scenarios) == 1 else trace.title)
    output.write_text(html(films, names if len(films) > 1 else ()), encoding="utf-8")
    click.echo(f"{output}: {len(films[0].trace):,} places, {output.stat().st_size / 1e6:.1f} MB")
    return 0
