"""A scenario as a reader's choices change it."""

from __future__ import annotations

from dataclasses import replace

from ..scenario.model import Injection, Scenario, Step
from .choices import AS_WRITTEN, Choices, as_written, toggles_on
from .meanwhile import injected


def edited(scenario: Scenario, choices: Choices) -> Scenario:
    """The scenario under ``choices``: the very same one where they say what its author wrote.

    What the author expected, asked and remarked holds for the original only: from the changed call on it is left
    out. Raises ScenarioError where the choices lead to something that cannot be run.

    >>> from gupkit.widgets.choices import Choices
    >>> s = Scenario.load("munmap-waits")
    >>> edited(s, as_written(s, 1)) is s, edited(s, Choices(1)).steps[1].args["flags"]
    (True, ())
    """
    if choices == as_written(scenario, choices.call):
        return scenario
    step = _raced(scenario, _switched(scenario.steps[choices.call], choices.on), choices)
    before, after = scenario.steps[: choices.call], scenario.steps[choices.call + 1 :]
    steps = (*before, _plain(step), *map(_plain, after))
    checked = replace(scenario, steps=steps).checked()
    return replace(checked, source=scenario.source, path=scenario.path)


def _switched(step: Step, on: frozenset[str]) -> Step:
    """The step with its toggles as in ``on``; a step that is no ``gup`` has none."""
    if step.op != "gup" or on == toggles_on(step):
        return step
    kept = [flag for flag in step.args["flags"] if flag not in ("WRITE", "FORCE")]
    flags = (*(flag for flag in ("WRITE", "FORCE") if f"FOLL_{flag}" in on), *kept)
    nonblocking = 1 if "nonblocking" in on else None
    return replace(step, args={**step.args, "flags": flags, "nonblocking": nonblocking, "vmas_array": "vmas" in on})


def _raced(scenario: Scenario, step: Step, choices: Choices) -> Step:
    if choices.meanwhile == AS_WRITTEN:
        return step
    if choices.moment is None:
        return replace(step, race=())
    at, nth = choices.moment
    do = injected(scenario, choices.call, choices.meanwhile)
    return replace(step, race=(Injection(at, nth, (do,)),))


def _plain(step: Step) -> Step:
    return replace(step, expect={}, predict=None, note="")
