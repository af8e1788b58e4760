"""Running a scenario on this machine's Linux."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from ...errors import BackendError, ScenarioError
from ...scenario.address import BadPlace
from ...scenario.dump import describe
from ...scenario.model import Scenario
from ...scenario.ops import OPS
from ...scenario.parts import Step
from ...scenario.runner import NO_FAULTS
from ...scenario.vocabulary import ERAS, FIRST_PROCESS
from ...trace.event import Event
from ...trace.snapshot import Process, Snapshot
from ...trace.step import Step as StepRecord
from ...trace.trace import Trace
from .actions import Done, perform
from .change import Changes
from .crew import Crew
from .files import make_files
from .judge import judge
from .plain_crew import PlainCrew
from .probe import Powers, probe
from .refuse import refuse
from .sample import Sampler
from .stage import Stage
from .world import HostWorld


class Host:
    """This machine, ready to run scenarios one after the other. A context manager; nothing of it stays behind.

    ``code=False`` does without machine code, as machines other than x86-64 must: then faults are not counted.
    Raises HostError off Linux, BackendError where no run is possible.
    """

    def __init__(self, *, code: bool = True) -> None:
        self.powers: Powers = probe(code=code)
        self._open = ExitStack()

    crew: Crew | PlainCrew

    def __enter__(self) -> Self:
        stage = self._open.enter_context(Stage(code=self.powers.code))
        self.powers = replace(self.powers, code=stage.runs_code)
        try:
            crew: Crew | PlainCrew = Crew(stage) if stage.runs_code else PlainCrew(stage)
            self._open.enter_context(crew)
        except BaseException:
            self._open.close()
            raise
        self.crew = crew
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self, scenario: Scenario) -> Trace:
        """All steps; the trace. Raises BackendError, before anything runs, for what this machine cannot do."""
        refuse(scenario, self.powers)
        direct = frozenset(s.args["file"] for s in scenario.steps if s.op in ("odirect_read", "odirect_write"))
        world = HostWorld(self.crew)
        try:
            world.files = make_files(scenario.files, direct)
            for step in scenario.steps:
                if step.op in ("vmsplice", "pipe_read"):
                    world.pipe(step.args["pipe"])
            self.crew.reserve(1 + sum(step.op == "fork" for step in scenario.steps))
            world.add(FIRST_PROCESS, self.crew.new_process())
            return _Run(scenario, world, self.powers).run()
        except BadPlace as problem:
            raise ScenarioError(f"{scenario.source}: {problem}") from None
        finally:
            self.crew.end_all()
            world.close()


class _Run:
    """One run of one scenario: each step is two events, before and after, as in a simulated run."""

    def __init__(self, scenario: Scenario, world: HostWorld, powers: Powers) -> None:
        self.scenario = scenario
        self.world = world
        self.powers = powers
        self.sampler = Sampler(world, powers)
        self.changes = Changes(world)
        self.events: list[Event] = []

    def run(self) -> Trace:
        """All steps; the trace."""
        first = self.world.tasks[FIRST_PROCESS]
        base = Snapshot(
            processes={FIRST_PROCESS: Process(FIRST_PROCESS, first.pid)}, origin="live", about=self.powers.about()
        )
        steps = list(self._steps())
        return Trace(
            base, self.events, self.changes, steps, title=self.scenario.title, about=self.scenario.about,
            era=self.powers.release, backend="host",
        )  # fmt: skip

    def _steps(self) -> Iterator[StepRecord]:
        for index, step in enumerate(self.scenario.steps):
            self._event("step", step, index=index, op=step.op, by=step.by)
            self.changes.nothing()
            yield self._step(index, step, perform(self.world, step.op, step.by, step.args))

    def _step(self, index: int, step: Step, done: Done) -> StepRecord:
        told = OPS[step.op].acts and step.op not in NO_FAULTS and self.powers.code
        faults = dict(zip(("minor", "major"), done.faults or (), strict=False)) if told else {}
        if OPS[step.op].acts:
            self.changes.charge(step.by, done.faults)
        seen = self.sampler.look()
        pages = self.sampler.told(seen)
        verdict = judge(self.sampler, step, done.result, faults)
        self.changes.look(seen)
        self._event("done", step, index=index, op=step.op, **done.result)
        return StepRecord(
            index=index, op=step.op, by=step.by, text=describe(step), note=step.note,
            predict=step.predict.to_dict() if step.predict else None, result=done.result, faults=faults,
            unmet=verdict.unmet, unobservable=verdict.unobservable, pages=pages, first=2 * index, last=2 * index + 2,
        )  # fmt: skip

    def _event(self, name: str, step: Step, **fields: Any) -> None:
        task = step.by if OPS[step.op].acts else "the kernel"
        number = len(self.events)
        self.events.append(Event(number, name, task, number + 1, 0, "", fields))


def _nearest(release: str) -> str:
    """The newest simulated era that is not newer than a kernel: what the catalogue says of it is expected here."""
    numbers = _numbers(release)
    return next((era for era in reversed(ERAS) if _numbers(era) <= numbers), ERAS[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:2])


def run(scenario: Scenario, era: str | None = None) -> Trace:
    """Perform a scenario on this machine's Linux: the trace.

    ``era``, if given, must be this kernel's own version (``6.18``). Raises HostError off Linux, BackendError for
    what this machine cannot do, before anything is done.
    """
    host = Host()
    if era is not None and not f"{host.powers.release}.".startswith(f"{era}."):
        raise BackendError(f"this machine runs Linux {host.powers.release}, not {era}: leave out --era or --on host")
    scenario = scenario.in_era(_nearest(host.powers.release))
    refuse(scenario, host.powers)
    with host:
        return host.run(scenario)


__all__ = ["Host", "run"]
