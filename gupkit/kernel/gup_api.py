"""The functions that kernel code calls, as each era has them: by name, with that era's arguments and flag values.

They differ in what they add to the flags, in who may hold mmap_sem, and in whether they let it go while they wait; the
work is that of :mod:`~gupkit.kernel.gup`. Source: mm/memory.c (2.6.39), mm/gup.c (later).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntFlag
from functools import cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from ..errors import GupkitError
from .dirty import set_page_dirty_lock
from .errno import Errno
from .flags import (
    FOLL_FAST_ONLY, FOLL_FORCE, FOLL_GET, FOLL_LONGTERM, FOLL_MADV_POPULATE, FOLL_PIN, FOLL_REMOTE,
    FOLL_TOUCH, FOLL_TRIED, FOLL_UNLOCKABLE, FOLL_WRITE,
)  # fmt: skip
from .foll import canonical
from .gup import Cell, __get_user_pages, follow_page, get_dump_page
from .gup_fast import gup_fast, gup_fast_only
from .gup_locked import locked_loop
from .page import PG_dirty, Page, unpin_user_page

if TYPE_CHECKING:
    from .machine import Machine

CURRENT: Any = object()
"""For ``tsk``: whoever runs."""
INTERNAL = (
    FOLL_TOUCH | FOLL_TRIED | FOLL_REMOTE | FOLL_PIN | FOLL_FAST_ONLY | FOLL_UNLOCKABLE | FOLL_MADV_POPULATE
)  # fmt: skip
"""Flags that 6.3 took away from callers: only mm/ itself may set them."""
FAST_FLAGS = FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE | FOLL_PIN | FOLL_GET | FOLL_FAST_ONLY
"""What the fast calls accept, from 5.8 on; 6.18 takes a few more, none of which changes anything here."""


def call(
    kernel: Machine, name: str, start: int, nr_pages: int, gup_flags: int, pages: list[Any] | None = None, *,
    tsk: Any = CURRENT, mm: Any = None, vmas: list[Any] | None = None, locked: Cell | None = None,
) -> int:  # fmt: skip
    """Call the function ``name`` of the GUP family; ``gup_flags`` are the simulated kernel's own numbers.

    ``tsk`` and ``mm`` are the running task's unless given (None for ``tsk``: nobody is charged). ``locked`` is what
    ``nonblocking`` and ``locked`` point to.
    Returns a count or a negative Errno, as the function does in this era; one that the era does not have yet does what
    it was made for.
    """
    tsk = kernel.running_task() if tsk is CURRENT else tsk
    mm = kernel.running_task().mm if mm is None else mm
    gup_flags = int(gup_flags)
    refused = bad_arguments(kernel, name, gup_flags, pages, locked)
    if refused is not None:
        return refused
    if name == "__get_user_pages":
        return __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, locked)
    gup_flags |= added_flags(kernel, name, pages)
    if "_fast" in name:
        only = name.endswith("_only") or name.startswith("__")
        return (gup_fast_only if only else gup_fast)(kernel, start, nr_pages, gup_flags, [] if pages is None else pages)
    if name.endswith("_unlocked"):
        return _unlocked(kernel, tsk, mm, start, nr_pages, gup_flags, pages)
    if locked is not None and kernel.era.lock_can_drop:
        return _locked(tsk, mm, start, nr_pages, gup_flags, pages, locked)
    nonblocking = locked if not kernel.era.lock_can_drop else None
    return __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking)


def added_flags(kernel: Machine, name: str, pages: list[Any] | None) -> int:
    """What a wrapper adds to its caller's flags: the kind of reference, and that the page counts as touched.

    Only ``pin_user_pages`` does not touch. The fast calls touch where they have to go the slow way.
    """
    pins = name.startswith("pin_") and kernel.era.pin_bias
    reference = (FOLL_PIN if pins else FOLL_GET) if pages is not None else 0
    touch = 0 if "_fast" in name or (name == "pin_user_pages" and pins) else FOLL_TOUCH
    return reference | touch | (FOLL_REMOTE if name.endswith("_remote") else 0)


def bad_arguments(
    kernel: Machine, name: str, flags: int, pages: list[Any] | None, locked: Cell | None
) -> int | None:
    """What arguments that contradict each other are answered with; None if they do not.

    Source: mm/gup.c, is_valid_gup_flags (5.7), is_valid_gup_args (6.3).
    """
    era = kernel.era
    if era.checks_arguments == "no" or name == "__get_user_pages":
        return None
    wrong = bool(flags & FOLL_GET and name.startswith("pin_")) or bool(flags & FOLL_PIN and not name.startswith("pin_"))
    if "_fast" in name:
        wrong = wrong or bool(flags & ~FAST_FLAGS)
    if era.checks_arguments == "all":
        pins = name.startswith("pin_")
        wrong = wrong or bool(flags & INTERNAL) or bool(flags & FOLL_LONGTERM and not pins)
        wrong = wrong or (pages is None and pins) or (locked is not None and locked.value != 1)
        if wrong and pins and "_fast" not in name:
            return 0
    return Errno.EINVAL if wrong else None


def _unlocked(
    kernel: Machine, tsk: Any, mm: Any, start: int, nr_pages: int, flags: int, pages: list[Any] | None
) -> int:
    """Take mmap_sem, pin, let it go: whoever calls this holds nothing."""
    with mm.mmap_sem.read():
        if kernel.era.lock_can_drop:
            return locked_loop(tsk, mm, start, nr_pages, flags, pages)[0]
        return __get_user_pages(tsk, mm, start, nr_pages, flags, pages, None, None)


def _locked(
    tsk: Any, mm: Any, start: int, nr_pages: int, flags: int, pages: list[Any] | None, locked: Cell
) -> int:  # fmt: skip
    """Pin with mmap_sem held on entry; if it had to be let go on the way it is not held on return: ``locked`` is 0."""
    ret, dropped = locked_loop(tsk, mm, start, nr_pages, flags, pages)
    if dropped:
        mm.mmap_sem.up_read()
        locked.value = 0
    return ret


def unpin_user_pages(pages: list[Page | None], npages: int) -> None:
    """Give back ``npages`` pins. Empty places are passed over; an error number for a count does nothing.

    Source: mm/gup.c, unpin_user_pages (5.6 on).
    """
    for page in pages[: max(npages, 0)]:
        if page is not None:
            unpin_user_page(page)


def unpin_user_pages_dirty_lock(pages: list[Page | None], npages: int, make_dirty: bool) -> None:
    """Mark each page dirty that is not, if ``make_dirty``, then give its pin back. Source: mm/gup.c (5.6 on)."""
    for page in pages[: max(npages, 0)]:
        if page is None:
            continue
        if make_dirty and not page.flags & PG_dirty:
            set_page_dirty_lock(page)
        unpin_user_page(page)


def functions(kernel: Machine) -> dict[str, Callable[..., Any]]:
    """Every function of the era by its name, with the era's own parameters (row ``functions`` of the table of eras)."""
    return {name: _function(kernel, name, parameters) for name, parameters in kernel.era.functions.items()}


