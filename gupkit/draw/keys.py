"""Keys of things that are not drawn yet: what a difference names, as :mod:`gupkit.draw.scene` writes it."""

from __future__ import annotations

from gupkit.trace.diff import Diff


def changed_keys(diff: Diff) -> list[str]:
    """The key of everything that a difference names, sorted by kind.

    >>> changed_keys(Diff(frozenset({("P", 4096)}), frozenset({7}), locks=frozenset({"P"})))
    ['pte:P:0x1000', 'frame:7', 'lock:P']
    """
    return [
        *(f"pte:{process}:{address:#x}" for process, address in sorted(diff.ptes)),
        *(f"frame:{pfn}" for pfn in sorted(diff.frames)),
        *(f"vma:{process}:{start:#x}" for process, start in sorted(diff.vmas)),
        *(f"file:{name}:{index}" for name, index in sorted(diff.cache)),
        *(f"swap:{slot}" for slot in sorted(diff.swap)),
        *(f"lock:{process}" for process in sorted(diff.locks)),
        *(f"pin:{name}" for name in sorted(diff.pins)),
    ]
