"""Where each op of a scenario runs: as a step of its own, or inside another op.

A schedule is a list of steps in the order in which they begin, and inside each what interrupts it, where. So it is an
ordinary scenario written down in another way, and running that scenario is what running the schedule means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from ..scenario.model import Injection, Scenario, Step

Path: TypeAlias = "tuple[int, ...]"
"""The way to an op: which step (its number), which of its insides, which op of that, and so on: (2,), (2, 0, 1)."""


class Inside(NamedTuple):
    """Ops that run inside another one, in order, at the ``nth`` passing of schedule point ``at``.

    ``own`` is the index of the scenario's own injection that this is; None for what the search put there.
    """

    at: str
    nth: int
    do: tuple[Placed, ...]
    own: int | None = None


class Placed(NamedTuple):
    """One op (an index into :attr:`Ops.steps`) and what interrupts it."""

    op: int
    inside: tuple[Inside, ...] = ()


class Ops:
    """All ops of a scenario by number: first its steps, then the ops of its own injections.

    >>> ops = Ops(Scenario.load("dirty-cow"))
    >>> [step.op for step in ops.steps]
    ['mmap', 'mem_write', 'load', 'pread', 'madvise']
    >>> ops.placed(1)
    Placed(op=1, inside=(Inside(at='cond_resched', nth=3, do=(Placed(op=4, inside=()),), own=0),))
    """

    def __init__(self, scenario: Scenario) -> None:
        self.tops = len(scenario.steps)
        self.steps: list[Step] = list(map(_own_copy, scenario.steps))
        self._own: dict[int, tuple[Inside, ...]] = {}
        for number, step in enumerate(self.steps[:]):
            self._number(number, step)

    def _number(self, number: int, step: Step) -> None:
        self._own[number] = tuple(
            Inside(injection.at, injection.nth, tuple(map(self._injected, injection.do)), own)
            for own, injection in enumerate(step.race)
        )

    def _injected(self, step: Step) -> Placed:
        number = len(self.steps)
        self.steps.append(step)
        self._number(number, step)
        return self.placed(number)

    def placed(self, op: int) -> Placed:
        """The op where nothing interrupts it but its own injections."""
        return Placed(op, self._own[op])

    def task(self, op: int) -> str:
        """Who does it."""
        return self.steps[op].by

    def step(self, placed: Placed) -> Step:
        """The op as a step of an ordinary scenario."""
        return replace(self.steps[placed.op], race=tuple(map(self._race, placed.inside)))

    def _race(self, inside: Inside) -> Injection:
        return Injection(inside.at, inside.nth, tuple(self.step(placed) for placed in inside.do))


def _own_copy(step: Step) -> Step:
    """The same step as an object of its own, however often the scenario has it."""
    return replace(step, race=tuple(replace(race, do=tuple(map(_own_copy, race.do))) for race in step.race))


def at_path(entries: tuple[Placed, ...], path: Path) -> Placed:
    """The op at a path.

    >>> at_path((Placed(3), Placed(1, (Inside("up_read", 1, (Placed(2),)),))), (1, 0, 0))
    Placed(op=2, inside=())
    """
    placed = entries[_index(entries, path[0])]
    for inside, do in zip(path[1::2], path[2::2], strict=True):
        placed = placed.inside[inside].do[do]
    return placed


def with_inside(entries: tuple[Placed, ...], path: Path, inside: tuple[Inside, ...]) -> tuple[Placed, ...]:
    """The same entries with something else inside the op at ``path``."""
    return _replaced(entries, (_index(entries, path[0]), *path[1:]), inside)


def _index(entries: tuple[Placed, ...], op: int) -> int:
    return next(index for index, placed in enumerate(entries) if placed.op == op)


def _replaced(ops: tuple[Placed, ...], path: Path, inside: tuple[Inside, ...]) -> tuple[Placed, ...]:
    index, rest = path[0], path[1:]
    placed = ops[index]
    if rest:
        outer = placed.inside[rest[0]]
        inner = outer._replace(do=_replaced(outer.do, rest[1:], inside))
        inside = (*placed.inside[: rest[0]], inner, *placed.inside[rest[0] + 1 :])
    return (*ops[:index], placed._replace(inside=inside), *ops[index + 1 :])


def interrupted(entries: tuple[Placed, ...], path: Path, at: str, nth: int, op: Placed) -> tuple[Placed, ...]:
    """The same entries with one more op inside the one at ``path``, after what already runs at that point.

    >>> (entry,) = interrupted((Placed(0),), (0,), "cond_resched", 2, Placed(5))
    >>> entry.inside
    (Inside(at='cond_resched', nth=2, do=(Placed(op=5, inside=()),), own=None),)
    """
    inside = at_path(entries, path).inside
    for number, there in enumerate(inside):
        if (there.at, there.nth, there.own) == (at, nth, None):
            more = there._replace(do=(*there.do, op))
            return with_inside(entries, path, (*inside[:number], more, *inside[number + 1 :]))
    return with_inside(entries, path, (*inside, Inside(at, nth, (op,))))


def paths(entries: tuple[Placed, ...]) -> Iterator[tuple[Path, Placed]]:
    """Every op in the entries with its path, outer ones first."""
    for placed in entries:
        yield from _below((placed.op,), placed)


def _below(path: Path, placed: Placed) -> Iterator[tuple[Path, Placed]]:
    yield path, placed
    for number, inside in enumerate(placed.inside):
        for index, op in enumerate(inside.do):
            yield from _below((*path, number, index), op)
