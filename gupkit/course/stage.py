"""Machines with a history for checks: processes whose regions were mapped, touched, forked, as a recipe tells.

A recipe is plain data: a list of steps, each ``[what, region, …]``, by the names of :data:`STEPS`. What a call changed
is told in names (*the new frame of A[2]*), so that it does not matter in which order somebody asked for frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..kernel import Kernel, Task
from ..kernel.page import Page, get_page, page_cache_get
from ..kernel.pgtable import _PAGE_SPECIAL, PAGE_SIZE, PMD_SIZE, pte_at, pte_mkclean, pte_mkold, set_pte_at
from ..kernel.rmap import page_add_file_rmap
from ..kernel.vma import VMA
from ..trace import take_snapshot
from .changes import changes
from .plain import plain
from .stage_facts import facts, frame_names, use_of

START = 0x7E0000000000
Step = Sequence[Any]


@dataclass(slots=True)
class Stage:
    """A kernel with its processes; ``at`` and ``ends``: where each region begins and ends; ``steps``: the history."""

    steps: Sequence[Step]
    kernel: Kernel = field(default_factory=Kernel)
    tasks: dict[str, Task] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    old: dict[tuple[int, int], str] = field(default_factory=dict)
    """The frames there were when the history was over, by name."""

    def __post_init__(self) -> None:
        self.tasks["P"] = self.kernel.spawn("P")
        for what, *more in self.steps:
            STEPS[what](self, *more)
        self.old = {use_of(self.kernel, pfn): name for pfn, name in self.names().items()}

    def names(self) -> dict[int, str]:
        """Every frame in use now by its name."""
        return frame_names(self.kernel, take_snapshot(self.kernel), self.at, self.old)

    def address(self, region: str, page: int) -> int:
        """Where a page of a region is."""
        return self.at[region] + page * PAGE_SIZE

    def vma(self, region: str, page: int = 0, process: str = "P") -> VMA:
        """The VMA of a page of a region; it must exist."""
        address = self.address(region, page)
        return next(vma for vma in self.tasks[process].mm.mmap if vma.vm_start <= address < vma.vm_end)

    def in_array(self, values: Sequence[Any]) -> list[Any]:
        """What stands in an array of pages: each by the name of its frame, anything else as plain data."""
        names = self.names()
        return [names.get(v.pfn, "a frame that is free") if type(v) is Page else plain(v) for v in values]

    def left_behind(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What ``work`` tells, and every fact of the machine that it changed."""
        before = facts(self.kernel, self.at, self.old)
        told = work()
        changed = changes(before, facts(self.kernel, self.at, self.old))
        return told | {what: "gone" if now is None else now for what, now in changed.items()}

    def __repr__(self) -> str:
        return "; ".join(in_words(step) for step in self.steps)


def in_words(step: Step) -> str:
    """A step for people.

    >>> in_words(["store", "A", 2]), in_words(["map", "A", 4, {"prot": "r"}])
    ('P writes to A[2]', 'P maps A, 4 pages, prot r')
    """
    what, *more = step
    return WORDS[what](*more)


def _map_words(region: str, pages: int, how: dict[str, Any] | None = None) -> str:
    more = "".join(f", {name} {value or 'none'}" for name, value in (how or {}).items())
    return f"P maps {region}, {in_pages(pages)}{more}"


def in_pages(count: int) -> str:
    """So many pages, for people."""
    return "1 page" if count == 1 else f"{count} pages"


WORDS: dict[str, Callable[..., str]] = {
    "map": _map_words,
    "file": lambda name, pages, cached=True: f"{name} has {in_pages(pages)}, {'' if cached else 'not '}in memory",
    "store": lambda region, page, process="P": f"{process} writes to {region}[{page}]",
    "load": lambda region, page, process="P": f"{process} reads {region}[{page}]",
    "protect": lambda region, page, pages, prot: f"rights of {in_pages(pages)} from {region}[{page}]: {prot or 'none'}",
    "fork": lambda child: f"P forks {child}",
    "exit": lambda process: f"{process} exits",
    "reclaim": lambda region, page: f"{region}[{page}] goes to swap",
    "unmap": lambda region, page, pages: f"P unmaps {in_pages(pages)} from {region}[{page}]",
    "hold": lambda region, page, references: f"others take {references} references to the page of {region}[{page}]",
    "make old": lambda region, page, process="P": f"{process}'s entry of {region}[{page}] is made old",
    "make clean": lambda region, page, process="P": f"{process}'s entry of {region}[{page}] is made clean",
    "count zero": lambda region, page: f"the zero page of {region}[{page}] is counted",
    "thread": lambda name: f"P has a thread {name}",
    "spawn": lambda name: f"there is a process {name}",
    "refuse frame": lambda after: f"frame number {after} that is asked for from now on is refused",
    "kill": lambda name: f"SIGKILL waits for {name}",
}
"""Each step in words."""


