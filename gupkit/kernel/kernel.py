"""The kernel as its user sees it: every operation of the scenario format as a method, and the era's own functions."""

from __future__ import annotations

from types import SimpleNamespace

from ..errors import GupkitError
from . import state
from .check import check
from .eras import Era
from .gup_api import functions
from .ops_kernel import KernelOps


class Kernel(KernelOps):
    """A simulated Linux of one era, with memory of its own.

    ``era`` is a version the kit knows, or an :class:`~gupkit.kernel.eras.Era`; ``frames`` the page frames of the
    machine (4 KiB each), ``debug`` the debug layer, ``swap_slots`` the pages of swap (as many as frames by default).

    >>> k = Kernel()
    >>> p = k.spawn("P")
    >>> a = k.mmap(p, pages=1)
    >>> k.store(p, a, b"hi")
    >>> k.load(p, a, 2)
    b'hi'
    """

    def __init__(
        self, era: str | Era = "2.6.39", frames: int = 65_536, debug: bool = True, swap_slots: int | None = None
    ) -> None:
        super().__init__(era, frames, debug, swap_slots)
        self.FOLL = self.era.foll
        self.gup = SimpleNamespace(**functions(self))

    def check(self) -> None:
        """Every invariant; raises :class:`gupkit.kernel.check.BrokenInvariant` at the first that is false."""
        check(self)

    def save(self) -> state.State:
        r"""The whole machine as it is now, to be put back with :meth:`restore`.

        >>> k = Kernel()
        >>> p = k.spawn("P")
        >>> a = k.mmap(p, pages=1)
        >>> before = k.save()
        >>> k.store(p, a, b"hi"); k.restore(before)
        >>> k.load(p, a, 2)
        b'\x00\x00'
        """
        return state.save(self)

    def restore(self, saved: state.State) -> None:
        """Put everything back as it was at a :meth:`save` of this machine.

        Pages, tasks and VMAs stay the objects they were; those that came later are forgotten. GupkitError for another
        machine's state, in the middle of an operation, or while a recorder watches: it must go back as well
        (:meth:`gupkit.trace.recorder.Recorder.restore`).
        """
        if saved.machine is not self:
            raise GupkitError("this state was saved on another machine: restore it there")
        if self.journal is not None:
            raise GupkitError("a recorder watches this machine: use its restore(), so that its trace goes back too")
        state.restore(saved)

    @property
    def dmesg(self) -> list[str]:
        """What the debug layer had to say so far."""
        return [str(report) for report in self.debug.reports]
