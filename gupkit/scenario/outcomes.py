"""What becomes of a built-in scenario in every era: the catalogue.

A scenario's own expectations are those of the era it was written for. ``catalogue.yaml`` says, for those that go
otherwise in other eras, which eras they are, what to call the outcome in a word, and what must come out instead,
step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from ..errors import GupkitError
from .vocabulary import ERAS
from .words import hint
from .yaml_lines import read_yaml


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario comes to in some eras: a word, and the expectations that stand in for the scenario's own.

    ``steps`` maps a step's index, from 0, to expectations (see :func:`replace_expectations`).
    """

    says: str
    eras: tuple[str, ...]
    steps: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A story of the catalogue: its scenario, the rows of the kernel's own tests and reports it stands for (``rows``),
    what is tried, and the outcome in every era.
    """

    scenario: str
    family: str
    rows: str
    what: str
    outcomes: tuple[Outcome, ...]

    def outcome(self, era: str) -> Outcome:
        """The outcome in ``era``; GupkitError for an era that the kit does not have."""
        found = [outcome for outcome in self.outcomes if era in outcome.eras]
        if not found:
            raise GupkitError(f"unknown era {era!r}{hint(era, ERAS)}")
        return found[0]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every row by scenario; the titles of the families; and what the format has no words for, with the reason."""

    families: Mapping[str, str]
    rows: Mapping[str, Row]
    beyond: Mapping[str, str]


@cache
def catalogue() -> Catalogue:
    """The catalogue that comes with the kit.

    >>> catalogue().rows["vmsplice-leak"].outcome("5.8").says
    'PASS'
    """
    text = resources.files(__package__).joinpath("catalogue.yaml").read_text(encoding="utf-8")
    data, _ = read_yaml(text, "catalogue.yaml")
    rows = [
        _row(family, name, about)
        for family, content in data["families"].items()
        for name, about in content["scenarios"].items()
    ]
    titles = {family: str(content["title"]) for family, content in data["families"].items()}
    return Catalogue(titles, {row.scenario: row for row in rows}, dict(data["beyond"]))


def _row(family: str, name: str, about: Mapping[str, Any]) -> Row:
    outcomes = tuple(_outcome(given) for given in about["outcomes"])
    named = [era for outcome in outcomes for era in outcome.eras]
    if sorted(named) != sorted(ERAS):
        raise GupkitError(f"catalogue.yaml: {name} must name every era once; it names {', '.join(named)}")
    return Row(name, family, str(about["row"]), str(about["what"]), outcomes)


def _outcome(given: Mapping[str, Any]) -> Outcome:
    eras = tuple(ERAS) if given["eras"] == "all" else tuple(str(given["eras"]).split())
    steps = {int(number) - 1: expect or {} for number, expect in given.get("steps", {}).items()}
    return Outcome(str(given["says"]), eras, steps)


def expectations(name: str, era: str) -> Mapping[int, Mapping[str, Any]]:
    """What a built-in scenario's steps must come to in ``era`` instead of what they say; empty for most."""
    row = catalogue().rows.get(name)
    return row.outcome(era).steps if row else {}


def replace_expectations(step: dict[str, Any], instead: Mapping[str, Any]) -> None:
    """Put expectations in the place of a step's own; None drops one, and ``answer`` is the prediction's.

    >>> step = {"load": {"at": "A"}, "expect": {"ret": 1, "byte": 2}}
    >>> replace_expectations(step, {"byte": None, "present": "A"})
    >>> step["expect"]
    {'ret': 1, 'present': 'A'}
    """
    new = {**step.get("expect", {}), **instead}
    answer = new.pop("answer", None)
    step["expect"] = {key: value for key, value in new.items() if value is not None}
    if answer is not None:
        step["predict"] = {**step["predict"], "answer": answer}
