"""What a difference of two snapshots consists of, in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..trace.diff import Diff
from ..trace.words_format import listed, numbers_words

MOST = 3
"""So many things of a kind are named; the rest is counted."""


def changes_words(diff: Diff) -> str:
    """What changed, by kind.

    >>> changes_words(Diff(frames=frozenset({7, 8}), locks=frozenset({"P"})))
    'Changed: frames 7 to 8; mmap_sem of P.'
    >>> changes_words(Diff())
    'Nothing in memory changed.'
    """
    parts = [
        _named("the page-table entry", "page-table entries",
               [f"{address:#x} of {process}" for process, address in sorted(diff.ptes)]),
        _frames(diff.frames),
        _named("the VMA at", "the VMAs at", [f"{start:#x} of {process}" for process, start in sorted(diff.vmas)]),
        _named("in cache or on disk, page", "in cache or on disk, pages",
               [f"{index} of {file}" for file, index in sorted(diff.cache)]),
        _named("swap slot", "swap slots", map(str, sorted(diff.swap))),
        _named("mmap_sem of", "mmap_sem of", sorted(diff.locks)),
        _named("the pin", "the pins", sorted(diff.pins, key=counted)),
    ]  # fmt: skip
    told = [part for part in parts if part]
    return f"Changed: {'; '.join(told)}." if told else "Nothing in memory changed."


def counted(name: str) -> list[int | str]:
    """What sorts a name as people count.

    >>> sorted(["pins[10]", "pins[9]"], key=counted)
    ['pins[9]', 'pins[10]']
    """
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def _named(one: str, many: str, names: Iterable[str]) -> str:
    names = list(names)
    if not names:
        return ""
    shown = names if len(names) <= MOST else [*names[: MOST - 1], f"{len(names) - MOST + 1} more"]
    return f"{one if len(names) == 1 else many} {listed(shown)}"


def _frames(numbers: Iterable[int]) -> str:
    numbers = sorted(numbers)
    if not numbers:
        return ""
    words = numbers_words(numbers, "frame")
    return words if len(words) <= 60 else f"{len(numbers)} frames"
