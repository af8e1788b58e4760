"""Single calls of ``__get_user_pages`` on machines with a history, and what others do while the call is under way.

A recipe is plain data: ``steps`` (see :mod:`.stage`), ``start`` (region, page, byte), ``pages``, ``flags`` (names of
FOLL_); ``runs``, who runs; ``tsk``, whom faults are charged to, or None; ``arrays``, which of ``pages`` and ``vmas``
are given; ``nonblocking``, whether that is; ``meanwhile``, what others do where another task may run, as
(when, region, page, what, how often).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import GupkitError
from ..kernel import FOLL, Cell, Kernel
from ..kernel.page import PG_locked
from ..kernel.pgtable import _PAGE_RW, PAGE_SIZE, pte_at, pte_present
from .plain import plain, returned
from .regions import in_list
from .stage import Stage, in_pages

SPARE = 2
"""Places that an array has more than are asked for."""
ENDLESS = 2_000
"""Schedule points after which a call is taken for one without an end."""


@dataclass(slots=True)
class Call:
    """A machine and a call that is to be made on it; ``ask(function)`` makes it."""

    recipe: Mapping[str, Any]
    stage: Stage
    left: list[int] = field(default_factory=list)
    """How often each deed of others can still be done."""
    passed: int = 0
    busy: bool = False

    @property
    def kernel(self) -> Kernel:
        """The machine: something to draw."""
        return self.stage.kernel

    def ask(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Make the call: what it returned, what stands in its arrays, and what has changed on the machine."""
        self.left = [times for *_, times in self.recipe["meanwhile"]]
        return self.stage.left_behind(lambda: self._made(function))

    def _made(self, function: Callable[..., Any]) -> dict[str, Any]:
        ask, stage = self.recipe, self.stage
        mm, tsk = stage.tasks["P"].mm, None if ask["tsk"] is None else stage.tasks[ask["tsk"]]
        pages, vmas = self._array("pages"), self._array("vmas")
        cell = Cell(1) if ask["nonblocking"] else None
        with self.kernel.running(stage.tasks[ask["runs"]]):
            mm.mmap_sem.down_read()
            self.kernel.on_point = self._on_point
            answer = function(tsk, mm, self.start, ask["pages"], self.flags, pages, vmas, cell)
            self.kernel.on_point = None
        told = {"returned": returned(answer)}
        if pages is not None:
            told["pages"] = _places(stage.in_array(pages))
        if vmas is not None:
            told["vmas"] = _places([in_list(mm, vma) for vma in vmas])
        return told if cell is None else told | {"nonblocking.value": plain(cell.value)}

    def _array(self, name: str) -> list[Any] | None:
        return [None] * (max(self.recipe["pages"], 0) + SPARE) if name in self.recipe["arrays"] else None

    @property
    def start(self) -> int:
        """The address that is asked about."""
        region, page, byte = self.recipe["start"]
        return self.stage.address(region, page) + int(byte)

    @property
    def flags(self) -> FOLL:
        """The flags that are asked with."""
        return FOLL(sum(FOLL[name] for name in self.recipe["flags"]))

    # --- the others

    def _on_point(self, point: str, fields: Mapping[str, Any]) -> None:
        del point, fields
        self.passed += 1
        if self.passed > ENDLESS:
            raise GupkitError(f"{ENDLESS} times another task could have run, and the call has come to no end")
        if self.busy:
            return
        self.busy = True
        for i, (when, region, page, what, _) in enumerate(self.recipe["meanwhile"]):
            if self.left[i] and WHEN[when](self, region, page):
                self.left[i] -= 1
                DEEDS[what](self, region, page)
        self.busy = False

    def entry(self, region: str, page: int) -> int:
        """The entry of a page."""
        return pte_at(self.stage.tasks["P"].mm, self.stage.address(region, page))

    @property
    def waits(self) -> bool:
        """Nobody holds mmap_sem: the call has let it go."""
        return self.stage.tasks["P"].mm.mmap_sem.held == "none"

    def has_come(self, region: str, page: int) -> bool:
        """The call has let mmap_sem go, and the page of the file that it waited for is there."""
        cached = self.kernel.files[f"{region}.dat"].mapping.pages.get(page)
        return self.waits and cached is not None and not cached.flags & PG_locked

    @property
    def words(self) -> str:
        """What is asked for, for people: how much, from where, and with what."""
        ask, (region, page, byte) = self.recipe, self.recipe["start"]
        where = f"{region}[{page}]" + f" + {byte} bytes" * bool(byte)
        return f"{in_pages(ask['pages'])} from {where}, {' | '.join(ask['flags']) or 'no flags'}"

    def __repr__(self) -> str:
        ask = self.recipe
        others = [f"when {region}[{page}] {when}: {what}{' again and again' * (times > 1)}"
                  for when, region, page, what, times in ask["meanwhile"]]  # fmt: skip
        asked = (
            f"{self.words}, {' and '.join(ask['arrays']) or 'no arrays'}, {ask['runs']} runs, tsk {ask['tsk']}"
            + ", nonblocking" * ask["nonblocking"]
        )
        return "\n".join(["before: " + repr(self.stage), "call:   " + asked, *("others: " + other for other in others)])


def _places(shown: list[Any]) -> dict[str, Any]:
    """What stands in an array, place by place, and how many places it has."""
    return {f"[{i}]": value for i, value in enumerate(shown) if value is not None} | {"places": len(shown)}


def _zap(call: Call, region: str, page: int) -> None:
    call.kernel.madvise(call.stage.tasks["T2"], call.stage.address(region, page), PAGE_SIZE, "DONTNEED")


def _unmap(call: Call, region: str, page: int) -> None:
    call.kernel.munmap(call.stage.tasks["T2"], call.stage.address(region, page), PAGE_SIZE)


def _kill(name: str) -> Callable[[Call, str, int], None]:
    return lambda call, region, page: call.kernel.sigkill(call.stage.tasks[name])


def _drop(call: Call, region: str, page: int) -> None:
    call.kernel.invalidate_inode_pages2(call.kernel.files[f"{region}.dat"], page, 1)


WHEN: dict[str, Callable[[Call, str, int], bool]] = {
    "is mapped": lambda call, region, page: pte_present(call.entry(region, page)),
    "is writable": lambda call, region, page: bool(call.entry(region, page) & _PAGE_RW),
    "is waited for": lambda call, region, page: call.waits,
    "has come": Call.has_come,
}
"""When others act."""
DEEDS: dict[str, Callable[[Call, str, int], None]] = {
    "T2 throws it away": _zap, "T2 unmaps it": _unmap, "P is killed": _kill("P"), "D is killed": _kill("D"),
    "T2 drops it from its file's cache": _drop,
}  # fmt: skip
"""What others do."""


def calls(recipes: list[Mapping[str, Any]]) -> dict[int, Call]:
    """The calls of a check by number, from 1, each on a machine of its own."""
    return {number: Call(recipe, Stage(recipe["steps"])) for number, recipe in enumerate(recipes, 1)}
