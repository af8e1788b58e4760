"""What is wrong with a run that has come to its end, and whose fault it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..contract.check import CHECKS
from ..contract.clauses import BROKEN, CLAUSES, PROMISE
from ..scenario.clauses import claims_of, judge_claims
from ..scenario.dump import describe
from ..scenario.judge import judge_end
from .history import JUDGED, about
from .same import blurred

if TYPE_CHECKING:
    from .run import Run

KERNEL, CALLER, EXPECTATION = "kernel", "caller", "expectation"
WHOSE = {
    KERNEL: "a bug of this kernel: it breaks what it promises",
    CALLER: "the caller's own bug: a duty broken, or something relied on that nobody promised",
    EXPECTATION: "what the scenario expects holds in some orders only, and no clause of the contract speaks of it",
}
"""Who has to mend something."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: two problems are the same if they are of one ``kind``, called the same and ``about`` the
    same thing, however the schedules differ.

    ``kind``: ``unmet`` (an expectation; ``name`` is the step's number, from 1), ``clause`` (``name`` C1 to C21),
    ``isolation`` (``name`` says who sees whose bytes), ``leak``, ``invariant``, ``lockup``, ``deadlock``, ``stuck`` (a
    step that never came to its end). ``whose`` is out of :data:`WHOSE`; ``text`` a sentence for people.
    """

    kind: str
    name: str
    about: str = ""
    whose: str = field(default=KERNEL, compare=False)
    text: str = field(default="", compare=False)
    witness: dict[str, Any] | None = field(default=None, compare=False)
    """A step that shows it, where the scenario itself does not look."""


def problems(run: Run) -> tuple[Problem, ...]:
    """All that is wrong with a run that is over, each once, in a fixed order."""
    found = [*_unmet(run), *_clauses(run), *_isolation(run), *_leaks(run), *_machine(run), *_stuck(run)]
    return tuple(sorted(set(found)))


def _unmet(run: Run) -> Iterator[Problem]:
    for unmet in run.unmet:
        yield _expected(run, unmet.op, unmet.text)
    for op in range(run.ops.tops):
        for text in judge_end(run.world, run.ops.steps[op]):
            yield _expected(run, op, text)
    claims = claims_of(run.story.trace, run.ops.steps)
    for op, texts in judge_claims(run.story.trace, claims).items() if claims else ():
        for text in texts:
            yield _expected(run, op, text)


def _expected(run: Run, op: int, text: str) -> Problem:
    return Problem("unmet", str(op + 1), blurred(text), EXPECTATION, f"{_step(run, op)}: {text}")


def _step(run: Run, op: int) -> str:
    """A step by its number, or an op of one of the scenario's own races."""
    words = describe(run.ops.steps[op])
    return f"step {op + 1} ({words})" if op < run.ops.tops else f"in a race, {words}"


def _clauses(run: Run) -> Iterator[Problem]:
    for name in JUDGED:
        whose = KERNEL if CLAUSES[name].kind == PROMISE else CALLER
        for place in CHECKS[name](run.story):
            if place.verdict == BROKEN:
                yield Problem("clause", name, about(place), whose, f"{name} ({CLAUSES[name].kind}): {place.text}")


def _isolation(run: Run) -> Iterator[Problem]:
    for lost in run.isolation.lost:
        text = f"{_step(run, lost.op)}: {lost.text}"
        if lost.by_get:
            text += ". The page was taken with FOLL_GET; fork spares only what a FOLL_PIN holds"
        who = CALLER if lost.by_get else KERNEL
        named = f"{lost.seen_by} sees {lost.writer}"
        yield Problem("isolation", named, str(lost.op), who, f"isolation is lost in {text}", lost.witness)


def _leaks(run: Run) -> Iterator[Problem]:
    left = sum(run.kernel.leaked_pages().values())
    if left:
        are = "page is" if left == 1 else "pages are"
        yield Problem("leak", str(left), "", CALLER, f"{left} {are} never put: the frame can never be free again")


def _machine(run: Run) -> Iterator[Problem]:
    if run.broken:
        text = f"an invariant of the kernel is broken: {run.broken}"
        yield Problem("invariant", blurred(run.broken), "", KERNEL, text)
    for report in run.kernel.debug.reports:
        if report.kind == "soft lockup":
            yield Problem("lockup", report.task, "", KERNEL, f"soft lockup: {report.text}")


def _stuck(run: Run) -> Iterator[Problem]:
    if run.problem or run.queue:
        text = run.problem or "deadlock: " + "; ".join(queued.text for queued in run.queue)
        yield Problem("deadlock", blurred(text), "", KERNEL, text)
    elif not run.broken:
        for op in range(run.ops.tops):
            if op not in run.done:
                yield Problem("stuck", str(op + 1), "", EXPECTATION, f"{_step(run, op)} never came to its end")


def whose(found: tuple[Problem, ...]) -> str:
    """Whose fault a schedule is: the caller's if a duty was broken in it, the kernel's if it alone failed.

    >>> whose((Problem("clause", "C7"), Problem("unmet", "3", whose=EXPECTATION)))
    'kernel'
    >>> whose((Problem("clause", "C5"), Problem("clause", "C16", whose=CALLER)))
    'caller'
    """
    said = {problem.whose for problem in found}
    return next(one for one in (CALLER, KERNEL, EXPECTATION) if one in said)
