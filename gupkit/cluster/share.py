"""How the work of a search is cut up for several: each goes on from the machines it has, and nobody is without work."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Protocol

from ..interleave.expand import Arrival, Place
from ..interleave.search import Work
from .worker import Part, Piece

AHEAD = 2
"""Shares that a worker has at a time: one in hand, and one to begin with at once when that is done."""
PARTS = 2
"""Into so many shares for each worker is cut what is there: the less is left, the smaller they are."""
MOST = 16
"""Pieces of work in one share: enough to be worth the way, few enough that a lost one costs little."""
SOON = 20
"""Ways on that are looked for in one share, a matter of some 50 ms. What is left is shared out again."""
AT_ONCE = 4
"""The same as long as there is not enough for everybody."""


class Crew(Protocol):
    """Those who do the work, by number from 0."""

    workers: int

    def begin(self, who: int, pieces: Sequence[Piece], most: int) -> Any:
        """Have :func:`.worker.work` done by this worker: a future."""

    def first(self, futures: Iterable[Any]) -> Iterable[Any]:
        """Those that are done, as soon as there are any."""

    def result(self, future: Any) -> list[list[Part]] | None:
        """What came of a share; None: the worker died over it."""


class Shared:
    """Does the work of a search (:data:`~gupkit.interleave.search.DoAll`) by a crew.

    Whoever found a place has its machine saved and goes on from it; anybody else has to make it again first. Early in a
    search there are few places, and much to do at each: so a share is only begun with, and what is left of it after a
    while is shared out again.
    """

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self._homes: dict[int, int] = {}

    def __call__(self, works: Sequence[Work]) -> Iterator[list[Arrival]]:
        """The ways on from each place, in order."""
        workers = self.crew.workers
        homes = [self._homes.pop(_name(place), number % workers) for number, (place, _) in enumerate(works)]
        board = Board(works, homes, workers)
        turn = 0
        for _ in self._progress(board):
            for task in takewhile(Task.whole, board.tasks[turn:]):
                yield list(task.ways())
                turn += 1

    def _progress(self, board: Board) -> Iterator[None]:
        """Let the crew do all that is on the board; a turn for each share that is done."""
        busy: dict[Any, tuple[int, list[Task]]] = {}
        try:
            while board.left or busy:
                for who, tasks, most in board.shares([who for who, _ in busy.values()]):
                    busy[self.crew.begin(who, [task.piece for task in tasks], most)] = who, tasks
                for future in self.crew.first(busy):
                    self._done(board, *busy.pop(future), self.crew.result(future))
                    yield
        finally:
            for future in busy:
                future.cancel()

    def _done(self, board: Board, who: int, tasks: list[Task], results: list[list[Part]] | None) -> None:
        """Note what came of a share, and whose the places are: who is the first to find one saves its machine."""
        if results is None:
            board.back(who, tasks)
            return
        board.done(who, tasks, results)
        for part in (part for parts in results for part in parts):
            if isinstance(part, Arrival) and part.end is None:
                self._homes.setdefault(_name(part.place), who)


def _name(place: Place) -> int:
    """Where a machine stands depends on its steps only. Two of the same name would cost time, nothing else."""
    return hash(place.entries)


@dataclass(eq=False, slots=True)
class Task:
    """A piece of work, and in the end what came of it: ways on, and tasks for what was left of it."""

    piece: Piece
    found: list[Arrival | Task] | None = None

    def whole(self) -> bool:
        """Nothing of it is left to do."""
        return self.found is not None and all(part.whole() for part in self.found if isinstance(part, Task))

    def ways(self) -> Iterator[Arrival]:
        """The ways on, in order."""
        for part in self.found or ():
            if isinstance(part, Task):
                yield from part.ways()
            else:
                yield part


class Board:
    """The work of one wave that nobody has begun, in a queue for each worker: he has the machines it begins with.

    ``homes`` says whose each piece is.
    """

    def __init__(self, works: Sequence[Work], homes: Sequence[int], workers: int) -> None:
        self.queues: list[deque[Task]] = [deque() for _ in range(workers)]
        self.tasks = [Task((*work, None)) for work in works]
        for task, home in zip(self.tasks, homes, strict=True):
            self.queues[home].append(task)

    @property
    def left(self) -> int:
        """How many pieces nobody has begun."""
        return sum(map(len, self.queues))

    def shares(self, busy: Sequence[int]) -> Iterator[tuple[int, list[Task], int]]:
        """Who begins which tasks next, and how many ways on he looks for; ``busy`` has each worker as often as he has a
        share already."""
        for ahead in range(AHEAD):
            for who in range(len(self.queues)):
                if busy.count(who) <= ahead:
                    most = SOON if self.left >= len(self.queues) * PARTS else AT_ONCE
                    tasks = self._taken(who, idle=not ahead)
                    if tasks:
                        yield who, tasks, most

    def _taken(self, who: int, idle: bool) -> list[Task]:
        """The next of a worker's own; if he has none and would be idle, the last of whoever has the most."""
        size = max(1, min(MOST, self.left // (len(self.queues) * PARTS)))
        own, longest = self.queues[who], max(self.queues, key=len)
        if own:
            return [own.popleft() for _ in range(min(size, len(own)))]
        return [longest.pop() for _ in range(min(size, len(longest)) if idle else 0)][::-1]

    def done(self, who: int, tasks: Sequence[Task], results: Sequence[Sequence[Part]]) -> None:
        """A worker has done some; what he has left of them comes next in his queue."""
        rest = []
        for task, parts in zip(tasks, results, strict=True):
            place, budget, _ = task.piece
            task.found = [part if isinstance(part, Arrival) else Task((place, budget, part)) for part in parts]
            rest += [part for part in task.found if isinstance(part, Task)]
        self.back(who, rest)

    def back(self, who: int, tasks: Sequence[Task]) -> None:
        """Tasks that are still to do, before all others."""
        self.queues[who].extendleft(reversed(tasks))
