"""A run that stops between steps, goes back to where it was, and tells where another task could have acted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..contract.story import Story
from ..kernel.check import BrokenInvariant
from ..kernel.eras import Era
from ..kernel.page import Page
from ..scenario import checkpoint
from ..scenario.address import PinRef
from ..scenario.judge import judge
from ..scenario.model import Scenario, Step
from ..scenario.runner import Runner, Running, told
from ..scenario.vocabulary import ANY
from ..scenario.world import HeldPin
from ..trace.step import Step as StepRecord
from ..trace.trace import Trace
from .isolation import Isolation, Lost
from .lanes import Lanes
from .plan import Ops, Path, Placed, paths


@dataclass(frozen=True, slots=True)
class Moment:
    """A place where another task may act; ``free`` are the ops that could begin there, besides the one that does.

    At a schedule point: ``path`` is the op interrupted, ``at`` and ``nth`` say which time it passes which point, and
    ``total`` how many points of any kind. Where a step waits and lets others run, ``path`` is empty. ``tops`` steps
    have begun by then since nobody waited. ``due`` are the injections of the scenario that fire here because it leaves
    their moment open; ``since`` is the index of the first moment after that. ``events`` have been recorded up to here,
    before anything acts.
    """

    path: Path
    at: str
    nth: int
    total: int
    tops: int
    events: int
    free: tuple[int, ...]
    due: tuple[int, ...] = ()
    since: int = 0
    instead: int | None = None
    """The step that begins where one waits, if nobody else does."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """An expectation that did not hold: of which op, what was expected and what came."""

    op: int
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a run stood between two steps."""

    saved: checkpoint.Checkpoint
    entries: tuple[Placed, ...]
    begun: frozenset[int]
    done: frozenset[int]
    results: Mapping[int, Mapping[str, Any]]
    unmet: tuple[Unmet, ...]
    lost: tuple[Lost, ...]
    broken: str
    story: Story


