"""What may happen while a call is under way: each entry becomes one op that the runner injects.

An op is offered only where somebody could really do it: munmap needs a second thread of the process, truncation
needs a file. What it has to wait for is the kernel's business, not this module's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..scenario.address import Target
from ..scenario.model import Scenario, Step
from ..scenario.scope import is_thread
from ..scenario.vocabulary import FIRST_PROCESS


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the choice: its op, one sentence for the reader, and what it needs besides the call.

    ``needs`` is ``thread`` (somebody else of the same process), ``file`` (a file mapped there), or ``page``.
    """

    op: str
    words: str
    needs: str


KINDS: dict[str, Kind] = {
    "munmap": Kind("munmap", "Another thread unmaps the pages. It needs mmap_sem for writing, so it waits for whoever "
                   "holds it.", "thread"),
    "MADV_DONTNEED": Kind("madvise", "Another thread throws the pages away. It takes mmap_sem for reading only, so it "
                          "need not wait for the call.", "thread"),
    "truncate": Kind("ftruncate", "Somebody cuts the file to nothing. No mmap_sem is involved: the page lock is what "
                     "it waits for.", "file"),
    "invalidate_inode_pages2": Kind("invalidate_inode_pages2", "Somebody writes to the file past the page cache, whose "
                                    "pages are thrown out. No mmap_sem is involved.", "file"),
    "swap-out": Kind("reclaim", "Memory is short: the kernel unmaps the pages and writes them to swap or to their "
                     "file. No mmap_sem is involved.", "page"),
    "fork": Kind("fork", "Another thread forks. It needs mmap_sem for writing, so it waits for whoever holds it.",
                 "thread"),
    "writeback": Kind("writeback", "The kernel writes the file's dirty pages to the disk. No mmap_sem is involved.",
                      "file"),
}  # fmt: skip
"""By the name under which they are chosen."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is there while the call runs: whose memory, where, who else could act there, which file is mapped."""

    owner: str
    at: Target | None
    other: str | None
    file: str | None

    @property
    def has(self) -> frozenset[str]:
        """What of ``Kind.needs`` is there."""
        parts = (("thread", self.at and self.other), ("file", self.file), ("page", self.at))
        return frozenset(name for name, there in parts if there)


def scene(scenario: Scenario, call: int) -> Scene:
    """The scene of the step ``call``.

    >>> scene(Scenario.load("munmap-waits"), 1).other
    'T2'
    """
    step = scenario.steps[call]
    at = _pages(scenario, step)
    owner = _process(step.args.get("of") or step.by)
    return Scene(owner, at, _other(owner, step.by), _file(scenario, at))


def _process(name: str) -> str:
    return FIRST_PROCESS if is_thread(name) else name


def _other(owner: str, caller: str) -> str | None:
    """Somebody else who could act in the owner's memory. Only the first process has threads."""
    if owner == FIRST_PROCESS:
        return "T3" if caller == "T2" else "T2"
    return owner if owner != _process(caller) else None


def _pages(scenario: Scenario, step: Step) -> Target | None:
    """The whole pages that the step is about; None if it names no place."""
    at = step.args.get("at")
    if not isinstance(at, Target):
        return None
    if at.literal is not None or at.region is None:
        return at
    asked = step.args.get("pages") if step.op == "gup" else None
    size = _region(scenario, at.region).get("pages", 1)
    first = at.first or 0
    if asked is not None and 0 < asked <= size - first:
        return replace(at, first=first, last=first + asked - 1, offset=None)
    return replace(at, offset=None)


def _region(scenario: Scenario, name: str) -> Mapping[str, Any]:
    steps = (step for step in scenario.steps if step.op == "mmap" and step.args["as"] == name)
    return next((step.args for step in steps), {})


def _file(scenario: Scenario, at: Target | None) -> str | None:
    if at is None or at.region is None:
        return None
    file = _region(scenario, at.region).get("file")
    return None if file is None else str(file)


def offered(scenario: Scenario, call: int) -> tuple[str, ...]:
    """The names of :data:`KINDS` that can happen during the step ``call``.

    >>> offered(Scenario.load("munmap-waits"), 1)
    ('munmap', 'MADV_DONTNEED', 'swap-out', 'fork')
    """
    has = scene(scenario, call).has
    return tuple(name for name, kind in KINDS.items() if kind.needs in has)


def left_out(scenario: Scenario, call: int) -> str:
    """Why not all of :data:`KINDS` are offered, in one sentence; empty if they are.

    >>> left_out(Scenario.load("munmap-waits"), 1)
    'Not offered here: truncate, invalidate_inode_pages2, writeback (no file is mapped there).'
    """
    has = scene(scenario, call).has
    why = {"file": "no file is mapped there", "thread": "the process has no other thread", "page": "no place is named"}
    parts = []
    for need, reason in why.items():
        names = [name for name, kind in KINDS.items() if kind.needs == need]
        if need not in has:
            parts.append(f"{', '.join(names)} ({reason})")
    return f"Not offered here: {'; '.join(parts)}." if parts else ""


def injected(scenario: Scenario, call: int, name: str) -> Step:
    """The op to inject for the entry ``name`` of :data:`KINDS`, which must be one that is offered.

    >>> injected(Scenario.load("munmap-waits"), 1, "MADV_DONTNEED").by
    'T2'
    """
    kind, here = KINDS[name], scene(scenario, call)
    by = here.other or here.owner
    if kind.needs == "file":
        more: dict[str, Any] = {"length": 0} if kind.op == "ftruncate" else {"offset": 0, "pages": None}
        return Step(kind.op, {"file": here.file, **more}, FIRST_PROCESS)
    if kind.op == "fork":
        return Step("fork", {"as": _new_process(scenario)}, by)
    if kind.op == "reclaim":
        return Step("reclaim", {"at": here.at, "pages": None}, here.owner)
    more = {"advice": "DONTNEED"} if kind.op == "madvise" else {}
    return Step(kind.op, {"at": here.at, **more}, by)


def _new_process(scenario: Scenario) -> str:
    """A name that no process of the scenario has."""
    used = {step.args["as"] for step in _all_steps(scenario.steps) if step.op == "fork"}
    return next(name for name in ("C", *(f"C{n}" for n in range(2, 1000))) if name not in used)


def _all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _all_steps(step.injected)
