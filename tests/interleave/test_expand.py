"""From one quiet moment to the next: what is taken over from before is what would be made afresh."""

from typing import Any

import pytest

from gupkit.interleave import expand
from gupkit.interleave.expand import Expander
from gupkit.interleave.run import Run
from gupkit.interleave.search import every_interleaving, here
from gupkit.scenario import Scenario
from tests.interleave.small import scenario

SEARCHED = [Scenario.load("race-direct-io"), *map(scenario, (3, 5, 12))]


@pytest.mark.parametrize("which", SEARCHED, ids=lambda which: which.title)
def test_what_two_stretches_share_is_the_same(which: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stretch takes over the events and snapshots of the one that it grew from; a trace that takes over nothing has
    the same ones."""
    real, taken = Run.go, []

    def go(run: Run, entries: Any, before: Any = None, same: int = 0) -> None:
        real(run, entries, before, same)
        shared, fresh = run.story.trace, run.recorder.trace()
        assert list(shared.events) == list(fresh.events)
        assert list(shared.deltas) == list(fresh.deltas)
        assert list(shared) == list(fresh)
        taken.append(before is not None)

    monkeypatch.setattr(Run, "go", go)
    every_interleaving(2, here(Expander(which)))
    assert any(taken)


def test_a_machine_that_was_not_kept_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for a single saved machine the search goes back to the start again and again, to the same end."""
    which = Scenario.load("race-vmsplice")
    graph = every_interleaving(2, here(Expander(which)))
    monkeypatch.setattr(expand, "KEPT", 1)
    expander = Expander(which)
    small = every_interleaving(2, here(expander))
    assert len(expander._marks) <= 1
    assert (small.count(), small.run, small.known) == (graph.count(), graph.run, graph.known)
    assert small.ends == graph.ends
