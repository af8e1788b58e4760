"""Plans for the card of ps7: what can be done and expected on a bench, and what is refused."""

import pytest

from gupkit.course.bench import Bench
from gupkit.course.old_driver import OLD
from gupkit.course.plans import Planned, play, tried
from gupkit.errors import GupkitError

RULE = {"way": 1}
MAP = ["map", "A", "file", 3]


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (None, "at most 60 steps"),
        ("map A file 3", "at most 60 steps"),
        ([["writeback"]] * 61, "at most 60 steps"),
        ([["jump"]], r"step 1, \['jump'\]: a step is a list that begins with one of map, begin"),
        ([[]], "begins with one of"),
        ([[["map"]]], "begins with one of"),
        ([["map", "A", "file"]], "it needs 3 values: new, kind, pages"),
        ([["map", "A", "cloth", 3]], "'cloth' is not one of untouched, written"),
        ([["map", "A", "file", 10]], "'10' is not a number from 1 to 9"),
        ([["map", "A", "file", True]], "'True' is not a number from 1 to 9"),
        ([["map", "A", "file", 10**9]], "'1000000000' is not a number from 1 to 9"),
        ([MAP, MAP], "step 2, .*'A' is not a new, short name"),
        ([MAP, ["begin", "B", 3, "in"]], "'B' is not one of A"),
        ([MAP, ["begin", "A", 3, "up"]], "'up' is not one of in, out"),
        ([["map", "A", "written", 1], ["cut", "A", 0]], "'A' is not the name of memory with a file behind it"),
        ([["expect"]], "after expect comes one of references"),
        ([["expect", "joy"]], "after expect comes one of references"),
        ([MAP, ["expect", "disk", "A", 0, 256]], "'256' is not a number from 0 to 255"),
        ([MAP, ["expect", "disk", "A", 0]], "it needs 3 values: name, count, byte"),
    ],
)
def test_a_step_that_is_none_is_named(plan, told) -> None:
    """Which step, what of it, and what is needed; whatever a stranger sends, nothing else comes of it."""
    with pytest.raises(GupkitError, match=told):
        tried(RULE, plan, OLD)


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ([MAP, ["expect", "P reads", "A", 0, 0x61]], "step 2: P reads A 0: expected 97, found None"),
        ([MAP, ["begin", "A", 3, "out"], ["expect", "P reads", "A", 1, 0x62]], "passes"),
        ([MAP, ["begin", "A", 3, "in"], ["expect", "references", 3], ["expect", "references", 0]],
         "step 4: references: expected 0, found 3"),
        ([MAP, ["begin", "A", 3, "in"], ["card", 9], ["finish"], ["expect", "P reads", "A", 2, 0xC3]], "passes"),
        ([MAP, ["begin", "A", 3, "in"], ["jam"], ["card", 2], ["expect", "P reads", "A", 0, 0x61]], "passes"),
        ([["map", "A", "untouched", 1], ["begin", "A", 1, "in"], ["card", 1], ["expect", "Q reads", 0]],
         "step 4: Q reads: expected 0, found 193"),
        ([MAP, ["begin", "A", 3, "out"], ["finish"], ["close"], ["expect", "quiet"]], "double put"),
        ([MAP, ["cut", "A", 1], ["expect", "disk", "A", 2, 0]], "step 3: disk A 2: expected 0, found None"),
        ([MAP, ["unmap", "A"], ["begin", "A", 1, "in"], ["expect", "references", 0]], "passes"),
    ],
)  # fmt: skip
def test_what_a_plan_says_of_the_old_driver(plan, says) -> None:
    """The first expectation that does not hold, with what was found; ``passes`` if all hold."""
    assert says in tried(RULE, plan, OLD)


def test_the_old_driver_works_on_the_desk() -> None:
    """What was read comes out right, is held while the card is at work, and is given back."""
    bench = Bench(RULE, ("read", "references"))
    log = play(bench, [MAP, ["begin", "A", 3, "out"], ["card", 1], ["finish"]], OLD).log
    assert log["in the end"] == {"the card has read": [0x61, 0x62, 0x63]}
    held = {f"references to page {i} of A": 1 for i in range(3)}
    assert next(iter(log.values())) == {"returned": "no error"} | held


def test_who_cuts_slowly_gets_on_when_somebody_waits() -> None:
    """The pages' locks are held until the driver wants one: then the file is cut, and the wait is counted."""
    bench = Bench(RULE, ("waits",))
    planned = Planned(bench, [MAP, ["begin", "A", 3, "out"], ["finish"], ["cut slowly", "A", 1],
                              ["begin", "A", 3, "in"]], OLD)  # fmt: skip
    bench.card.held.clear()
    planned.play(OLD | {"finish": lambda card: card.held.clear()})
    assert bench.waited == 1
    assert sorted(bench.regions["A"].file.mapping.pages) == [0]
    assert repr(planned).startswith("map A file 3, begin A 3 out, finish")
    assert planned.test([MAP], OLD) == "passes"
