"""One submission: its cells through the sandbox, its questions to the judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .judge import Judge
from .model import Case, Rule
from .sandbox import Outcome, Sandbox
from .verdict import hidden_verdict, visible_verdict

Questions = Mapping[str, Sequence[tuple[str, str]]]
"""Graded cell → what it asks: (``check`` or ``hidden``, name of the check)."""


@dataclass(frozen=True, slots=True)
class Graded:
    """``wrong``: graded cell → None, or what is wrong; ``cells``: for each student's cell why it stopped, or "";
    ``problem``: what the instructor should know, or ""."""

    wrong: Mapping[str, str | None]
    cells: Sequence[str]
    problem: str


def grade(judge: Judge, student: str, cells: list[str], questions: Questions, sandbox: Sandbox) -> Graded:
    """Grade the code cells of one submission; each graded cell is right or wrong as a whole."""
    rule = judge.rule(student)
    cases = {("check", name): list(c) for name, c in judge.visible(rule).items()}
    cases |= {("hidden", name): list(c) for name, c in judge.hidden(rule, student).items()}
    wanted = {question for asked in questions.values() for question in asked}
    names = list(dict.fromkeys(name for _, name in sorted(wanted)))
    both = {name: [*cases["check", name], *cases["hidden", name]] for name in names}
    outcome = sandbox.run(judge.set.name, rule, cells, {n: [c.inputs for c in both[n]] for n in names})
    verdicts = {
        (kind, name): verdict(judge, rule, kind, name, cases[kind, name], outcome, both[name]) for kind, name in wanted
    }
    wrong = {cell: next((v for q in asked if (v := verdicts[q])), None) for cell, asked in questions.items()}
    stopped = dict(outcome.problems)
    return Graded(wrong, [stopped.get(i, "") for i in range(1, len(cells) + 1)], problem_of(outcome, names))


def verdict(
    judge: Judge, rule: Rule, kind: str, name: str, cases: Sequence[Case], outcome: Outcome, both: Sequence[Any]
) -> str | None:
    """What is wrong with one question's answer, or None."""
    if name not in outcome.results:
        return f"{name}: {outcome.why_missing(name)}"
    results = outcome.results[name]
    first = 0 if kind == "check" else len(both) - len(cases)
    check = judge.set.check(name)
    trials = judge.trials(check, rule, cases, results[first : first + len(cases)])
    return visible_verdict(check, trials) if kind == "check" else hidden_verdict(check, trials)


def problem_of(outcome: Outcome, asked: Sequence[str]) -> str:
    """What the instructor should know about how the code ran, in one line; nothing about wrong answers."""
    if outcome.end:
        return f"the code {outcome.end}"
    if outcome.ends:
        reasons = ", ".join(f"{name}: {why}" for name, why in outcome.ends.items())
        return f"checks that came to no end: {reasons}"[:400]
    silent = [name for name in asked if name not in outcome.results]
    return f"no answer came back from {', '.join(silent)}"[:400] if silent else ""
