"""Every built-in scenario against every clause: what is broken where, and that each clause has both of its sides."""

import pytest

from gupkit.contract import CLAUSES, check
from gupkit.contract.clauses import NOT_REACHED, VERDICTS
from gupkit.scenario import builtin_names
from tests.contract.judged import builtin

REPORTED = {
    "charged-to-another": "C18",
    "dirty-after-put": "C14",
    "dirty-cow": "C7 C18",
    "dirty-cow-missed": "C18",
    "dirty-unlocked": "C8 C15",
    "dontfork": "C11",
    "dontneed": "C8 C9 C11",
    "double-put": "C3 C8 C10",
    "drop-caches": "C8",
    "fast-under-lock": "C17",
    "foll-write-cow": "C8 C9 C11 C13 C14 C19",
    "fork-child-first": "C11 C19",
    "fork-pin": "C8 C9 C11 C13 C14 C19",
    "guard-page": "C20",
    "instant": "C8",
    "invalidate": "C8 C9",
    "invalidate-dirty": "C8",
    "leak": "C3 C8",
    "lock-kept": "C21",
    "lost-dirty": "C13 C14 C19",
    "munmap-waits": "C6 C8",
    "no-lock": "C1 C7 C8",
    "nonblocking": "C5",
    "nowait": "C5",
    "nowait-flag": "C5 C16",
    "proc-mem": "C18",
    "put-before-dirty": "C8 C13 C14",
    "read-pin-write": "C12 C13 C14 C19",
    "short-leak": "C3 C4 C8",
    "swap-pin": "C8 C11 C13 C14 C19",
    "truncate": "C8 C9 C11",
    "vmsplice-leak": "C8 C11",
    "write-lock": "C2 C5 C21",
    "zero-page-pin": "C8 C9 C11",
}
"""Scenario → the clauses that are broken or exercised in it, in kernel 2.6.39. In those not listed here: none."""

SHOWN_BY = {
    "C1": ("munmap-waits", "no-lock"),
    "C2": ("nonblocking", "write-lock"),
    "C3": ("same-page-twice", "leak"),
    "C4": ("partial-return", "short-leak"),
    "C5": ("partial-return", "nonblocking"),
    "C6": ("vmas-array", "munmap-waits"),
    "C7": ("instant", "dirty-cow"),
    "C8": ("same-page-twice", "dontneed"),
    "C9": ("swap-pin", "fork-pin"),
    "C10": ("truncate", "double-put"),
    "C11": ("partial-return", "zero-page-pin"),
    "C12": ("foll-write-cow", "read-pin-write"),
    "C13": ("saved-dirty", "lost-dirty"),
    "C14": ("saved-dirty", "put-before-dirty"),
    "C15": ("saved-dirty", "dirty-unlocked"),
    "C16": ("nonblocking", "nowait-flag"),
    "C17": ("fast", "fast-under-lock"),
    "C18": ("accounting", "charged-to-another"),
    "C19": ("instant", "foll-write-cow"),
    "C20": ("populate", "guard-page"),
    "C21": ("partial-return", "lock-kept"),
}
"""Clause → a scenario that keeps it (or lets it be), and one that breaks or exercises it."""


@pytest.mark.parametrize("name", builtin_names())
def test_what_each_scenario_breaks_and_exercises(name: str) -> None:
    """Of the built-in scenarios' 21 clauses exactly these are reported."""
    found = [finding.clause.name for finding in check(builtin(name)) if finding.reported]
    assert " ".join(found) == REPORTED.get(name, "")


@pytest.mark.parametrize("clause", CLAUSES)
def test_each_clause_has_a_scenario_for_either_side(clause: str) -> None:
    """Each promise and duty is kept in one scenario and broken in one; each non-promise has one with the surprise and
    one without."""
    quiet, loud = SHOWN_BY[clause]
    breaks, keeps = VERDICTS[CLAUSES[clause].kind]
    assert check(builtin(quiet))[clause].verdict == keeps
    assert check(builtin(loud))[clause].verdict == breaks


@pytest.mark.parametrize("name", builtin_names())
def test_findings_say_where_in_words(name: str) -> None:
    """Each verdict but "not reached" names places in the trace and its scenario, each with a sentence."""
    trace = builtin(name)
    for finding in check(trace):
        assert bool(finding.where) == (finding.verdict != NOT_REACHED)
        for place in finding.places:
            assert place.text[0].isupper() or place.text[0] in "*0123456789" or place.pin
            assert place.text.endswith(".")
            assert 0 <= place.event < len(trace.events)
            assert place.cause is None or 0 <= place.cause <= place.event
            assert trace.steps[place.step].first <= place.event
