"""Run a scenario, look at a process: the only place that chooses a backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import GupkitError, ScenarioError
from .scenario.address import BadPlace
from .scenario.backend import check_backend
from .scenario.model import Scenario
from .scenario.words import hint

if TYPE_CHECKING:
    from .host.compare.differences import Comparison as Comparison
    from .interleave.result import Exploration
    from .interleave.search import DoAll, Progress
    from .kernel.eras import Era
    from .trace.snapshot import Snapshot
    from .trace.trace import Trace

BACKENDS = ("sim", "host")


def run(scenario: Scenario | str | Path | Mapping[str, Any], era: Era | str | None = None, on: str = "sim") -> Trace:
    """Run a scenario and return its trace.

    ``scenario``: a Scenario, a built-in name, a path or a dict. ``era``: the kernel version simulated, or one with
    other rules (:meth:`gupkit.kernel.eras.Era.but`); None takes the scenario's own. ``on``: ``sim``, the simulated
    kernel, or ``host``, this machine's Linux, which performs what users can do in processes of its own; an era given
    with it must be its own. Raises ScenarioError for a scenario that cannot be run, BackendError if the backend lacks
    what it needs, GupkitError for an unknown era or backend.
    """
    if on not in BACKENDS:
        raise GupkitError(f"unknown backend {on!r}{hint(on, BACKENDS)}")
    if not isinstance(scenario, Scenario):
        scenario = Scenario.load(scenario)
    if on == "host":
        from .host.run.runner import run as run_on_host

        if era is not None and not isinstance(era, str):
            raise GupkitError("the rules of this machine's Linux cannot be changed: leave era out")
        return run_on_host(scenario, era)
    from .scenario.runner import run as run_on_sim

    try:
        return run_on_sim(scenario, era)
    except BadPlace as problem:
        raise ScenarioError(f"{scenario.source}: {problem}") from None


def explore(
    scenario: Scenario | str | Path | Mapping[str, Any], era: Era | str | None = None, max_switches: int = 2, *,
    sample: int | None = None, seed: int = 0, workers: int = 1, dask: str | None = None,
    state: str | Path | None = None, progress: Callable[[Progress], object] | None = None,
) -> Exploration:  # fmt: skip
    """Run a scenario under every interleaving of its tasks, with at most ``max_switches``, and say what breaks.

    A step may run before one of another task, or inside it, at any of the schedule points that it passes; each task
    keeps its own order. Every schedule within the bound is run or shown to be equal to one that was; with ``sample`` so
    many walks are drawn at random instead (``seed``). ``era``: a version, or an :class:`~gupkit.kernel.eras.Era`.

    ``workers``: so many processes of this machine; ``dask``: the address of a Dask scheduler; the result is the same.
    ``state``: a file that the search is written down in, so that an interrupted one goes on. ``progress`` is told how
    far it is. Raises ScenarioError for a scenario that cannot be run, GupkitError for anything else that is wrong.

    >>> found = explore("race-dirty-cow", max_switches=1)
    >>> violation = found.violations[0]
    >>> violation.schedule[0]["at"], violation.schedule[0]["nth"], violation.whose
    ('cond_resched', 3, 'kernel')
    >>> run(violation.scenario).ok
    False
    """
    from .interleave import at_least
    from .interleave import explore as search
    from .interleave.state_file import StateFile

    scenario = Scenario.load(scenario) if not isinstance(scenario, Scenario) else scenario
    at_least("workers", workers, 1)
    if workers > 1 and dask is not None:
        raise GupkitError("workers are processes of this machine, dask is a cluster: give one of the two")
    if sample is not None and (workers > 1 or dask is not None or state is not None):
        raise GupkitError("a sample is drawn in one process and not written down: leave out workers, dask and state")
    with ExitStack() as stack:
        log = stack.enter_context(StateFile(Path(state), scenario, era, max_switches)) if state is not None else None
        do_all = stack.enter_context(_crew(scenario, era, workers, dask))
        try:
            return search(
                scenario, era, max_switches, sample=sample, seed=seed, do_all=do_all, log=log, progress=progress
            )
        except BadPlace as problem:
            raise ScenarioError(f"{scenario.source}: {problem}") from None


def _crew(
    scenario: Scenario, era: Era | str | None, workers: int, dask: str | None
) -> AbstractContextManager[DoAll | None]:
    """Who does the work of a search; None: this process."""
    if dask is not None:
        from .cluster.dask import cluster
        from .cluster.worker import Job

        return cluster(Job.of(scenario, era), dask)
    if workers > 1:
        from .cluster.local import processes
        from .cluster.worker import Job

        return processes(Job.of(scenario, era), workers)
    return nullcontext()


def schedule_points() -> dict[str, str]:
    """Where another task may run: the name of each schedule point and what happens there.

    >>> "cond_resched" in schedule_points()
    True
    """
    from .scenario.names import schedule_points as points

    return points()


def snapshot_of(pid: int) -> Snapshot:
    """The memory of a live Linux process, read from /proc.

    Without root: which pages are present, swapped, of a file, mapped once; as root also their frames.
    GupkitError where there is no such process, no permission, or no /proc.
    """
    from .host.live import snapshot_of as read

    return read(pid)


def own_process() -> Snapshot:
    """The memory of this Python process; where /proc is missing, a recording of one, whose ``about`` says so."""
    from .host.recording import own_process as read

    return read()


def compare(scenario: Scenario | str | Path | Mapping[str, Any], era: str = "6.18") -> Comparison:
    """Run a scenario on the simulated kernel of ``era`` and on this machine's Linux, and find where they differ.

    Raises what :func:`run` raises on either.
    """
    scenario = Scenario.load(scenario)
    check_backend(scenario, era)
    from .host.compare.pair import Pair

    with Pair(era) as pair:
        return pair.compare(scenario)


def compare_random(count: int, seed: int = 0, era: str = "6.18") -> Iterator[Comparison]:
    """Compare ``count`` random sequences of ops, the same ones for the same seed; those that differ are shrunk first.

    Each comparison is of the smallest sequence found that still shows a difference, or of the whole one.
    """
    from .host.compare.pair import Pair, check_era

    check_era(era)
    with Pair(era) as pair:
        yield from pair.compare_random(count, seed)


def compare_recorded(recorded: str | Path, era: str | None = None, titles: Sequence[str] = ()) -> Iterator[Comparison]:
    """Compare a recorded kernel with the simulated one of ``era`` (None: the recorded kernel's), on any machine.

    ``recorded``: ``4.9``, ``5.8``, ``5.10`` or ``6.18``, which ship with the kit, or a file of :func:`record`;
    ``titles``: only these runs. GupkitError for what is not there.

    >>> all(comparison.same for comparison in compare_recorded("4.9", titles=["anon read(zero page) then write"]))
    True
    """
    from .host.compare.offline import compare_recorded as compared
    from .host.compare.offline import runs_of

    yield from compared(*runs_of(str(recorded), era, titles))


def record(output: str | Path, count: int = 100, seed: int = 0) -> Iterator[str]:
    """Perform the recorded stories and ``count`` random sequences on this machine's Linux; write a new recording.

    Yields lines for people: what this machine is, each run that it could not perform, and the sum at the end, when
    the file stands. GupkitError where nothing can be performed or the file exists.
    """
    from .host.record import record_to

    return record_to(Path(output), count, seed)
