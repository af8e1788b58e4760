"""Every built-in scenario against every clause: what is broken where, and that each clause has both of its sides."""

import pytest

from gupkit.contract import CLAUSES, check
from gupkit.contract.clauses import NOT_REACHED, SHOWN_BY, VERDICTS
from gupkit.kernel.eras import ERAS
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
    "hugetlb-shared": "C8 C11 C19",
    "hugetlb-vmsplice-before-fork": "C8 C11",
    "hugetlb-vmsplice-in-parent": "C8 C11",
    "hugetlb-vmsplice-leak": "C8 C11",
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
    "race-dirty-cow": "C18",
    "race-invalidate": "C11 C19",
    "race-pin-fork": "C19",
    "race-vmsplice": "C8",
    "read-cached-stays": "C8",
    "read-of-untouched": "C8 C9 C11",
    "read-only-remote-write": "C18",
    "read-pin-write": "C12 C13 C14 C19",
    "reclaim-pinned": "C8",
    "reclaim-pinned-then-write": "C8 C11",
    "registered-buffer-fork": "C8 C9 C11",
    "registered-buffer-mprotect": "C11",
    "remote-read-of-text": "C18",
    "short-leak": "C3 C4 C8",
    "swap-pin": "C8 C11 C13 C14 C19",
    "thp-partial-unmap": "C8 C11",
    "thp-split-under-pin": "C8",
    "thp-vmsplice-before-fork": "C8 C11",
    "thp-vmsplice-in-parent": "C8 C11",
    "thp-vmsplice-leak": "C8 C11",
    "truncate": "C8 C9 C11",
    "truncate-private-copy": "C8",
    "vmsplice-before-fork": "C8 C11",
    "vmsplice-before-fork-swapped": "C8 C11",
    "vmsplice-in-parent": "C8 C11",
    "vmsplice-leak": "C8 C11",
    "vmsplice-leak-swapped": "C8 C11",
    "vmsplice-reclaim": "C8 C11",
    "who-pays": "C18",
    "write-lock": "C2 C5 C21",
    "write-of-untouched": "C11",
    "write-pin-of-shared-page": "C11 C19",
    "writeback-under-pin": "C13 C14 C19",
    "zero-page-long-pin": "C8 C9 C11",
    "zero-page-pin": "C8 C9 C11",
}
"""Scenario → the clauses that are broken or exercised in it, in kernel 2.6.39. In those not listed here: none."""

MENDED = {
    **dict.fromkeys([("C7", era) for era in ("4.9", "5.8", "5.10", "6.18")], ("kept", "kept")),
    **dict.fromkeys([("C18", era) for era in ("5.10", "6.18")], ("not exercised", "not exercised")),
    **dict.fromkeys([("C20", era) for era in ("5.8", "5.10", "6.18")], ("kept", "kept")),
}
"""(clause, era) → the verdicts of its two scenarios where that era has one side only: Dirty COW is mended in 4.9, the
caller is charged since 5.9, and no guard page lies inside a stack since 4.12."""


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


@pytest.mark.parametrize("era", [era for era in ERAS if era != "2.6.39"])
@pytest.mark.parametrize("clause", CLAUSES)
def test_either_side_in_later_eras(clause: str, era: str) -> None:
    """In every later era too, but where that kernel leaves no way to the other side: what is mended there."""
    quiet, loud = SHOWN_BY[clause]
    breaks, keeps = VERDICTS[CLAUSES[clause].kind]
    found = (check(builtin(quiet, era))[clause].verdict, check(builtin(loud, era))[clause].verdict)
    assert found == MENDED.get((clause, era), (keeps, breaks))


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
