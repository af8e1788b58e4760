"""The rules by which a simulated observation must agree with a recorded one.

Every rule is here and none is in a replay, so that no replay can be lenient with itself. Each function returns
the disagreements as (field, recorded, simulated). What is left out, and why:

* frame numbers: only *which steps saw the same frame* has a meaning (see :class:`Frames`);
* ``referenced``, ``active``, ``lru``: page age, which depends on what else the machine did;
* one reference while the page still sits in a per-CPU LRU batch, which the recording tells by ``lru`` = 0;
* one reference of a file page's disk buffers, which the recording tells by ``private``;
* the number of references on the zero page and the gate page, which other processes share: the device's own
  pins of them are checked by the pages that it got;
* the bits of an entry that holds a swap slot or a poison mark: they encode the slot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from gupkit.kernel import flags
from gupkit.trace.snapshot import Frame, Pte, Vma

from .recording import Recorded

Difference: TypeAlias = tuple[str, Any, Any]

KINDS = {"zero": "zero", "anon": "anon", "file": "file", "nomap": "none"}
"""The device's word for a page's class → the snapshot's."""

UNMODELLED_VM = 0x40000000
"""VM_PFN_AT_MMAP, a note of x86 for itself."""


def fields(pairs: Iterable[Difference]) -> list[Difference]:
    """Those of the pairs that disagree."""
    return [(name, real, sim) for name, real, sim in pairs if real != sim]


def vm_flags(vma: Vma) -> int:
    """The VMA's flags as the number that the kernel keeps in ``vm_flags``."""
    return sum(int(flags.VM[name]) for name in vma.flags)


def pte(recorded: Recorded, entry: Pte | None, special: bool) -> list[Difference]:
    """An entry against the recorded one. ``special``: pte_special, which no normal page has."""
    entry = entry or Pte()
    present = entry.present or entry.protnone
    pairs: list[Difference] = [
        ("present", recorded["present"], int(present)),
        ("none", recorded["none"], int(entry == Pte())),
    ]
    if recorded["present"] and present:
        pairs += [(name, recorded[name], int(bool(getattr(entry, name)))) for name in ("write", "dirty", "young")]
        pairs += [("protnone", recorded["protnone"], int(entry.protnone)), ("special", recorded["special"], special)]
    return fields(pairs)


def vma(recorded: Recorded, area: Vma | None) -> list[Difference]:
    """The VMA around an entry: every flag that the kit models."""
    if not recorded["vma"] or area is None:
        return fields([("vma", recorded["vma"], int(area is not None))])
    mask = ~UNMODELLED_VM
    return fields([("vmflags", hex(recorded["vmflags"] & mask), hex(vm_flags(area) & mask))])


def page(recorded: Recorded, frame: Frame | None, private: int | None) -> list[Difference]:
    """A struct page. ``private``: the page has disk buffers (None: not known).

    A frame that is free again only says so: its bytes belong to nobody.
    """
    if frame is None or not recorded["count"]:
        return fields([("count", recorded["count"], 0 if frame is None else frame.refcount)])
    kind = recorded.get("cls", "file")
    pairs: list[Difference] = [("kind", KINDS[kind], frame.kind), ("byte", recorded["byte"], frame.byte)]
    if kind == "zero":
        return fields(pairs)
    pairs += [(name, recorded[name], _flag(frame, name)) for name in _flags_of(recorded)]
    if "swapcache" in recorded:
        pairs.append(("swapcache", recorded["swapcache"], int(frame.swapcache)))
    pairs.append(("mapcount", recorded["mapcount"], frame.mapcount))
    return fields(pairs) + _count(recorded, frame, private)


def _flags_of(recorded: Recorded) -> list[str]:
    return [name for name in ("dirty", "uptodate", "locked", "writeback", "mlocked", "hwpoison") if name in recorded]


def _flag(frame: Frame, name: str) -> int:
    return int(name in frame.flags)


def _count(recorded: Recorded, frame: Frame, private: int | None) -> list[Difference]:
    """page_count, without the reference of an LRU batch and without that of the buffers."""
    batch = int(not recorded["lru"])
    buffers = (private,) if private is not None else (0, 1)
    real = {recorded["count"] - batch - b for b in buffers}
    sim = (frame.refcount or 0) - _flag(frame, "private")
    return [] if sim in real else [("count", sorted(real), sim)]


class Frames:
    """Which recorded frame number is which simulated one: the relation must be one to one.

    A frame that was freed leaves the relation, as both kernels may hand it out again.
    """

    def __init__(self) -> None:
        self.sim_of: dict[int, int] = {}

    def forget_free(self, in_use: Iterable[int]) -> None:
        """Drop the frames that are no longer in use."""
        alive = set(in_use)
        self.sim_of = {real: sim for real, sim in self.sim_of.items() if sim in alive}

    def same(self, real: int, sim: int | None) -> list[Difference]:
        """The recorded frame ``real`` and the simulated frame ``sim`` were seen at the same place."""
        if sim is None:
            return [("frame", real, None)]
        known = self.sim_of.setdefault(real, sim)
        twice = [r for r, s in self.sim_of.items() if s == sim and r != real]
        return [("frame", self.sim_of[real], sim)] if known != sim or twice else []
