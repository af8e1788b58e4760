"""How the work is shared out: everybody goes on from the machines he has, and nobody waits while there is work."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from gupkit.cluster import worker
from gupkit.cluster.local import Left
from gupkit.cluster.share import Each, Share, Shared
from gupkit.interleave.expand import Expander
from gupkit.interleave.graph import Graph
from gupkit.interleave.run import Run
from gupkit.interleave.search import DoAll, every_interleaving, here
from gupkit.scenario import Scenario

WHICH = Scenario.load("race-lost-byte")


def crew(monkeypatch: pytest.MonkeyPatch, workers: int) -> Each:
    """So many workers in this process, each with machines of its own, who take turns."""
    expanders = [Expander(WHICH) for _ in range(workers)]

    def each(work: Callable[..., Any], shares: Sequence[Share]) -> Iterator[tuple[int, list[Any]]]:
        for share in shares:
            with monkeypatch.context() as patch:
                patch.setattr(worker, "expander_for", lambda _, home=share.home: nullcontext(expanders[home]))
                yield share.home, work(None, share.what)

    return each


def searched(do_all: DoAll, monkeypatch: pytest.MonkeyPatch) -> tuple[Graph, int]:
    """The graph, and how many stretches were run for it."""
    real, runs = Run.go, []
    with monkeypatch.context() as patch:
        patch.setattr(Run, "go", lambda run, *rest: runs.append(run) or real(run, *rest))
        return every_interleaving(2, do_all), len(runs)


@pytest.mark.parametrize("workers", [2, 3])
def test_whoever_found_a_place_goes_on_from_it(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several run next to nothing that one would not run: nearly every place is looked at where its machine is."""
    alone, few = searched(here(Expander(WHICH)), monkeypatch)
    monkeypatch.setattr("gupkit.cluster.share.PLENTY", 8)
    shared, more = searched(Shared(crew(monkeypatch, workers), workers), monkeypatch)
    for what in ("nodes", "run", "known", "ends"):
        assert getattr(shared, what) == getattr(alone, what)
    assert few <= more < few * 1.1


def test_who_has_nothing_left_takes_the_last_share_of_another() -> None:
    """Two shares at a time of one's own, in order; one of another's, from the end of the longest queue."""
    left = Left([Share(0, [n]) for n in range(6)], 3)
    assert list(left.taken([])) == [(0, 0), (1, 5), (2, 4), (0, 1)]
    assert list(left.taken([0, 0, 1, 2])) == []
    left.back(1, 5)
    assert list(left.taken([0, 2])) == [(1, 5), (0, 2)]
