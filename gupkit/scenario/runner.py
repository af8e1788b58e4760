"""Running a scenario on the simulated kernel.

Steps run one after the other. Inside a step, at the kernel's schedule points, its injections fire: an injected
op runs to its end unless it needs a lock that is held; then it queues and runs when the lock is free. A *step*
that must wait lets the steps after it run first, as other tasks would. What can never go on ends the run.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..kernel.eras import Era
from ..kernel.page import Page, PG_locked
from ..kernel.rwsem import RwSemaphore
from ..kernel.sched import Blocked, Task
from ..trace.recorder import Recorder
from ..trace.step import Step as StepRecord
from ..trace.trace import Trace
from . import observe
from .backend import check_backend
from .clauses import claims_of, judge_claims, with_unmet
from .dump import describe
from .judge import judge, judge_end
from .model import Injection, Scenario, Step
from .needs import needs
from .ops import OPS
from .perform import perform
from .since import newer, since
from .vocabulary import ANY
from .world import World

NO_FAULTS = frozenset({"fork", "exit"})
"""Ops whose faults are not told."""


@dataclass(eq=False)
class Running:
    """An op under way: which schedule points it passed how often, and which of its injections wait for theirs."""

    step: Step
    waiting: list[Injection] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    total: int = 0


class Deadlock(Exception):
    """Two wait for each other, or one for itself: the run ends."""


@dataclass(eq=False)
class Queued:
    """An op that could not go on; it runs from its start once ``lock`` is free."""

    running: Running
    lock: RwSemaphore | Page
    mode: str
    text: str
    index: int | None = None

    @property
    def step(self) -> Step:
        """What waits."""
        return self.running.step

    def can_go(self, world: World) -> bool:
        """The lock could be taken now."""
        if isinstance(self.lock, Page):
            return not self.lock.flags & PG_locked
        if self.mode == "write":
            return not self.lock.readers and self.lock.writer is None
        return self.lock.writer is None and not self._behind_writer(world)

    def _behind_writer(self, world: World) -> bool:
        assert isinstance(self.lock, RwSemaphore)
        for task, mode in self.lock.waiters:
            if task is world.task(self.step.by):
                return False
            if mode == "write":
                return True
        return False


class Runner:
    """One run of one scenario. ``check`` states every invariant of the machine after each op.

    ``refuse_newer``: an op that the era did not have yet answers as it did to its users, with -ENOSYS (madvise:
    -EINVAL), instead of running as the abstract operation.
    """

    def __init__(
        self, scenario: Scenario, era: Era | str | None = None, *, check: bool = False, refuse_newer: bool = False
    ) -> None:
        self.refuse_newer = refuse_newer
        self.era = era.version if isinstance(era, Era) else era or scenario.era
        check_backend(scenario, self.era)
        self.scenario = scenario = scenario.in_era(self.era)
        self.world = World.of(scenario, era or self.era)
        self.kernel = self.world.kernel
        self.check = check
        self.recorder = Recorder(self.kernel, self.world.named_pins)
        self.records: dict[int, StepRecord] = {}
        self.todo = list(range(len(scenario.steps)))
        self._needs = [[name.split(" ", 1) for name in needs(step)] for step in scenario.steps]
        self.asleep: dict[str, str] = {}
        self.stack: list[Running] = []
        self.queue: list[Queued] = []
        self.raced: list[str] = []
        self.problem = ""

    def run(self) -> Trace:
        """All steps; the trace."""
        try:
            while self.advance():
                pass
        finally:
            self.stop()
        self._finish()
        trace = self._trace()
        claims = claims_of(trace, self.scenario.steps)
        if claims:
            with_unmet(self.records, judge_claims(trace, claims))
            trace = self._trace()
        return trace

    def advance(self) -> bool:
        """Run one more step, with whatever interrupts it or must run before it can end; False when nothing is left
        that could run."""
        self.kernel.on_point = self._on_point
        self.kernel.on_wait = self._on_wait
        try:
            return self._next_step() is not None or self._run_queue()
        except Deadlock as deadlock:
            self.problem = f"deadlock: {deadlock}"
            self.kernel.emit("deadlock", text=str(deadlock))
            return False

    def stop(self) -> None:
        """The run is over: leaks are named, and nobody watches the machine any more. Whoever still waits does so for
        ever."""
        self.kernel.report_leaks()
        self.recorder.stop()
        if self.queue and not self.problem:
            self.problem = f"deadlock: {'; '.join(q.text for q in self.queue)}"

    def _trace(self) -> Trace:
        return self.recorder.trace(
            [self.records[i] for i in sorted(self.records)],
            title=self.scenario.title, about=self.scenario.about, problem=self.problem,
        )  # fmt: skip

    # --- steps

    def next_index(self) -> int | None:
        """The next step whose task is free to act; None if there is none."""
        held_back = self.waiting()
        if not held_back:
            return next(iter(self.todo), None)
        for index in self.todo:
            step = self.scenario.steps[index]
            if OPS[step.op].acts and step.by in held_back:
                continue
            if self._there(index):
                return index
            held_back.add(step.by)
        return None

    def waiting(self) -> set[str]:
        """The tasks that cannot act before somebody else has."""
        return {queued.step.by for queued in self.queue} | set(self.asleep)

    def _next_step(self) -> bool | None:
        """Run the next step: True if it came to its end, None if there is none."""
        index = self.next_index()
        if index is None:
            return None
        self.todo.remove(index)
        return self._run_step(index)

    def _there(self, index: int) -> bool:
        """The regions, pins and processes that a step names are there; another may be made yet by whoever waits."""
        there: Mapping[str, Container[str]] = {
            "region": self.world.regions, "pin": self.world.pins, "process": self.kernel.tasks,
        }  # fmt: skip
        return all(name in there[kind] for kind, name in self._needs[index] if kind in there)

    def _run_step(self, index: int, running: Running | None = None) -> bool:
        step = self.scenario.steps[index]
        running = running or Running(step, list(step.race))
        first = self.recorder.count
        self.kernel.emit("step", index=index, op=step.op, by=step.by, **_named(step))
        before = self._faults(step)
        try:
            result = self._perform(running)
        except Blocked as blocked:
            self._block(running, blocked, index)
            return False
        self._record(index, step, result, before, first)
        self._run_queue()
        return True

    def _record(
        self, index: int, step: Step, result: Mapping[str, Any], before: tuple[int, int], first: int
    ) -> None:
        faults = self._charged(step, before)
        unmet = [*judge(self.world, step, result, faults), *self.raced]
        self.raced = []
        charges = OPS[step.op].acts and step.op not in NO_FAULTS
        came = since(step.op, step.args)
        self.kernel.emit("done", index=index, op=step.op, **told(result))
        self.records[index] = StepRecord(
            index=index, op=step.op, by=step.by, text=describe(step), note=step.note,
            predict=_prediction(step), result=result, faults=faults if charges else {}, unmet=tuple(unmet),
            pages=observe.pages(self.world), first=first,
            last=self.recorder.count, since=came if came and newer(came, self.era) else None,
        )  # fmt: skip

    def _finish(self) -> None:
        """Steps that never came to their end, and expectations about the end."""
        for index, step in enumerate(self.scenario.steps):
            if index not in self.records:
                why = self.problem or "the step never came to its end"
                self.records[index] = StepRecord(index, step.op, step.by, describe(step), unmet=(why,))
            unmet = list(self._unmet_at_end(step))
            if unmet:
                old = self.records[index]
                data = {**old.to_dict(), "unmet": (*old.unmet, *unmet)}
                self.records[index] = StepRecord.from_dict(data)

    def _unmet_at_end(self, step: Step) -> Iterator[str]:
        """What a step, and those in its races, expected of the end."""
        yield from judge_end(self.world, step)
        for inner in step.injected:
            yield from (_in_race(inner, sentence) for sentence in self._unmet_at_end(inner))

    def _faults(self, step: Step) -> tuple[int, int]:
        task = self.world.task(step.by)
        return task.min_flt, task.maj_flt

    def _charged(self, step: Step, before: tuple[int, int]) -> dict[str, int]:
        """The faults that the acting task was charged since ``before``."""
        minor, major = (now - was for now, was in zip(self._faults(step), before, strict=True))
        return {"minor": minor, "major": major}

    def _perform(self, running: Running) -> dict[str, Any]:
        self.stack.append(running)
        try:
            result = self._refused(running.step) or perform(self.world, running.step)
        finally:
            self.stack.pop()
        for injection in running.waiting:
            self.kernel.emit("race_not_reached", at=injection.at, nth=injection.nth)
        if self.check:
            self.kernel.check()
        return result

    def _refused(self, step: Step) -> dict[str, Any] | None:
        came = since(step.op, step.args)
        if self.refuse_newer and came and newer(came, self.era):
            return {"errno": "EINVAL" if step.op == "madvise" else "ENOSYS"}
        return None

    # --- races

    def _on_point(self, name: str, fields: dict[str, Any]) -> None:
        """A schedule point: first whoever waited and now can go on, then the injections that belong here."""
        self._run_queue()
        if not self.stack:
            return
        running = self.stack[-1]
        running.total += 1
        running.passed[name] = running.passed.get(name, 0) + 1
        for injection in [i for i in running.waiting if self._due(i, name, running)]:
            running.waiting.remove(injection)
            for step in injection.do:
                self._inject(step)

    @staticmethod
    def _due(injection: Injection, name: str, running: Running) -> bool:
        if injection.at == ANY:
            return running.total >= injection.nth
        return injection.at == name and running.passed[name] == injection.nth

    def _inject(self, step: Step) -> None:
        self.kernel.emit("race", op=step.op, by=step.by, **_named(step))
        running = Running(step, list(step.race))
        try:
            self._finish_injected(step, self._perform(running))
        except Blocked as blocked:
            self._block(running, blocked)

    def _finish_injected(self, step: Step, result: Mapping[str, Any]) -> None:
        self.kernel.emit("raced", op=step.op, by=step.by, **told(result))
        self.raced += [_in_race(step, sentence) for sentence in judge(self.world, step, result, {})]

    # --- waiting

    def _block(self, running: Running, blocked: Blocked, index: int | None = None) -> None:
        step = running.step
        self.queue.append(Queued(running, blocked.lock, blocked.mode, str(blocked), index))
        if isinstance(blocked.lock, RwSemaphore):
            blocked.lock.waiters.append((self.world.task(step.by), blocked.mode))
            self.kernel.lock_changed(blocked.lock)
        self.kernel.emit("blocked", op=step.op, by=step.by, text=str(blocked), again=True)

    def _run_queue(self) -> bool:
        """Run, in order, whatever waited and can go on now; True if anything came to its end."""
        progress = False
        for queued in list(self.queue):
            if queued not in self.queue or not queued.can_go(self.world):
                continue
            self.queue.remove(queued)
            self._leave_line(queued)
            self.kernel.emit("woken", op=queued.step.op, by=queued.step.by, **_named(queued.step))
            progress = self._resume(queued) or progress
        return progress

    def _resume(self, queued: Queued) -> bool:
        queued.running.passed.clear()
        if queued.index is not None:
            return self._run_step(queued.index, queued.running)
        try:
            self._finish_injected(queued.step, self._perform(queued.running))
        except Blocked as blocked:
            self._block(queued.running, blocked)
            return False
        return True

    def _leave_line(self, queued: Queued) -> None:
        if isinstance(queued.lock, RwSemaphore):
            queued.lock.waiters.remove((self.world.task(queued.step.by), queued.mode))
            self.kernel.lock_changed(queued.lock)

    def _on_wait(self, lock: RwSemaphore | Page, mode: str) -> bool:
        """A step must wait: let what comes after it run. An injected op cannot be waited for so: it queues."""
        waiter = self.kernel.current
        if len(self.stack) != 1 or waiter is None:
            return False
        line = (waiter, mode)
        if isinstance(lock, RwSemaphore):
            lock.waiters.append(line)
            self.kernel.lock_changed(lock)
        text = str(Blocked(waiter, lock, mode))
        self.kernel.emit("blocked", op=self.stack[0].step.op, by=waiter.name, text=text, again=False)
        outer, self.stack = self.stack, []
        self.asleep[waiter.name] = text
        try:
            if self._let_others_run():
                return True
            self._end_if_hopeless(waiter, lock, text)
            return False
        finally:
            del self.asleep[waiter.name]
            self.stack = outer
            self.kernel.current = waiter
            if isinstance(lock, RwSemaphore):
                lock.waiters.remove(line)
                self.kernel.lock_changed(lock)

    def _let_others_run(self) -> bool:
        """Run steps of tasks that do not wait until one comes to its end; False when there is none."""
        while (ended := self._next_step()) is not None:
            if ended:
                return True
        return False

    def _end_if_hopeless(self, waiter: Task, lock: RwSemaphore | Page, text: str) -> None:
        """End the run if the lock can only become free by what ``waiter`` itself would do next: it holds it."""
        if isinstance(lock, Page) or waiter not in lock.holders():
            return
        others = [*self.asleep.values(), *(queued.text for queued in self.queue)]
        raise Deadlock("; ".join(dict.fromkeys([text, *others])))


def told(result: Mapping[str, Any]) -> dict[str, Any]:
    """What the events say of a result."""
    return {key: value for key, value in result.items() if key != "fault_results"}


def _named(step: Step) -> dict[str, str]:
    """What a reader of the trace alone could not know about an op: which pins it uses, names, by which function."""
    return {key: str(step.args[key]) for key in ("pin", "as", "api") if step.args.get(key) is not None}


def _in_race(step: Step, sentence: str) -> str:
    """What is said of an injected op stands with the step that it interrupts."""
    return f"in the race, {step.op}: {sentence}"


def _prediction(step: Step) -> dict[str, Any] | None:
    if step.predict is None:
        return None
    return {"question": step.predict.question, "choices": list(step.predict.choices), "answer": step.predict.answer}


def run(
    scenario: Scenario, era: Era | str | None = None, *, check: bool = False, refuse_newer: bool = False
) -> Trace:
    """Run a scenario on a simulated kernel of its era (or the one named): the trace.

    ``check`` states every invariant of the machine after each op, as tests do; ``refuse_newer`` makes ops answer as
    they did to the era's users. Raises BackendError if this version lacks what the scenario needs.
    """
    return Runner(scenario, era, check=check, refuse_newer=refuse_newer).run()
