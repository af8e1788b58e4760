"""Plans: what happens on a bench, step by step, as plain data, and whether all is so as was expected.

A plan is a list of steps. What there is:

- ``["map", NAME, KIND, PAGES]``: P maps memory of a kind out of :data:`~gupkit.course.card.KINDS`;
- ``["begin", NAME, PAGES, "in"]``: the driver's ``begin`` on so many pages of it; with ``"out"`` the card only reads;
- ``["card", PAGES]``: the card moves so many pages of what it was given; ``["jam"]``: it moves none any more;
- ``["finish"]``, ``["close"]``: the driver's functions of these names;
- ``["writeback"]``: what is marked dirty is written to disk (as it is before every page that the card moves);
- ``["kill"]``: a SIGKILL waits for P; ``["unmap", NAME]``: P unmaps it;
- ``["cut", NAME, PAGES]``: the file is cut to so many pages, while another driver holds what goes;
  ``["cut slowly", NAME, PAGES]``: whoever does it has the pages' locks, until somebody waits for one;
- ``["expect", WHAT, ...]``: an expectation out of :data:`EXPECTATIONS`.

A plan may come from a stranger: nothing is believed of it, and it cannot be large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import GupkitError
from .bench import Bench
from .card import KINDS
from .model import Rule
from .plain import returned

LONGEST = 60
"""Steps of a plan."""
LARGEST = {"pages": (1, 9), "count": (0, 20), "byte": (0, 255)}
"""Form of a number → its bounds."""
Driver = Mapping[str, Callable[..., Any]]


@dataclass(slots=True)
class Played:
    """What came of a plan. ``log``: each call of the driver, and what was so after it; ``unmet``: the first expectation
    that did not hold, or ""."""

    bench: Bench
    driver: Driver
    log: dict[str, Any] = field(default_factory=dict)
    unmet: str = ""

    def begin(self, number: int, name: str, pages: int, way: str) -> None:
        """The driver's ``begin``, by the sheet's number for the way.

        What it returns is told if it is an error, or watched; a fault of it may mark pages, and that is not told.
        """
        rule, at = self.bench.rule, self.bench.regions[name].at
        code = rule["way"] if way == "in" else 1 - rule["way"]
        value = self.driver["begin"](self.bench.card, self.bench.task, at, pages, code)
        told = returned(value)
        if "returned" not in self.bench.watch:
            told = told if type(told) is dict and "errno" in told else "no error"
        references = [name for name in self.bench.watch if name == "references"]
        self._called(f"{number}: begin(card, p, {name} at {at:#x}, {pages}, {code})", told, references)

    def call(self, number: int, name: str) -> None:
        """The driver's ``finish`` or ``close``."""
        self._called(f"{number}: {name}(card)", returned(self.driver[name](self.bench.card)), self.bench.watch)

    def _called(self, what: str, came: Any, watch: Sequence[str]) -> None:
        self.log[what] = {"returned": came} | dict(self.bench.facts(watch))

    def expect(self, number: int, what: str, *more: Any) -> None:
        """An expectation."""
        wanted, found = EXPECTATIONS[what][1](self.bench, *more)
        if wanted != found and not self.unmet:
            place = " ".join(map(str, more[:-1]))
            self.unmet = f"step {number}: {what}{' ' * bool(place)}{place}: expected {wanted}, found {found}"


@dataclass(slots=True)
class Planned:
    """A bench and the plan for it; shown, it is the plan. ``old``: the driver that the problem set begins with."""

    bench: Bench
    plan: Any
    old: Driver

    def play(self, driver: Driver) -> dict[str, Any]:
        """The plan with a driver, once: each of its calls, and what was so after it."""
        return play(self.bench, self.plan, driver).log

    def test(self, plan: Any, driver: Driver) -> str:
        """What another plan, a test, says of a driver by the rules of this bench: ``passes``, or what is not so."""
        return tried(self.bench.rule, plan, driver)

    def __repr__(self) -> str:
        return ", ".join(" ".join(map(str, step)) for step in self.plan)


def play(bench: Bench, plan: Any, driver: Driver) -> Played:
    """A whole plan on a bench. GupkitError for a step that is none."""
    if type(plan) is not list or len(plan) > LONGEST:
        raise GupkitError(f"a plan is a list of at most {LONGEST} steps")
    played = Played(bench, driver)
    for number, step in enumerate(plan, 1):
        problem = misfit(bench, step)
        if problem:
            raise GupkitError(f"step {number}, {str(step)[:80]}: {problem}")
        STEPS[step[0]][1](played, number, *step[1:])
    bench.cut_at_last()
    played.log["in the end"] = dict(bench.facts(bench.watch))
    return played


