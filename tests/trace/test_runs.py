"""Entries told by runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gupkit.trace.runs import Run, RunTable, like, runs
from gupkit.trace.snapshot import Pte

ptes = st.builds(Pte, pfn=st.none() | st.integers(0, 9), present=st.booleans(), write=st.sampled_from([None, True]),
                 swap=st.none() | st.integers(0, 9))
tables = st.dictionaries(st.integers(0, 30), ptes)


def as_runs(table: dict[int, Pte]) -> RunTable:
    """The same table, kept as runs."""
    return RunTable(
        Run(first, count, like(head), [table[i].pfn for i in range(first, first + count)],
            [table[i].swap for i in range(first, first + count)])
        for first, count, head in runs(table))


@given(tables)
def test_a_table_of_runs_is_equal_to_the_dict(table: dict[int, Pte]) -> None:
    """Kept as runs, a table has the same entries, in the same order, and as many."""
    kept = as_runs(table)
    assert kept == table
    assert list(kept) == sorted(table)
    assert len(kept) == len(table)
    assert [kept.get(index) for index in range(-2, 40)] == [table.get(index) for index in range(-2, 40)]


@given(tables)
def test_runs_are_maximal_and_complete(table: dict[int, Pte]) -> None:
    """Runs follow each other in order, hold every entry, and neighbours that touch differ."""
    told = list(runs(table))
    assert [i for first, count, _ in told for i in range(first, first + count)] == sorted(table)
    assert all(head == table[first] for first, _, head in told)
    assert all(a + n < b or like(one) != like(other)
               for (a, n, one), (b, _, other) in zip(told, told[1:], strict=False))
    assert list(as_runs(table).runs()) == told


@pytest.mark.parametrize("wrong", [
    [Run(0, 0, Pte())],
    [Run(-1, 2, Pte())],
    [Run(511, 2, Pte())],
    [Run(0, 3, Pte()), Run(2, 1, Pte())],
    [Run(5, 1, Pte()), Run(0, 1, Pte())],
    [Run(0, 2, Pte(), pfns=[1])],
    [Run(0, 1, Pte(), slots=[1, 2])],
])
def test_runs_that_do_not_fit_are_refused(wrong: list[Run]) -> None:
    """Runs that overlap, leave the table, or have too few numbers raise ValueError."""
    with pytest.raises(ValueError, match="run"):
        RunTable(wrong)
