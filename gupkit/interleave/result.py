"""What a search found, for people and for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from ..contract import CLAUSES, check
from ..contract.clauses import DUTY
from ..errors import GupkitError, ScenarioError
from ..kernel.eras import Era
from ..scenario.model import Scenario
from ..scenario.parts import Step
from ..scenario.runner import run
from ..trace.trace import Trace
from .graph import End
from .judge import CALLER, EXPECTATION, KERNEL, WHOSE, Problem, whose
from .plan import Ops, Placed
from .story import Story
from .switch import in_switches


class Violation:
    """One way in which things go wrong, and the shortest schedule found that shows it.

    ``problems`` is all that is wrong with it; ``switches`` how many there are; ``scenario`` the schedule as an ordinary
    scenario with fixed injections, which runs, replays and opens in the explorer like any other.
    """

    def __init__(self, end: End, ops: Ops, scenario: Scenario, era: Era) -> None:
        self.problems = end.ending.problems
        self.switches = len(end.place.switches)
        self.era = era
        self._ops = ops
        self._entries = end.place.entries
        self._switches = end.place.switches
        self._written = scenario

    @cached_property
    def whose(self) -> str:
        """``kernel``, ``caller`` or ``expectation``: who has to mend it (:data:`WHOSE`)."""
        said = whose(self.problems)
        return CALLER if said == EXPECTATION and self.relied_on else said

    @cached_property
    def relied_on(self) -> tuple[str, ...]:
        """The non-promises whose surprise came in this schedule and not in the order written: what the scenario should
        not have relied on."""
        surprises = {finding.clause.name for finding in check(self.trace).exercised}
        expected = {finding.clause.name for finding in check(run(self._written, self.era)).exercised}
        return _in_order(surprises - expected)

    @property
    def unmet(self) -> tuple[str, ...]:
        """The expectations that did not hold, as sentences."""
        return tuple(problem.text for problem in self.problems if problem.kind == "unmet")

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of the contract that were broken."""
        return _in_order({problem.name for problem in self.problems if problem.kind == "clause"})

    @property
    def schedule(self) -> list[dict[str, Any]]:
        """The switches, as plain values: where, and what runs there out of turn. Empty: it fails as written."""
        return [switch.to_dict(self._ops) for switch in self._switches]

    @cached_property
    def scenario(self) -> Scenario:
        """The schedule as a scenario whose run shows what is wrong, also where the scenario searched does not look, if
        any expectation can (:attr:`shows`).

        A byte that nobody should see is looked at in a last step, a clause that is broken is expected to be.
        """
        plain = self._plain()
        return plain if self.unmet else self._with_look(plain) or self._with_claims(plain)

    def _with_look(self, plain: Scenario) -> Scenario | None:
        """With a step that looks at what should not be there, the last one if it can be; None if none finds it."""
        data = plain.to_dict()
        for problem in self.problems:
            for at in (len(plain.steps), self._after(problem)) if problem.witness is not None else ():
                steps = [*data["steps"][:at], problem.witness, *data["steps"][at:]]
                with suppress(ScenarioError):  # who would look has exited by then
                    shown = Scenario.load({**data, "steps": steps})
                    if not run(shown, self.era).ok:
                        return shown
        return None

    def _after(self, problem: Problem) -> int:
        """Where the step is over in which isolation was lost."""
        return next(at for at, placed in enumerate(self._entries, 1) if int(problem.about) in _ops_of(placed))

    def _with_claims(self, plain: Scenario) -> Scenario:
        """With each broken clause expected at the step where it is broken."""
        trace = run(plain, self.era)
        findings = check(trace)
        steps = list(plain.steps)
        last = max(record.last for record in trace.steps)
        for name in self.clauses:
            for record in trace.steps:
                end = len(trace.events) if record.last == last else record.last
                step = steps[record.index]
                if findings.reported(name, record.first, end) and "clause" not in step.expect:
                    steps[record.index] = replace(step, expect={**step.expect, "clause": name})
                    break
        return replace(plain, steps=tuple(steps))

    def _plain(self) -> Scenario:
        named = " and ".join(switch.words(self._ops) for switch in self._switches) or "as it is written"
        found = f"Found by gupkit explore, {in_switches(self.switches)}: {named}."
        about = [found, *(problem.text for problem in self.problems)]
        return replace(
            self._written, title=f"{self._written.title}: the schedule that breaks it", about="\n".join(about),
            era=self.era.version, steps=tuple(map(self._step, self._entries)), builtin="", path=None,
        ).checked()  # fmt: skip

    def _step(self, placed: Placed) -> Step:
        return replace(self._ops.step(placed), predict=None)

    @property
    def shows(self) -> bool:
        """Running :attr:`scenario` says what is wrong; otherwise only its ``about`` does, for no expectation can."""
        return not self.trace.ok or any("clause" in step.expect for step in self.scenario.steps)

    @cached_property
    def trace(self) -> Trace:
        """A run of :attr:`scenario`."""
        return run(self.scenario, self.era)

    @cached_property
    def story(self) -> Story:
        """The schedule line by line: who ran, which kernel function, what it did."""
        return Story(self.trace, self._first_turn(), [problem.text for problem in self.problems])

    def _first_turn(self) -> int:
        """The first step of the schedule in which it leaves the order written."""
        if not self._switches:
            return 0
        first = self._switches[0]
        wanted = first.ops[0] if first.inside is None else first.inside
        return next((i for i, placed in enumerate(self._entries) if wanted in _ops_of(placed)), 0)

    def save(self, path: str | Path) -> Path:
        """Write :attr:`scenario` to a new file. GupkitError if it exists already, or cannot be written."""
        path = Path(path)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.scenario.to_yaml())
        except FileExistsError:
            raise GupkitError(f"{path} exists already; name a new file") from None
        except OSError as problem:
            raise GupkitError(f"{path} cannot be written: {problem.strerror}") from None
        return path

    def to_dict(self) -> dict[str, Any]:
        """As ``gupkit explore --json`` prints it."""
        return {
            "schedule": self.schedule, "unmet": list(self.unmet), "clauses": list(self.clauses),
            "switches": self.switches, "whose": self.whose, "relied_on": list(self.relied_on),
            "problems": [
                {"kind": p.kind, "name": p.name, "whose": p.whose, "text": p.text} for p in self.problems
            ],
        }  # fmt: skip

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> Iterable[str]:
        """For people: the switches, whose fault it is, and what is wrong."""
        yield f"{in_switches(self.switches)}, {self.verdict()}"
        yield from (f"  switch {number}: {s.words(self._ops)}" for number, s in enumerate(self._switches, 1))
        yield from (f"  {problem.text}" for problem in self.problems)

    def verdict(self) -> str:
        """Whose fault it is, in words."""
        if self.whose == KERNEL:
            promises = f"it breaks its promise {', '.join(self.clauses)}" if self.clauses else "no caller did wrong"
            return f"a bug of this kernel ({self.era.name}): {promises}"
        if self.whose == EXPECTATION:
            return WHOSE[EXPECTATION]
        duties = [name for name in self.clauses if CLAUSES[name].kind == DUTY]
        if duties:
            return f"the caller's own bug: {'duty' if len(duties) == 1 else 'duties'} {', '.join(duties)} broken"
        if self.relied_on:
            return f"the caller's own bug: it relies on what nobody promises ({', '.join(self.relied_on)})"
        return WHOSE[CALLER]


