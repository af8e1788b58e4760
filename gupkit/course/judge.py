"""The side that knows: the course's references and hidden inputs, and the verdicts made with them.

They are in the course's directory (``judge/psN.py`` beside ``nbgrader_config.py``), never in the kit, and are loaded
only here: by the instructor's tools, and by a notebook that stands inside the course. A judge file has

- ``answers(rule)``: the reference for that rule, name → function;
- ``visible(rule, chance)`` and ``hidden(rule, chance)``: name of a check → its cases;
- perhaps ``weigh(rule, check, inputs, result)``, which takes the place of the checks' own.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import GupkitError
from . import seeds
from .model import Case, Check, ProblemSet, Rule
from .sets import load
from .trial import perform, worth
from .verdict import RAISED, Trial

CONFIG = "nbgrader_config.py"
FOLDER = "judge"


class Judge:
    """The judge of one problem set of one course; ``secret`` is the course's."""

    def __init__(self, course: Path, name: str, secret: str) -> None:
        self.set: ProblemSet = load(name)
        self.secret = secret
        self._key = _load(course / FOLDER / f"{name}.py")

    def rule(self, student: str) -> Rule:
        """What the sheet of ``student`` says."""
        return self.set.rules[self.rule_number(student)]

    def rule_number(self, student: str) -> int:
        """Which of the set's rules the student has."""
        return seeds.sheet_number(seeds.course_key(self.secret), self.set.name, student, len(self.set.rules))

    def visible(self, rule: Rule) -> Mapping[str, Sequence[Case]]:
        """The examples that a sheet comes with, the same in every course."""
        cases: Mapping[str, Sequence[Case]] = self._key.visible(rule, seeds.chance("examples", self.set.name))
        return cases

    def hidden(self, rule: Rule, student: str) -> Mapping[str, Sequence[Case]]:
        """The cases of one student: nobody else's, and the same again at a regrade."""
        cases: Mapping[str, Sequence[Case]] = self._key.hidden(
            rule, seeds.chance("hidden", self.secret, self.set.name, student)
        )
        return cases

    def expected(self, check: Check, rule: Rule, case: Case) -> Any:
        """What the reference makes of a case; GupkitError if it fails itself."""
        return _expected(self._key, self.set.name, check.name, json.dumps(dict(rule)), json.dumps(case.inputs))

    def trials(self, check: Check, rule: Rule, cases: Sequence[Case], got: Sequence[Any]) -> list[Trial]:
        """The cases with what should have come and what came."""
        return [
            Trial(c.idea, self.expected(check, rule, c), self._weighed(check, rule, c, g))
            for c, g in zip(cases, got, strict=True)
        ]

    def _weighed(self, check: Check, rule: Rule, case: Case, result: Any) -> Any:
        if type(result) is not dict or RAISED in result:
            return result
        given, inputs, came = json.dumps(dict(rule)), json.dumps(case.inputs), json.dumps(result)
        try:
            return _weighed(self._key, self.set.name, check.name, given, inputs, came)
        except GupkitError as problem:
            return {RAISED: str(problem)}

    def examples(self) -> dict[str, Any]:
        """What a release carries for its visible checks: for each rule the cases and what comes of them."""
        return {
            "set": self.set.name, "key": seeds.course_key(self.secret),
            "sheets": [self._examples_of(rule) for rule in self.set.rules],
        }  # fmt: skip

    def _examples_of(self, rule: Rule) -> dict[str, Any]:
        return {
            name: [
                {"idea": case.idea, "inputs": case.inputs, "expected": self.expected(self.set.check(name), rule, case)}
                for case in cases
            ]
            for name, cases in self.visible(rule).items()
        }  # fmt: skip


@lru_cache(maxsize=2048)
def _expected(key: ModuleType, problem_set: str, name: str, rule: str, inputs: str) -> Any:
    """The reference's result; kept, since the examples of a sheet come up again and again."""
    check, given = load(problem_set).check(name), json.loads(rule)
    result = perform(check, check.build(given, json.loads(inputs)), key.answers(given))
    if RAISED in result:
        raise GupkitError(f"the reference of {problem_set} fails at {name}: {result[RAISED]}")
    return _weighed(key, problem_set, name, rule, inputs, json.dumps(result))


@lru_cache(maxsize=2048)
def _weighed(key: ModuleType, problem_set: str, name: str, rule: str, inputs: str, result: str) -> Any:
    """What a result is worth; kept, since many students come to the same."""
    given, asked, came = json.loads(rule), json.loads(inputs), json.loads(result)
    if hasattr(key, "weigh"):
        return key.weigh(given, name, asked, came)
    return worth(load(problem_set).check(name), given, asked, came)


@cache
def _load(path: Path) -> ModuleType:
    """The module in a judge file; GupkitError if there is none."""
    if not path.is_file():
        raise GupkitError(f"{path}: no such file; a problem set needs its judge there")
    spec = importlib.util.spec_from_file_location(f"gupkit_judge_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def find_course(start: Path) -> Path | None:
    """The course that ``start`` lies in, or None: the nearest directory up that has a configuration and judges."""
    for place in (start, *start.parents):
        if (place / CONFIG).is_file() and (place / FOLDER).is_dir():
            return place
    return None
