"""Nearest words, and where in a source something stands."""

from gupkit.scenario.explain import find
from gupkit.scenario.where import Where
from gupkit.scenario.words import hint, nearest, quote


def test_case_does_not_matter() -> None:
    """A word in the wrong case is found."""
    assert nearest("dontneed", ["DONTNEED", "FREE"]) == "DONTNEED"


def test_nothing_near_lists_few_choices_and_not_many() -> None:
    """Where no word is near, a handful of choices is listed; a long list is not."""
    assert "'a'" in hint("zzz", ["a", "b"])
    assert hint("zzz", [f"word{n}" for n in range(30)]) == ""
    assert hint("zzz", []) == ""


def test_quotes_stay_on_one_line_and_short() -> None:
    """What a person wrote is quoted without line breaks and cut when long."""
    assert "\n" not in quote("a\nb")
    assert len(quote("x" * 1000)) <= 60


def test_the_line_of_something_unknown_is_that_of_what_holds_it() -> None:
    """A path without a line of its own takes the nearest one around it."""
    where = Where("f", {(): 1, ("steps",): 3})
    assert where.line(("steps", 4, "load")) == 3
    assert Where("f").line(("steps",)) == 0


def test_find_takes_keys_with_brackets_and_dots() -> None:
    """A key may look like a path itself; the longest key that fits is taken."""
    assert find(".a.b[0]", {"a": {"b[0]": 1, "b": [2]}}) == ("a", "b[0]")
    assert find(".a.gone", {"a": {}}) == ("a",)
