"""Replays about what a pin is: whose page, how many references, who sees whose bytes, the fast twins, accounting."""

from __future__ import annotations

from .driver import GATE, PAGE, Replay
from .registry import replay


@replay("6.readpin")
def replay_6_readpin(r: Replay) -> None:
    """A read pin of untouched memory holds the zero page, for ever."""
    a = r.anon()
    r.gup("read_pin", a)
    r.page("pin")
    r.pte("pte", a)
    r.store("store", a)
    r.pte("pte2", a)
    r.page("pin2")
    r.pin_read("pinrd")
    r.load("ld", a)
    r.put()


@replay("7.writepin")
def replay_7_writepin(r: Replay) -> None:
    """A write pin of untouched memory holds the page that the process has."""
    a = r.anon()
    r.gup("write_pin", a, slot=0)
    r.page("pin")
    r.pte("pte", a)
    r.page("pin_after_lru_drain")
    r.pin_write("pinwr")
    r.load("ld", a)
    r.gup("again", a, slot=1)
    r.page("pin_twice")
    r.put()
    r.page("one")
    page = r.put()
    r.pte("pte2", a)
    r.pfn("after", page.pfn)


@replay("17.putorder")
def replay_17_putorder(r: Replay) -> None:
    """Four pins of one page, put in any order; the last one frees the unmapped page."""
    a = r.anon()
    r.touch(a, 1)
    for slot in range(4):
        r.gup("pin", a, slot=slot)
    r.page("four")
    for _ in range(3):
        r.put()
    r.page("one")
    r.do("munmap", a, PAGE)
    r.page("unmapped")
    r.pfn("freed", r.put("last").pfn)


@replay("18.fast")
def replay_18_fast(r: Replay) -> None:
    """get_user_pages_fast and its raw twin, which never falls back."""
    a, none, one = r.anon(), r.anon(), r.anon()
    r.fast("raw_hole", a)
    r.fast("fast_hole_read", a, slot=0)
    r.page("p")
    r.fast("raw_zero", a)
    r.fast("fast_zero", a, slot=1)
    r.fast("raw_zero_write", a)
    r.touch(none, 1)
    r.do("mprotect", none, PAGE, "")
    r.fast("raw_none", none)
    r.fast("fast_none", none)
    r.touch(one, 1)
    r.fast("raw_resident_w", one, slot=3)
    r.page("r")
    r.fast("fast_resident_w", one, slot=4)
    _fast_nowhere(r, one)
    _fast_ranges(r, one)


def _fast_nowhere(r: Replay, one: int) -> None:
    hole = one + 64 * PAGE
    r.fast("unmapped", hole)
    r.fast("raw_unmapped", hole)
    r.fast("kernel_addr", 0xFFFF880000000000)
    r.fast("raw_kernel_addr", 0xFFFF880000000000)


def _fast_ranges(r: Replay, one: int) -> None:
    b = r.anon(4)
    for page in (0, 1, 3):
        r.touch(b + page * PAGE, 1)
    r.do("munmap", b + 2 * PAGE, PAGE)
    r.fast("fast_partial_hole3", b, slot=8)
    r.fast("raw_partial", b, slot=12)
    c = r.anon(3)
    r.touch(c, 1)
    r.touch(c + 2 * PAGE, 1)
    r.fast("raw_stops_at_untouched", c, slot=16)
    r.fast("fast_mixed", c, slot=20)
    ro = r.anon(prot="r")
    r.touch(ro)
    r.fast("fast_ro_write", ro)
    r.fast("raw_ro_write", ro)
    r.fast("fast_unaligned", one + 0x123, slot=24)
    r.fast("fast_gate", GATE, slot=25)


@replay("20.count")
def replay_20_count(r: Replay) -> None:
    """page_count of a clean cached page: cache, mappings and pins."""
    file = r.file([65])
    r.cache("cached", file)
    a = r.map(file)
    r.load("u", a)
    r.cache("mapped", file)
    r.gup("pin1", a, slot=0)
    r.gup("pin2", a, slot=1)
    r.page("pinned2")
    r.load("u2", r.map(file))
    r.page("mapped2")


@replay("26.alias")
def replay_26_alias(r: Replay) -> None:
    """Two mappings of one page give the same page twice. Two pins from before are still held."""
    file = r.file([65])
    a, b = r.map(file), r.map(file)
    r.touch(a)
    r.touch(b)
    with r.p.mm.mmap_sem.read():
        for _ in range(2):
            r.k.gup.get_user_pages(r.p, r.p.mm, a, 1, 0, 0, [], None)
    r.gup("alias", a, slot=2)
    r.gup("alias2", b, slot=3)
    r.page("a")
    r.page("b")


@replay("27.touch")
def replay_27_touch(r: Replay) -> None:
    """FOLL_TOUCH hardly ever dirties: a write fault did so before."""
    file = r.file([65, 66, 67])
    f = r.map(file, 3, prot="rw")
    r.load("ld", f)
    r.writeback("wb", file)
    r.gup("read_touch", f, slot=0)
    r.page("r")
    r.pte("r", f)
    r.gup("write_notouch_untouched", f + PAGE, slot=1)
    r.page("wnt")
    a = r.anon()
    r.touch(a, 1)
    r.gup("notouch_read", a, slot=2)
    r.page("nt")
    for n in (1, 2, 3):
        r.gup(f"touch{n}", a, slot=2 + n)
        r.page(f"t{n}")
    third = f + 2 * PAGE
    r.touch(third, 9)
    r.writeback("wb", file)
    r.cache("c2", file)
    r.pte("after_wb", third)
    r.gup("write_touch_after_wb", third, slot=6)
    r.page("awb")
    r.pte("awb", third)


@replay("31.acct")
def replay_31_acct(r: Replay) -> None:
    """Which user touches count as minor and which as major faults."""
    a = r.anon(2)
    r.store("first_store", a)
    r.load("second", a)
    r.load("read_first", a + PAGE)
    r.store("write_after_read", a + PAGE)
    child = r.do("fork", "C")
    r.store("child_cow", a, child)
    r.store("child_cow_again", a, child)
    r.also("exit", child)
    r.store("parent_reuse_after_child_exit", a)
    r.pte_pfn("pte", a)
    f = r.map(r.file([65, 66]), 2, prot="rw", share="private")
    r.store("pfile_store_untouched", f)
    r.load("pfile_load", f + PAGE)
    r.store("pfile_store_after_load", f + PAGE)
    _swapped(r)


def _swapped(r: Replay) -> None:
    b = r.anon(3)
    for page in range(3):
        r.touch(b + page * PAGE, 7)
    r.reclaim("r", b)
    r.load("swapin_load", b)
    r.reclaim("r", b + PAGE)
    r.store("swapin_store", b + PAGE)
    r.gup("pin", b + 2 * PAGE)
    r.reclaim("r_pinned", b + 2 * PAGE)
    r.load("swapcache_load", b + 2 * PAGE)
