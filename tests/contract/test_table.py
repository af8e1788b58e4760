"""Every built-in scenario against every clause: what is broken where, and that each clause has both of its sides."""

import pytest

from gupkit.contract import CLAUSES, check
from gupkit.contract.clauses import NOT_REACHED, VERDICTS
from gupkit.scenario import builtin_names
from tests.contract.judged import builtin

REPORTED = {
    "charged-to-another": "C18",
    "direct-write-moves-mapping": "C8 C9 C11",
    "direct-write-over-dirty": "C8 C9 C11",
    "dirty-after-put": "C14",
    "dirty-cow": "C7 C18",
    "dirty-cow-missed": "C18",
    "dirty-unlocked": "C8 C15",
    "dma-after-fork": "C13 C14 C19",
    "dma-after-touch": "C8 C9 C11 C13 C14 C19",
    "dontfork": "C11",
    "dontneed": "C8 C9 C11",
    "double-put": "C3 C8 C10",
    "drop-caches": "C8",
    "fast-under-lock": "C17",
    "foll-write-cow": "C8 C9 C11 C13 C14 C19",
    "forced-dirty-not-writable": "C18",
    "forced-write-shared": "C18",
    "fork-child-first": "C11 C19",
    "fork-pin": "C8 C9 C11 C13 C14 C19",
    "fork-then-read-fast": "C8 C9 C11",
    "fork-then-read-get": "C8 C9 C11",
    "fork-then-read-pin": "C8 C9 C11",
    "guard-page": "C20",
    "instant": "C8",
    "invalidate": "C8 C9",
    "invalidate-dirty": "C8",
    "leak": "C3 C8",
    "lock-kept": "C21",
    "long-pin-then-fork": "C8 C9 C11",
    "lost-dirty": "C13 C14 C19",
    "munmap-pin": "C8",
    "munmap-waits": "C6 C8",
    "no-lock": "C1 C7 C8",
    "nonblocking": "C5",
    "nowait": "C5",
    "nowait-flag": "C5 C16",
    "pin-child-exits": "C11 C19",
    "pin-mprotect-write": "C11 C19",
    "pin-sees-writes": "C11 C19",
    "private-file-long-pin": "C8 C9 C11",
    "private-memfd-long-pin": "C8 C9 C11",
    "proc-mem": "C18",
    "prot-none-under-pin": "C13 C14",
    "put-before-dirty": "C8 C13 C14",
    "read-cached-stays": "C8",
    "read-of-untouched": "C8 C9 C11",
    "read-only-remote-write": "C18",
    "read-pin-write": "C12 C13 C14 C19",
    "reclaim-pinned": "C8",
    "reclaim-pinned-then-write": "C8 C11",
    "registered-buffer-fork": "C8 C9 C11",
    "remote-read-of-text": "C18",
    "short-leak": "C3 C4 C8",
    "swap-pin": "C8 C11 C13 C14 C19",
    "truncate": "C8 C9 C11",
    "truncate-private-copy": "C8",
    "vmsplice-before-fork": "C8 C11",
    "vmsplice-in-parent": "C8 C11",
    "vmsplice-leak": "C8 C11",
    "vmsplice-leak-swapped": "C8 C11",
    "who-pays": "C18",
    "write-lock": "C2 C5 C21",
    "write-of-untouched": "C11",
    "write-pin-of-shared-page": "C11 C19",
    "writeback-under-pin": "C13 C14 C19",
    "zero-page-long-pin": "C8 C9 C11",
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
