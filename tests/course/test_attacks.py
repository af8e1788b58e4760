"""No attack gains a point, whichever way it is graded, and none costs anybody else one."""

import re

import pytest

from tests.course import common

ATTACKS = [(path.parent.name, path) for path in sorted((common.HERE / "attacks").glob("*/*.py"))]
SLOW = {"fork_bomb", "endless_print", "flooded_channel", "endless_loop", "memory", "stays_behind"}
"""Attacks that are only over when their time is."""


def stubs(problem_set: str) -> tuple[str, ...]:
    """The code of the release: nothing is solved."""
    return tuple(common.stub(cell) for cell in common.student_cells(problem_set))


def parameters():
    """All attacks; the slow ones are for make prove."""
    for problem_set, path in ATTACKS:
        marks = [pytest.mark.prove] if path.stem in SLOW else []
        yield pytest.param(problem_set, path, id=f"{problem_set}-{path.stem}", marks=marks)


@pytest.mark.parametrize(("problem_set", "path"), list(parameters()))
def test_an_attack_gains_nothing_and_costs_nobody_anything(problem_set, path) -> None:
    """The release with the attack gets no point in any cell; the honest submission after it gets all of them."""
    outcome = common.graded(problem_set, path.read_text(encoding="utf-8"), cells=stubs(problem_set))
    assert common.lost(outcome) == {cell.removeprefix("test-") for cell in common.questions(problem_set)}
    assert [text for text in said(outcome) if not text.isprintable()] == []
    assert common.lost(common.graded("ps1")) == set()


def said(outcome):
    """Every line that a reader gets: why a cell stopped, what is wrong with an answer, what the instructor is told."""
    yield from (*outcome.cells, outcome.problem)
    for cell, text in outcome.wrong.items():
        first, *more = text.split("\n  ")
        assert re.match(r"[a-z-]+: ", first), cell
        yield from (first, *more)


def test_there_are_enough_attacks() -> None:
    """At least fifteen."""
    assert len(ATTACKS) >= 15
