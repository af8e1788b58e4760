"""A run of a scenario between two of its steps, while nobody waits: saved and put back."""

from __future__ import annotations

from dataclasses import dataclass

from ..trace.recorder import Saved
from ..trace.step import Step as StepRecord
from .runner import Runner
from .world import HeldPin


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that the rest of a run depends on: machine and record, names, what is done and what is to come."""

    recorded: Saved
    regions: dict[str, tuple[int, int]]
    pins: dict[str, list[tuple[HeldPin, int]]]
    labels: dict[int, str]
    records: dict[int, StepRecord]
    todo: list[int]
    raced: list[str]
    problem: str


def save(runner: Runner) -> Checkpoint:
    """The run as it stands now; no op may be under way or wait."""
    world = runner.world
    return Checkpoint(
        runner.recorder.save(),
        dict(world.regions),
        {name: [(pin, pin.held) for pin in pins] for name, pins in world.pins.items()},
        dict(world.labels),
        dict(runner.records),
        list(runner.todo),
        list(runner.raced),
        runner.problem,
    )


def restore(runner: Runner, saved: Checkpoint) -> None:
    """Let ``runner`` go on from where it was at a :func:`save`; as often as one likes."""
    world = runner.world
    runner.recorder.restore(saved.recorded)
    world.regions, world.labels = dict(saved.regions), dict(saved.labels)
    world.pins = {name: [_with_held(pin, held) for pin, held in pins] for name, pins in saved.pins.items()}
    runner.records, runner.todo = dict(saved.records), list(saved.todo)
    runner.raced, runner.problem = list(saved.raced), saved.problem
    runner.stack, runner.queue, runner.asleep = [], [], {}


def _with_held(pin: HeldPin, held: int) -> HeldPin:
    pin.held = held
    return pin
