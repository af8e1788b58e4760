"""What a reader can choose about one call of a scenario, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..errors import GupkitError
from ..kernel.eras import find_era
from ..scenario.address import Target
from ..scenario.model import Scenario, Step
from ..scenario.words import hint

AS_WRITTEN = "as written"
"""What happens meanwhile is what the scenario itself says."""

NOTHING = "nothing"
"""Nobody interrupts the call."""

TOGGLES = ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas")
"""What is most often switched at a ``gup`` step: two flags, a pointer to 1 for NULL, an array for NULL."""

STATES: Mapping[str, tuple[str, str]] = {"nonblocking": ("NULL", "pointer to 1"), "vmas": ("NULL", "array")}
"""Toggle → what is said of it while it is off and while it is on, where that is not ``off`` and ``on``."""

RIGHTS: Mapping[str, tuple[str, str]] = {
    f"{words} {share}": (prot, share)
    for share in ("private", "shared")
    for words, prot in (("read, write", "rw"), ("read", "r"), ("write", "w"), ("nothing", ""), ("read, execute", "rx"))
}
"""What may be done in a region, in words → ``prot`` and ``share`` of its ``mmap``."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The call (index of its step), its toggles that are on, what happens meanwhile, and when.

    ``moment`` is a schedule point and how often it has then been passed, from 1; None where nothing is injected.
    ``rights`` is a key of :data:`RIGHTS` for the region of the call, ``era`` the kernel; None: as the scenario has it.
    """

    call: int
    on: frozenset[str] = frozenset()
    meanwhile: str = AS_WRITTEN
    moment: tuple[str, int] | None = None
    rights: str | None = None
    era: str | None = None

    def toggled(self, name: str, era: str | None = None) -> Choices:
        """The same with one toggle the other way round; GupkitError for a toggle that the era does not have.

        >>> sorted(Choices(2).toggled("FOLL_WRITE").on)
        ['FOLL_WRITE']
        """
        there = toggles_of(self.era or era or "2.6.39")
        if name not in there:
            raise GupkitError(f"unknown toggle {name!r} in Linux {self.era or era}{hint(name, there)}")
        return replace(self, on=self.on ^ {name})


def toggles_of(era: str) -> tuple[str, ...]:
    """The toggles of a kernel: the common ones, then every other FOLL_ flag that it has, by value.

    >>> toggles_of("2.6.39")[4:]
    ('FOLL_TOUCH', 'FOLL_GET', 'FOLL_DUMP', 'FOLL_NOWAIT', 'FOLL_MLOCK', 'FOLL_SPLIT', 'FOLL_HWPOISON')
    """
    flags = (f"FOLL_{flag.name}" for flag in find_era(era).foll)
    return (*TOGGLES, *(flag for flag in flags if flag not in TOGGLES))


def state_words(name: str, on: bool) -> str:
    """What is said of a toggle.

    >>> state_words("FOLL_WRITE", True), state_words("nonblocking", True)
    ('on', 'pointer to 1')
    """
    return STATES.get(name, ("off", "on"))[on]


def as_written(scenario: Scenario, call: int) -> Choices:
    """The choices under which the scenario is as its author wrote it.

    >>> written = as_written(Scenario.load("munmap-waits"), 1)
    >>> sorted(written.on), written.meanwhile, written.era
    (['FOLL_GET', 'FOLL_WRITE', 'vmas'], 'as written', None)
    """
    step = scenario.steps[call]
    return Choices(call, toggles_on(step), AS_WRITTEN if step.race else NOTHING)


def toggles_on(step: Step) -> frozenset[str]:
    """The toggles that are on at a ``gup`` step; none at another.

    >>> sorted(toggles_on(Scenario.load("nonblocking").steps[1]))
    ['FOLL_GET', 'nonblocking']
    """
    if step.op != "gup":
        return frozenset()
    on = {f"FOLL_{flag}" for flag in step.args["flags"]}
    if gets_by_itself(step):
        on.add("FOLL_GET")
    on |= {"nonblocking"} if step.args["nonblocking"] else set()
    return frozenset(on | ({"vmas"} if step.args["vmas_array"] else set()))


def gets_by_itself(step: Step) -> bool:
    """Whether a ``gup`` step asks for references without saying so: ``__get_user_pages`` with a pages array does."""
    return bool(step.args["api"] == "__get_user_pages" and step.args["pages_array"] and step.args["get"])


def region_step(scenario: Scenario, call: int) -> int | None:
    """The index of the ``mmap`` that made the region of a call; None where the call names none."""
    at = scenario.steps[call].args.get("at")
    if not isinstance(at, Target) or at.region is None:
        return None
    made = (i for i, step in enumerate(scenario.steps) if step.op == "mmap" and step.args["as"] == at.region)
    return next(made, None)


def rights_of(step: Step) -> str:
    """What an ``mmap`` step lets do, as a key of :data:`RIGHTS`; other rights in words of the same kind.

    >>> rights_of(Scenario.load("leak").steps[0])
    'read, write private'
    """
    prot, share = step.args["prot"], step.args["share"]
    words = (name for name, rights in RIGHTS.items() if (set(rights[0]), rights[1]) == (set(prot), share))
    return next(words, f"{prot} {share}")
