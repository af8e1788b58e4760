"""Comparing what a step expects with what could be seen on the host; what could not is said, never passed."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ...scenario.address import Place, Target
from ...scenario.parts import Step
from ...trace.snapshot import PAGE_SIZE
from ..leaf import NUMBER, PRESENT, SWAPPED
from .sample import Sampler, frame_words

NEVER = {
    "refcount": "the kernel does not tell how often a frame is referenced",
    "leaked": "the kernel does not tell who holds a reference",
    "clause": "the contract of a kernel function is not judged from outside the kernel",
    "nonblocking": "no user can call the function",
}
"""Expectations that nobody can check from outside the kernel, and why."""


class Verdict(NamedTuple):
    """Sentences about expectations that did not hold, and about those that could not be checked."""

    unmet: tuple[str, ...]
    unobservable: tuple[str, ...]


class _Blind(Exception):
    """An expectation that cannot be checked here; its text says why."""


def judge(sampler: Sampler, step: Step, result: Mapping[str, Any], faults: Mapping[str, int]) -> Verdict:
    """The verdict on a step right after it; ``faults`` is empty where they could not be counted."""
    unmet: list[str] = []
    unobservable: list[str] = []
    for key, wanted in step.expect.items():
        try:
            unmet += _judged(sampler, step, key, wanted, result, faults)
        except _Blind as why:
            unobservable.append(f"{key} {_shown(wanted)}: {why}")
    return Verdict(tuple(unmet), tuple(unobservable))


def _judged(
    sampler: Sampler, step: Step, key: str, wanted: Any, result: Mapping[str, Any], faults: Mapping[str, int]
) -> list[str]:
    if key in NEVER:
        raise _Blind(NEVER[key])
    if key == "faults":
        return list(_faults(wanted, faults))
    if key in _STATE:
        return list(_STATE[key](sampler, step, wanted))
    return [] if result.get(key) == wanted else [f"expected {key} {wanted}, got {_came(result, key)}"]


def _faults(wanted: Mapping[str, int], faults: Mapping[str, int]) -> Iterator[str]:
    if not faults:
        raise _Blind("the faults of this op could not be counted here")
    for kind, number in wanted.items():
        if faults.get(kind, 0) != number:
            yield f"expected {number} {kind} faults, got {faults.get(kind, 0)}"


def _came(result: Mapping[str, Any], key: str) -> str:
    shown = next((k for k in (key, "ret", "errno", "signal") if k in result), None)
    return f"{shown} {result[shown]}" if shown else "nothing"


def _shown(wanted: Any) -> str:
    if isinstance(wanted, Mapping):
        return ", ".join(f"{place}: {number}" for place, number in wanted.items())
    return ", ".join(map(str, wanted)) if isinstance(wanted, tuple) else str(wanted)


# --- pages


def _class(word: int) -> int:
    return word >> 56 & (PRESENT | SWAPPED)


def _range(right: Callable[[int], bool], word: str) -> Callable[[Sampler, Step, Target], Iterator[str]]:
    """Every page of a range is as it should be, by its pagemap word."""

    def check(sampler: Sampler, step: Step, at: Target) -> Iterator[str]:
        addresses = at.pages(sampler.world.regions)
        words = _words(sampler, at, step, addresses.start, addresses.stop + PAGE_SIZE - 1)
        wrong = [hex(a) for a, w in zip(addresses, words, strict=False) if not right(_class(w))]
        if wrong:
            yield f"expected {at} {word}, but {', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not"

    return check


def _words(sampler: Sampler, at: Target, step: Step, start: int, end: int) -> array[int]:
    """The pagemap words of ``[start, end)``; where a process has exited, nothing is mapped."""
    servant = sampler.world.task(at.process or step.by)
    if not servant.leader.alive:
        return array("Q", bytes((end - start) // PAGE_SIZE * 8))
    return sampler.words(servant, start, end)


def _pfn(sampler: Sampler, step: Step, place: Place) -> int | None:
    """The frame mapped at a place, or None; _Blind if nobody can tell."""
    if not isinstance(place, Target):
        raise _Blind(f"the frame of {place} cannot be seen from outside the kernel")
    if not sampler.powers.frames:
        raise _Blind("frame numbers need root")
    address = sampler.world.span(place)[0] & ~(PAGE_SIZE - 1)
    (word,) = _words(sampler, place, step, address, address + PAGE_SIZE)
    return word & NUMBER if _class(word) & PRESENT else None


def _frames(same: bool) -> Callable[[Sampler, Step, tuple[Place, ...]], Iterator[str]]:
    def check(sampler: Sampler, step: Step, places: tuple[Place, ...]) -> Iterator[str]:
        found = [_pfn(sampler, step, place) for place in places]
        right = len(set(found)) == (1 if same else len(found))
        if None in found or not right:
            listed = ", ".join(map(str, places))
            came = ", ".join("no page" if pfn is None else f"frame {pfn}" for pfn in found)
            yield f"expected {'one frame' if same else 'different frames'} at {listed}, got {came}"

    return check


def _mapcount(sampler: Sampler, step: Step, wanted: Mapping[Place, int]) -> Iterator[str]:
    for place, number in wanted.items():
        pfn = _pfn(sampler, step, place)
        counts = None if pfn is None else frame_words("/proc/kpagecount", array("Q", [pfn]))
        got = None if counts is None else counts[0]
        if got != number:
            yield f"expected mapcount {number} of {place}, got {'no page' if got is None else got}"


_STATE: dict[str, Callable[[Sampler, Step, Any], Iterator[str]]] = {
    "present": _range(lambda flags: flags == PRESENT, "present"),
    "absent": _range(lambda flags: not flags, "absent"),
    "swapped": _range(lambda flags: flags == SWAPPED, "swapped"),
    "same_frame": _frames(same=True),
    "different_frame": _frames(same=False),
    "mapcount": _mapcount,
}
