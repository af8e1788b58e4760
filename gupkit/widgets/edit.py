"""A scenario as a reader's choices change it."""

from __future__ import annotations

from dataclasses import replace

from ..scenario.model import Injection, Scenario, Step
from .choices import AS_WRITTEN, RIGHTS, Choices, as_written, gets_by_itself, region_step, toggles_on
from .meanwhile import injected


def edited(scenario: Scenario, choices: Choices) -> Scenario:
    """The scenario under ``choices``: the very same one where they say what its author wrote, whatever the era.

    What the author expected, asked and remarked holds for the original only: from the first changed step on it is
    left out. Raises ScenarioError where the choices lead to something that cannot be run.

    >>> from gupkit.widgets.choices import Choices
    >>> s = Scenario.load("munmap-waits")
    >>> edited(s, as_written(s, 1)) is s, edited(s, Choices(1)).steps[1].args["flags"]
    (True, ())
    """
    if replace(choices, era=None) == as_written(scenario, choices.call):
        return scenario
    steps = list(scenario.steps)
    steps[choices.call] = _raced(scenario, _switched(steps[choices.call], choices.on), choices)
    first = choices.call
    region = region_step(scenario, choices.call)
    if choices.rights is not None and region is not None:
        steps[region] = _allowed(steps[region], choices.rights)
        first = region
    checked = replace(scenario, steps=(*steps[:first], *map(_plain, steps[first:]))).checked()
    return replace(checked, source=scenario.source, path=scenario.path)


def _switched(step: Step, on: frozenset[str]) -> Step:
    """The step with its toggles as in ``on``; a step that is no ``gup`` has none."""
    if step.op != "gup" or on == toggles_on(step):
        return step
    wanted = {name.removeprefix("FOLL_") for name in on if name.startswith("FOLL_")}
    gets = gets_by_itself(replace(step, args={**step.args, "get": True}))
    kept = [flag for flag in step.args["flags"] if flag in wanted]
    flags = (*kept, *sorted(wanted - set(kept) - ({"GET"} if gets else set())))
    nonblocking = 1 if "nonblocking" in on else None
    args = {**step.args, "flags": flags, "nonblocking": nonblocking, "vmas_array": "vmas" in on}
    return replace(step, args=args | ({"get": "GET" in wanted} if gets else {}))


def _allowed(step: Step, rights: str) -> Step:
    """An ``mmap`` step with other rights; its own where they say the same."""
    prot, share = RIGHTS[rights]
    same = set(prot) == set(step.args["prot"])
    return replace(step, args={**step.args, "prot": step.args["prot"] if same else prot, "share": share})


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
