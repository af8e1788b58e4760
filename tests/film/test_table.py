"""Values sent once."""

from gupkit.film.table import Table


def test_values_of_any_kind_have_numbers() -> None:
    """Lists are told apart by what they hold, a string from a list that looks alike, and news come once."""
    table = Table()
    numbers = [table.number(value) for value in (["a"], '["a"]', ["a"], "b", {"k": 1}, {"k": 1})]
    assert numbers == [0, 1, 0, 2, 3, 3]
    assert table.news() == [["a"], '["a"]', "b", {"k": 1}]
    assert table.news() == []
    assert table.number("c") == 4
    assert table.news() == ["c"]
