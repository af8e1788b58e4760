"""The kernel as its user sees it: every operation of the scenario format as a method, and the era's own functions."""

from __future__ import annotations

from enum import IntFlag
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any

from ..errors import GupkitError
from .check import check
from .foll import canonical
from .gup import __get_user_pages as _gup
from .gup import follow_page, get_dump_page, get_user_pages
from .gup_fast import __get_user_pages_fast as _gup_fast_only
from .gup_fast import get_user_pages_fast
from .machine import Machine
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
        self.gup = _functions(self)

    def check(self) -> None:
        """Every invariant; raises :class:`gupkit.kernel.check.BrokenInvariant` at the first that is false."""
        check(self)

    @property
    def dmesg(self) -> list[str]:
        """What the debug layer had to say so far."""
        return [str(report) for report in self.debug.reports]


def _functions(machine: Machine) -> SimpleNamespace:
    """The era's GUP functions by the era's names. Those without a task argument act on the running task."""
    refuse = partial(_own_flags, machine)
    functions = {
        "follow_page": refuse(follow_page, 2),
        "__get_user_pages": refuse(_gup, 4),
        "get_user_pages": get_user_pages,
        "get_user_pages_fast": partial(get_user_pages_fast, machine),
        "__get_user_pages_fast": partial(_gup_fast_only, machine),
        "get_dump_page": partial(get_dump_page, machine),
    }
    return SimpleNamespace(**functions)


def _own_flags(machine: Machine, function: Any, position: int) -> Any:
    """``function`` refusing FOLL_ flags of another era: the same name may have another value there."""

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        flags = args[position] if len(args) > position else kwargs.get("gup_flags", kwargs.get("flags", 0))
        if isinstance(flags, IntFlag) and not isinstance(flags, machine.era.foll):
            raise GupkitError(
                f"{flags!r} is not a flag of {machine.era.name}: take the flags from this kernel's own k.FOLL"
            )
        if len(args) > position:
            args = (*args[:position], canonical(flags), *args[position + 1 :])
        return function(*args, **kwargs)

    return checked
