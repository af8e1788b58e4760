"""What a search found, written as a scenario: it replays to the very same violation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gupkit as gk
from gupkit.contract import check
from gupkit.contract.clauses import NON_PROMISE
from gupkit.interleave import Violation, explore
from gupkit.interleave.history import about
from gupkit.interleave.races import RACES
from gupkit.interleave.same import blurred
from gupkit.scenario import Scenario
from gupkit.trace import Trace


def unmet(trace: Trace) -> Iterator[tuple[str, str]]:
    """Each expectation that did not hold: of which op, and what came."""
    for step in trace.steps:
        for text in step.unmet:
            *races, sentence = re.split(r"in the race, (\w+): ", text)
            yield races[-1] if races else step.op, blurred(sentence)


def broken(trace: Trace) -> set[tuple[str, str]]:
    """Each clause that was broken, and about which page, call or process."""
    return {
        (finding.clause.name, about(place))
        for finding in check(trace).broken if finding.clause.kind != NON_PROMISE
        for place in finding.where if place.verdict == "broken"
    }  # fmt: skip


def replays(violation: Violation, out: Path) -> None:
    """What is written to a file runs to the same expectations, clauses and leaks, event by event as the story tells."""
    assert violation.shows
    trace = gk.run(violation.save(out))
    assert list(trace.events) == list(violation.trace.events)
    wanted = {(violation._ops.steps[int(p.name) - 1].op, p.about) for p in violation.problems if p.kind == "unmet"}
    witness = {} if wanted else violation.scenario.steps[-1].expect
    assert set(unmet(trace)) == wanted or "byte" in witness
    assert broken(trace) == {(p.name, p.about) for p in violation.problems if p.kind == "clause"}
    leaks = any(event.name == "BUG" and event["kind"] == "leak" for event in trace.events)
    assert leaks == any(p.kind == "leak" for p in violation.problems)


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.scenario)
def test_what_is_saved_breaks_in_the_same_place(race: Any, tmp_path: Path) -> None:
    """Every violation of every built-in race, saved and read again: the same steps miss the same expectations, the same
    clauses are broken about the same pages, and every event is the one that the story tells."""
    found = explore(Scenario.load(race.scenario), race.eras[-1], 1 if race.scenario != "race-lost-byte" else 2)
    assert found.violations
    for number, violation in enumerate(found.violations):
        replays(violation, tmp_path / f"{number}.yaml")


MAP: dict[str, Any] = {"mmap": {"as": "A", "pages": 1}}
STORE: dict[str, Any] = {"store": {"at": "A[0]", "byte": 1}}
FORK: dict[str, Any] = {"fork": {"as": "C"}}
PIN: dict[str, Any] = {"gup": {"as": "p", "at": "A[0]", "flags": ["WRITE"]}}
DEVICE: list[dict[str, Any]] = [{"page_store": {"pin": "p[0]", "byte": 3}}, {"set_page_dirty_lock": {"pin": "p"}},
                                {"put_page": {"pin": "p"}}]  # fmt: skip
SPLICE: dict[str, Any] = {"vmsplice": {"by": "C", "at": "A[0]", "pipe": "z"}}
UNMAP: dict[str, Any] = {"munmap": {"by": "C", "at": "A"}}
SECRET: dict[str, Any] = {"store": {"at": "A[0]", "byte": 9}}


def as_written(*steps: dict[str, Any]) -> Violation:
    """What is wrong with these steps in their order."""
    (violation,) = explore(Scenario.load({"title": "t", "steps": list(steps)}), max_switches=0).violations
    return violation


def test_a_look_is_taken_while_there_is_somebody_to_look() -> None:
    """Whose bytes a child sees that exits later is looked at before it exits, else in the end."""
    exits = as_written(MAP, STORE, PIN, FORK, *DEVICE, {"exit": {"by": "C"}})
    assert [step.op for step in exits.scenario.steps[4:6]] == ["page_store", "load"]
    stays = as_written(MAP, STORE, PIN, FORK, *DEVICE)
    assert [step.op for step in stays.scenario.steps[-2:]] == ["put_page", "load"]
    assert not exits.trace.ok
    assert not stays.trace.ok


def test_a_pipe_is_read() -> None:
    """What is in a pipe for another process to see is read from there, if it is all that the pipe holds."""
    alone = as_written(MAP, STORE, FORK, SPLICE, UNMAP, SECRET)
    assert alone.scenario.steps[-1].expect == {"bytes": "01"}
    assert alone.shows
    twice = as_written(MAP, STORE, FORK, SPLICE, SPLICE, UNMAP, SECRET)
    assert len(twice.scenario.steps) == 7
    assert not twice.shows
