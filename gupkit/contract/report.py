"""Findings in words: the table that ``gupkit contract`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from .finding import Finding, Findings, Place

SHOWN = 3
"""How many places a line names before it counts the rest."""


def table(findings: Findings) -> Iterator[str]:
    """A heading and a line per clause: name, kind, verdict, where, and a sentence.

    >>> from gupkit.contract import check
    >>> from gupkit.trace import Snapshot, Trace
    >>> next(table(check(Trace(Snapshot())))).split()
    ['clause', 'kind', 'verdict', 'where', 'what', 'happened']
    """
    rows = [(f.clause.name, f.kind, f.verdict, where(f), told(f)) for f in findings]
    head = ("clause", "kind", "verdict", "where", "what happened")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(4)]
    for row in (head, *rows):
        yield "  ".join([*(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)), row[4]])


def where(finding: Finding) -> str:
    """The steps, counted from 1 as ``gupkit run`` counts them, or the events outside of a scenario.

    >>> from gupkit.contract.clauses import CLAUSES
    >>> where(Finding(CLAUSES["C8"], (Place(verdict="exercised", text="", event=9, step=3),)))
    'step 4'
    """
    spots = list(dict.fromkeys(_spot(place) for place in finding.where))
    more = f" and {len(spots) - SHOWN} more" if len(spots) > SHOWN else ""
    kinds = {spot[0] for spot in spots[:SHOWN]}
    if len(kinds) == 1:
        kind, numbers = kinds.pop(), [str(number) for _, number in spots[:SHOWN]]
        return f"{kind}{'s' if len(spots) > 1 else ''} {', '.join(numbers)}{more}"
    return ", ".join(f"{kind} {number}" for kind, number in spots[:SHOWN]) + more


def _spot(place: Place) -> tuple[str, int]:
    return ("event", place.event) if place.step is None else ("step", place.step + 1)


def told(finding: Finding) -> str:
    """The sentence of the first place; of a clause that was not reached, its title."""
    return finding.sentence if finding.where else f"({finding.clause.title})"
