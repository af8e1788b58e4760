"""``expect: {clause: C8}``: what a step expects of the contract, judged over the finished trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..trace.step import Step as StepRecord
from ..trace.trace import Trace
from .model import Step


class Claim(NamedTuple):
    """A clause that must be reported within the events ``[first, last)``.

    ``step`` is the index of the step that says so.
    """

    clause: str
    step: int
    first: int
    last: int


def claims_of(trace: Trace, steps: Sequence[Step]) -> list[Claim]:
    """What a scenario claims: each step over its own events, the last one's going on to the end of the run."""
    final = max((record.last for record in trace.steps), default=0)
    return [
        Claim(steps[record.index].expect["clause"], record.index, record.first,
              len(trace.events) if record.last == final else record.last)
        for record in trace.steps
        if "clause" in steps[record.index].expect and record.last
    ]  # fmt: skip


def judge_claims(trace: Trace, claims: Iterable[Claim]) -> dict[int, list[str]]:
    """Step → a sentence for every clause that was not broken, or for a non-promise not exercised, where it should."""
    from ..contract import check  # only a scenario that asks for a clause pays for the contract

    findings = check(trace)
    unmet: dict[int, list[str]] = {}
    for claim in claims:
        finding = findings[claim.clause]
        if not findings.reported(claim.clause, claim.first, claim.last):
            wanted = "exercised" if finding.kind == "non-promise" else "broken"
            came = f"{finding.verdict} elsewhere" if finding.reported else finding.verdict
            sentence = f"expected clause {claim.clause} {wanted} here, it is {came}"
            unmet.setdefault(claim.step, []).append(sentence)
    return unmet


def claims_told(trace: Trace, steps: Sequence[Step]) -> dict[int, list[str]]:
    """Step → a sentence for every clause that it expects broken or exercised, and that is: what happened there."""
    claims = claims_of(trace, steps)
    if not claims:
        return {}
    from ..contract import check

    findings = check(trace)
    told: dict[int, list[str]] = {}
    for claim in claims:
        finding = findings[claim.clause]
        place = next((p for p in finding.where if p.within(claim.first, claim.last)), None)
        if finding.reported and place is not None:
            sentence = f"{claim.clause} ({finding.kind}) is {finding.verdict}, as expected: {place.text}"
            told.setdefault(claim.step, []).append(sentence)
    return told


def with_unmet(records: dict[int, StepRecord], unmet: Mapping[int, Iterable[str]]) -> None:
    """Add the sentences to the steps they are about."""
    for index, sentences in unmet.items():
        records[index] = replace(records[index], unmet=(*records[index].unmet, *sentences))
