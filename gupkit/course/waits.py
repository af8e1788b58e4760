"""Machines on which a call must wait: a kernel with a ``__get_user_pages`` of its own, and what goes on meanwhile.

A recipe is plain data: ``at``, the page at which it begins; ``rows``, what lies there, as (kind, pages) side by side;
``alone``: nothing follows, else two written pages that nobody asks for;
``evict``, page number → how often that page is gone again before anybody comes back for it; ``meanwhile``, what thread
T2 does at the n-th wait that leaves it the lock, as (n, what, first page, end); ``no_memory``, which allocation fails;
``killed``: SIGKILL is pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..errors import GupkitError
from ..kernel import Cell, Kernel, Task
from ..kernel.errno import Errno
from ..kernel.gup import __get_user_pages
from ..kernel.mm_types import MmStruct
from ..kernel.pgtable import PAGE_SIZE
from ..kernel.rwsem import RwSemaphore
from ..kernel.vma import find_vma_intersection
from .changes import changes, facts
from .model import Rule

START = 0x7E0000000000
"""The page number 0 of a recipe's ``at``."""


class PlainSemaphore(RwSemaphore):
    """mmap_sem for callers who must know themselves whether they hold it."""

    @contextmanager
    def read(self) -> Iterator[None]:
        """``down_read``, and at the end ``up_read``, whatever happened in between: as two lines of C would."""
        self.down_read()
        try:
            yield
        finally:
            self.up_read()


def gup_of(kernel: Kernel, rule: Rule) -> Callable[..., int]:
    """``__get_user_pages`` with the sheet's conventions in the place of Linux's."""

    def sheets_gup(
        tsk: Task | None, mm: MmStruct, start: int, nr_pages: int, gup_flags: int,
        pages: list[Any] | None, vmas: list[Any] | None, flag: Cell | None,
    ) -> int:  # fmt: skip
        """As 2.6.39's, but for what your sheet says of the last argument, of the lock, and of the answer."""
        _look_at(kernel, flag, UNWRITTEN[rule["flag"]])
        linux = None if flag is None else Cell(1)
        came = __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, linux)
        waited = linux is not None and not linux.value
        if waited and flag is not None:
            flag.value = max(came, 0) if rule["flag"] == "where" else 1
        if rule["lock"] == "back":
            if waited:
                mm.mmap_sem.down_read()
            elif came <= 0 < nr_pages:
                mm.mmap_sem.up_read()
        return _answer(rule, mm, start, came, waited)

    return sheets_gup


UNWRITTEN = {"lost": 0, "where": -1}
"""What a caller puts into the variable before each call, by the sheet's convention."""


def _look_at(kernel: Kernel, flag: Cell | None, unwritten: int) -> None:
    """The variable must hold what the convention wants: the debug layer says so if it does not."""
    if flag is None:
        return
    if not isinstance(flag, Cell):
        raise GupkitError(f"the last argument is a Cell or None, not {type(flag).__name__}")
    if flag.value != unwritten:
        kernel.debug.report("bad arguments", f"the variable holds {flag.value} before the call, and not {unwritten}")


def _answer(rule: Rule, mm: MmStruct, start: int, came: int, waited: bool) -> int:
    """What the sheet's call returns where Linux's returned ``came``."""
    if rule["zero"] == "eagain":
        return Errno.EAGAIN if waited and not came or came == Errno.ENOMEM else came
    nothing_there = came < 0 and find_vma_intersection(mm, start, start + 1) is None
    return 0 if nothing_there else came


@dataclass(slots=True)
class Waiting:
    """A machine, its process, ``pages`` pages from ``start`` on, and what others do while the process sleeps.

    ``what``: the recipe in words; ``asleep``: how often it has slept, and how mmap_sem stood.
    """

    kernel: Kernel
    task: Task
    other: Task
    start: int
    pages: int
    what: str
    evict: dict[int, int]
    meanwhile: list[list[Any]]
    asleep: dict[str, int] = field(default_factory=lambda: {"without mmap_sem": 0, "with mmap_sem held": 0})
    gone_soon: int | None = None
    busy: bool = False

    def on_point(self, point: str, fields: Mapping[str, Any]) -> None:
        """What the others do where another task may run: at a wait, and when the sleeper comes back."""
        if self.busy:
            return
        self.busy = True
        if point == "wait_on_page_locked":
            self._while_asleep(fields["pfn"])
        elif point == "down_read" and self.gone_soon is not None:
            self._evict()
        self.busy = False

    def _while_asleep(self, pfn: int) -> None:
        if self.task.mm.mmap_sem.held != "none":
            self.asleep["with mmap_sem held"] += 1
            return
        self.asleep["without mmap_sem"] += 1
        self.gone_soon = pfn
        for nth, what, first, end in self.meanwhile:
            if nth == self.asleep["without mmap_sem"]:
                DEEDS[what](self.kernel, self.other, self.start + first * PAGE_SIZE, (end - first) * PAGE_SIZE)

    def _evict(self) -> None:
        """The page that was waited for is thrown out again, as often as the recipe says."""
        assert self.gone_soon is not None
        page = self.kernel.zone.page(self.gone_soon)
        self.gone_soon = None
        mapping = page.mapping
        if mapping is None or mapping.is_anon:
            return
        number = int(mapping.host.name.split()[-1]) + page.index
        if self.evict.get(number, 0):
            self.evict[number] -= 1
            self.kernel.invalidate_inode_pages2(mapping.host, page.index, 1)

    def left_behind(self, work: Callable[[], Any]) -> dict[str, Any]:
        """``returned``, how often it slept and with what, and every fact that changed, the clock aside."""
        before = facts(self.kernel)
        answer = work()
        found = changes(before, facts(self.kernel))
        found.pop("clock", None)
        return {"returned": answer} | {f"asleep {how}": count for how, count in self.asleep.items()} | found


