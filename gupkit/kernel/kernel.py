"""The kernel as its user sees it: every operation of the scenario format as a method, and the era's own functions."""

from __future__ import annotations

from types import SimpleNamespace

from .check import check
from .gup_api import functions
from .ops_kernel import KernelOps


class Kernel(KernelOps):
    """A simulated Linux of one era, with memory of its own.

    ``era`` is a version the kit knows, ``frames`` the page frames of the machine (4 KiB each), ``debug`` the
    debug layer, ``swap_slots`` the pages of swap (as many as frames by default).

    >>> k = Kernel()
    >>> p = k.spawn("P")
    >>> a = k.mmap(p, pages=1)
    >>> k.store(p, a, b"hi")
    >>> k.load(p, a, 2)
    b'hi'
    """

    def __init__(
        self, era: str = "2.6.39", frames: int = 65_536, debug: bool = True, swap_slots: int | None = None
    ) -> None:
        super().__init__(era, frames, debug, swap_slots)
        self.FOLL = self.era.foll
        self.gup = SimpleNamespace(**functions(self))

    def check(self) -> None:
        """Every invariant; raises :class:`gupkit.kernel.check.BrokenInvariant` at the first that is false."""
        check(self)

    @property
    def dmesg(self) -> list[str]:
        """What the debug layer had to say so far."""
        return [str(report) for report in self.debug.reports]
