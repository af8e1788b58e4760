"""The garbage collector during a search and after it."""

import gc

import pytest

import gupkit as gk
from gupkit.interleave import Progress
from gupkit.interleave.rarely import RARELY


@pytest.mark.parametrize("fails", [False, True])
def test_the_collector_is_as_before_when_a_search_is_over(fails: bool) -> None:
    """It collects rarely while a search runs, and as the caller had it afterwards, also if the search is broken off."""
    before, seen = gc.get_threshold(), []

    def look(_: Progress) -> None:
        seen.append(gc.get_threshold())
        if fails:
            raise KeyboardInterrupt

    try:
        gk.explore("race-short", max_switches=1, progress=look)
    except KeyboardInterrupt:
        assert fails
    assert set(seen) == {RARELY}
    assert gc.get_threshold() == before