def tried(rule: Rule, plan: Any, driver: Driver) -> str:
    """What a plan, as a test, says of a driver: ``passes``, or which expectation it does not meet.

    >>> from gupkit.course.old_driver import OLD
    >>> tried({"way": 1}, [["map", "A", "file", 1], ["begin", "A", 2, "in"], ["expect", "references", 0]], OLD)
    'step 3: references: expected 0, found 1'
    """
    return play(Bench(rule), plan, driver).unmet or "passes"


def misfit(bench: Bench, step: Any) -> str:
    """What is wrong with a step, or nothing."""
    if type(step) is not list or not step or not _known(step[0], STEPS):
        return f"a step is a list that begins with one of {', '.join(STEPS)}"
    forms, given = STEPS[step[0]][0], step[1:]
    if forms == ["expectation"]:
        if not given or not _known(given[0], EXPECTATIONS):
            return f"after expect comes one of {', '.join(EXPECTATIONS)}"
        forms, given = EXPECTATIONS[given[0]][0], given[1:]
    if len(forms) != len(given):
        return f"it needs {len(forms)} values: {', '.join(forms) or 'none'}"
    return next((what for form, value in zip(forms, given, strict=True) if (what := _unfit(bench, form, value))), "")


def _unfit(bench: Bench, form: str, value: Any) -> str:
    """Why a value is not of its form, or nothing."""
    if form in LARGEST:
        least, most = LARGEST[form]
        fits, needed = type(value) is int and least <= value <= most, f"a number from {least} to {most}"
    elif form == "new":
        fits, needed = type(value) is str and 0 < len(value) < 9 and value not in bench.regions, "a new, short name"
    elif form == "file":
        fits = _known(value, bench.regions) and bench.regions[value].file is not None
        needed = "the name of memory with a file behind it"
    else:
        choices: Any = {"name": bench.regions, "kind": KINDS, "way": {"in": 1, "out": 0}}[form]
        fits, needed = _known(value, choices), f"one of {', '.join(choices)}"
    return "" if fits else f"{str(value)[:20]!r} is not {needed}"


def _known(value: Any, choices: Any) -> bool:
    return type(value) is str and value in choices


def _card(played: Played, number: int, pages: int) -> None:
    for _ in range(pages):
        played.bench.card.drain()


STEPS: dict[str, tuple[Sequence[str], Callable[..., None]]] = {
    "map": (["new", "kind", "pages"], lambda played, number, *how: played.bench.lay(*how)),
    "begin": (["name", "count", "way"], Played.begin),
    "card": (["pages"], _card),
    "jam": ([], lambda played, number: played.bench.card.jam()),
    "finish": ([], lambda played, number: played.call(number, "finish")),
    "close": ([], lambda played, number: played.call(number, "close")),
    "writeback": ([], lambda played, number: played.bench.writeback()),
    "kill": ([], lambda played, number: played.bench.kernel.sigkill(played.bench.task)),
    "unmap": (["name"], lambda played, number, name: played.bench.unmap(name)),
    "cut": (["file", "count"], lambda played, number, name, pages: played.bench.cut(name, pages)),
    "cut slowly": (["file", "count"], lambda played, number, name, pages: played.bench.cut(name, pages, slowly=True)),
    "expect": (["expectation"], Played.expect),
}
"""Word → the forms of what comes after it, and what it does."""

EXPECTATIONS: dict[str, tuple[Sequence[str], Callable[..., tuple[Any, Any]]]] = {
    "references": (["count"], lambda bench, count: (count, bench.references())),
    "P reads": (["name", "count", "byte"], lambda b, name, i, byte: (byte, b.byte(b.task, b.regions[name], i))),
    "child reads": (
        ["name", "count", "byte"], lambda b, name, i, byte: (byte, b.byte(b.regions[name].child, b.regions[name], i)),
    ),
    "Q reads": (["byte"], lambda bench, byte: (byte, bench.zeros())),
    "disk": (["name", "count", "byte"], lambda b, name, i, byte: (byte, b.disk(b.regions[name], i))),
    "quiet": ([], lambda bench: ([], list(bench.kernel.dmesg))),
}  # fmt: skip
"""What can be expected → the forms of what comes after it, and (what should be, what is)."""
