"""Where one stands in a trace, where that is in another run, and when another task could have run."""

from gupkit.api import run
from gupkit.film.moments import moments
from gupkit.film.place import moved, next_stop, previous_stop, step_of
from gupkit.film.reel import pairs_of
from gupkit.trace.snapshot import Snapshot
from gupkit.trace.step import Step
from gupkit.trace.trace import Trace


def test_a_step_that_never_ran_has_no_moments() -> None:
    """Neither has one that there is not."""
    assert moments(run("leak"), 99) == ()


def test_places_beyond_the_steps() -> None:
    """Before the first step and after the last there is no step; the end stays the end in another run."""
    one, other = run("leak"), run("munmap-waits")
    assert step_of(one, 0) is None
    assert step_of(one, len(one) - 1) is None
    assert moved(one, len(one) - 1, other) == len(other) - 1
    assert moved(one, 0, other) == 0
    assert next_stop(one, len(one) - 1) == len(one) - 1
    assert previous_stop(one, 0) == 0


def test_a_step_that_the_other_run_lacks() -> None:
    """Where the step never ran in the other run, the reader stays as far from the beginning as it is long."""
    one, bare = run("leak"), Trace(Snapshot())
    assert moved(one, 3, bare) == 0
    assert moved(one, 3, run("munmap-waits")) == 3


def test_a_step_inside_a_waiting_one_is_the_place() -> None:
    """Of two steps that both span a place, the inner one is where the reader stands."""
    steps = [Step(0, "gup", "P", first=0, last=9), Step(1, "load", "T2", first=3, last=6)]
    assert [step_of(Trace(Snapshot(), steps=steps), place).index for place in (3, 4, 6, 7)] == [0, 1, 1, 0]


def test_a_run_corresponds_to_itself() -> None:
    """In a run with waits, races and a leak at its end, each place corresponds to itself."""
    for name in ("munmap-waits", "leak", "dirty-cow", "nonblocking"):
        trace = run(name)
        assert pairs_of(trace, trace) == list(range(len(trace)))


def test_two_kernels_go_in_step() -> None:
    """Between two eras the places go forward together, and each step's end belongs to the same step's end."""
    old, new = run("read-pin-write"), run("read-pin-write", era="6.18")
    pairs = pairs_of(old, new)
    assert pairs == sorted(pairs)
    for one, other in zip(old.steps, new.steps, strict=True):
        assert pairs[one.last] == other.last