def _map(stage: Stage, region: str, pages: int, how: dict[str, Any] | None = None) -> None:
    """``how``: the arguments of Kernel.mmap, ``file`` by its name; ``behind``: it begins where this region ends;
    ``first``: or else at this page of a table."""
    more = dict(how or {})
    behind, first, file = more.pop("behind", None), more.pop("first", 0), more.pop("file", None)
    start = stage.ends[behind] if behind else START + len(stage.at) * 4 * PMD_SIZE + first * PAGE_SIZE
    stage.at[region], stage.ends[region] = start, start + pages * PAGE_SIZE
    inode = stage.kernel.files[file] if file else None
    stage.kernel.mmap(stage.tasks["P"], start, pages=pages, name=region, file=inode, **more)


def _file(stage: Stage, name: str, pages: int, cached: bool = True) -> None:
    stage.kernel.file(name, [0x61 + i for i in range(pages)], cached=cached)


def _store(stage: Stage, region: str, page: int, process: str = "P") -> None:
    stage.kernel.store(stage.tasks[process], stage.address(region, page), process.encode())


def _load(stage: Stage, region: str, page: int, process: str = "P") -> None:
    stage.kernel.load(stage.tasks[process], stage.address(region, page))


def _protect(stage: Stage, region: str, page: int, pages: int, prot: str) -> None:
    stage.kernel.mprotect(stage.tasks["P"], stage.address(region, page), pages * PAGE_SIZE, prot)


def _fork(stage: Stage, child: str) -> None:
    stage.tasks[child] = stage.kernel.fork(stage.tasks["P"], child)


def _exit(stage: Stage, process: str) -> None:
    stage.kernel.exit(stage.tasks[process])


def _reclaim(stage: Stage, region: str, page: int) -> None:
    stage.kernel.reclaim(stage.tasks["P"], stage.address(region, page), PAGE_SIZE)


def _unmap(stage: Stage, region: str, page: int, pages: int) -> None:
    stage.kernel.munmap(stage.tasks["P"], stage.address(region, page), pages * PAGE_SIZE)


def _hold(stage: Stage, region: str, page: int, references: int) -> None:
    held = stage.kernel.page_at(stage.tasks["P"], stage.address(region, page))
    assert held is not None
    for _ in range(references):
        get_page(held)


def _count_zero(stage: Stage, region: str, page: int) -> None:
    """The zero page behind an entry becomes a page that is counted like others."""
    mm, address, zero = stage.tasks["P"].mm, stage.address(region, page), stage.kernel.zero_page
    set_pte_at(mm, address, pte_at(mm, address) & ~_PAGE_SPECIAL)
    page_cache_get(zero)
    page_add_file_rmap(zero)


def _entry(change: Callable[[int], int]) -> Callable[..., None]:
    def changed(stage: Stage, region: str, page: int, process: str = "P") -> None:
        mm, address = stage.tasks[process].mm, stage.address(region, page)
        set_pte_at(mm, address, change(pte_at(mm, address)))

    return changed


STEPS: dict[str, Callable[..., None]] = {
    "map": _map, "file": _file, "store": _store, "load": _load, "protect": _protect, "fork": _fork, "exit": _exit,
    "reclaim": _reclaim, "unmap": _unmap, "hold": _hold, "make old": _entry(pte_mkold),
    "make clean": _entry(pte_mkclean), "count zero": _count_zero,
    "thread": lambda stage, name: stage.tasks.update({name: stage.kernel.thread(stage.tasks["P"], name)}),
    "spawn": lambda stage, name: stage.tasks.update({name: stage.kernel.spawn(name)}),
    "refuse frame": lambda stage, after: stage.kernel.fail_alloc(after),
    "kill": lambda stage, name: stage.kernel.sigkill(stage.tasks[name]),
}  # fmt: skip
"""What can have happened."""
