"""What a problem set is made of: its rules, and its checks.

A *rule* is what one student's sheet says: plain data that no kernel has as a whole. A *check* is one idea that is
graded: an experiment in which the student's functions stand in for the kernel's, on inputs that are plain data, with
a result that is plain data. What the result should be is not known here: the course's judge has the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import GupkitError

Rule = Mapping[str, Any]
Answers = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One trial of a check: the inputs, and the trap it looks into, as a sentence for whoever falls in."""

    idea: str
    inputs: Any


def as_it_is(rule: Rule, inputs: Any) -> Any:
    """The world of a check that needs no machine: its inputs."""
    del rule
    return inputs


@dataclass(frozen=True, slots=True)
class Check:
    """One graded idea.

    ``needs``: the names of the student's functions. ``build(rule, inputs)`` makes the world of one trial, before any
    code of the student's runs; ``act(world, answers)`` calls the functions in it and says what came: a dict whose keys
    a reader understands (addresses, names), of plain values. ``look``: the picture that shows it; the word EXAMPLE in
    it stands for the world of the example that went wrong. ``read``: the lecture. ``hints`` open one by one.
    ``weigh(rule, inputs, result)``: what a result is worth that is itself something to be tried, such as a rule for a
    kernel; it is tried where no code of a student's need run, believes nothing, and gives plain data, or GupkitError
    for what cannot be tried. The judge can have one of its own.
    """

    name: str
    needs: tuple[str, ...]
    act: Callable[[Any, Answers], dict[str, Any]]
    look: str
    read: str
    hints: tuple[str, ...]
    build: Callable[[Rule, Any], Any] = as_it_is
    weigh: Callable[[Rule, Any, Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class ProblemSet:
    """A problem set, as far as it is public.

    ``rules``: every rule a sheet can have. ``words(rule)``: the sheet's text, in Markdown. ``cut``: the functions of
    the kit (``module:name``) that would answer for the student; the sandbox has them no more when the student's code
    runs. ``solutions``: function → a commented solution for the kernel's own rule, and where the kernel's own way is
    (``module:name``).
    """

    name: str
    title: str
    rules: tuple[Rule, ...]
    words: Callable[[Rule], str]
    checks: tuple[Check, ...]
    cut: tuple[str, ...]
    solutions: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def check(self, name: str) -> Check:
        """The check of that name; GupkitError for another."""
        for check in self.checks:
            if check.name == name:
                return check
        raise GupkitError(f"{self.name} has no check {name!r}: there are {', '.join(c.name for c in self.checks)}")
