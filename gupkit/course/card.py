"""A card that moves pages by itself, and the memory that it is tried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..kernel import Kernel, Task
from ..kernel.filemap import Inode
from ..kernel.page import Page
from ..kernel.pgtable import PAGE_SIZE

if TYPE_CHECKING:
    from .bench import Bench


class Card:
    """The card as its driver has it.

    ``held`` is a place for the driver's list of pages, empty at first. ``moved``: how many pages of this transfer the
    card has moved, in the order of the list.
    """

    def __init__(self, bench: Bench) -> None:
        self.held: list[Page] = []
        self.moved = 0
        self._bench = bench
        self._list: list[Page] = []
        self._into = self._jammed = False

    def go(self, pages: Sequence[Page], way: int) -> None:
        """Begin a transfer; your sheet says which ``way`` is which."""
        self._list, self.moved, self._jammed = list(pages), 0, False
        self._into = way == self._bench.rule["way"]

    def drain(self) -> int:
        """Have the card move one more page: how many are left (0 also if it can move none any more)."""
        left = len(self._list) - self.moved
        if self._jammed or left <= 0:
            return 0
        page = self._list[self.moved]
        self.moved += 1
        self._bench.transfer(page, self._into)
        return left - 1

    def stop(self) -> None:
        """End the transfer: not one page more."""
        self._list = self._list[: self.moved]

    def jam(self) -> None:
        """Break down: it moves no page until it is told to go again."""
        self._jammed = True


@dataclass(slots=True)
class Region:
    """Memory of a bench: where, how many pages; the file behind it, and a child that has it, too."""

    at: int
    pages: int
    file: Inode | None
    child: Task | None


Kind = Callable[[Kernel, Task, int, int], Any]


def _untouched(kernel: Kernel, task: Task, at: int, pages: int) -> None:
    kernel.mmap(task, at, pages=pages)


def _written(kernel: Kernel, task: Task, at: int, pages: int) -> None:
    kernel.mmap(task, at, pages=pages)
    for i in range(pages):
        kernel.store(task, at + i * PAGE_SIZE, b"w")


def _forked(kernel: Kernel, task: Task, at: int, pages: int) -> None:
    _written(kernel, task, at, pages)
    kernel.fork(task, f"child {len(kernel.tasks)}")


def _read_only(kernel: Kernel, task: Task, at: int, pages: int) -> None:
    _written(kernel, task, at, pages)
    kernel.mprotect(task, at, pages * PAGE_SIZE, "r")


def _file(share: str) -> Kind:
    def lay(kernel: Kernel, task: Task, at: int, pages: int) -> None:
        file = kernel.file(f"file {len(kernel.files) + 1}", [0x61 + i for i in range(pages)])
        kernel.mmap(task, at, pages=pages, file=file, share=share)

    return lay


KINDS: dict[str, tuple[str, Kind]] = {
    "untouched": ("memory that nobody has touched", _untouched),
    "written": ("memory that P has written, a w in each page", _written),
    "forked": ("the same, and then a child was forked, which has it too", _forked),
    "read-only": ("the same as written, and then made read-only", _read_only),
    "file": ("a file of its own, mapped shared; its pages hold a, b, c ...", _file("shared")),
    "private": ("the same, mapped privately", _file("private")),
}
"""Kind of memory → in words, and how it is laid down."""


def lay(kernel: Kernel, task: Task, at: int, kind: str, pages: int) -> Region:
    """Memory of a kind: the region, with the file and the child that came with it."""
    files, tasks = {*kernel.files}, {*kernel.tasks}
    KINDS[kind][1](kernel, task, at, pages)
    file = next((file for name, file in kernel.files.items() if name not in files), None)
    child = next((child for name, child in kernel.tasks.items() if name not in tasks), None)
    return Region(at, pages, file, child)
