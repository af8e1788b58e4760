"""Which kernel version brought an operation, for steps that run on an era older than what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .ops import OPS

ADVICE_SINCE = {
    "HUGEPAGE": "2.6.38", "NOHUGEPAGE": "2.6.38", "DONTDUMP": "3.4", "DODUMP": "3.4", "FREE": "4.5",
    "WIPEONFORK": "4.14", "KEEPONFORK": "4.14", "COLD": "5.4", "PAGEOUT": "5.4", "POPULATE_READ": "5.14",
    "POPULATE_WRITE": "5.14", "COLLAPSE": "6.1", "GUARD_INSTALL": "6.13", "GUARD_REMOVE": "6.13",
}
"""madvise advice that came later than 2.6.37. Source: include/uapi/asm-generic/mman-common.h of each version."""

API_SINCE = {
    "get_user_pages_locked": "4.0", "get_user_pages_unlocked": "4.0", "get_user_pages_remote": "4.6",
    "pin_user_pages": "5.6", "pin_user_pages_fast": "5.6", "pin_user_pages_remote": "5.6",
    "pin_user_pages_unlocked": "5.8", "get_user_pages_fast_only": "5.8", "pin_user_pages_fast_only": "5.8",
}
"""Functions of the family that came later than 2.6.39. Source: include/linux/mm.h of each version."""

_WORD_SINCE = {
    "madvise": ("advice", ADVICE_SINCE),
    "gup": ("api", API_SINCE),
}


def since(op: str, args: Mapping[str, Any]) -> str | None:
    """The kernel version that first had what the step does, or None when every era has it.

    >>> since("madvise", {"advice": "FREE"}), since("mlock2", {}), since("load", {})
    ('4.5', '4.4', None)
    """
    if op == "unpin_user_page":
        return "5.6"
    key, table = _WORD_SINCE.get(op, ("", {}))
    return table.get(args.get(key, ""), OPS[op].since)


def newer(version: str, era: str) -> bool:
    """``version`` is later than ``era``: compared number by number.

    >>> newer("5.10", "5.8"), newer("2.6.38", "2.6.39"), newer("3.2", "2.6.39")
    (True, False, True)
    """
    return _numbers(version) > _numbers(era)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
