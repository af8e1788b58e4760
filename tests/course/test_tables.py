"""Tables of what a rule answers, and kernels that go by them."""

import pytest

from gupkit.course.races import RIGHT, forking, mending, struck, told
from gupkit.course.sets.ps8 import RULES
from gupkit.course.tables import asked, forced_write, fork_rules
from gupkit.errors import GupkitError
from gupkit.kernel.flags import FOLL_COW

KEPT = next(rule for rule in RULES if rule["memory"] == "kept" and rule["count"] == "less")
LOST = next(rule for rule in RULES if rule["memory"] == "lost" and rule["dirty"] == "writers")
FILE = "a forced write to a page of a file"


def table(rule, after_copy, may_follow):
    """The table of two functions."""
    return forced_write(asked(rule, None), {"after_copy": after_copy, "may_follow": may_follow})


def test_a_bit_of_ones_own_is_lost_where_the_sheet_says_so() -> None:
    """With the same functions one kernel finds the flag again and comes to an end, the other goes round."""
    rule = lambda flags: flags | FOLL_COW, lambda vma, pte, page, flags: bool(flags & FOLL_COW)  # noqa: E731
    assert told(FILE, mending(KEPT, table(KEPT, *rule)), 0, (1, 2)) == RIGHT
    assert "EIO" in told(FILE, mending(LOST, table(LOST, *rule)), 0, (1, 2))


def test_a_rule_sees_what_the_sheet_shows() -> None:
    """The dirty bit of every entry where readers set it, the map count of the others, and no count at all."""
    seen = set()
    for rule in RULES:
        table(rule, lambda flags: flags, lambda vma, pte, page, flags, rule=rule: seen.add(
            (rule["dirty"], rule["count"], bool(pte & 0x40), page.mapcount if page and page.anon else None)
        ))  # fmt: skip
    assert {dirty for which, _, dirty, _ in seen if which == "readers"} == {True}
    assert {dirty for which, _, dirty, _ in seen if which == "writers"} == {True, False}
    assert {count for _, which, _, count in seen if which == "less"} == {None, 0, 1}
    assert {count for _, which, _, count in seen if which == "none"} == {None, 0}


@pytest.mark.parametrize(
    "forged",
    [
        {}, {"after_copy": {}, "may_follow": {}}, {"after_copy": None, "may_follow": {}},
        {"after_copy": {"23": None}, "may_follow": {}}, {"after_copy": {"23": -1}, "may_follow": {}},
        {"after_copy": {"23": 1 << 40}, "may_follow": {}}, {"after_copy": {"23": True}, "may_follow": {}},
    ],
)  # fmt: skip
def test_a_table_from_a_stranger_is_not_believed(forged) -> None:
    """Whatever is in it, one clear sentence comes of it and nothing else."""
    with pytest.raises(GupkitError, match="after_copy"):
        told(FILE, mending(KEPT, forged), 0, (1, 2))


def test_a_table_about_forks_is_needed_whole() -> None:
    """What is missing counts as no; a table that is none is refused."""
    with pytest.raises(GupkitError, match="fork_copies could not be asked"):
        told("a fork, and the parent writes", forking(KEPT, {"may_take_over": {}}), 0, (3, 4))
    nobody = forking(KEPT, {"may_take_over": {}, "fork_copies": {}})
    assert told("a fork, and the parent writes", nobody, 0, (3, 4)) == RIGHT


def test_the_weight_of_a_pin_is_the_sheets() -> None:
    """A rule that knows it keeps the pinned page with its owner; one for another weight does not."""
    for weight, right in ((KEPT["bias"], True), (1024, False)):
        answers = {
            "may_take_over": lambda page: not page.shared if page.shared is not None else page.exclusive,
            "fork_copies": lambda page, weight=weight: page.count >= weight,
        }  # fmt: skip
        era = forking(KEPT, fork_rules(KEPT, answers))
        assert (told("a pin, a fork, the parent writes", era, 0, (3, 4)) == RIGHT) is right


@pytest.mark.parametrize(
    ("nth", "deeds", "problem"),
    [
        (0, ["give up"], "a number from 1 on"), (True, ["give up"], "a number from 1 on"),
        ("3", ["give up"], "a number from 1 on"), (10**9, ["give up"], "a number from 1 on"),
        (3, [], "is a list"), (3, "give up", "is a list"), (3, ["wait"], "is a list"), (3, ["read"] * 5, "is a list"),
    ],
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(nth, deeds, problem) -> None:
    """A number, and a short list of what the others can do."""
    with pytest.raises(GupkitError, match=problem):
        struck(KEPT, ["read"], 0, nth, deeds)


def test_there_is_one_deadly_moment_for_each_page() -> None:
    """Of all places at which the others can strike, one changes the target, and it alone."""
    rule = next(rule for rule in RULES if rule["hole"] == "remember" and rule["around"] == "one")
    pages = ["untouched", "read", "copied"]
    deadly = [[n for n in range(1, 9) if struck(rule, pages, target, n, ["give up", "read"])] for target in range(3)]
    assert deadly == [[3], [5], [7]]
    assert struck(rule, pages, 1, 5, ["give up", "read"]) == [1]
