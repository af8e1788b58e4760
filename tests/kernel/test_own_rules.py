"""A kernel with a rule of one's own."""

import pytest

import gupkit as gk
from gupkit.errors import GupkitError
from gupkit.kernel.flags import FOLL_COW, FOLL_WRITE
from gupkit.kernel.page import Page, PG_anon_exclusive


def forced(era: gk.Era) -> tuple[int, bytes]:
    """A forced write to read-only memory of a file, undisturbed: what came of it, and what the file holds."""
    k = gk.Kernel(era)
    p, f = k.spawn("P"), k.file("f", [0x41])
    a = k.mmap(p, pages=1, prot="r", file=f, ro=True)
    return k.mem_write(p, a, b"z"), k.pread(f, 0)


def test_a_rule_of_another_era_can_be_borrowed() -> None:
    """2.6.39 with the latch of 4.9 is 2.6.39 in all else, and says so in its name."""
    mended = gk.era("2.6.39").but(forced_write="latch")
    assert (mended.version, mended.anon_reuse, mended.forced_write) == ("2.6.39", "mapcount", "latch")
    assert mended.name != "2.6.39"
    assert forced(mended) == (1, b"A")


def test_a_forced_write_can_follow_a_rule_of_ones_own() -> None:
    """Both halves of the rule are called, and the walk goes by what they answer."""
    asked: list[int] = []

    def may_follow(vma: object, pte: int, page: object, foll_flags: int) -> bool:
        asked.append(foll_flags)
        return bool(foll_flags & FOLL_COW)

    rule = gk.ForcedWrite(after_copy=lambda foll_flags: foll_flags | FOLL_COW, may_follow=may_follow)
    assert forced(gk.era("2.6.39").but("mine", forced_write=rule)) == (1, b"A")
    assert asked
    assert all(flags & FOLL_WRITE for flags in asked)


def test_a_rule_that_loops_is_killed() -> None:
    """A forced write that never ends is a soft lockup: the debug layer says so, and the write fails."""
    stubborn = gk.ForcedWrite(after_copy=lambda foll_flags: foll_flags, may_follow=lambda *_: False)
    k = gk.Kernel(gk.era("2.6.39").but(forced_write=stubborn))
    p = k.spawn("P")
    a = k.mmap(p, pages=1, prot="r")
    assert k.mem_write(p, a, b"z") == gk.Errno.EIO
    assert "soft lockup" in k.dmesg[0]


def test_who_takes_a_page_over_can_be_decided() -> None:
    """A function takes the place of the rule for anonymous pages: nobody ever takes one over, so every write copies."""
    k = gk.Kernel(gk.era("2.6.39").but(anon_reuse=lambda page: False))
    p = k.spawn("P")
    a = k.mmap(p, pages=1)
    k.store(p, a, b"1")
    before = k.page_at(p, a)
    k.mprotect(p, a, 4096, "r")
    k.mprotect(p, a, 4096, "rw")
    k.store(p, a, b"2")
    assert k.page_at(p, a) is not before


def test_a_rule_of_ones_own_can_look_at_the_exclusive_mark() -> None:
    """Where the era has the mark it is kept for the rule; fork takes it away, and whoever takes a page over gets it."""

    def marked(era: str) -> list[bool]:
        seen: list[bool] = []

        def rule(page: Page) -> bool:
            seen.append(bool(page.flags & PG_anon_exclusive))
            return True

        k = gk.Kernel(gk.era(era).but(anon_reuse=rule, mprotect_keeps_write=False))
        p = k.spawn("P")
        a = k.mmap(p, pages=1)
        k.store(p, a, b"1")
        for strip in (lambda: k.mprotect(p, a, 4096, "r"), lambda: k.exit(k.fork(p, "C")), lambda: None):
            strip()
            k.mprotect(p, a, 4096, "r")
            k.mprotect(p, a, 4096, "rw")
            k.store(p, a, b"2")
        return seen

    assert marked("6.18") == [True, False, True]
    assert marked("5.10") == [False, False, False]


def test_what_fork_copies_can_be_decided() -> None:
    """A function in the place of the rule for fork: with "always" the child has a page of its own at once."""
    k = gk.Kernel(gk.era("2.6.39").but(fork_copies_pinned=lambda page: True))
    p = k.spawn("P")
    a = k.mmap(p, pages=1)
    k.store(p, a, b"1")
    child = k.fork(p, "C")
    assert k.page_at(child, a) is not k.page_at(p, a)
    assert k.load(child, a) == b"1"
    k.check()


def test_an_unknown_rule_is_refused() -> None:
    """A rule that there is not is named."""
    with pytest.raises(GupkitError, match="'forced_writes'"):
        gk.era("2.6.39").but(forced_writes="latch")
