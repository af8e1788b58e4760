"""Every interleaving of a scenario, and what breaks under which.

A scenario says what tasks do, each in its own order. Here it is run under every other order there is: a step may run
before one of another task that is written earlier, and inside it, at every schedule point of the kernel that it passes.

* :mod:`.plan` writes a schedule down: it is an ordinary scenario, and running that is running the schedule.
* :mod:`.lanes` knows whose turn it may be, :mod:`.run` runs and says where another task could have acted.
* :mod:`.trial` lets a schedule grow by one decision after the other; :mod:`.expand` tries all of them from a saved
  machine, up to the next moment at which nobody is in the middle of anything.
* :mod:`.same` makes out when two such moments go on alike; :mod:`.graph` takes them for one. That prunes.
* :mod:`.isolation` and :mod:`.judge` say what is wrong with a run and whose fault it is; :mod:`.story` tells it.

A *switch* is one place at which a schedule leaves the order written: the steps of one task that run there, one after
the other, are one switch. With none, a schedule is what ``gupkit run`` runs. An op that comes in between runs to its
end there, unless it must wait; so two ops that each stop midway in turn are not among the schedules.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import GupkitError
from ..kernel.eras import Era
from ..scenario.model import Scenario
from .expand import Expander
from .rarely import rarely_collected
from .result import Exploration, Violation, exploration
from .search import DoAll, Log, Progress, every_interleaving, here, sampled
from .story import Story

__all__ = ["Exploration", "Progress", "Story", "Violation", "explore"]


def explore(
    scenario: Scenario, era: Era | str | None = None, max_switches: int = 2, *, sample: int | None = None,
    seed: int = 0, do_all: DoAll | None = None, log: Log | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Exploration:  # fmt: skip
    """Run ``scenario`` under every interleaving with at most ``max_switches``, or ``sample`` of them at random.

    ``era``: a version, an :class:`~gupkit.kernel.eras.Era` of one's own, or None for the scenario's. ``do_all`` has the
    work done elsewhere, ``log`` writes it down, ``progress`` is told of it. Raises GupkitError for a bad bound or era.

    >>> found = explore(Scenario.load("race-dirty-cow"), max_switches=1)
    >>> [(violation.switches, violation.whose) for violation in found.violations]
    [(1, 'kernel')]
    >>> explore(Scenario.load("race-dirty-cow"), "4.9", max_switches=1).violations
    []
    """
    at_least("max_switches", max_switches, 0)
    expander = Expander(scenario, era)
    written, known = expander.run.scenario, expander.run.kernel.era
    if sample is not None:
        at_least("sample", sample, 1)
        with rarely_collected():
            schedules, ends = sampled(expander, max_switches, sample, seed)
        return exploration(ends.values(), expander.ops, written, known, max_switches, schedules, sample=sample)
    with rarely_collected():
        graph = every_interleaving(max_switches, do_all or here(expander), log, progress)
    pruned = graph.count() - graph.run
    return exploration(graph.ends.values(), expander.ops, written, known, max_switches, graph.run, pruned)


def at_least(what: str, value: object, least: int) -> None:
    """GupkitError if a number that somebody gave is none, or too small."""
    if type(value) is not int or value < least:
        raise GupkitError(f"{what}={value!r}: a whole number, {least} or more, is needed")
