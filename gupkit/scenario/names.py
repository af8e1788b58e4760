"""Does every name mean something where it stands? Checked before the first step runs, in the order of the steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .address import FileRef, PinRef, Target
from .build import as_pins
from .ops import OPS
from .parts import FileSpec, Injection, Step
from .scope import Scope, bindings
from .vocabulary import ANY
from .where import Path, Where

_ONE_PIN = ("page_load", "page_store", "lock_page", "unlock_page", "hwpoison")


@cache
def schedule_points() -> dict[str, str]:
    """The kernel's schedule points: name → what happens there."""
    from ..kernel.sched import SCHEDULE_POINTS

    return dict(SCHEDULE_POINTS)


def check_names(steps: tuple[Step, ...], files: tuple[FileSpec, ...], where: Where) -> frozenset[str]:
    """Raise ScenarioError for a name that is unknown, not yet bound, bound twice or no longer alive.

    Returns the names that mean pins, so that ``pins[0]`` in an expectation is not taken for a region.
    """
    scope = Scope(where, {file.name: file for file in files})
    for name, line in bindings(steps):
        scope.later.setdefault(name, line)
    pins = frozenset(name.partition(" ")[2] for name in scope.later if name.startswith("pin "))
    for index, step in enumerate(steps):
        _check(step, scope, ("steps", index), pins)
    return pins


def _check(step: Step, scope: Scope, path: Path, pins: frozenset[str]) -> None:
    here = (*path, step.op)
    _arguments(step, scope, here)
    _bind(step, scope, here)
    for number, injection in enumerate(step.race):
        _injection(injection, scope, (*path, "race", number), pins)
    _expectations(step, scope, (*path, "expect"), pins)
    if step.op == "exit":
        scope.exited[step.by] = step.line


def _injection(injection: Injection, scope: Scope, path: Path, pins: frozenset[str]) -> None:
    points = schedule_points()
    if injection.at != ANY and injection.at not in points:
        raise scope.where.unknown((*path, "at"), "schedule point", injection.at, (*points, ANY))
    for index, step in enumerate(injection.do):
        _check(step, scope, (*path, "do", index), pins)


def _arguments(step: Step, scope: Scope, path: Path) -> None:
    scope.process(step.by, (*path, "by"))
    if _by_a_task(step):
        scope.alive(step.by, (*path, "by"))
    for name, value in step.args.items():
        place = (*path, name)
        if isinstance(value, Target):
            scope.target(value, place)
        elif isinstance(value, PinRef):
            scope.pin(value, place, step.op in _ONE_PIN)
        elif name == "iov" and value is not None:
            for number, (target, _) in enumerate(value):
                scope.target(target, (*place, number))
        elif value is not None and name in _BY_NAME:
            _BY_NAME[name](scope, value, place)
    _made_before(step, scope, path)


_BY_NAME: dict[str, Callable[[Scope, str, Path], None]] = {"file": Scope.file, "of": Scope.process}


def _by_a_task(step: Step) -> bool:
    row = OPS[step.op]
    return row.acts and (step.args.get("at") is not None or "at" not in step.args)


def _made_before(step: Step, scope: Scope, path: Path) -> None:
    if step.op == "pipe_read" and step.args["pipe"] not in scope.pipes:
        raise scope.missing((*path, "pipe"), "pipe", step.args["pipe"], tuple(scope.pipes))
    if step.op == "uring_unregister" and step.args["as"] not in scope.rings:
        raise scope.missing((*path, "as"), "registered buffer", step.args["as"], tuple(scope.rings))


def _bind(step: Step, scope: Scope, path: Path) -> None:
    if step.op == "mmap":
        scope.bind_region(step, path)
    elif step.op in ("gup", "uring_register"):
        scope.bind_pins(step, path)
    elif step.op == "fork":
        scope.bind_process(step, path)
    elif step.op == "vmsplice":
        scope.pipes.add(step.args["pipe"])


def _expectations(step: Step, scope: Scope, path: Path, pins: frozenset[str]) -> None:
    for key, value in as_pins(step.expect, pins).items():
        places = [value] if isinstance(value, Target) else value if key in _PLACES else ()
        for number, place in enumerate(places):
            at = (*path, key, str(place) if isinstance(value, dict) else number)
            if isinstance(place, PinRef):
                scope.pin(place, at, one=True)
            elif isinstance(place, FileRef):
                scope.file(place.name, at)
            else:
                scope.target(place, at)


_PLACES = ("same_frame", "different_frame", "refcount", "mapcount")
