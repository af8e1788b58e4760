"""``gupkit compare``: a simulated kernel beside this machine's Linux."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..api import Comparison

_WIDTH = 44
NEWEST = "6.18"


@click.command("compare")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--era", help="The kernel version simulated: 6.18, or that of the recording.")
@click.option("--random", "count", type=click.IntRange(min=1), metavar="N", help="Also compare N random sequences.")
@click.option("--seed", default=0, show_default=True, help="Which random sequences.")
@click.option("--recorded", metavar="ERA|FILE", help="Instead of this machine: a recorded kernel, on any machine.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per scenario, one line each.")
def compare_command(
    files: tuple[str, ...], era: str | None, count: int | None, seed: int, recorded: str | None, as_json: bool
) -> int:
    """Run scenarios on a simulated kernel and on this machine's Linux, and show where the two differ.

    FILE is a scenario file or the name of a built-in one. A random sequence that differs is shown at its smallest.
    With --recorded the other side is a kernel that was recorded: 4.9, 5.8, 5.10 or 6.18, which ship with the kit, or
    a file of gupkit record; all of its stories and sequences are run, or those whose titles are named.
    Exits with 0 if nothing differs, 1 if something does, 2 if an input is bad or this machine cannot run it.
    """
    if recorded is not None:
        if count is not None:
            raise click.UsageError("--random makes sequences for this machine; a recording has its own")
        return _with_recorded(recorded, era, files, as_json)
    era = era or NEWEST
    if not files and count is None:
        raise click.UsageError("name scenarios to compare, or a number of random sequences with --random")
    from ..api import compare, compare_random
    from ..scenario.model import Scenario

    scenarios = [(name, Scenario.load(name)) for name in files]
    named = ((name, compare(scenario, era)) for name, scenario in scenarios)
    random = (("random", c) for c in compare_random(count, seed, era)) if count else ()
    differing = total = 0
    for name, comparison in chain(named, random):
        total += 1
        differing += not comparison.same
        for line in _lines(name, comparison, as_json):
            click.echo(line)
    if not as_json:
        click.echo(f"{total - differing} of {total} the same")
    return 1 if differing else 0


def _with_recorded(recorded: str, era: str | None, titles: tuple[str, ...], as_json: bool) -> int:
    from ..api import compare_recorded

    total = differing = 0
    for comparison in compare_recorded(recorded, era, titles):
        total += 1
        differing += not comparison.same
        if as_json:
            click.echo(json.dumps(_as_json(comparison), ensure_ascii=False))
        elif not comparison.same:
            for line in table(f"Linux {comparison.right.era}", comparison):
                click.echo(line)
    if not as_json:
        click.echo(f"{total - differing} of {total} the same")
    return 1 if differing else 0


def _lines(name: str, comparison: Comparison, as_json: bool) -> Iterator[str]:
    if name == "random" and comparison.same:
        return
    if as_json:
        yield json.dumps(_as_json(comparison), ensure_ascii=False)
        return
    yield from table(name, comparison)
    if name == "random":
        yield from comparison.scenario.to_yaml().splitlines()


def _as_json(comparison: Comparison) -> dict[str, object]:
    return {
        "title": comparison.scenario.title, "era": comparison.left.era, "host": comparison.right.era,
        "same": comparison.same,
        "differences": [
            {"step": d.step, "what": d.what, "sim": d.left, "host": d.right} for d in comparison.differences
        ],
        "scenario": comparison.scenario.to_dict(),
    }  # fmt: skip


def table(name: str, comparison: Comparison) -> Iterator[str]:
    """A line per step: what each kernel answered; below a step, what differs in it. The first is marked with ``>``."""
    from ..scenario.report import outcome

    left, right = comparison.left, comparison.right
    yield f"{name}: {left.title}"
    yield f"  {'':3} {'':{_WIDTH}}  {f'simulated {left.era}':{_WIDTH}}  Linux {right.era}"
    first = comparison.differences[0].step if comparison.differences else None
    for one, other in zip(left.steps, right.steps, strict=True):
        mark = ">" if one.index == first else " "
        answers = [outcome(step.to_result()) for step in (one, other)]
        yield f"{mark} {one.index + 1:3} {one.text:{_WIDTH}}  {answers[0]:{_WIDTH}}  {answers[1]}".rstrip()
        for found in (d for d in comparison.differences if d.step == one.index):
            yield f"{mark}       differs in {found.what}: {found.left} simulated, {found.right} on the host"
    count = len(comparison.differences)
    yield f"{name}: {f'{count} difference' + 's' * (count > 1) if count else 'no difference'}"
