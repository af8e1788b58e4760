"""Single faults on machines with a history: one handler is called for one page, by the sheet's kernel.

A recipe is plain data: ``steps`` (see :mod:`.stage`), and ``touch``: process, region, page, and whether it is a write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kernel import Kernel
from ..kernel.flags import FAULT_FLAG_WRITE
from ..kernel.pgtable import pte_at
from .plain import plain
from .stage import Stage, in_words


@dataclass(frozen=True, slots=True)
class Touch:
    """A machine and a touch that faults on it; ``fill`` and ``unshare`` let a function of somebody's serve it."""

    stage: Stage
    process: str
    region: str
    page: int
    write: bool

    @property
    def kernel(self) -> Kernel:
        """The machine: something to draw."""
        return self.stage.kernel

    def fill(self, do_anonymous_page: Callable[..., Any]) -> dict[str, Any]:
        """Serve the touch of a page that has no entry: what was returned, and what has changed."""
        return self._served(lambda mm, vma, address: do_anonymous_page(mm, vma, address, FAULT_FLAG_WRITE * self.write))

    def unshare(self, do_wp_page: Callable[..., Any]) -> dict[str, Any]:
        """Serve a write to a page whose entry forbids it."""
        return self._served(lambda mm, vma, address: do_wp_page(mm, vma, address, pte_at(mm, address)))

    def _served(self, handler: Callable[..., Any]) -> dict[str, Any]:
        task, address = self.stage.tasks[self.process], self.stage.address(self.region, self.page)
        vma = self.stage.vma(self.region, self.page, self.process)

        def work() -> dict[str, Any]:
            with self.kernel.running(task), task.mm.mmap_sem.read():
                return {"returned": plain(handler(task.mm, vma, address))}

        return self.stage.left_behind(work)

    @property
    def words(self) -> str:
        """The touch, for people."""
        return f"{self.process} {'writes to' if self.write else 'reads'} {self.region}[{self.page}]"

    def __repr__(self) -> str:
        return f"before: {self.stage!r}\nthen:   {self.words}"


@dataclass(frozen=True, slots=True)
class Accesses:
    """A machine, and accesses to its pages that somebody is asked about: ``asks``, as (region, page, write)."""

    stage: Stage
    asks: Sequence[tuple[str, int, bool]]

    @property
    def kernel(self) -> Kernel:
        """The machine: something to draw."""
        return self.stage.kernel

    def entry(self, region: str, page: int) -> int:
        """What P's page table has for a page of a region."""
        return pte_at(self.stage.tasks["P"].mm, self.stage.address(region, page))

    def who(self, which_handler: Callable[..., Any]) -> dict[str, Any]:
        """Whom the function names for each access."""
        found = {}
        for region, page, write in self.asks:
            entry = self.entry(region, page)
            what = f"{'write to' if write else 'read of'} {region}[{page}], entry {entry:#x}"
            found[what] = plain(which_handler(self.stage.vma(region, page), entry, write))
        return found

    def __repr__(self) -> str:
        lines: list[str] = []
        for what, *more in self.stage.steps:
            begins = what == "file" or (what == "map" and "file" not in more[2])  # another region's story
            told = in_words([what, *more])
            lines = [*lines, told] if begins or not lines else [*lines[:-1], f"{lines[-1]}; {told}"]
        then = f"then:   accesses to each of them, {len(self.asks)} in all"
        return "\n        ".join(["before: " + lines[0], *lines[1:]]) + "\n" + then


def touches(recipes: list[Mapping[str, Any]]) -> dict[int, Touch]:
    """The touches of a check by number, from 1, each on a machine of its own."""
    return {number: Touch(Stage(recipe["steps"]), *recipe["touch"]) for number, recipe in enumerate(recipes, 1)}
