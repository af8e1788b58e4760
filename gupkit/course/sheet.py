"""The sheet: what a student's notebook has of its problem set."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from ..errors import GupkitError
from .examples import InCourse, examples_here, graded_here
from .helping import Help
from .model import Case, Check
from .sets import load
from .trial import perform, worth
from .verdict import RAISED, CheckFailed, Trial, hidden_verdict, visible_verdict


def sheet(problem_set: str, student: str = "") -> Sheet:
    """The sheet of a problem set for a student (by default whoever is logged in here), to be shown in a notebook.

    The examples come from ``examples.txt`` beside the notebook, or from the course around it. GupkitError where
    there is neither.
    """
    return Sheet(problem_set, student or who())


def who() -> str:
    """Whose notebook this is: the owner of the submission that nbgrader is grading, or the login name."""
    if graded_here():
        return Path.cwd().parent.name
    return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()


class Sheet:
    """One student's sheet. ``sheet["name"]`` is a value of its rule; shown, it is its text."""

    def __init__(self, problem_set: str, student: str) -> None:
        self.set = load(problem_set)
        self.student = student
        self._examples = examples_here(self.set)
        self._number = self._examples.number(student)
        self.rule = self.set.rules[self._number]
        self._help = Help(self.set)

    def __getitem__(self, name: str) -> Any:
        return self.rule[name]

    def _repr_markdown_(self) -> str:
        return f"**{self.set.title}** · the sheet of **{self.student}**\n\n{self.set.words(self.rule)}"

    def __repr__(self) -> str:
        return self._repr_markdown_()

    def check(self, name: str, *functions: Callable[..., Any]) -> None:
        """Try the functions on the examples of a check: a line if all is right, else CheckFailed says what is not."""
        check = self.set.check(name)
        trials = _trials(check, self.rule, self._examples.of(self._number, name), functions)
        problem = visible_verdict(check, trials)
        if problem:
            raise CheckFailed(problem)
        self._help.passed(name)
        print(f"✓ {name}: {len(trials)} examples of {len(trials)} come out right")

    def hidden(self, name: str, *functions: Callable[..., Any]) -> None:
        """Try the functions on cases that the sheet does not show. Only inside the course."""
        if not isinstance(self._examples, InCourse):
            raise GupkitError("the hidden cases are with your instructor")
        check, judge = self.set.check(name), self._examples.judge
        cases = judge.hidden(self.rule, self.student)[name]
        got = [_result(check, self.rule, case, functions) for case in cases]
        problem = hidden_verdict(check, judge.trials(check, self.rule, cases, got))
        if problem:
            raise CheckFailed(problem)

    def example(self, name: str, number: int = 1) -> Any:
        """What a check tries your functions on in an example, as it is before: to draw it and to play with it.

        Every call makes it anew. GupkitError for an example that there is not.
        """
        check, cases = self.set.check(name), self._examples.of(self._number, name)
        if not 1 <= number <= len(cases):
            raise GupkitError(f"{name} has no example {number}: they are numbered from 1 to {len(cases)}")
        return check.build(self.rule, deepcopy(cases[number - 1][0].inputs))

    def hint(self, name: str) -> None:
        """Open the next hint for a check; they cost nothing."""
        self.set.check(name)
        print(self._help.hint(name))

    def solution(self, name: str, anyway: bool = False) -> None:
        """A commented solution of a function for the kernel's own rule, and the kernel's own way.

        It opens when a check of that function has passed, or with ``anyway=True``.
        """
        print(self._help.solution(name, anyway))


def _trials(
    check: Check, rule: Any, cases: Sequence[tuple[Case, Any]], functions: Sequence[Callable[..., Any]]
) -> list[Trial]:
    """Each case after it ran in this process."""
    return [Trial(c.idea, expected, _tried(check, rule, c, functions)) for c, expected in cases]


def _tried(check: Check, rule: Any, case: Case, functions: Sequence[Callable[..., Any]]) -> Any:
    """What a case came to, and what that is worth."""
    result = _result(check, rule, case, functions)
    try:
        return result if RAISED in result else worth(check, rule, case.inputs, result)
    except GupkitError as problem:
        return {RAISED: str(problem)}


def _result(check: Check, rule: Any, case: Case, functions: Sequence[Callable[..., Any]]) -> Any:
    """What came of a case in this process."""
    answers = dict(zip(check.needs, functions, strict=False))
    return perform(check, check.build(rule, case.inputs), answers)
