"""The built-in scenarios: each holds, each teaches, and the debug layer speaks in those about a mistake only."""

from functools import cache

import pytest

from gupkit.interleave.races import RACES
from gupkit.scenario import Scenario, builtin_names
from gupkit.scenario.outcomes import catalogue
from gupkit.scenario.runner import run
from gupkit.trace import Trace

CRIMES = {"no-lock", "write-lock", "leak", "short-leak"}
"""Scenarios about a caller's mistake, in which the debug layer must speak up."""

MEASURED = set(catalogue().rows)
"""Scenarios whose point is their outcome in each era."""
INTENTS = {race.scenario for race in RACES}
"""Scenarios that only say what must hold in every order: gupkit explore asks the question."""


@cache
def trace(name: str) -> Trace:
    """The run of a built-in scenario, every invariant checked after each op."""
    return run(Scenario.load(name), check=True)


@pytest.mark.parametrize("name", builtin_names())
def test_every_expectation_holds(name: str) -> None:
    """Each built-in scenario comes to its end, every expectation observed and met."""
    result = trace(name)
    assert result.problem == ""
    assert {step.index + 1: found for step in result.steps if (found := step.unmet + step.unobservable)} == {}


@pytest.mark.parametrize("name", builtin_names())
def test_every_scenario_teaches(name: str) -> None:
    """Each has a title, lines about it and an expectation; one that is neither in the catalogue of measured stories nor
    an intent for the search also asks its reader something."""
    scenario = Scenario.load(name)
    assert 10 < len(scenario.title) < 80
    assert 1 <= len(scenario.about.splitlines()) <= 6
    assert any(step.predict for step in scenario.steps) or name in MEASURED | INTENTS | {"invalidate-dirty"}
    assert any(step.expect for step in scenario.steps)


@pytest.mark.parametrize("name", builtin_names())
def test_every_race_is_reached(name: str) -> None:
    """Each injection fires: its schedule point is passed as often as it says."""
    assert not [event for event in trace(name).events if event.name == "race_not_reached"]


@pytest.mark.parametrize("name", builtin_names())
def test_the_debug_layer_speaks_where_a_duty_is_broken(name: str) -> None:
    """A BUG is reported in the scenarios about a caller's crime, and in no other."""
    bugs = [event["kind"] for event in trace(name).events if event.name == "BUG"]
    assert bool(bugs) == (name in CRIMES), bugs


def test_clauses_are_covered() -> None:
    """Every clause of the contract but C19, which has no effect on x86, is the subject of some scenario."""
    about = " ".join(Scenario.load(name).about for name in builtin_names())
    words = set(about.replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ").split())
    assert {f"C{n}" for n in range(1, 22)} - words == {"C19"}
