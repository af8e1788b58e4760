"""How the work is shared out: everybody goes on from the machines he has, and nobody waits while there is work."""

from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import nullcontext

import pytest

from gupkit.cluster import worker
from gupkit.cluster.share import AT_ONCE, SOON, Board, Crew, Part, Piece, Shared
from gupkit.interleave.expand import Expander, Place
from gupkit.interleave.graph import Graph
from gupkit.interleave.run import Run
from gupkit.interleave.search import DoAll, every_interleaving, here
from gupkit.scenario import Scenario

WHICH = Scenario.load("race-lost-byte")


class Coming:
    """A share that somebody will do."""

    def __init__(self, who: int, pieces: Sequence[Piece], most: int) -> None:
        self.who, self.pieces, self.most = who, pieces, most

    def cancel(self) -> None:
        """Nobody does it yet."""


class TakingTurns:
    """A crew in this process, each with machines of its own; the ``clumsy`` one dies over every third share."""

    def __init__(self, workers: int, monkeypatch: pytest.MonkeyPatch, clumsy: int | None = None) -> None:
        self.workers = workers
        self.expanders = [Expander(WHICH) for _ in range(workers)]
        self.turns: deque[int] = deque(range(workers))
        self.patch = monkeypatch
        self.clumsy = clumsy
        self.begun = 0

    def begin(self, who: int, pieces: Sequence[Piece], most: int) -> Coming:
        """To be done when it is asked for."""
        assert pieces
        return Coming(who, pieces, most)

    def first(self, futures: Iterable[Coming]) -> Iterable[Coming]:
        """The next share of whoever has one and did not have a turn for the longest time."""
        futures = list(futures)
        while True:
            self.turns.rotate(-1)
            for future in futures:
                if future.who == self.turns[-1]:
                    return [future]

    def result(self, future: Coming) -> list[list[Part]] | None:
        """What comes of it."""
        self.begun += 1
        if future.who == self.clumsy and self.begun % 3 == 0:
            return None
        with self.patch.context() as patch:
            patch.setattr(worker, "expander_for", lambda _: nullcontext(self.expanders[future.who]))
            return worker.work(worker.Job(b""), future.pieces, future.most)


def searched(do_all: DoAll, monkeypatch: pytest.MonkeyPatch) -> tuple[Graph, int]:
    """The graph, and how many stretches were run for it."""
    real, runs = Run.go, []
    with monkeypatch.context() as patch:
        patch.setattr(Run, "go", lambda run, *rest: runs.append(run) or real(run, *rest))
        return every_interleaving(2, do_all), len(runs)


@pytest.mark.parametrize(("workers", "clumsy"), [(1, None), (2, None), (3, None), (3, 1)])
def test_whoever_found_a_place_goes_on_from_it(
    workers: int, clumsy: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several find the same graph, also if one dies again and again, and run little that one would not run: most places
    are looked at where their machine is."""
    alone, few = searched(here(Expander(WHICH)), monkeypatch)
    crew: Crew = TakingTurns(workers, monkeypatch, clumsy)
    shared, more = searched(Shared(crew), monkeypatch)
    for what in ("nodes", "run", "known", "ends"):
        assert getattr(shared, what) == getattr(alone, what)
    assert few <= more
    assert more < few * 1.25 or clumsy is not None


def board(homes: Sequence[int]) -> Board:
    """Work for three, as many pieces as there are homes; ``budget`` is its number."""
    return Board([(Place(), number) for number in range(len(homes))], homes, 3)


def taken(there: Board, busy: Sequence[int]) -> list[tuple[int, list[int], int]]:
    """Who begins with which pieces."""
    return [(who, [task.piece[1] for task in tasks], most) for who, tasks, most in there.shares(busy)]


def test_who_has_nothing_left_takes_the_last_of_another() -> None:
    """Two shares at a time of one's own, in order; of another's only if one would be idle, from the end."""
    there = board([0] * 5)
    assert taken(there, []) == [(0, [0], AT_ONCE), (1, [4], AT_ONCE), (2, [3], AT_ONCE), (0, [1], AT_ONCE)]
    assert taken(there, [0, 0, 1, 2]) == []
    assert taken(there, [0, 2]) == [(1, [2], AT_ONCE)]


def test_shares_are_large_while_there_is_much() -> None:
    """Of 36 pieces for three a share has six at first; the last ones have one each, and little time."""
    there = board([number % 3 for number in range(36)])
    first, *_, last = taken(there, [])
    assert first == (0, [0, 3, 6, 9, 12, 15], SOON)
    assert len(last[1]) < 6
    while there.left:
        *_, last = taken(there, [])
    assert (len(last[1]), last[2]) == (1, AT_ONCE)


def test_what_is_left_of_a_share_comes_next() -> None:
    """Who hands a piece back, or dies over it, has it before all others; the piece is whole when its rest is."""
    there = board([0, 0, 1])
    (_, tasks, _), *_ = there.shares([1, 1, 2, 2])
    there.done(0, tasks, [[None]])
    assert not tasks[0].whole()
    assert taken(there, [1, 1, 2, 2])[0] == (0, [0], AT_ONCE)
    there.back(0, tasks[0].found)
    there.done(0, tasks[0].found, [[]])
    assert tasks[0].whole()
