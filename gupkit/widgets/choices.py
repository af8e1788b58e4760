"""What a reader can choose about one call of a scenario, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import GupkitError
from ..scenario.model import Scenario, Step
from ..scenario.words import hint

AS_WRITTEN = "as written"
"""What happens meanwhile is what the scenario itself says."""

NOTHING = "nothing"
"""Nobody interrupts the call."""

TOGGLES = ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas")
"""What can be switched on or off at a ``gup`` step: two flags, a pointer to 1 for NULL, an array for NULL."""


STATES = {
    "FOLL_WRITE": ("off", "on"), "FOLL_FORCE": ("off", "on"), "nonblocking": ("NULL", "pointer to 1"),
    "vmas": ("NULL", "array"),
}  # fmt: skip
"""Toggle → what is said of it while it is off and while it is on."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The call (index of its step), its toggles that are on, what happens meanwhile, and when.

    ``moment`` is a schedule point and how often it has then been passed, from 1; None where nothing is injected.
    """

    call: int
    on: frozenset[str] = frozenset()
    meanwhile: str = AS_WRITTEN
    moment: tuple[str, int] | None = None

    def toggled(self, name: str) -> Choices:
        """The same with one toggle the other way round; GupkitError for a toggle that there is not.

        >>> sorted(Choices(2).toggled("FOLL_WRITE").on)
        ['FOLL_WRITE']
        """
        if name not in TOGGLES:
            raise GupkitError(f"unknown toggle {name!r}{hint(name, TOGGLES)}")
        return replace(self, on=self.on ^ {name})


def as_written(scenario: Scenario, call: int) -> Choices:
    """The choices under which the scenario is as its author wrote it.

    >>> as_written(Scenario.load("munmap-waits"), 1) == Choices(1, frozenset({"FOLL_WRITE", "vmas"}), "as written")
    True
    """
    step = scenario.steps[call]
    return Choices(call, toggles_on(step), AS_WRITTEN if step.race else NOTHING)


def toggles_on(step: Step) -> frozenset[str]:
    """The toggles that are on at a ``gup`` step; none at another.

    >>> sorted(toggles_on(Scenario.load("nonblocking").steps[1]))
    ['nonblocking']
    """
    if step.op != "gup":
        return frozenset()
    on = {f"FOLL_{flag}" for flag in ("WRITE", "FORCE") if flag in step.args["flags"]}
    on |= {"nonblocking"} if step.args["nonblocking"] else set()
    return frozenset(on | ({"vmas"} if step.args["vmas_array"] else set()))
