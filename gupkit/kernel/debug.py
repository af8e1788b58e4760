"""The debug layer: it names the crime, as CONFIG_DEBUG_VM, lockdep and KASAN do.

It changes nothing but what is said: with it off the same wrong call has the same consequences in silence
(and freed memory is not poisoned, so that it may look right for a while).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .flags import FOLL_GET, FOLL_PIN

if TYPE_CHECKING:
    from .machine import Machine
    from .mm_types import MmStruct
    from .page import Page

KINDS = (
    "stale vma", "freed page touched", "lock not held", "wrong lock mode", "double put", "leak", "bad page state",
    "bad arguments",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """One thing the debug layer saw: a kind out of :data:`KINDS`, a sentence, who ran, and when (ticks)."""

    kind: str
    text: str
    task: str
    clock: int

    def __str__(self) -> str:
        return f"BUG: {self.kind}: {self.text} ({self.task}, tick {self.clock})"


class DebugLayer:
    """Collects reports; ``enabled`` switches it on or off. ``tainted`` holds the frames and
    address spaces whose books may be wrong: it is kept even while the layer is off."""

    def __init__(self, kernel: Machine, enabled: bool) -> None:
        self.kernel = kernel
        self.enabled = enabled
        self.reports: list[Report] = []
        self.tainted: set[Page | MmStruct] = set()
        self.lock_checks = True

    def report(self, kind: str, text: str, taint: Page | MmStruct | None = None) -> None:
        """Say that ``kind`` happened; ``taint`` is the frame or address space whose books can't be trusted now."""
        if taint is not None:
            self.tainted.add(taint)
        if not self.enabled:
            return
        report = Report(kind, text, self.kernel.current_name, self.kernel.clock)
        self.reports.append(report)
        if self.kernel.tracing:
            self.kernel.emit("BUG", kind=kind, text=text)

    @contextmanager
    def lock_not_needed(self) -> Iterator[None]:
        """While inside, nobody asks whether mmap_sem is held: the caller knows that no other thread lives."""
        self.lock_checks = False
        try:
            yield
        finally:
            self.lock_checks = True

    def gup_entry(self, mm: MmStruct, gup_flags: int, pages: object) -> None:
        """What a debugging kernel would check at the door of ``__get_user_pages``."""
        if self.lock_checks and mm.mmap_sem.held == "none":
            self.report("lock not held", f"__get_user_pages without {mm.mmap_sem.name}", taint=mm)
        if self.enabled and (pages is not None) != bool(gup_flags & (FOLL_GET | FOLL_PIN)):
            self.report("bad arguments", "a pages array and FOLL_GET go together: one is given without the other")
