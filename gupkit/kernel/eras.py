"""Every rule that ever differed between kernels, as one table: a field is a rule, an :class:`Era` a column.

Kernel code asks the running era a question by name (``kernel.era.readaround_pages``); it never compares
version numbers. A rule comes into this table with the second kernel that answers it differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from ..errors import GupkitError
from .flags import FOLL


@dataclass(frozen=True, slots=True)
class Era:
    """The rules of one kernel version."""

    name: str
    """The version, as users write it."""
    foll: type[IntFlag]
    """The FOLL_ flags a caller may pass. Source: include/linux/mm.h."""
    exports: dict[str, bool]
    """Symbols of this subject that modules may link to; True: only modules under a GPL-compatible licence.
    Source: the EXPORT_SYMBOL lines of mm/memory.c, mm/util.c, arch/x86/mm/gup.c, mm/swap.c."""
    readaround_pages: int
    """Pages read around a cold one at a fault on a mapping without advice. Source: mm/filemap.c,
    do_sync_mmap_readahead; mm/readahead.c (128 KiB)."""
    read_window_pages: int
    """Pages read ahead when a file is read from its start. Source: mm/readahead.c, get_init_ra_size."""
    unknown_advice: frozenset[str]
    """madvise advice this kernel answers with EINVAL and whose meaning depends on knowing it."""


_GPL = True

V2_6_39 = Era(
    name="2.6.39",
    foll=FOLL,
    exports={
        "get_user_pages": not _GPL,
        "__get_user_pages": not _GPL,
        "get_user_pages_fast": _GPL,
        "__get_user_pages_fast": _GPL,
        "put_page": not _GPL,
        "set_page_dirty": not _GPL,
        "set_page_dirty_lock": not _GPL,
    },
    readaround_pages=32,
    read_window_pages=4,
    unknown_advice=frozenset({"POPULATE_READ", "POPULATE_WRITE", "GUARD_INSTALL", "GUARD_REMOVE"}),
)

ERAS = {era.name: era for era in (V2_6_39,)}
"""Every era the kit can run, by version."""


def find_era(name: str) -> Era:
    """The era called ``name``; GupkitError when the kit has none.

    >>> find_era("2.6.39").name
    '2.6.39'
    """
    try:
        return ERAS[name]
    except KeyError:
        raise GupkitError(f"no era {name!r}: this version runs {', '.join(ERAS)}") from None
