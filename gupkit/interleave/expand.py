"""From one quiet moment to the next: every way in which a scenario can go on.

At a quiet moment no op is under way and nobody waits. The machine is saved there once; each way on is then one step, or
the few that must run together, from that state, instead of the whole schedule from its start. Nothing is forked: the
state is written back into the same objects, so this works where there are no processes, as in a browser.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeAlias

from ..kernel.eras import Era
from ..scenario.address import BadPlace
from ..scenario.model import Scenario
from .judge import Problem, problems
from .plan import Placed, paths
from .run import Mark, Run
from .same import answers, fingerprint
from .switch import Switch
from .trial import Trial, settled

KEPT = 2000
"""Saved machines that are kept at most (one that is gone is made again from the last one on the way to it), and trials
that others may do."""
Entries: TypeAlias = "tuple[Placed, ...]"
"""The steps that led somewhere, with what interrupted them: where a machine stands depends on nothing else."""


class Place(NamedTuple):
    """A quiet moment of a schedule: the steps that have begun, and the switches so far.

    ``burst`` is the task whose next step would go on in the last switch, None if there is none.
    """

    entries: tuple[Placed, ...] = ()
    switches: tuple[Switch, ...] = ()
    burst: str | None = None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Shorter first: fewer switches, then fewer ops inside others, then fewer ops in all."""
        depths = [len(path) for path, _ in paths(self.entries)]
        return len(self.switches), sum(depth > 1 for depth in depths), len(depths)


class Ending(NamedTuple):
    """How a schedule ended: what is wrong, and what each op answered (as text, the same for the same answers)."""

    problems: tuple[Problem, ...]
    results: str


class Arrival(NamedTuple):
    """The next quiet moment after some place, or the end. ``cost`` is how many switches lie between the two.

    ``key`` is shared only by places that go on alike; empty if nobody can tell.
    """

    place: Place
    cost: int
    key: str = ""
    end: Ending | None = None


class Expander:
    """Finds every way on from a place of a scenario's schedules. ``merge``: make out which places are the same."""

    def __init__(self, scenario: Scenario, era: Era | str | None = None, *, merge: bool = True) -> None:
        self.run = Run(scenario, era)
        self.ops = self.run.ops
        self.merge = merge
        self._standing: Mark | None
        self._marks: OrderedDict[Entries, Mark] = OrderedDict()
        self._left: dict[tuple[Entries, Trial], Trial] = {}
        self._shortest: dict[str, tuple[int, int, int]] = {}
        self._start = self._standing = self.run.mark()

    def ways_on(self, place: Place, budget: int) -> Iterator[Arrival]:
        """Every way to go on from a place with at most ``budget`` switches before the next quiet moment."""
        mark = self._stand(place.entries)
        self._marks.pop(place.entries, None)  # nobody comes here a second time
        for first in self._firsts(place):
            yield from self._grown(place, mark, [first], budget)

    def some(self, place: Place, budget: int, trial: Trial | None, most: int) -> Iterator[Arrival | Trial]:
        """The first ``most`` of these ways on, and then the trials that stand for what is left, which are to be sent:
        what their traces share is kept for when they come back. With a trial, only the ways on in which all that it has
        decided comes about."""
        mark = self._stand(place.entries)
        trials = [self._left.pop((place.entries, trial), trial)] if trial else self._firsts(place)[::-1]
        yield from islice(self._grown(place, mark, trials, budget), most)
        for left in reversed(trials):
            alone = left._replace(before=None, same=0)
            self._left[place.entries, alone] = left
            if len(self._left) > KEPT:
                self._left.pop(next(iter(self._left)))
            yield alone

    def _grown(self, place: Place, mark: Mark, trials: list[Trial], budget: int) -> Iterator[Arrival]:
        """What the last of the trials leads to, then the one before it; those that are left stay in the list."""
        while trials:
            trial = trials.pop()
            if trial.cost > budget or not self._go(mark, trial):
                continue
            trials += reversed(list(trial.grown(self.run, len(mark.entries), budget)))
            yield self._arrival(place, trial)

    def _firsts(self, place: Place) -> list[Trial]:
        """A stretch for each step that could be the next, the one written first. The run stands at the place."""
        run, written = self.run, self.run.next_index()
        free = [op for op in run.lanes.free(run.begun, run.done, (), ()) if op != written]
        return [self._first(place, op, written) for op in [*([] if written is None else [written]), *free]]

    def _first(self, place: Place, op: int, written: int | None) -> Trial:
        entries = (self.ops.placed(op),)
        if op == written:
            return Trial(entries, place.switches, 0)
        if self.ops.task(op) == place.burst:
            last = place.entries[-1].op
            switches = tuple(s.also(op) if s.ops[-1] == last else s for s in place.switches)
            return Trial(entries, switches, 0, turned=frozenset({op}))
        return Trial(entries, (*place.switches, Switch((op,), before=written)), 1, turned=frozenset({op}))

    def _go(self, mark: Mark, trial: Trial) -> bool:
        """Run one stretch; False if what was decided did not come about."""
        self._return_to(mark)
        self._standing = None
        try:
            self.run.go(trial.entries, trial.before, trial.same)
        except BadPlace as nowhere:
            self.run.problem = f"{nowhere}"
        return trial.reached(self.run)

    def _arrival(self, place: Place, trial: Trial) -> Arrival:
        run = self.run
        entries = (*place.entries, *run.stretch())
        last = entries[-1].op
        burst = self.ops.task(last) if last in trial.turned else None
        there = Place(entries, settled(trial.switches, run), burst)
        if run.over:
            return Arrival(there, trial.cost, end=Ending(problems(run), repr(answers(run))))
        key = fingerprint(run, (sorted(run.begun), burst)) if self.merge else ""
        best = self._shortest.get(key) if key else None
        if best is None or there.rank < best:
            self._shortest[key] = there.rank
            self._keep(entries)
        return Arrival(there, trial.cost, key)

    # --- standing at a place

    def _stand(self, entries: Entries) -> Mark:
        """Go where these steps lead, from the last place on the way there that was kept."""
        run = self.run
        self._return_to(self._nearest(entries))
        while len(run.entries) < len(entries):
            self._standing = None
            run.go(entries[len(run.entries) :])
            self._keep(run.entries)
        assert self._standing is not None
        return self._standing

    def _nearest(self, entries: Entries) -> Mark:
        kept = (self._marks.get(entries[:steps]) for steps in range(len(entries), 0, -1))
        return next((mark for mark in kept if mark is not None), self._start)

    def _return_to(self, mark: Mark) -> None:
        if self._standing is not mark:
            self.run.back_to(mark)
            self._standing = mark

    def _keep(self, entries: Entries) -> None:
        """Save the machine here: somebody will go on from it."""
        self._standing = self._marks[entries] = self.run.mark()
        if len(self._marks) > KEPT:
            self._marks.popitem(last=False)
