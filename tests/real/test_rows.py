"""What a real 2.6.39 answered, told as scenarios: one file in ``rows/`` for a row of measurements.

Beside what ``expect`` says, the note of a step that calls ``__get_user_pages`` tells the list of
``handle_mm_fault`` results that the real loop saw, and perhaps how mmap_sem stood afterwards:
``real: [0x200, 0x8] lock none``. So the format and its runner are measured too, not only the kernel.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gupkit as gk

ROWS = sorted(Path(__file__).with_name("rows").glob("*.yaml"))
NOTE = re.compile(r"real: \[(?P<faults>.*)\](?: lock (?P<lock>read|write|none))?")

MEASURED = [*map(str, range(1, 35)), "X1", "X2", "X3", "X22", "X23", "T"]
"""The rows of measurements. 32 was never given out."""
NOT_EXPRESSIBLE = {
    "32": "no such row",
    "34": "huge pages are not part of the simulated kernel yet",
    "T": "nor are transparent huge pages",
    "X3": "no op takes PG_uptodate from a page; the replay of the recording does it by hand",
}


def test_every_measured_row_has_a_scenario_or_an_excuse() -> None:
    """The titles name the rows; together with the excuses they are all there is."""
    named = {number for path in ROWS for number in _numbers(gk.Scenario.load(path).title)}
    assert named | NOT_EXPRESSIBLE.keys() == set(MEASURED)
    assert not named & NOT_EXPRESSIBLE.keys()


def _numbers(title: str) -> list[str]:
    """The row numbers before the colon of a title, without the letter of a part: ``Row 29 and 30: …``."""
    head = title.split(":")[0]
    return re.findall(r"X\d+|\d+", head)


@pytest.mark.parametrize("path", ROWS, ids=lambda path: path.stem)
def test_a_row_comes_out_as_measured(path: Path) -> None:
    """Every expectation can be observed and holds, and every fault result is the real one."""
    scenario = gk.Scenario.load(path)
    for plan, step in zip(scenario.steps, gk.run(scenario).steps, strict=True):
        where = f"step {step.index}: {step.text}"
        assert (step.unmet, step.unobservable) == ((), ()), where
        if plan.op == "gup" and plan.args["api"] == "__get_user_pages":
            note = NOTE.fullmatch(plan.note or "")
            assert note, f"{where}: the note does not tell what the real kernel did"
            results = [hex(result) for result, _, _ in step.result["fault_results"]]
            assert results == re.findall(r"0x\w+", note["faults"]), where
            assert step.result["lock_after"] == (note["lock"] or "read"), where
