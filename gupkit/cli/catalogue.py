"""``gupkit catalogue``: what becomes of each story in every era, run anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..scenario.outcomes import Catalogue, Row


@click.command("catalogue")
@click.argument("family", required=False, metavar="[FAMILY]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per row, one line each.")
def catalogue_command(family: str | None, as_json: bool) -> int:
    """Run every story of the catalogue on every simulated kernel, and print the outcomes side by side.

    FAMILY is one of the groups that the table shows. An outcome that did not come is marked with ``!``. Exits with 0
    if all came out as the catalogue says, 1 if some did not, 2 if there is no such family.
    """
    from ..scenario.outcomes import catalogue
    from ..scenario.words import hint

    known = catalogue()
    if family is not None and family not in known.families:
        raise click.UsageError(f"no family {family!r}{hint(family, known.families, most=20)}")
    chosen = [row for row in known.rows.values() if family in (None, row.family)]
    wrong = 0
    shown = ""
    for row in chosen:
        came = _came(row)
        wrong += not all(came.values())
        if as_json:
            click.echo(json.dumps(_as_json(row, came), ensure_ascii=False))
            continue
        if row.family != shown:
            shown = row.family
            _print(_heading(known, shown))
        _print(_lines(row, came))
    if not as_json:
        _print(_closing(known, family, len(chosen), wrong))
    return 1 if wrong else 0


def _print(lines: Iterator[str]) -> None:
    """Print each line."""
    for line in lines:
        click.echo(line)


def _came(row: Row) -> dict[str, bool]:
    """Per era: whether the story came to what the catalogue says."""
    from ..api import run
    from ..scenario.model import Scenario
    from ..scenario.vocabulary import ERAS

    scenario = Scenario.load(row.scenario)
    return {era: run(scenario, era).ok for era in ERAS}


def _as_json(row: Row, came: dict[str, bool]) -> dict[str, object]:
    return {
        "family": row.family, "scenario": row.scenario, "rows": row.rows, "what": row.what,
        "outcomes": {era: row.outcome(era).says for era in came}, "held": came,
    }  # fmt: skip


_WIDTH = 15


def _heading(known: Catalogue, family: str) -> Iterator[str]:
    from ..scenario.vocabulary import ERAS

    yield ""
    yield f"{family}: {known.families[family]}"
    yield "      " + "".join(f"{era:{_WIDTH}}" for era in ERAS).rstrip()


def _lines(row: Row, came: dict[str, bool]) -> Iterator[str]:
    words = (("" if held else "! ") + row.outcome(era).says for era, held in came.items())
    yield f"  {row.scenario} ({row.rows}): {row.what}"
    yield f"      {''.join(f'{word:{_WIDTH}}' for word in words).rstrip()}"


def _closing(known: Catalogue, family: str | None, count: int, wrong: int) -> Iterator[str]:
    yield ""
    if family is None:
        yield "Not told here, and why:"
        yield from (f"  {rows}: {why}" for rows, why in known.beyond.items())
        yield ""
    yield f"{count - wrong} of {count} stories came out in every era as the catalogue says"