def _kill(kernel: Kernel, other: Task, start: int, length: int) -> None:
    kernel.sigkill(kernel.tasks["P"])


DEEDS: dict[str, Callable[[Kernel, Task, int, int], Any]] = {
    "unmaps": lambda kernel, other, start, length: kernel.munmap(other, start, length),
    "makes read-only": lambda kernel, other, start, length: kernel.mprotect(other, start, length, "r"),
    "sends SIGKILL": _kill,
}
"""What T2 can do, by its words."""


def _lay_written(kernel: Kernel, task: Task, at: int, pages: int, number: int) -> None:
    kernel.mmap(task, at, pages=pages)
    for i in range(pages):
        kernel.store(task, at + i * PAGE_SIZE, b"w")


def _lay_swapped(kernel: Kernel, task: Task, at: int, pages: int, number: int) -> None:
    _lay_written(kernel, task, at, pages, number)
    kernel.reclaim(task, at, pages * PAGE_SIZE)


def _lay_file(cached: bool, prot: str = "rw") -> Callable[[Kernel, Task, int, int, int], None]:
    """A shared mapping of a file of its own, named after its first page; its pages are read one by one."""

    def lay(kernel: Kernel, task: Task, at: int, pages: int, number: int) -> None:
        file = kernel.file(f"page {number}", [0x61] * pages, cached=cached)
        kernel.mmap(task, at, pages=pages, file=file, share="shared", prot=prot)
        kernel.madvise(task, at, pages * PAGE_SIZE, "RANDOM")

    return lay


def _lay(**how: Any) -> Callable[[Kernel, Task, int, int, int], Any]:
    return lambda kernel, task, at, pages, number: kernel.mmap(task, at, pages=pages, **how)


KINDS: dict[str, Callable[[Kernel, Task, int, int, int], Any]] = {
    "hole": lambda kernel, task, at, pages, number: None,
    "untouched": _lay(),
    "written": _lay_written,
    "swapped": _lay_swapped,
    "read-only": _lay(prot="r"),
    "no rights": _lay(prot=""),
    "device": _lay(kind="pfnmap"),
    "warm": _lay_file(cached=True),
    "cold": _lay_file(cached=False),
    "cold, read-only": _lay_file(cached=False, prot="r"),
}
"""What can lie in a row."""


def waiting(rule: Rule, recipe: Mapping[str, Any]) -> Waiting:
    """The machine of a recipe, with the kernel of a rule.

    >>> rule = {"flag": "lost", "lock": "gone", "zero": "both"}
    >>> regions = waiting(rule, {"at": 0, "rows": [["cold", 2]], "alone": True}).task.mm.mmap
    >>> [f"{vma.vm_start:#x}-{vma.vm_end:#x}" for vma in regions]
    ['0x7e0000000000-0x7e0000002000']
    """
    kernel = Kernel()
    task = kernel.spawn("P")
    other = kernel.thread(task, "T2")
    task.mm.mmap_sem = PlainSemaphore(kernel, task.mm)
    kernel.gup.__get_user_pages = gup_of(kernel, rule)
    start, number = START + recipe["at"] * PAGE_SIZE, 0
    for kind, pages in recipe["rows"]:
        KINDS[kind](kernel, task, start + number * PAGE_SIZE, pages, number)
        number += pages
    if not recipe.get("alone"):
        _lay_written(kernel, task, start + number * PAGE_SIZE, 2, number)
    kernel.fail_alloc(recipe.get("no_memory", 0))
    task.sigkill = recipe.get("killed", False)
    evict = {int(page): times for page, times in recipe.get("evict", {}).items()}
    made = Waiting(kernel, task, other, start, number, in_words(recipe), evict, recipe.get("meanwhile", []))
    kernel.on_point = made.on_point
    return made


def in_words(recipe: Mapping[str, Any]) -> str:
    """A recipe as a reader needs it, in a line."""
    rows = ", ".join(kind if pages == 1 else f"{pages} pages {kind}" for kind, pages in recipe["rows"])
    deeds = [f"at wait {n} T2 {what}{_pages(first, end)}" for n, what, first, end in recipe.get("meanwhile", [])]
    gone = [f"page {page} is gone again {times} times" for page, times in recipe.get("evict", {}).items()]
    none = ["there is no memory"] if recipe.get("no_memory") else []
    killed = ["SIGKILL is pending"] if recipe.get("killed") else []
    return "; ".join([rows, *gone, *deeds, *none, *killed])


def _pages(first: int, end: int) -> str:
    return "" if first == end else f" page {first}" if end == first + 1 else f" pages {first} to {end - 1}"