def _in_order(clauses: Collection[str]) -> tuple[str, ...]:
    """Clauses as the contract has them."""
    return tuple(name for name in CLAUSES if name in clauses)


def _ops_of(placed: Placed) -> set[int]:
    return {placed.op}.union(*(_ops_of(op) for inside in placed.inside for op in inside.do))


@dataclass(frozen=True, eq=False)
class Exploration:
    """What :func:`gupkit.explore` found.

    ``schedules`` were run to their end, ``pruned`` not, because what comes of them is known from others: together they
    are all the schedules with at most ``max_switches``, unless ``sample`` says that only so many were drawn.
    ``violations`` has, for each set of things that go wrong together, the shortest schedule; shortest first.
    ``outcomes``: how many different ends there are, good and bad.
    """

    scenario: Scenario
    era: Era
    max_switches: int
    schedules: int
    pruned: int
    outcomes: int
    violations: Sequence[Violation]
    sample: int | None = None

    @property
    def exhaustive(self) -> bool:
        """Every schedule within the bound is accounted for."""
        return self.sample is None

    def to_dict(self) -> dict[str, Any]:
        """As ``gupkit explore --json`` prints it."""
        return {
            "schedules": self.schedules, "violations": [violation.to_dict() for violation in self.violations],
            "pruned": self.pruned, "max_switches": self.max_switches, "exhaustive": self.exhaustive,
            "outcomes": self.outcomes, "title": self.scenario.title, "era": self.era.name,
        }  # fmt: skip

    def summary(self) -> str:
        """How much was searched and what came of it, in one sentence."""
        switches = in_switches(self.max_switches)
        if self.sample is not None:
            searched = (f"{self.sample} walks drawn at random, {self.schedules} different schedules of at most "
                        f"{switches}")  # fmt: skip
        else:
            total = self.schedules + self.pruned
            searched = (f"every schedule with at most {switches}: {total}, of which {self.schedules} were run and "
                        f"{self.pruned} pruned as equal to others")  # fmt: skip
        found = len(self.violations)
        ways = "nothing goes wrong" if not found else f"{found} way{'s' if found != 1 else ''} to go wrong"
        return f"{self.scenario.title} ({self.era.name}): {searched}; {ways}"

    def __str__(self) -> str:
        lines = [self.summary()]
        for number, violation in enumerate(self.violations, 1):
            first, *rest = violation.lines()
            lines += [f"{number}. {first}", *(f"   {line}" for line in rest)]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{number}</td><td>{violation.switches}</td><td>{escape(violation.whose)}</td>"
            f"<td>{'<br>'.join(escape(line.strip()) for line in list(violation.lines())[1:])}</td></tr>"
            for number, violation in enumerate(self.violations)
        )
        head = "<tr><th>violations[…]</th><th>switches</th><th>whose</th><th>schedule, and what is wrong</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<p>{escape(self.summary())}</p>{table}"


def exploration(
    ends: Iterable[End], ops: Ops, scenario: Scenario, era: Era, max_switches: int, schedules: int, pruned: int = 0,
    sample: int | None = None,
) -> Exploration:  # fmt: skip
    """The result of a search that came to these ends."""
    ends = sorted(ends, key=lambda end: end.rank)
    shortest: dict[tuple[Problem, ...], End] = {}
    for end in ends:
        if end.ending.problems:
            shortest.setdefault(end.ending.problems, end)
    violations = [Violation(end, ops, scenario, era) for end in shortest.values()]
    return Exploration(scenario, era, max_switches, schedules, pruned, len(ends), violations, sample)
