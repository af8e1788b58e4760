"""A scenario is a value: typed, complete, and the same after a trip through text."""

from dataclasses import replace

import pytest

from gupkit.errors import ScenarioError
from gupkit.scenario import FileRef, PinRef, Scenario, Target, builtin_names
from gupkit.scenario.ops import OPS

EVERYTHING = """
title: every key once
about: Some *prose*.
era: "2.6.39"
needs: [swap]
files:
  f1: [0x61, 0x62]
  cold: {pages: [1], cached: false}
  m: {pages: [2], memfd: true}
steps:
- mmap: {as: A, pages: 4, prot: r, file: f1, offset: 1, ro: true, flags: [NORESERVE]}
- gup: {as: pins, at: "A[1:3]", flags: [WRITE, FORCE], nonblocking: 1, vmas_array: true, by: T2}
  race:
  - {at: cond_resched, nth: 2, do: [{madvise: {by: T3, at: "A[0]", advice: FREE}}, {fork: {as: C}}]}
  expect: {ret: 2, nonblocking: 1, faults: {minor: 1}, same_frame: ["A[1]", "C:A[1]", "pins[0]", "file:f1[0]"],
           refcount: {"pins[1]": 2, "A[0]": 1}, clause: C7, present: "A[1:3]"}
  note: Said once.
  predict: {question: How many?, choices: [1, 2], answer: 2}
- gup: {as: fast, at: A, api: get_user_pages_fast}
- process_vm_readv: {iov: [["A[0]", 4096], [0x1000, 1]], of: C}
- exit:
"""


@pytest.fixture(name="everything")
def load_everything() -> Scenario:
    """A scenario with every key of the format."""
    return Scenario.from_text(EVERYTHING, "everything.yaml")


def test_places_and_defaults_are_typed(everything: Scenario) -> None:
    """Places are parsed, and every argument of the op is there."""
    gup = everything.steps[1]
    assert gup.args["at"] == Target("A", 1, 2)
    assert set(gup.args) == {arg.name for arg in OPS["gup"].args}
    assert (gup.by, gup.args["pages"], gup.args["lock"], gup.args["api"]) == ("T2", None, "read", "__get_user_pages")
    assert everything.steps[2].args["lock"] == "none"


def test_a_name_of_pins_is_a_pin_in_an_expectation(everything: Scenario) -> None:
    """``pins[0]`` looks like a page of a region; that it is a pin, the names say."""
    expect = everything.steps[1].expect
    assert expect["same_frame"] == (
        Target("A", 1, 1), Target("A", 1, 1, process="C"), PinRef("pins", 0), FileRef("f1", 0),
    )  # fmt: skip
    assert expect["refcount"] == {PinRef("pins", 1): 2, Target("A", 0, 0): 1}


def test_the_race_is_there(everything: Scenario) -> None:
    """Injections have their point, their count and their ops."""
    (injection,) = everything.steps[1].race
    assert (injection.at, injection.nth, [step.op for step in injection.do]) == ("cond_resched", 2, ["madvise", "fork"])


def test_choices_and_answer_are_text(everything: Scenario) -> None:
    """A choice may be written as a number; it is shown as text."""
    assert everything.steps[1].predict.choices == ("1", "2")
    assert everything.steps[1].predict.answer == "2"


def test_lines_are_known(everything: Scenario) -> None:
    """Each step knows the line it begins in."""
    assert [step.line for step in everything.steps] == [11, 12, 19, 20, 21]


def test_to_dict_loads_as_an_equal_scenario(everything: Scenario) -> None:
    """A trip through plain values changes nothing but lines and source."""
    again = Scenario.load(everything.to_dict())
    assert again.to_dict() == everything.to_dict()
    assert again.checked() == again


def test_to_yaml_loads_as_an_equal_scenario(everything: Scenario) -> None:
    """A trip through text changes nothing but lines and source."""
    assert Scenario.from_text(everything.to_yaml()).to_dict() == everything.to_dict()


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_scenario_makes_the_trip(name: str) -> None:
    """Each built-in scenario is the same after a trip through text."""
    scenario = Scenario.load(name)
    assert Scenario.from_text(scenario.to_yaml()).to_dict() == scenario.to_dict()


def test_an_edit_is_checked_on_demand(everything: Scenario) -> None:
    """An edited scenario can be checked again, and a bad edit is refused."""
    steps = everything.steps
    fewer = replace(everything, steps=steps[:1])
    assert len(fewer.checked().steps) == 1
    with pytest.raises(ScenarioError, match="unknown region 'A'"):
        replace(everything, steps=steps[2:3]).checked()


def test_load_takes_a_scenario(everything: Scenario) -> None:
    """Loading a scenario checks it and gives an equal one."""
    assert Scenario.load(everything).to_dict() == everything.to_dict()
