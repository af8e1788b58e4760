"""The two kernels side by side: one simulated, one real."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from ...errors import BackendError, GupkitError
from ...scenario.model import Scenario
from ...scenario.runner import run as run_on_sim
from ...scenario.vocabulary import ERAS
from ..run.runner import Host
from .differences import Comparison, compare_traces
from .sequences import sequence
from .shrink import shrink


def check_era(era: str) -> None:
    """Raise BackendError unless the simulated kernel has ``era``."""
    if era not in ERAS:
        raise BackendError(f"the simulated kernel of this version has no era {era}: it runs {', '.join(ERAS)}")


class Pair:
    """A simulated kernel of one era and this machine's Linux. A context manager; raises what either raises."""

    def __init__(self, era: str = "6.18") -> None:
        check_era(era)
        self.era = era
        self.host = Host()

    def __enter__(self) -> Self:
        self.host.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.host.__exit__(kind, error, at)

    def compare(self, scenario: Scenario) -> Comparison:
        """Run ``scenario`` on both."""
        right = self.host.run(scenario)  # it refuses what it cannot do before anything runs
        return compare_traces(scenario, run_on_sim(scenario, self.era), right)

    def compare_random(self, count: int, seed: int) -> Iterator[Comparison]:
        """Random sequences 0 to ``count`` - 1 of a seed, one after the other; one that differs is made small."""
        for number in range(count):
            data = sequence(seed, number, process_vm=self.host.powers.process_vm)
            comparison = self.compare(Scenario.load(data))
            yield comparison if comparison.same else self.shrunk(data)

    def shrunk(self, data: dict[str, Any]) -> Comparison:
        """The comparison of the smallest scenario made of ``data``, which differs, that still does."""
        small = shrink(data, self._differs)
        return self.compare(Scenario.load(small))

    def _differs(self, data: dict[str, Any]) -> bool:
        try:
            return not self.compare(Scenario.load(data)).same
        except GupkitError:
            return False
