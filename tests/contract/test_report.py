"""The table in words."""

from gupkit.contract import CLAUSES, Finding, Place, check
from gupkit.contract.report import table, where
from tests.contract.judged import builtin


def test_a_line_per_clause() -> None:
    """A heading, then C1 to C21 with kind, verdict, place and sentence."""
    lines = list(table(check(builtin("dirty-cow"))))
    assert len(lines) == 22
    assert [line.split()[0] for line in lines[1:]] == list(CLAUSES)
    assert lines[7].split()[1:5] == ["promise", "broken", "step", "2"]
    assert "(hold mmap_sem)" not in lines[1]
    assert "(no array, nothing held)" in lines[20]


def test_many_places_are_counted() -> None:
    """Three steps are named, the rest is a number; the same step is named once."""
    places = tuple(Place(verdict="kept", text="t", event=i, step=i // 2) for i in range(10))
    assert where(Finding(CLAUSES["C3"], places)) == "steps 1, 2, 3 and 2 more"


def test_outside_of_a_scenario_events_are_named() -> None:
    """A trace without steps says at which event."""
    assert where(Finding(CLAUSES["C3"], (Place(verdict="kept", text="t", event=7),))) == "event 7"
