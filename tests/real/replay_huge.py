"""Replays about huge pages: hugetlb, and transparent ones."""

from __future__ import annotations

from .driver import PAGE, Replay
from .registry import replay

HUGE = 512


def _thp(r: Replay, prot: str = "rw") -> int:
    """2 MiB that asked for huge pages."""
    a = int(r.k.mmap(r.p, pages=HUGE, prot=prot))
    r.k.madvise(r.p, a, HUGE * PAGE, "HUGEPAGE")
    return a


@replay("34.hugetlb")
def replay_34_hugetlb(r: Replay) -> None:
    """The walk of hugetlb: parts of one page, counted on its head; no charge, one error, deaf to SIGKILL."""
    r.leave_out("mmap")
    a = int(r.k.mmap(r.p, pages=2 * HUGE, kind="hugetlb"))
    hole = int(r.k.mmap(r.p, pages=HUGE, kind="hugetlb"))
    r.gup("write3", a)
    for i in range(3):
        r.part("h", r.pins[i])
    r.gup("dump_hole_other", a, slot=3)
    r.gup("dump_hole", hole)
    r.gup("read_hole", hole, slot=4)
    r.also("sigkill", r.p)
    r.gup("sigkill_hugetlb", a, slot=5)


@replay("THP:T1.thp")
def replay_t1_thp(r: Replay) -> None:
    """A read fills 2 MiB, writable; parts are counted on the head; FOLL_SPLIT carries their references over."""
    a, b, c = _thp(r), _thp(r), _thp(r, "r")
    r.gup("read_gup_untouched", a + 3 * PAGE)
    head = r.k.zone.page(r.pins[0].pfn - 3)
    r.part("tail", r.pins[0], pagevec=1)
    r.no_table("pte", a + 3 * PAGE)
    r.part("head", head, pagevec=1)
    r.gup("read_gup_other_subpage", a + 9 * PAGE, slot=1)
    r.part("tail3", r.pins[0], pagevec=1)
    r.part("tail9", r.pins[1], pagevec=1)
    r.part("head2", head, pagevec=1)
    r.gup("write_gup_subpage", a + 3 * PAGE, slot=5)
    r.part("head3", head, pagevec=1)
    r.put()
    r.put()
    r.part("head4", head, pagevec=1)
    r.load("user_read_first", b)
    r.load("user_read_far", b + 300 * PAGE)
    r.fast("raw_fast_thp", b + 5 * PAGE, slot=10)
    r.part("f", r.pins[10], pagevec=1)
    r.gup("split_flag", a + 3 * PAGE, slot=20)
    r.pte("after_split", a + 3 * PAGE)
    r.page("after_split_slot0")
    r.part("head_after", head, pagevec=1)
    for name in ("put0", "put5", "put20"):
        r.put(name)
    r.page("x")
    r.gup("force_write_ro_thp", c + PAGE, slot=30)
    r.part("fw", r.pins[30], pagevec=1)
    r.no_table("fw", c + PAGE)


@replay("THP:T2.thp_fork")
def replay_t2_fork(r: Replay) -> None:
    """After fork the parent's write copies 2 MiB, and the pin stays with the old page."""
    a = _thp(r)
    r.k.store(r.p, a, b"\x01")
    r.gup("pin", a)
    r.part("head", r.pins[0], pagevec=1)
    child = r.k.fork(r.p)
    r.part("after_fork", r.pins[0], pagevec=1)
    r.store("parent_store", a)
    r.pin_read("pin")
    r.k.exit(child)
    r.part("end", r.pins[0])


@replay("THP:T3.thp_small_vma")
def replay_t3_small_vma(r: Replay) -> None:
    """A VMA without 2 MiB in a row gets small pages: the zero page."""
    a = int(r.k.mmap(r.p, pages=16))
    r.k.madvise(r.p, a, 16 * PAGE, "HUGEPAGE")
    r.gup("read_gup_small_vma", a)
    r.page("p")
