"""Which state of ``style.STYLES`` a page-table entry, a frame or a VMA is in, and its words."""

from __future__ import annotations

from gupkit.trace.snapshot import Frame, Pte, Vma


def frame_state(frame: Frame) -> str:
    """The state that a frame is drawn in: the most pressing one, since a dirty page may be locked as well.

    >>> frame_state(Frame(12, "file", flags=("dirty", "uptodate")))
    'dirty'
    """
    if "hwpoison" in frame.flags:
        return "poison"
    if frame.kind == "zero":
        return "zero"
    if frame.refcount is not None and frame.refcount <= 0 and frame.head is None:
        return "freed"
    if "locked" in frame.flags:
        return "locked"
    if frame.kind == "file":
        return next((flag for flag in ("writeback", "dirty") if flag in frame.flags), "file")
    return {"anon": "anon", "none": "orphan"}.get(frame.kind, "page")


def pte_state(pte: Pte, frame: Frame | None = None) -> str:
    """The state that an entry is drawn in, with the help of its frame where frames are observable.

    >>> pte_state(Pte(swapped=True)), pte_state(Pte(present=True)), pte_state(Pte(present=True, file=True))
    ('swap', 'page', 'file')
    """
    if pte.poisoned:
        return "poison"
    if pte.zero:
        return "zero"
    if pte.protnone:
        return "protnone"
    if not pte.present:
        return "swap" if pte.swapped or pte.swap is not None else "hole"
    if frame is not None:
        return frame_state(frame)
    return {None: "page", True: "file", False: "anon"}[pte.file]


def pte_words(pte: Pte, count: int = 1) -> str:
    """What an entry, or each of ``count`` like entries, says in words: only what is observable.

    >>> pte_words(Pte(present=True, write=True, dirty=False, young=True))
    'present, writable, clean, accessed'
    """
    if pte.poisoned:
        return "poisoned"
    if not pte.present and not pte.protnone:
        slot = "" if pte.swap is None or count > 1 else f", slot {pte.swap}"
        return f"not present, in swap{slot}" if pte.swapped or pte.swap is not None else "not present"
    words = ["kept, but no access (PROT_NONE)" if pte.protnone else "present"]
    words += ["2 MiB at once"] * pte.huge + ["zero page"] * pte.zero
    flags = [(pte.write, "writable", "read-only"), (pte.dirty, "dirty", "clean")]
    flags.append((pte.young, "accessed", "not accessed"))
    return ", ".join(words + [yes if flag else no for flag, yes, no in flags if flag is not None])


PIN_BIAS = 1024
"""References that one FOLL_PIN adds (GUP_PIN_COUNTING_BIAS, include/linux/mm.h, 5.7 on)."""


def foll_pins(frame: Frame) -> int:
    """How many of a frame's pins were taken with FOLL_PIN: as many as make its count add up, 0 if none do."""
    if frame.refcount is None:
        return 0
    once = (frame.mapcount or 0) + frame.cached + frame.swapcache + frame.pins
    heavy, rest = divmod(frame.refcount - once, PIN_BIAS - 1)
    return heavy if rest == 0 and 0 < heavy <= frame.pins else 0


def refcount_words(frame: Frame) -> str:
    """A frame's reference count taken apart; ``≠`` where the parts do not add up to it.

    A pin that was taken with FOLL_PIN is counted 1024 times.

    >>> refcount_words(Frame(7, "file", refcount=3, mapcount=1, pins=1))
    '3 = 1 map + 1 cache + 1 pin'
    >>> refcount_words(Frame(7, "anon", refcount=1026, mapcount=1, pins=2))
    '1026 = 1 map + 1 pin + 1 FOLL_PIN (1024)'
    >>> refcount_words(Frame(7, "anon", refcount=1, mapcount=1, pins=1))
    '1 ≠ 1 map + 1 pin'
    >>> refcount_words(Frame(515, "anon", refcount=0, mapcount=0, head=512))
    'counted at frame 512'
    """
    if frame.head is not None:
        return f"{frame.refcount} for all 512" if frame.head == frame.pfn else f"counted at frame {frame.head}"
    heavy = foll_pins(frame)
    parts = [(frame.mapcount or 0, "map"), (int(frame.cached), "cache"), (int(frame.swapcache), "swap cache"),
             (frame.pins - heavy, "pin")]  # fmt: skip
    told = [_counted(n, what) for n, what in parts if n] + [f"{heavy} FOLL_PIN ({heavy * PIN_BIAS})"] * bool(heavy)
    shown = " + ".join(told) or "0"
    if frame.kind == "zero":
        return f"{_counted(frame.pins, 'pin')}, else not counted" if frame.pins else "not counted"
    if frame.refcount is None:
        return shown
    total = sum(n for n, _ in parts) + heavy * PIN_BIAS
    return f"{frame.refcount} {'=' if total == frame.refcount else '≠'} {shown}"


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 or what.endswith("cache") else f"{n} {what}s"


def count(n: int, what: str, plural: str = "") -> str:
    """A number with its noun: ``1 page``, ``1,024 pages``.

    >>> count(1024, "page"), count(1, "entry", "entries")
    ('1,024 pages', '1 entry')
    """
    return f"{n:,} {what if n == 1 else plural or what + 's'}"


def size(length: int) -> str:
    """A length in bytes, in the largest unit that it has at least one of.

    >>> size(4096), size(0x180000), size(1 << 46)
    ('4 KiB', '1.5 MiB', '64 TiB')
    """
    for power, unit in ((40, "TiB"), (30, "GiB"), (20, "MiB")):
        if length >> power:
            return f"{round(length / (1 << power), 1):,g} {unit}"
    return f"{length >> 10:,} KiB"


def vma_state(vma: Vma) -> str:
    """``shared`` or ``private``."""
    return "shared" if vma.shared else "private"


def vma_name(vma: Vma) -> str:
    """What a reader calls the VMA: its name, else its file, else ``anonymous``."""
    return vma.name or vma.file or "anonymous"
