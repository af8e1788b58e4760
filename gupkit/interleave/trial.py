"""A stretch of a schedule, from one quiet moment to the next, and how it grows by one more decision.

Decisions are made in the order of time: after each only the moments that come later are open. So every schedule is
reached in one way, and none is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..scenario.vocabulary import ANY
from ..trace.trace import Trace
from .plan import Inside, Placed, at_path, interrupted, with_inside
from .run import Moment, Run
from .switch import Switch


class Trial(NamedTuple):
    """``entries``: the steps that this stretch begins with; ``switches``: those of the whole schedule so far; ``cost``:
    how many of them belong to this stretch.

    ``newest`` is the op decided last, ``held`` says that it is one of the scenario's own, held back; ``turned`` are the
    steps of this stretch that were put out of turn. ``before`` is the trace of the stretch with one decision less, the
    first ``same`` events of which happen in this one, too.
    """

    entries: tuple[Placed, ...]
    switches: tuple[Switch, ...]
    cost: int
    newest: int | None = None
    held: bool = False
    turned: frozenset[int] = frozenset()
    before: Trace | None = None
    same: int = 0

    def reached(self, run: Run) -> bool:
        """The newest decision came about: an op that is over before its nth point gives nobody the time to act."""
        return self.newest is None or self.newest in run.begun_at

    def grown(self, run: Run, first: int, budget: int) -> Iterator[Trial]:
        """Each stretch with one decision more, at a moment of ``run`` after the newest; ``first`` is how many steps had
        begun before the stretch, ``budget`` how many switches it may have."""
        tops = run.entries[first:]
        for moment in run.moments[self._open_from(run) :]:
            for more in self._more(run, tops[: moment.tops], moment):
                if more.cost <= budget:
                    yield more._replace(before=run.story.trace, same=moment.events)

    def _open_from(self, run: Run) -> int:
        if self.newest is None:
            return 0
        if not self.held:
            return run.begun_at[self.newest]
        path, total = self._held_since(run)
        return next(i for i, moment in enumerate(run.moments) if moment.path == path and moment.total >= total)

    def _held_since(self, run: Run) -> tuple[tuple[int, ...], int]:
        """The op whose own injection is held back, and the point at which it would have fired."""
        for moment in run.moments:
            for own in moment.due:
                inside = at_path(run.entries, moment.path).inside[own]
                if inside.do[0].op == self.newest:
                    host = at_path(run.entries, moment.path).op
                    return moment.path, run.ops.steps[host].race[inside.own or 0].nth
        raise AssertionError("a held injection fires where reached() says so")

    # --- one decision more

    def _more(self, run: Run, entries: tuple[Placed, ...], moment: Moment) -> Iterator[Trial]:
        """Everything that can be decided at a moment."""
        decide = self._at_point if moment.path else self._next
        yield from (decide(run, entries, moment, op) for op in moment.free)
        later = (self._later(run, entries, moment, own) for own in moment.due)
        yield from (trial for trial in later if trial is not None)

    def _next(self, run: Run, entries: tuple[Placed, ...], moment: Moment, op: int) -> Trial:
        """Another step begins while one waits."""
        before = entries[-1].op
        burst = before in self.turned and run.ops.task(before) == run.ops.task(op)
        here = Switch((op,), before=moment.instead)
        return self._with((*entries, run.ops.placed(op)), op, here, before if burst else None)

    def _at_point(self, run: Run, entries: tuple[Placed, ...], moment: Moment, op: int) -> Trial:
        """An op runs inside another one; right after one of the same task it costs no switch."""
        host = at_path(entries, moment.path)
        there = [i.do[-1].op for i in host.inside if (i.at, i.nth, i.own) == (moment.at, moment.nth, None)]
        burst = bool(there) and run.ops.task(there[0]) == run.ops.task(op)
        new = interrupted(entries, moment.path, moment.at, moment.nth, run.ops.placed(op))
        here = Switch((op,), host.op, moment.at, moment.nth)
        return self._with(new, op, here, there[0] if burst else None)

    def _with(self, entries: tuple[Placed, ...], op: int, here: Switch, burst: int | None) -> Trial:
        """``burst``: the op after which this one goes on in the same switch."""
        if burst is None:
            switches, cost = (*self.switches, here), self.cost + 1
        else:
            switches = tuple(s.also(op) if s.ops[-1] == burst else s for s in self.switches)
            cost = self.cost
        return Trial(entries, switches, cost, op, turned=self.turned | {op})

    def _later(self, run: Run, entries: tuple[Placed, ...], moment: Moment, own: int) -> Trial | None:
        """An injection of the scenario whose moment is open does not fire yet, but at the next point."""
        host = at_path(entries, moment.path)
        inside = host.inside[own]
        if inside.own is None:
            return None
        first = run.ops.placed(host.op).inside[inside.own]
        fresh = moment.total <= max(first.nth, 1)
        op = inside.do[0].op
        if not fresh and not (self.held and self.newest == op):
            return None
        wait = first._replace(at=ANY, nth=moment.total + 1)
        new = with_inside(entries, moment.path, (*host.inside[:own], wait, *host.inside[own + 1 :]))
        here = Switch(tuple(placed.op for placed in inside.do), host.op, ANY, moment.total + 1)
        kept = tuple(s for s in self.switches if fresh or s.ops != here.ops)
        return Trial(new, (*kept, here), self.cost + fresh, op, True, self.turned)


def settled(switches: tuple[Switch, ...], run: Run) -> tuple[Switch, ...]:
    """The switches with the points at which held injections fired in the place of ``any``."""
    fired = {}
    for (path, i), (at, nth) in run.fired.items():
        inside: Inside = at_path(run.entries, path).inside[i]
        fired[tuple(placed.op for placed in inside.do)] = at, nth
    return tuple(
        s._replace(at=fired[s.ops][0], nth=fired[s.ops][1]) if s.at == ANY and s.ops in fired else s for s in switches
    )
