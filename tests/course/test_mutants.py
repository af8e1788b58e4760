"""The checks catch the faults that a solution can have: nine mutants of ten, and the rest is explained.

``survivors/psN.txt`` has a line for each mutant that no check catches: what it is, and why it is no fault or why it may
live.
"""

import pytest

from tests.course import common
from tests.course.mutants import mutants

FOR_MAKE_TEST = 3
"""How many mutants of each set ``make test`` tries."""


def solutions(problem_set: str) -> dict[str, str]:
    """The solution cells of a source notebook."""
    cells = (c for c in common.source(problem_set).cells if c.cell_type == "code")
    tagged = (c for c in cells if c.metadata.get("nbgrader", {}).get("solution"))
    return {c.metadata.nbgrader["grade_id"]: c.source for c in tagged}


def all_mutants(problem_set: str) -> dict[str, str]:
    """Every mutant: its name and the source that takes the cell's place."""
    return {
        f"{cell}, {what}": text for cell, source in solutions(problem_set).items() for what, text in mutants(source)
    }  # fmt: skip


def survivors(problem_set: str) -> dict[str, str]:
    """The explained survivors: name → reason."""
    path = common.HERE / "survivors" / f"{problem_set}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split(" :: ", 1) for line in lines if " :: " in line)


def lives(problem_set: str, text: str) -> bool:
    """No check notices this mutant, on no sheet: a fault may lie where only some of the rules lead."""
    students = common.student_of_each_sheet(problem_set)
    order = [students[0], students[-1], *students[1:-1]]
    return not any(common.lost(common.graded(problem_set, text, student=student)) for student in order)


def some(problem_set: str) -> list[str]:
    """A few mutants, from all parts of the solution, none of which is a known survivor."""
    names = [name for name in all_mutants(problem_set) if name not in survivors(problem_set)]
    return names[:: max(1, len(names) // FOR_MAKE_TEST)][:FOR_MAKE_TEST]


@pytest.mark.parametrize("problem_set", common.SETS)
def test_some_mutants_are_caught(problem_set) -> None:
    """A sample of the mutants is caught."""
    every = all_mutants(problem_set)
    assert [name for name in some(problem_set) if lives(problem_set, every[name])] == []


@pytest.mark.prove
@pytest.mark.parametrize("problem_set", common.SETS)
def test_nine_mutants_of_ten_are_caught(problem_set) -> None:
    """All mutants: who survives is listed with a reason, nobody else is, and they are at most one in ten."""
    every = all_mutants(problem_set)
    alive = {name for name, text in every.items() if lives(problem_set, text)}
    assert alive == set(survivors(problem_set))
    assert len(alive) <= len(every) / 10
