"""Simulated machines for checks: one process, a region for each page that a trial is about, each page with a past.

A recipe is plain data: region name → the past of its page, one of :data:`PASTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..kernel import Kernel, Task
from ..kernel.page import Page, get_page
from ..kernel.pgtable import PAGE_SIZE, pte_at, pte_mkclean, pte_mkold, set_pte_at
from ..kernel.vma import VMA, find_vma
from .changes import Facts, changes, facts


@dataclass(frozen=True, slots=True)
class Machine:
    """A kernel, its process, where each region begins, and the page that each had when the trial began."""

    kernel: Kernel
    task: Task
    at: Mapping[str, int]
    pasts: Mapping[str, str]
    pages: Mapping[str, Page]
    seen: list[Facts] = field(default_factory=list)
    """How the machine was when it was last looked at."""

    def vma(self, region: str) -> VMA:
        """The region's VMA."""
        found = find_vma(self.task.mm, self.at[region])
        assert found is not None
        return found

    def left_behind(self, work: Callable[[], Any]) -> dict[str, Any]:
        """``returned``: what ``work`` gives back; and every fact that it changed, frames with their region's name."""
        before = self.seen.pop() if self.seen else facts(self.kernel)
        answer = work()
        self.seen.append(facts(self.kernel))
        found = changes(before, self.seen[0])
        return {"returned": answer} | {self._named(what): value for what, value in found.items()}

    def _named(self, what: str) -> str:
        for region, page in self.pages.items():
            if what.startswith(f"frame {page.pfn},"):
                return what.replace(f"frame {page.pfn}", f"frame {page.pfn} (behind {region})", 1)
        return what


OTHERS = 12
"""References that others hold to a busy page."""
Past = Callable[[Kernel, Task, str], int]


def _mapped(kernel: Kernel, task: Task, name: str, **how: Any) -> int:
    return int(kernel.mmap(task, pages=1, name=name, **how))


def _written(kernel: Kernel, task: Task, name: str) -> int:
    address = _mapped(kernel, task, name)
    kernel.store(task, address, name.encode())
    return address


def _read_only(kernel: Kernel, task: Task, name: str) -> int:
    address = _written(kernel, task, name)
    kernel.mprotect(task, address, PAGE_SIZE, "r")
    return address


def _no_rights(kernel: Kernel, task: Task, name: str) -> int:
    address = _written(kernel, task, name)
    kernel.mprotect(task, address, PAGE_SIZE, "")
    return address


def _cleaned(kernel: Kernel, task: Task, name: str) -> int:
    address = _written(kernel, task, name)
    set_pte_at(task.mm, address, pte_mkclean(pte_at(task.mm, address)))
    return address


def _old(kernel: Kernel, task: Task, name: str) -> int:
    address = _written(kernel, task, name)
    set_pte_at(task.mm, address, pte_mkold(pte_at(task.mm, address)))
    return address


def _forked(kernel: Kernel, task: Task, name: str) -> int:
    address = _written(kernel, task, name)
    kernel.fork(task, f"child with {name}")
    return address


def _zero(kernel: Kernel, task: Task, name: str) -> int:
    address = _mapped(kernel, task, name)
    kernel.load(task, address)
    return address


def _swapped(kernel: Kernel, task: Task, name: str) -> int:
    address = _written(kernel, task, name)
    kernel.reclaim(task, address, PAGE_SIZE)
    return address


def _file(kernel: Kernel, task: Task, name: str, touch: str, share: str) -> int:
    file = kernel.file(f"file {name}", [0x61])
    address = _mapped(kernel, task, name, file=file, share=share)
    if touch == "store":
        kernel.store(task, address, b"w")
    elif touch == "load":
        kernel.load(task, address)
    return address


def _busy(kernel: Kernel, task: Task, name: str) -> int:
    address = _old(kernel, task, name)
    page = kernel.page_at(task, address)
    assert page is not None
    for _ in range(OTHERS):
        get_page(page)
    return address


PASTS: dict[str, tuple[str, Past]] = {
    "untouched": ("nobody has touched it", _mapped),
    "written": ("it was written", _written),
    "read-only": ("it was written, then made read-only", _read_only),
    "no-rights": ("it was written, then all rights were taken away", _no_rights),
    "cleaned": ("it was written, and its entry has been made clean since", _cleaned),
    "old": ("it was written, and its entry has been made old since", _old),
    "forked": ("it was written, and then a child was forked", _forked),
    "zero": ("it was only read, so the zero page is behind it", _zero),
    "swapped": ("it was written, and then swapped out", _swapped),
    "busy": (f"it was written, has grown old, and {OTHERS} others hold references to its page", _busy),
    "device": ("it belongs to a device", lambda k, t, n: _mapped(k, t, n, kind="pfnmap")),
    "file-untouched": ("a file's, which nobody has touched", lambda k, t, n: _file(k, t, n, "", "private")),
    "file-read": ("a file's, mapped privately and read", lambda k, t, n: _file(k, t, n, "load", "private")),
    "file-shared": ("a file's, shared and read", lambda k, t, n: _file(k, t, n, "load", "shared")),
    "file-dirty": ("a file's, shared and written", lambda k, t, n: _file(k, t, n, "store", "shared")),
}
"""Past → in words, and how it comes about: a function that maps the region and gives its address."""


def machine(recipe: Mapping[str, str]) -> Machine:
    """The machine of a recipe, each region with its past.

    >>> machine({"A": "written"}).vma("A").name
    'A'
    """
    kernel = Kernel()
    task = kernel.spawn("P")
    # what is mapped at a fork is shared by it: so those come first
    order = sorted(recipe, key=lambda name: recipe[name] != "forked")
    at = {name: PASTS[recipe[name]][1](kernel, task, name) for name in order}
    found = {name: kernel.page_at(task, address) for name, address in at.items()}
    pages = {name: page for name, page in found.items() if page is not None and page is not kernel.zero_page}
    return Machine(kernel, task, at, dict(recipe), pages)
