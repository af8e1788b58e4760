"""Comparing what came with what a step expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel.compound import page_count, page_mapcount
from ..kernel.pgtable import pte_at, pte_present
from .address import Place, Target
from .model import Step
from .world import World

DEFERRED = ("leaked", "clause")
"""Expectations that are judged when the scenario is over."""


def judge(world: World, step: Step, result: Mapping[str, Any], faults: Mapping[str, int]) -> list[str]:
    """A sentence for every expectation that did not hold: what was expected, what came, where."""
    unmet = []
    for key, wanted in step.expect.items():
        if key in DEFERRED:
            continue
        if key in _STATE:
            unmet += _STATE[key](world, step, wanted)
        elif key == "faults":
            unmet += [
                f"expected {n} {kind} faults, got {faults.get(kind, 0)}"
                for kind, n in wanted.items()
                if faults.get(kind, 0) != n
            ]
        elif result.get(key) != wanted:
            unmet.append(f"expected {key} {wanted}, got {_came(result, key)}")
    return unmet


def judge_end(world: World, step: Step) -> list[str]:
    """The expectations about the end of the scenario."""
    wanted = step.expect.get("leaked")
    if wanted is None:
        return []
    got = world.outstanding()
    return [] if wanted == got else [f"expected {wanted} pages never put at the end, got {got}"]


def _came(result: Mapping[str, Any], key: str) -> str:
    if key in result:
        return f"{key} {result[key]}"
    shown = next((k for k in ("ret", "errno", "signal") if k in result), None)
    return f"{shown} {result[shown]}" if shown else "nothing"


def _range(world: World, step: Step, at: Target, right: Callable[[int], bool], word: str) -> list[str]:
    task = world.task(at.process or step.by)
    wrong = [hex(address) for address in at.pages(world.regions) if not right(pte_at(task.mm, address))]
    return [f"expected {at} {word}, but {', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not"] if wrong else []


def _present(world: World, step: Step, at: Target) -> list[str]:
    return _range(world, step, at, pte_present, "present")


def _absent(world: World, step: Step, at: Target) -> list[str]:
    return _range(world, step, at, lambda pte: not pte, "absent")


def _swapped(world: World, step: Step, at: Target) -> list[str]:
    return _range(world, step, at, lambda pte: bool(pte) and not pte_present(pte), "swapped")


def _frames(world: World, step: Step, places: tuple[Place, ...]) -> list[int | None]:
    found = [world.page(place, step.by) for place in places]
    return [None if page is None else page.pfn for page in found]


def _same(world: World, step: Step, places: tuple[Place, ...]) -> list[str]:
    frames = _frames(world, step, places)
    if None in frames or len(set(frames)) > 1:
        return [f"expected one frame at {_listed(places)}, got {_shown(frames)}"]
    return []


def _different(world: World, step: Step, places: tuple[Place, ...]) -> list[str]:
    frames = _frames(world, step, places)
    if None in frames or len(set(frames)) < len(frames):
        return [f"expected different frames at {_listed(places)}, got {_shown(frames)}"]
    return []


def _listed(places: tuple[Place, ...]) -> str:
    return ", ".join(map(str, places))


def _shown(frames: list[int | None]) -> str:
    return ", ".join("no page" if pfn is None else f"frame {pfn}" for pfn in frames)


COUNTS = {"refcount": page_count, "mapcount": page_mapcount}


def _counts(field: str) -> Callable[[World, Step, Mapping[Place, int]], list[str]]:
    def compare(world: World, step: Step, wanted: Mapping[Place, int]) -> list[str]:
        unmet = []
        for place, n in wanted.items():
            page = world.page(place, step.by)
            got = None if page is None else COUNTS[field](page)
            if got != n:
                unmet.append(f"expected {field} {n} of {place}, got {'no page' if got is None else got}")
        return unmet

    return compare


_STATE: dict[str, Callable[[World, Step, Any], list[str]]] = {
    "present": _present,
    "absent": _absent,
    "swapped": _swapped,
    "same_frame": _same,
    "different_frame": _different,
    "refcount": _counts("refcount"),
    "mapcount": _counts("mapcount"),
}
