"""What a reader does is done one after the other, in whichever thread it is heard of, and nothing is lost."""

import threading

import pytest

from gupkit.widgets import Explorer
from gupkit.widgets.turns import Turns


def test_an_act_in_an_act_comes_after_it() -> None:
    """What an act leads to waits until the act is over."""
    turns, done = Turns(), []
    turns.take(lambda: (turns.take(lambda: done.append(2)), done.append(1)))
    assert done == [1, 2]


def test_no_two_acts_run_at_once_and_none_is_lost() -> None:
    """Four threads with five hundred acts each: every act runs, and never beside another."""
    turns, inside, done = Turns(), [], []

    def act() -> None:
        inside.append(1)
        done.append(len(inside))
        inside.pop()

    threads = [threading.Thread(target=lambda: [turns.take(act) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [1] * 2_000


def test_an_act_that_fails_gives_its_turn_back() -> None:
    """An error goes to who acted; the next act runs all the same."""
    turns, done = Turns(), []
    with pytest.raises(ZeroDivisionError):
        turns.take(lambda: 1 / 0)
    turns.take(lambda: done.append(1))
    assert done == [1]


def test_quiet_is_quiet_in_one_thread_only() -> None:
    """What another thread hears while controls are changed by the program is the reader's doing."""
    turns, seen = Turns(), []
    other = threading.Thread(target=lambda: seen.append(turns.quiet))

    def quietly() -> None:
        other.start()
        other.join()
        seen.append(turns.quiet)

    turns.quietly(quietly)
    assert seen == [False, True]
    assert not turns.quiet


def test_a_toggle_pressed_while_another_is_shown_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """FOLL_FORCE is pressed, as another thread hears, while FOLL_WRITE is being shown: both are switched."""
    explorer = Explorer("leak")
    view = explorer.model.view
    force = explorer.controls["FOLL_FORCE"]
    others = [threading.Thread(target=lambda: setattr(force, "value", True))]

    def slow_view() -> object:
        while others:
            other = others.pop()
            other.start()
            other.join()
        return view()

    monkeypatch.setattr(explorer.model, "view", slow_view)
    explorer.controls["FOLL_WRITE"].value = False
    assert (explorer.model.is_on("FOLL_WRITE"), explorer.model.is_on("FOLL_FORCE")) == (False, True)
    assert explorer.controls["FOLL_WRITE"].description == "FOLL_WRITE: off"
    assert force.description == "FOLL_FORCE: on"
    assert force.value is True
