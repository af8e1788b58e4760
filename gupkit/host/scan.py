"""PAGEMAP_SCAN: asking the kernel for the pages of a kind, instead of reading a word for each page there could be.

Kernel source: fs/proc/task_mmu.c, ``do_pagemap_scan`` (6.7 and later). No flag of those that change a page is used.
"""

from __future__ import annotations

import struct
from array import array

IS_PRESENT, IS_SWAPPED, IS_ZERO_PAGE = 1 << 3, 1 << 4, 1 << 5
"""Kinds of pages, with the kernel's values (PAGE_IS_PRESENT, PAGE_IS_SWAPPED, PAGE_IS_PFNZERO)."""

_REQUEST = 0xC0606610
"""The ioctl's number: _IOWR('f', 16, struct pm_scan_arg)."""

_ARGUMENT = struct.Struct("=12Q")
_WALKED_TO = 4 * 8
_REGIONS = 1024


def pages_of(pagemap: int, start: int, end: int, kinds: int) -> list[tuple[int, int]] | None:
    """The parts of ``[start, end)`` whose pages are of any of ``kinds``, as (first byte, end) in address order.

    ``pagemap`` is an open /proc/PID/pagemap. None: this kernel cannot tell (older than 6.7, or another sort of Unix).
    """
    try:
        return _scan(pagemap, start, end, kinds)
    except (OSError, ImportError):
        return None


def _scan(pagemap: int, start: int, end: int, kinds: int) -> list[tuple[int, int]]:
    from fcntl import ioctl  # absent from some Pythons, where nothing is live anyway

    found: list[tuple[int, int]] = []
    regions = array("Q", bytes(24 * _REGIONS))  # start, end, kinds of each
    while start < end:
        argument = bytearray(_ARGUMENT.pack(
            _ARGUMENT.size, 0, start, end, 0, regions.buffer_info()[0], _REGIONS, 0, 0, 0, kinds, kinds))
        count = ioctl(pagemap, _REQUEST, argument)
        found += zip(regions[0 : 3 * count : 3], regions[1 : 3 * count : 3], strict=True)
        start = struct.unpack_from("=Q", argument, _WALKED_TO)[0]
    return found
