"""The table of clauses."""

import gupkit.contract
from gupkit.contract import CLAUSES, KINDS, parts
from gupkit.contract.locks import USER_OPS
from gupkit.kernel import flags
from gupkit.scenario.ops import OPS
from gupkit.scenario.vocabulary import CLAUSES as NAMES


def test_there_are_21_clauses() -> None:
    """C1 to C21, in order, the same that a scenario may expect, each with a check."""
    assert tuple(CLAUSES) == NAMES == tuple(gupkit.contract.CHECKS)


def test_each_clause_has_a_kind_words_and_a_source() -> None:
    """The kinds are the three; text and title are written out; the source names a file or the documentation."""
    for clause in CLAUSES.values():
        assert clause.kind in KINDS
        assert clause.text.endswith(".")
        assert 0 < len(clause.title) <= 40
        assert ".c" in clause.source or ".txt" in clause.source


def test_the_package_shows_the_same_kinds() -> None:
    """The table in the package's docstring lists each clause with its kind."""
    rows = [line.split() for line in gupkit.contract.__doc__.splitlines() if line.startswith("C") and "  " in line]
    assert {row[0]: row[1] for row in rows if row[0] in CLAUSES} == {c.name: c.kind for c in CLAUSES.values()}


def test_flags_are_the_kernels() -> None:
    """The numbers by which the contract reads gup_flags are those of the simulated kernel's events."""
    for name in ("FOLL_WRITE", "FOLL_GET", "FOLL_FORCE", "FOLL_NOWAIT", "FOLL_PIN"):
        assert getattr(parts, name) == getattr(flags, name)


def test_user_ops_are_those_a_task_can_do() -> None:
    """What counts as user space are the ops that a task does and that are not the simulated kernel's alone."""
    assert {op.name for op in OPS.values() if op.acts and not op.sim_only} == USER_OPS
