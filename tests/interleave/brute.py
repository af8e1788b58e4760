"""Every schedule of a small scenario by brute force, without a line of the search: scenarios are written and run.

A schedule is written as an ordinary scenario, in which some steps stand elsewhere or fire inside others (``at: any``,
``nth``). From the scenario as it is, one step after the other is put wherever it could be; each scenario is run from
its start by ``gk.run``. What its trace says decides if it was a schedule at all, how many switches it had, and what
came out.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import groupby
from re import findall, fullmatch, sub
from typing import Any, TypeAlias

import gupkit as gk
from gupkit.contract.clauses import NON_PROMISE
from gupkit.errors import GupkitError
from gupkit.scenario.ops import OPS
from gupkit.trace.event import Event
from gupkit.trace.trace import Trace

BESIDE = {"expect", "race", "note", "predict"}
POINTS = 60
"""No op of a small scenario passes so many schedule points."""


class Sleeps(Exception):
    """A step waits while others run: whose turn it would have been is not for brute force to say."""


@dataclass
class Stands:
    """A step (its number in the scenario as written), and which run inside it: {which point it passes: steps}."""

    step: int
    inside: dict[int, list[Stands]] = field(default_factory=dict)

    def everyone(self) -> Iterator[Stands]:
        """This one and all inside it, in the order in which they begin."""
        yield self
        for stands in (stands for group in self.inside.values() for stands in group):
            yield from stands.everyone()


Schedule: TypeAlias = "list[Stands]"


@dataclass(frozen=True)
class Outcome:
    """What each step answered, which expectations did not hold, which clauses broke, how many pages leaked."""

    answers: str
    unmet: frozenset[str]
    clauses: frozenset[str]
    leaked: bool


class Brute:
    """All schedules of a scenario with at most so many switches, and their outcomes; it has no races of its own."""

    def __init__(self, data: dict[str, Any], era: str, most: int) -> None:
        self.data = data
        self.era = era
        self.most = most
        self.steps = data["steps"]
        self.tasks = [_args(step).get("by", "P") for step in self.steps]
        self.needs = [list(self._needs(number)) for number in range(len(self.steps))]
        self.outcomes: set[Outcome] = set()
        self.schedules = 0
        self._seen: set[str] = set()

    def _needs(self, number: int) -> Iterator[set[int]]:
        """For each name that a step uses: the steps that make it, one of which must be over."""
        names = [_made_by(step) for step in self.steps]
        words = {self.tasks[number], *findall(r"\w+", f"{self.steps[number]}")} - {names[number]}
        for word in words & {*names}:
            yield {maker for maker, name in enumerate(names) if name == word}

    def run(self) -> Brute:
        """Try them all."""
        plain = [Stands(number) for number in range(len(self.steps))]
        fresh = [plain]
        self._new(plain)
        self._try(plain)
        while fresh:
            fresh = [moved for schedule in fresh for moved in self._moved(schedule)]
        return self

    def _moved(self, schedule: Schedule) -> Iterator[Schedule]:
        """The schedules in which one more step is somewhere else."""
        for at, stands in enumerate(schedule):
            rest = [*schedule[:at], *schedule[at + 1 :]]
            for to in range(len(schedule)):
                moved = [*rest[:to], stands, *rest[to:]]
                if to != at and self._new(moved) and self._try(moved):
                    yield moved
            for host in (host.step for top in rest for host in top.everyone()):
                if self.tasks[host] != self.tasks[stands.step]:
                    yield from self._inside(rest, stands, host)

    def _inside(self, rest: Schedule, stands: Stands, host: int) -> Iterator[Schedule]:
        """The schedules in which a step is inside another one, at each point that this one passes."""
        for nth in range(1, POINTS):
            moved = deepcopy(rest)
            there = next(one for top in moved for one in top.everyone() if one.step == host)
            there.inside = dict(sorted({**there.inside, nth: [*there.inside.get(nth, []), deepcopy(stands)]}.items()))
            trace = self._trace(moved) if self._new(moved) else None
            if trace is None:
                continue
            if _missed(trace) == [nth] and sum(nth in one.inside for top in moved for one in top.everyone()) == 1:
                return
            if self._judged(moved, trace):
                yield moved

    def _new(self, schedule: Schedule) -> bool:
        """Nobody has tried it, and each task has its steps in their order."""
        order = [stands.step for top in schedule for stands in top.everyone()]
        by_task = sorted(order, key=lambda step: self.tasks[step])
        if repr(schedule) in self._seen or by_task != sorted(by_task, key=lambda step: (self.tasks[step], step)):
            return False
        self._seen.add(repr(schedule))
        return True

    # --- running one

    def _try(self, schedule: Schedule) -> bool:
        trace = self._trace(schedule)
        return trace is not None and self._judged(schedule, trace)

    def _trace(self, schedule: Schedule) -> Trace | None:
        """A run of a schedule; None if it uses a name before it is there."""
        try:
            return gk.run({**self.data, "steps": [self._written(stands) for stands in schedule]}, self.era)
        except GupkitError:
            return None

    def _written(self, stands: Stands) -> dict[str, Any]:
        step = dict(self.steps[stands.step])
        if stands.inside:
            step["race"] = [
                {"at": "any", "nth": nth, "do": [self._written(one) for one in group]}
                for nth, group in stands.inside.items()
            ]  # fmt: skip
        return step

    def _judged(self, schedule: Schedule, trace: Trace) -> bool:
        """Note the outcome, if this is a schedule and within the bound."""
        teller = _Teller(self, schedule, trace)
        if teller.wrong or teller.switches > self.most:
            return False
        self.schedules += 1
        self.outcomes.add(teller.outcome())
        return True


class _Teller:
    """Reads a trace from its first event to its last: who began when, and what came of it."""

    def __init__(self, brute: Brute, schedule: Schedule, trace: Trace) -> None:
        self.steps, self.tasks, self.needs = brute.steps, brute.tasks, brute.needs
        self.schedule = schedule
        self.trace = trace
        self.begun: list[int] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self.switches = sum(map(self._turns, _groups(schedule)))
        self.wrong = bool(_missed(trace))
        self.waiting: set[str] = set()
        self._burst = ""
        for event in trace.events:
            self._event(event)

    def _turns(self, group: Schedule) -> int:
        """What one task does in a row at one point is one switch."""
        return sum(1 for _ in groupby(group, key=lambda stands: self.tasks[stands.step]))

    def _event(self, event: Event) -> None:
        if event.name == "step" and self.schedule[event["index"]].step not in self.begun:
            self._top(self.schedule[event["index"]].step)
        elif event.name == "race":
            step = self._next_of(event["by"])
            self.wrong |= not self._may_exit(step)
            self._begins(step)
        elif event.name == "done":
            self._ends(self.schedule[event["index"]].step, event)
        elif event.name == "raced":
            over = [step for step in self._under_way(event["by"]) if event["op"] in self.steps[step]]
            self.wrong |= not over  # it had not begun in its turn
            self._ends(over[0] if over else -1, event)
        elif event.name == "blocked" and not event["again"]:
            raise Sleeps
        elif event.name == "blocked":
            self.waiting.add(event["by"])
        elif event.name == "woken":
            self.waiting.discard(event["by"])

    def _top(self, step: int) -> None:
        """A step begins by itself: out of turn it is a switch, unless it goes on in the one of the step before it."""
        turn = min(number for number in range(len(self.tasks)) if number not in self.begun)
        out_of_turn = self.tasks[step] if step != turn else ""
        self.switches += bool(out_of_turn) and out_of_turn != self._burst
        self.wrong |= bool(out_of_turn) and not self._may_exit(step)
        self._burst = out_of_turn
        self._begins(step)

    def _next_of(self, task: str) -> int:
        return next((n for n, by in enumerate(self.tasks) if by == task and n not in self.begun), -1)

    def _begins(self, step: int) -> None:
        """Each task does its steps in their order, one after the other; what is nobody's goes on meanwhile."""
        (op,) = self.steps[step].keys() - BESIDE
        if OPS[op].acts or self.tasks[step] not in self.waiting:
            self.wrong |= bool(self._under_way(self.tasks[step]))
        self.wrong |= not all(makers & self.answers.keys() for makers in self.needs[step])
        self.begun.append(step)

    def _under_way(self, task: str) -> list[int]:
        """The steps of a task that have begun and are not over."""
        return [number for number in self.begun if number not in self.answers and self.tasks[number] == task]

    def _may_exit(self, step: int) -> bool:
        """It is no exit; or the threads of the process have done all of theirs, and nobody works in its memory."""
        process = _process(self.tasks[step])
        return "exit" not in self.steps[step] or all(
            other in self.answers
            or (_process(self.tasks[other]) != process
                and (other not in self.begun or _process(_args(self.steps[other]).get("of", "")) != process))
            for other in range(len(self.steps)) if other != step
        )  # fmt: skip

    def _ends(self, step: int, event: Event) -> None:
        self.answers[step] = {key: event[key] for key in event.fields if key not in ("index", "op", "by")}

    def outcome(self) -> Outcome:
        """What came out."""
        findings = gk.contract.check(self.trace)
        broken = {finding.clause.name for finding in findings.broken if finding.clause.kind != NON_PROMISE}
        unmet = {_plain(text) for step in self.trace.steps for text in step.unmet}
        leaked = any(event.name == "BUG" and event["kind"] == "leak" for event in self.trace.events)
        answers = repr([(step, sorted(answer.items())) for step, answer in sorted(self.answers.items())])
        return Outcome(answers, frozenset(unmet), frozenset(broken), leaked)


def _groups(schedule: Schedule) -> Iterator[Schedule]:
    """Those that run at one point inside another."""
    for top in schedule:
        for stands in top.everyone():
            yield from stands.inside.values()


def _missed(trace: Trace) -> list[int]:
    """The numbers of the points that were not passed."""
    return [event["nth"] for event in trace.events if event.name == "race_not_reached"]


def _plain(text: str) -> str:
    """A sentence without the numbers of frames, wherever it was said."""
    return sub(r"frame \d+", "frame …", sub("^(in the race, [a-z_0-9]+: )+", "", text))


def _made_by(step: dict[str, Any]) -> str | None:
    """The region, process, pin or pipe that is there after a step."""
    if "vmsplice" in step:
        return str(step["vmsplice"]["pipe"])
    name = _args(step).get("as", "C" if "fork" in step else None)
    return None if name is None else str(name)


def _process(task: str) -> str:
    """T2, T3, ... are threads of P."""
    return "P" if fullmatch(r"T\d+", task) else task


def _args(step: dict[str, Any]) -> dict[str, Any]:
    (op,) = step.keys() - BESIDE
    return step[op]
