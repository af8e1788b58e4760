"""Places, findings, and the sequence of all 21."""

from gupkit.contract import CLAUSES, Finding, Findings, Place, check
from gupkit.trace import Snapshot, Trace
from gupkit.trace.archive import trace_from_dict, trace_to_dict
from tests.contract.judged import builtin


def place(verdict: str, event: int, cause: int | None = None) -> Place:
    """A place that says nothing else."""
    return Place(verdict=verdict, text="t", event=event, cause=cause)


def test_the_loudest_verdict_wins() -> None:
    """One broken place breaks the clause, however often it was kept; where() names the broken ones only."""
    finding = Finding(CLAUSES["C3"], (place("kept", 1), place("broken", 2), place("kept", 3)))
    assert (finding.verdict, [p.event for p in finding.where], finding.reported) == ("broken", [2], True)


def test_without_places_it_is_not_reached() -> None:
    """A clause that the run never came to is not reached, and its sentence is the clause's text."""
    finding = Finding(CLAUSES["C8"])
    assert (finding.verdict, finding.where, finding.sentence) == ("not reached", (), CLAUSES["C8"].text)


def test_a_place_lies_where_it_happened_and_where_it_began() -> None:
    """Within means the event itself or its cause; the end of the range is not part of it."""
    leak = place("broken", 9, cause=2)
    assert leak.within(9, 10)
    assert leak.within(2, 3)
    assert not leak.within(3, 9)
    assert leak.snapshot == 10


def test_findings_by_number_and_by_name() -> None:
    """Findings are a sequence of 21, also looked up by the clause's name."""
    findings = check(Trace(Snapshot()))
    assert len(findings) == len(list(findings)) == 21
    assert findings["C8"] is findings[7]
    assert (findings.broken, findings.exercised) == ((), ())


def test_reported_asks_for_the_loud_verdict_in_a_range() -> None:
    """A clause that was kept there, or broken elsewhere, is not reported there."""
    findings = Findings([Finding(CLAUSES["C3"], (place("kept", 1), place("broken", 5)))])
    assert findings.reported("C3", 5, 6)
    assert not findings.reported("C3", 0, 5)


def test_a_saved_trace_is_judged_alike() -> None:
    """The judgement needs nothing but the trace: after saving and loading it is the same."""
    for name in ("fork-pin", "leak", "lock-kept", "munmap-waits", "double-put"):
        trace = builtin(name)
        loaded = trace_from_dict(trace_to_dict(trace))
        assert [f.to_dict() for f in check(loaded)] == [f.to_dict() for f in check(trace)]
