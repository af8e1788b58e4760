"""Running a scenario under choices, each of them once."""

from __future__ import annotations

from dataclasses import replace

from ..api import run
from ..film.moments import Moment, moments
from ..scenario.model import Scenario
from ..trace.trace import Trace
from .choices import AS_WRITTEN, NOTHING, Choices
from .edit import edited

KEPT = 24
"""How many traces are kept: going back to a choice does not run it again."""


class Runs:
    """The traces of one scenario on one era, by choices."""

    def __init__(self, scenario: Scenario, era: str | None) -> None:
        self.scenario = scenario
        self.era = era
        self.written = run(scenario, era)
        """The scenario as its author wrote it."""
        self._kept: dict[Choices, tuple[Scenario, Trace]] = {}

    def era_of(self, choices: Choices) -> str:
        """The kernel that runs under ``choices``."""
        return choices.era or self.written.era

    def scenario_of(self, choices: Choices) -> Scenario:
        """The scenario that runs under ``choices``. Raises GupkitError where they cannot be run."""
        return self._ran(choices)[0]

    def trace(self, choices: Choices) -> Trace:
        """The trace under ``choices``. Raises GupkitError where they cannot be run."""
        return self._ran(choices)[1]

    def _ran(self, choices: Choices) -> tuple[Scenario, Trace]:
        if choices not in self._kept:
            changed = edited(self.scenario, choices)
            as_it_was = changed is self.scenario and choices.era is None
            trace = self.written if as_it_was else run(changed, choices.era or self.era)
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[choices] = changed, trace
        return self._kept[choices]

    def moments(self, choices: Choices) -> tuple[Moment, ...]:
        """When something could happen during the call: the schedule points it passes if nobody interrupts it."""
        return moments(self.trace(replace(choices, meanwhile=NOTHING, moment=None)), choices.call)

    def settled(self, choices: Choices) -> Choices:
        """The same choices with a moment that exists: the one asked for, else the nearest one."""
        if choices.meanwhile in (NOTHING, AS_WRITTEN):
            return replace(choices, moment=None)
        there = self.moments(choices)
        if not there:
            return replace(choices, meanwhile=NOTHING, moment=None)
        wanted = choices.moment or _usual(there)
        return replace(choices, moment=_nearest(there, wanted))


def _usual(there: tuple[Moment, ...]) -> tuple[str, int]:
    """Where a reader's first injection strikes: inside the walk if it has such a point, else at the first one."""
    inside = [moment for moment in there if moment.at == "cond_resched"] or there
    return inside[-1].at, inside[-1].nth


def _nearest(there: tuple[Moment, ...], wanted: tuple[str, int]) -> tuple[str, int]:
    at, nth = wanted
    alike = [moment for moment in there if moment.at == at and moment.nth <= nth]
    chosen = alike[-1] if alike else there[0]
    return chosen.at, chosen.nth
