"""``gupkit explore``: a scenario under every interleaving of its tasks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .group import INTERRUPTED, check_new

if TYPE_CHECKING:
    from ..interleave.races import Cell, Race
    from ..interleave.result import Exploration
    from ..interleave.search import Progress


@click.command("explore")
@click.argument("file", required=False, metavar="FILE")
@click.option("--era", help="Simulate this kernel version instead of the scenario's own.")
@click.option("--max-switches", type=click.IntRange(0), default=2, show_default=True,
              help="In how many places a schedule may leave the order written.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object on one line, nothing else.")
@click.option("--save", type=click.Path(path_type=Path), metavar="OUT.yaml",
              help="Write the shortest schedule that breaks something as a scenario of its own.")  # fmt: skip
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Draw N schedules at random instead of taking all.")
@click.option("--seed", type=int, default=0, show_default=True, help="What a sample is drawn with.")
@click.option("--workers", type=click.IntRange(1), default=1, metavar="N", help="Use so many processes.")
@click.option("--dask", metavar="ADDRESS", help="Use the Dask cluster whose scheduler is there (tcp://host:8786).")
@click.option("--state", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the search down in FILE, so that the same command goes on if it is interrupted.")  # fmt: skip
@click.option("--table", is_flag=True, help="Search the built-in races in every era, and print which has which bug.")
def explore_command(
    file: str | None, era: str | None, max_switches: int, as_json: bool, save: Path | None, sample: int | None,
    seed: int, workers: int, dask: str | None, state: Path | None, table: bool,
) -> int:  # fmt: skip
    """Run a scenario under every interleaving of its tasks, and report what breaks.

    FILE is a scenario or the name of a built-in one. A step may run before one of another task that is written
    earlier, or inside it, at any schedule point that it passes; `at: any` leaves the moment of a race open.
    Exits with 0 if nothing went wrong in any schedule, 1 if something did, 2 if the input is bad.
    """
    if table:
        if file or era or save or sample or workers > 1 or dask or state:
            raise click.UsageError("--table searches the built-in races: it takes --max-switches and --json only")
        return _table(max_switches, as_json)
    if file is None:
        raise click.UsageError("name a scenario to explore, or ask for --table")
    from ..api import explore
    from ..scenario.model import Scenario

    if save is not None:
        check_new(save)
    scenario = Scenario.load(file)
    try:
        with _progress() as progress:
            found = explore(
                scenario, era, max_switches, sample=sample, seed=seed, workers=workers, dask=dask, state=state,
                progress=progress,
            )  # fmt: skip
    except KeyboardInterrupt:
        hint = f"the same command goes on from {state}" if state else "with --state FILE the same command could go on"
        click.echo(f"gupkit: interrupted; {hint}", err=True)
        return INTERRUPTED
    try:
        if save is not None:  # first: whoever reads what is printed may stop reading
            _save(found, save)
    finally:
        _print(found, as_json)
    return 1 if found.violations else 0


@contextmanager
def _progress() -> Iterator[Callable[[Progress], object] | None]:
    """A bar on standard error if somebody looks at it; how many places there are is known only as it goes."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, file=sys.stderr, label="exploring", show_pos=True) as bar:

        def show(progress: Progress) -> None:
            bar.length = progress.known
            bar.update(progress.done - bar.pos)

        yield show


def _print(found: Exploration, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    click.echo(str(found))
    if found.violations:
        click.echo("\nThe first of them, line by line:")
        click.echo(str(found.violations[0].story))


def _save(found: Exploration, path: Path) -> None:
    if found.violations:
        found.violations[0].save(path)
        again = "shows it again" if found.violations[0].shows else "runs it again, though nothing in it can fail"
        click.echo(f"written to {path}: gupkit run {path} {again}", err=True)
    else:
        click.echo(f"nothing went wrong, so {path} is not written", err=True)


# --- the table


def _table(max_switches: int, as_json: bool) -> int:
    from ..interleave.races import table

    wrong = 0
    if not as_json:
        _print_head()
    for race, cells in table(max_switches):
        wrong += not all(cell.right for cell in cells)
        if as_json:
            click.echo(json.dumps(_as_json(race, cells), ensure_ascii=False))
        else:
            _print_row(race, cells)
    if not as_json:
        click.echo("! marks what goes otherwise than on real kernels" if wrong else "all as on real kernels")
    return 1 if wrong else 0


_WIDTH = 12


def _print_head() -> None:
    from ..scenario.vocabulary import ERAS

    click.echo(f"{'':18}{''.join(f'{era:{_WIDTH}}' for era in ERAS)}whose bug it is")


def _print_row(race: Race, cells: list[Cell]) -> None:
    words = "".join(f"{('' if cell.right else '! ') + str(cell):{_WIDTH}}" for cell in cells)
    click.echo(f"{race.bug} (ended: {race.ended})")
    click.echo(f"  {race.scenario:16}{words}the {race.whose}'s")


def _as_json(race: Race, cells: list[Cell]) -> dict[str, Any]:
    return {
        "scenario": race.scenario, "bug": race.bug, "whose": race.whose, "ended": race.ended,
        "switches": {cell.era: cell.switches for cell in cells},
        "right": all(cell.right for cell in cells),
    }  # fmt: skip
