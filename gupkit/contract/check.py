"""Judging a trace by the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..trace.trace import Trace
from . import content, lifetime, locks, mapping, returns, writes
from .clauses import CLAUSES
from .finding import Finding, Findings, Place
from .story import Story

CHECKS: dict[str, Callable[[Story], Iterator[Place]]] = {
    "C1": locks.hold_lock,
    "C2": locks.hold_for_reading,
    "C3": lifetime.put_once,
    "C4": returns.put_what_came,
    "C5": returns.count_or_errno,
    "C6": mapping.vmas_outlive,
    "C7": mapping.page_of_that_instant,
    "C8": mapping.stays_mapped,
    "C9": mapping.no_other_page,
    "C10": lifetime.not_freed,
    "C11": content.content_stays_valid,
    "C12": writes.no_write_without_asking,
    "C13": writes.dirty_after_write,
    "C14": writes.dirty_before_put,
    "C15": writes.right_mark,
    "C16": locks.look_at_flag,
    "C17": locks.fast_without_lock,
    "C18": returns.charged_to_tsk,
    "C19": content.caches_agree,
    "C20": returns.nothing_held,
    "C21": locks.no_lock_to_user_space,
}
"""Clause → the check that yields a :class:`Place` for each moment that put it to the test."""


def check(trace: Trace) -> Findings:
    """One finding for each clause, C1 to C21, over a whole trace, simulated or loaded.

    >>> from gupkit.trace import Snapshot, Trace
    >>> check(Trace(Snapshot()))["C3"].verdict
    'not reached'
    """
    story = Story(trace)
    return Findings([
        Finding(clause, tuple(sorted(CHECKS[name](story), key=_when))) for name, clause in CLAUSES.items()
    ])  # fmt: skip


def _when(place: Place) -> tuple[int, int]:
    return place.event, place.address or 0
