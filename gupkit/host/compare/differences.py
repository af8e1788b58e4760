"""Where two runs of one scenario differ, in what both backends can see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...scenario.model import Scenario
from ...scenario.report import outcome
from ...trace.trace import Trace

ANSWER = ("ret", "errno", "signal", "byte", "bytes", "vec")
"""What is compared of a result."""
SEEN = ("present", "swapped", "file", "zero", "exclusive", "mapcount", "byte", "guard")
"""What is compared of a page, where both tell it."""

Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """At step ``step`` (from 0) two runs told ``left`` and ``right`` about ``what``."""

    step: int
    what: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"step {self.step + 1}, {self.what}: {self.left} here, {self.right} there"


@dataclass(frozen=True)
class Comparison:
    """A scenario, its two runs, and where they differ (empty: nowhere)."""

    scenario: Scenario
    left: Trace
    right: Trace
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Nothing differs."""
        return not self.differences


def compare_traces(scenario: Scenario, left: Trace, right: Trace) -> Comparison:
    """The comparison of two runs of ``scenario``."""
    return Comparison(scenario, left, right, tuple(differences(left.to_result(), right.to_result())))


def differences(left: Result, right: Result) -> Iterator[Difference]:
    """Every difference between two runs as :meth:`Trace.to_result` tells them, in the order of the steps.

    Frames are compared as a partition inside one step: which pages share one. The faults of a step that follows
    one with swapped pages are compared as a sum: whether a page must be read from the device is not told.
    """
    swapped = False
    for index, (one, other) in enumerate(zip(left["steps"], right["steps"], strict=True)):
        pairs = [*_answers(one, other), *_faults(one, other, swapped), *_pages(one["pages"], other["pages"])]
        yield from (Difference(index, what, str(a), str(b)) for what, a, b in pairs)
        swapped = any(page.get("swapped") for step in (one, other) for page in step["pages"].values())


_Pair = tuple[str, Any, Any]


def _answers(one: Result, other: Result) -> Iterator[_Pair]:
    a, b = ({key: step["result"][key] for key in ANSWER if key in step["result"]} for step in (one, other))
    if a != b:
        yield "answer", outcome({"result": one["result"]}), outcome({"result": other["result"]})


def _faults(one: Result, other: Result, swapped: bool) -> Iterator[_Pair]:
    a, b = one.get("faults"), other.get("faults")
    if not a or not b or a == b or (swapped and sum(a.values()) == sum(b.values())):
        return
    yield "faults", _counts(a), _counts(b)


def _counts(faults: Mapping[str, int]) -> str:
    return f"{faults['minor']} minor and {faults['major']} major"


def _pages(one: Mapping[str, Result], other: Mapping[str, Result]) -> Iterator[_Pair]:
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            yield name, _page(one.get(name)), _page(other.get(name))
            continue
        a, b = one[name], other[name]
        for key in SEEN:
            if key in a and key in b and a[key] != b[key]:
                yield f"{key} of {name}", a[key], b[key]
    common = sorted(n for n in one.keys() & other.keys() if "frame" in one[n] and "frame" in other[n])
    left, right = _sharing(one, common), _sharing(other, common)
    if left != right:
        yield "which pages share a frame", _sets(left), _sets(right)


def _page(page: Result | None) -> str:
    if page is None:
        return "nothing"
    return "a present page" if page["present"] else "a swapped page"


def _sharing(pages: Mapping[str, Result], names: list[str]) -> set[frozenset[str]]:
    """The sets of pages that lie in one frame."""
    frames: dict[str, set[str]] = {}
    for name in names:
        frames.setdefault(pages[name]["frame"], set()).add(name)
    return {frozenset(group) for group in frames.values()}


def _sets(groups: set[frozenset[str]]) -> str:
    shared = sorted(" and ".join(sorted(group)) for group in groups if len(group) > 1)
    return "; ".join(shared) or "none"
