"""The yardstick of the pin rows: what any four-level walk in Python must do for a page, and nothing else."""

from __future__ import annotations

from typing import Any

PAGE = 4096


def build(start: int, pages: int) -> dict[int, Any]:
    """Four levels of dicts that map each page of the range to a number.

    >>> build(0x7F0000000000, 2)
    {254: {0: {0: {0: 0, 1: 1}}}}
    """
    root: dict[int, Any] = {}
    for i in range(pages):
        a = start + i * PAGE
        pud = root.setdefault(a >> 39, {})
        pmd = pud.setdefault(a >> 30 & 511, {})
        pmd.setdefault(a >> 21 & 511, {})[a >> 12 & 511] = i
    return root


def walk(root: dict[int, Any], start: int, pages: int) -> list[int]:
    """From each address four look-ups and a list append.

    >>> walk(build(0x7F0000000000, 3), 0x7F0000001000, 2)
    [1, 2]
    """
    found: list[int] = []
    for a in range(start, start + pages * PAGE, PAGE):
        found.append(root[a >> 39][a >> 30 & 511][a >> 21 & 511][a >> 12 & 511])
    return found