def _function(kernel: Machine, name: str, parameters: str) -> Callable[..., Any]:
    """``name`` with the given parameters, which reads flags as the era numbers them."""
    signature = _signature(parameters)

    def function(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as problem:
            raise GupkitError(f"{name}{signature} of {kernel.era.name}: {problem}") from None
        return _OTHERS[name](kernel, given) if name in _OTHERS else _called(kernel, name, given)

    function.__name__ = function.__qualname__ = name
    function.__signature__ = signature  # type: ignore[attr-defined]
    function.__doc__ = f"{name}{signature}, as Linux {kernel.era.name} has it."
    return function


@cache
def _signature(parameters: str) -> Signature:
    """Built once, not for each kernel: it is the dearest part of making one."""
    return Signature([Parameter(p, Parameter.POSITIONAL_OR_KEYWORD) for p in parameters.split()])


def _called(kernel: Machine, name: str, given: Mapping[str, Any]) -> int:
    """Call one of the family with the era's own arguments."""
    if "gup_flags" in given:
        flags = read_flags(kernel, given["gup_flags"])
    else:
        flags = (FOLL_WRITE if given["write"] else 0) | (FOLL_FORCE if given.get("force") else 0)
    return call(
        kernel, name, given["start"], given["nr_pages"], flags, given["pages"], tsk=given.get("tsk", CURRENT),
        mm=given.get("mm"), vmas=given.get("vmas"), locked=given.get("locked", given.get("nonblocking")),
    )  # fmt: skip


def read_flags(kernel: Machine, flags: IntFlag | int) -> int:
    """An era's FOLL_ flags as the simulated kernel numbers them.

    GupkitError for another era's enum, whose names may have other values here, and for bits that have no name here.
    """
    own = kernel.era.foll
    if isinstance(flags, IntFlag) and not isinstance(flags, own):
        raise GupkitError(f"{flags!r} is not a flag of {kernel.era.name}: take the flags from this kernel's own k.FOLL")
    known = sum(flag.value for flag in own)
    if flags & ~known:
        raise GupkitError(f"{flags!r} is no set of FOLL_ flags of {kernel.era.name}: see k.FOLL")
    return canonical(own(flags))


_OTHERS: dict[str, Callable[[Machine, Mapping[str, Any]], Any]] = {
    "follow_page": lambda k, a: follow_page(a["vma"], a["address"], read_flags(k, a["foll_flags"])),
    "get_dump_page": lambda k, a: get_dump_page(k, a["addr"]),
    "unpin_user_page": lambda k, a: unpin_user_page(a["page"]),
    "unpin_user_pages": lambda k, a: unpin_user_pages(a["pages"], a["npages"]),
    "unpin_user_pages_dirty_lock": lambda k, a: unpin_user_pages_dirty_lock(a["pages"], a["npages"], a["make_dirty"]),
}
"""Those that are not of the one form: what they do with the era's own arguments."""