class Run(Runner):
    """One machine on which schedules of one scenario are run, one after the other.

    ``entries`` are the steps that have begun, in that order, with what interrupted them; ``moments`` those of the last
    :meth:`go`, and ``begun_at`` tells of each op that began in it how many moments there had been.
    """

    def __init__(self, scenario: Scenario, era: Era | str | None = None) -> None:
        super().__init__(scenario, era)
        self.ops = Ops(self.scenario)
        self.lanes = Lanes(self.ops)
        self.places: dict[int, tuple[int, Path]] = {}
        self.fired: dict[tuple[Path, int], tuple[str, int]] = {}
        self.entries: tuple[Placed, ...] = ()
        self.begun: set[int] = set()
        self.done: set[int] = set()
        self.results: dict[int, Mapping[str, Any]] = {}
        self.unmet: list[Unmet] = []
        self.broken = ""
        self.moments: list[Moment] = []
        self.begun_at: dict[int, int] = {}
        self.isolation = Isolation(self.world, self)
        self.story = Story(self.recorder.trace())
        self._coming: dict[int, Placed] = {}
        self._passed: set[tuple[Path, str, int]] = set()
        self._quiet = 0
        for op in range(self.ops.tops):
            self._place(self.ops.steps[op], (op,), self.ops.placed(op))
        self._plain = self.places

    # --- going on and going back

    def mark(self) -> Mark:
        """Where the run stands. Its snapshots are made now, once for all that goes on from here."""
        _ = self.story.trace[-1]
        return Mark(
            checkpoint.save(self), self.entries, frozenset(self.begun), frozenset(self.done), dict(self.results),
            tuple(self.unmet), tuple(self.isolation.lost), self.broken, self.story,
        )  # fmt: skip

    def back_to(self, mark: Mark) -> None:
        """Stand there again."""
        checkpoint.restore(self, mark.saved)
        self.entries, self.broken, self.story = mark.entries, mark.broken, mark.story
        self.begun, self.done = set(mark.begun), set(mark.done)
        self.results, self.unmet, self.isolation.lost = dict(mark.results), list(mark.unmet), list(mark.lost)

    def go(self, entries: tuple[Placed, ...], before: Trace | None = None, same: int = 0) -> None:
        """Begin the next step, and go on until nobody waits for anybody: then the run stands between two steps again.

        ``entries`` are the steps that come first; the others follow as they are written. ``before`` is the trace of a
        run that is this one for its first ``same`` events.
        """
        self._plan(entries)
        self.moments, self.begun_at, self._passed, self._quiet = [], {}, set(), len(self.entries)
        self.fired = {}
        while self.advance() and self.queue:
            pass
        self._check()
        if before is None:
            before, same = self.story.trace, len(self.story.trace.events)
        trace = self.recorder.trace(self.records.values(), start=before, same=same)
        self.story = Story(trace, self.story)

    @property
    def over(self) -> bool:
        """Nothing is left that could run."""
        return bool(self.problem or self.broken) or self.next_index() is None

    def _plan(self, entries: tuple[Placed, ...]) -> None:
        """Let these steps come next, and the others after them as they are written."""
        named = {placed.op for _, placed in paths(entries)} | self.begun
        rest = [op for op in range(self.ops.tops) if op not in named]
        self.todo = [placed.op for placed in entries] + rest
        self._coming = {placed.op: placed for placed in entries}
        steps = list(self.ops.steps[: self.ops.tops])
        self.places = self._plain.copy()
        for placed in entries:
            if placed != self.ops.placed(placed.op):
                steps[placed.op] = self.ops.step(placed)
                self._place(steps[placed.op], (placed.op,), placed)
        self.scenario = replace(self.scenario, steps=tuple(steps))

    def _place(self, step: Step, path: Path, placed: Placed) -> None:
        """Remember which op of the plan a step of the derived scenario is."""
        self.places[id(step)] = placed.op, path
        for i, (inside, injection) in enumerate(zip(placed.inside, step.race, strict=True)):
            for j, (inner, op) in enumerate(zip(injection.do, inside.do, strict=True)):
                self._place(inner, (*path, i, j), op)

    def stretch(self) -> tuple[Placed, ...]:
        """The steps that the last :meth:`go` began; injections whose moment was open stand where they fired."""
        return tuple(self._settled(placed, (placed.op,)) for placed in self.entries[self._quiet :])

    def _settled(self, placed: Placed, path: Path) -> Placed:
        """The op with the moments at which its open injections fired in the place of ``any``."""
        if not placed.inside:
            return placed
        return placed._replace(inside=tuple(
            inside._replace(at=at, nth=nth, do=tuple(
                self._settled(op, (*path, i, j)) for j, op in enumerate(inside.do)
            ))
            for i, inside in enumerate(placed.inside)
            for at, nth in [self.fired.get((path, i), (inside.at, inside.nth))]
        ))  # fmt: skip

    def _check(self) -> None:
        try:
            self.kernel.check()
        except BrokenInvariant as broken:
            self.broken = str(broken)

    # --- who acts, for whoever watches

    def op(self) -> int:
        """The op under way."""
        return self._place_of(self.stack[-1])[0]

    def held_by(self, page: Page) -> HeldPin | None:
        """The pin by which the op under way reaches a page."""
        pin = self.stack[-1].step.args.get("pin")
        held = self.world.held(pin) if isinstance(pin, PinRef) else []
        return next((one for one in held if one.page is page), None)

    def interrupted(self) -> Iterator[str]:
        """The tasks in the middle of something other than the op under way."""
        yield from (running.step.by for running in self.stack[:-1])
        yield from self.asleep

    def _place_of(self, running: Running) -> tuple[int, Path]:
        return self.places[id(running.step)]

    # --- moments

    def _on_point(self, name: str, fields: dict[str, Any]) -> None:
        if not self.stack:
            super()._on_point(name, fields)
            return
        running, waiting, since = self.stack[-1], list(self.stack[-1].waiting), len(self.moments)
        events = self.recorder.count
        super()._on_point(name, fields)
        fired = [injection for injection in waiting if all(injection is not left for left in running.waiting)]
        path = self._place_of(running)[1]
        at, nth = name, running.passed[name]
        if (path, at, nth) in self._passed:  # it had to wait and began again: its points are counted on
            at, nth = ANY, running.total
        self._passed.add((path, at, nth))
        due = tuple(i for i, own in enumerate(running.step.race) if own.at == ANY and any(own is one for one in fired))
        self.fired.update({(path, i): (at, nth) for i in due})
        self.moments.append(Moment(path, at, nth, running.total, self._tops(), events, self._free(), due, since))

    def _next_step(self) -> bool | None:
        index = self.next_index()
        if self.begun_at and index is not None:
            free = tuple(op for op in self._free() if op != index)
            self.moments.append(Moment((), "", 0, 0, self._tops(), self.recorder.count, free, instead=index))
        return super()._next_step()

    def _free(self) -> tuple[int, ...]:
        waiting = self.waiting()
        busy = {running.step.by for running in self.stack} | waiting
        return tuple(self.lanes.free(self.begun, self.done, busy, waiting))

    def _tops(self) -> int:
        return len(self.entries) - self._quiet

    # --- what came of it

    def _run_step(self, index: int, running: Running | None = None) -> bool:
        if running is None:
            self._begin(index)
            self.entries = (*self.entries, self._coming.get(index) or self.ops.placed(index))
        return super()._run_step(index, running)

    def _inject(self, step: Step) -> None:
        self._begin(self.places[id(step)][0])
        super()._inject(step)

    def _begin(self, op: int) -> None:
        self.begun.add(op)
        self.begun_at[op] = len(self.moments)

    def _record(
        self, index: int, step: Step, result: Mapping[str, Any], before: tuple[int, int], first: int
    ) -> None:
        """Only what is judged: no pages, no words."""
        self._ended(index, step, result, judge(self.world, step, result, self._charged(step, before)))
        self.kernel.emit("done", index=index, op=step.op, **told(result))
        self.records[index] = StepRecord(index, step.op, step.by, first=first, last=self.recorder.count)

    def _finish_injected(self, step: Step, result: Mapping[str, Any]) -> None:
        self._ended(self.places[id(step)][0], step, result, judge(self.world, step, result, {}))
        self.kernel.emit("raced", op=step.op, by=step.by, **told(result))

    def _ended(self, op: int, step: Step, result: Mapping[str, Any], unmet: list[str]) -> None:
        self.done.add(op)
        self.results[op] = told(result)
        self.unmet += [Unmet(op, sentence) for sentence in unmet]
