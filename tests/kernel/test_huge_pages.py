"""Huge pages in every era: faults, copies, splits and references, every invariant stated after each operation."""

from __future__ import annotations

import random

import pytest

from gupkit.kernel import FOLL, Kernel, Signal, gup_api
from gupkit.kernel.compound import HPAGE_NR, compound_head, page_count, page_mapcount
from gupkit.kernel.eras import ERAS
from gupkit.kernel.errno import Errno
from gupkit.kernel.hugetlb import free_huge_pages
from gupkit.kernel.page import Page
from gupkit.kernel.pgtable import pmd_leaf
from gupkit.kernel.sched import Task

PAGE = 4096
HUGE = HPAGE_NR * PAGE
each_era = pytest.mark.parametrize("era", sorted(ERAS))


def thp(era: str, prot: str = "rw", pages: int = HPAGE_NR) -> tuple[Kernel, Task, int]:
    """A machine with a process whose memory at an address asked for huge pages."""
    k = Kernel(era=era, frames=8192)
    p = k.spawn("P")
    a = int(k.mmap(p, pages=pages, prot=prot))
    assert k.madvise(p, a, pages * PAGE, "HUGEPAGE") == 0
    return k, p, a


def pin(k: Kernel, p: Task, address: int, flags: int = FOLL.GET) -> Page:
    """One page, pinned."""
    pages: list[Page] = []
    with k.running(p), p.mm.mmap_sem.read():
        assert gup_api.call(k, "__get_user_pages", address, 1, flags, pages) == 1
    k.check()
    return pages[0]


@each_era
def test_a_write_fault_fills_two_mebibytes_at_once(era: str) -> None:
    """One fault, one entry in the pmd and no table below it; every page of the 2 MiB can be used."""
    k, p, a = thp(era)
    k.store(p, a + 5 * PAGE, b"x")
    k.store(p, a + 511 * PAGE, b"y")
    k.check()
    assert (p.min_flt, bool(pmd_leaf(p.mm, a))) == (1, True)
    assert (k.load(p, a + 5 * PAGE), k.load(p, a + 511 * PAGE), k.load(p, a)) == (b"x", b"y", b"\0")


@each_era
def test_memory_that_does_not_fit_gets_small_pages(era: str) -> None:
    """A range shorter than 2 MiB, or not aligned, is served page by page."""
    k, p, a = thp(era, pages=HPAGE_NR - 1)
    k.store(p, a, b"x")
    assert not pmd_leaf(p.mm, a)


@each_era
def test_without_free_frames_in_a_row_small_pages_serve(era: str) -> None:
    """A machine of fewer than 512 frames has no huge page to give: the fault falls back."""
    k = Kernel(era=era, frames=400)
    p = k.spawn("P")
    a = int(k.mmap(p, pages=HPAGE_NR))
    k.madvise(p, a, HUGE, "HUGEPAGE")
    k.store(p, a, b"x")
    k.check()
    assert not pmd_leaf(p.mm, a)
    assert k.load(p, a) == b"x"


@each_era
def test_references_to_parts_are_the_head_s(era: str) -> None:
    """Each pin of a part raises the count that every part answers with, and put_page lowers it."""
    k, p, a = thp(era)
    k.store(p, a, b"x")
    pages = [pin(k, p, a + i * PAGE) for i in (0, 3, 3)]
    head = compound_head(pages[1])
    assert [page_count(page) for page in pages] == [4, 4, 4]
    assert head.mapcount == 0
    assert page_mapcount(pages[1]) == 1
    for page in pages:
        k.put_page(page)
        k.check()
    assert page_count(head) == 1


@each_era
def test_a_split_carries_references_or_fails(era: str) -> None:
    """Until 4.5 the pinned part goes its own way; since then a page that is held stays whole."""
    k, p, a = thp(era)
    k.store(p, a, b"x")
    page = pin(k, p, a + 3 * PAGE)
    pin_again = pin(k, p, a + 3 * PAGE, FOLL.GET | FOLL.SPLIT)
    assert not pmd_leaf(p.mm, a)
    assert (page.head is None) == k.era.tail_references
    assert page_count(page) == (3 if k.era.tail_references else HPAGE_NR + 2)
    for held in (page, pin_again):
        k.put_page(held)
    k.check()


@each_era
def test_unmapping_a_part_leaves_the_others(era: str) -> None:
    """munmap, mprotect and MADV_DONTNEED inside a huge page split its entry; neighbours keep their frames."""
    k, p, a = thp(era)
    k.store(p, a + 2 * PAGE, b"x")
    frame = k.page_at(p, a + 2 * PAGE)
    k.munmap(p, a + 7 * PAGE, PAGE)
    k.check()
    k.mprotect(p, a + 9 * PAGE, PAGE, "r")
    k.check()
    k.madvise(p, a + 3 * PAGE, PAGE, "DONTNEED")
    k.check()
    assert k.page_at(p, a + 2 * PAGE) is frame
    assert k.page_at(p, a + 3 * PAGE) is None
    with pytest.raises(Signal, match="SIGSEGV"):
        k.store(p, a + 9 * PAGE, b"y")
    k.exit(p)
    k.check()
    assert k.zone.nr_free == k.zone.frames


@each_era
def test_fork_and_write_isolate(era: str) -> None:
    """After fork neither sees the other's bytes, whoever writes first, and all memory comes back in the end."""
    k, p, a = thp(era)
    k.store(p, a, b"p")
    c = k.fork(p, "C")
    k.check()
    k.store(c, a + PAGE, b"c")
    k.store(p, a, b"q")
    k.check()
    assert (k.load(p, a), k.load(p, a + PAGE), k.load(c, a), k.load(c, a + PAGE)) == (b"q", b"\0", b"p", b"c")
    k.exit(c)
    k.exit(p)
    k.check()
    assert k.zone.nr_free == k.zone.frames


@each_era
def test_pageout_and_back(era: str) -> None:
    """Reclaim splits a huge page, swaps its parts, and each comes back with its byte."""
    k, p, a = thp(era)
    for i in (0, 3, 511):
        k.store(p, a + i * PAGE, bytes([i % 251 + 1]))
    k.madvise(p, a, HUGE, "PAGEOUT")
    k.check()
    assert k.page_at(p, a) is None
    assert [k.load(p, a + i * PAGE)[0] for i in (0, 3, 511)] == [1, 4, 511 % 251 + 1]
    k.check()


@each_era
def test_the_huge_page_of_zeros(era: str) -> None:
    """A reader of two ranges sees one frame where the era has it; the first write makes the range its writer's own."""
    k, p, a = thp(era, pages=2 * HPAGE_NR)
    k.load(p, a)
    k.load(p, a + HUGE)
    k.check()
    assert (k.page_at(p, a) is k.page_at(p, a + HUGE)) == k.era.huge_zero_page
    k.store(p, a, b"x")
    k.check()
    assert k.load(p, a + HUGE) == b"\0"


@pytest.mark.parametrize("era", [era for era, rules in ERAS.items() if rules.pin_bias])
def test_a_foll_pin_of_a_part_is_one_of_its_own_kind(era: str) -> None:
    """Of a compound page FOLL_PINs are counted apart, not as 1024; fork then copies only the pinned part."""
    k, p, a = thp(era)
    k.store(p, a, b"x")
    pages: list[Page] = []
    with k.running(p):
        assert k.gup.pin_user_pages_fast(a + PAGE, 1, k.FOLL.WRITE, pages) == 1
    k.check()
    assert page_count(pages[0]) == 2
    c = k.fork(p, "C")
    k.check()
    assert (k.page_at(c, a + PAGE) is not pages[0]) == k.era.fork_copies_pinned
    k.unpin_user_page(pages[0])
    k.check()


@each_era
def test_random_operations_keep_every_invariant(era: str) -> None:
    """Two processes, a range of 4 MiB, a hundred and fifty seeded operations: the books are right after each."""
    k, p, a = thp(era, pages=2 * HPAGE_NR)
    random_ = random.Random(era)
    tasks, held = [p, k.fork(p, "C")], []
    for step in range(150):
        task = random_.choice(tasks)
        at = a + random_.randrange(2 * HPAGE_NR) * PAGE
        length = random_.choice([PAGE, 16 * PAGE, HUGE])
        match random_.randrange(9):
            case 0 | 1:
                k.store(task, at, bytes([step % 255 + 1]))
            case 2:
                k.load(task, at)
            case 3:
                k.madvise(task, at, length, random_.choice(["DONTNEED", "PAGEOUT", "COLD", "FREE", "HUGEPAGE"]))
            case 4:
                k.mprotect(task, at, PAGE, "r")
                k.mprotect(task, at, PAGE, "rw")
            case 5 | 6:
                held.append(pin(k, task, at, FOLL.GET | random_.choice([0, FOLL.WRITE])))
            case 7 if held:
                k.put_page(held.pop(random_.randrange(len(held))))
            case _:
                k.mlock(task, at, PAGE)
                k.munlock(task, at, PAGE)
        k.check()
    for page in held:
        k.put_page(page)
    for task in tasks:
        k.exit(task)
    k.check()
    assert k.zone.nr_free == k.zone.frames


@each_era
def test_hugetlb_promises_what_it_maps(era: str) -> None:
    """A mapping reserves its pages, the pool refuses what it does not have, and everything comes back."""
    k = Kernel(era=era, frames=1 << 14)
    p = k.spawn("P")
    pool = free_huge_pages(k)
    a = int(k.mmap(p, pages=2 * HPAGE_NR, kind="hugetlb"))
    assert free_huge_pages(k) == pool - 2
    k.store(p, a, b"x")
    assert free_huge_pages(k) == pool - 2
    assert k.mmap(p, pages=pool * HPAGE_NR, kind="hugetlb") is Errno.ENOMEM
    k.munmap(p, a, 2 * HUGE)
    k.check()
    assert free_huge_pages(k) == pool


@each_era
def test_a_child_without_a_promise_gets_sigbus(era: str) -> None:
    """fork inherits no reservation: with an empty pool the child's write to a shared page cannot be served."""
    k = Kernel(era=era, frames=1 << 14)
    k.nr_hugepages = 1
    p = k.spawn("P")
    a = int(k.mmap(p, pages=HPAGE_NR, kind="hugetlb"))
    k.store(p, a, b"x")
    c = k.fork(p, "C")
    with pytest.raises(Signal, match="SIGBUS"):
        k.store(c, a, b"y")
    k.check()


@pytest.mark.parametrize(("pages", "addr"), [(1, None), (HPAGE_NR, 0x7F0000001000), (HPAGE_NR + 1, None)])
def test_hugetlb_comes_in_whole_pages(pages: int, addr: int | None) -> None:
    """A length or an address inside 2 MiB is -EINVAL, as is munmap of a part."""
    k = Kernel()
    p = k.spawn("P")
    assert k.mmap(p, addr, pages=pages, kind="hugetlb") is Errno.EINVAL
    a = int(k.mmap(p, pages=HPAGE_NR, kind="hugetlb"))
    assert k.munmap(p, a, PAGE) is Errno.EINVAL
    assert k.mprotect(p, a + PAGE, PAGE, "r") is Errno.EINVAL


@each_era
def test_a_forced_write_to_hugetlb(era: str) -> None:
    """It copied for the writer once; 6.2 refuses it."""
    k = Kernel(era=era, frames=1 << 14)
    p = k.spawn("P")
    a = int(k.mmap(p, pages=HPAGE_NR, prot="r", kind="hugetlb"))
    pages: list[Page] = []
    with k.running(p), p.mm.mmap_sem.read():
        got = gup_api.call(k, "__get_user_pages", a, 1, FOLL.GET | FOLL.WRITE | FOLL.FORCE, pages)
    assert got == (1 if k.era.hugetlb_forced_write else Errno.EFAULT)


def small(era: str, prot: str = "rw") -> tuple[Kernel, Task, int]:
    """A machine with a process whose 2 MiB of ordinary memory hold an x in page 3 and a y in page 5."""
    k = Kernel(era=era, frames=8192)
    p = k.spawn("P")
    a = int(k.mmap(p, pages=HPAGE_NR))
    k.store(p, a + 3 * PAGE, b"x")
    k.store(p, a + 5 * PAGE, b"y")
    k.mprotect(p, a, HUGE, prot)
    return k, p, a


@pytest.mark.parametrize("prot", ["rw", "r"])
def test_collapse_copies_small_pages_into_a_huge_one(prot: str) -> None:
    """MADV_COLLAPSE maps 2 MiB by one entry, with what was there, and read-only memory too (6.18)."""
    k, p, a = small("6.18", prot)
    frame = k.page_at(p, a + 3 * PAGE)
    assert k.madvise(p, a, HUGE, "COLLAPSE") == 0
    k.check()
    assert pmd_leaf(p.mm, a)
    assert k.page_at(p, a + 3 * PAGE) is not frame
    assert (k.load(p, a), k.load(p, a + 3 * PAGE), k.load(p, a + 5 * PAGE)) == (b"\0", b"x", b"y")
    assert k.madvise(p, a, HUGE, "COLLAPSE") == 0
    k.exit(p)
    k.check()


def test_collapse_brings_pages_back_from_swap() -> None:
    """A page that is in swap is read, copied, and its slot is free."""
    k, p, a = small("6.18")
    k.madvise(p, a, HUGE, "PAGEOUT")
    assert k.page_at(p, a + 3 * PAGE) is None
    assert k.madvise(p, a, HUGE, "COLLAPSE") == 0
    k.check()
    assert k.load(p, a + 3 * PAGE) == b"x"
    assert not k.swap.counts


def test_collapse_of_an_old_huge_page_makes_a_new_one() -> None:
    """A huge page mapped by 512 entries is copied like small ones, and the old frames are free."""
    k, p, a = thp("6.18")
    k.store(p, a, b"x")
    k.mprotect(p, a + 9 * PAGE, PAGE, "r")
    k.mprotect(p, a + 9 * PAGE, PAGE, "rw")
    old, free = k.page_at(p, a), k.zone.nr_free
    assert not pmd_leaf(p.mm, a)
    assert k.madvise(p, a, HUGE, "COLLAPSE") == 0
    k.check()
    assert pmd_leaf(p.mm, a)
    assert k.page_at(p, a) is not old
    assert k.zone.nr_free == free


def test_what_cannot_be_collapsed() -> None:
    """-EAGAIN: held; -EINVAL: nothing mapped, NOHUGEPAGE, no whole block, a guard page; -ENOMEM: no frames."""
    k, p, a = small("6.18")
    page = pin(k, p, a + 3 * PAGE)
    assert k.madvise(p, a, HUGE, "COLLAPSE") == Errno.EAGAIN
    k.put_page(page)
    assert k.madvise(p, a, HUGE, "NOHUGEPAGE") == 0
    assert k.madvise(p, a, HUGE, "COLLAPSE") == Errno.EINVAL
    b = int(k.mmap(p, pages=HPAGE_NR))
    assert k.madvise(p, b, HUGE, "COLLAPSE") == Errno.EINVAL
    assert k.madvise(p, b, 4 * PAGE, "COLLAPSE") == 0
    k.store(p, b, b"x")
    k.madvise(p, b + PAGE, PAGE, "GUARD_INSTALL")
    assert k.madvise(p, b, HUGE, "COLLAPSE") == Errno.EINVAL
    assert k.madvise(p, int(k.mmap(p, pages=4)), 4 * PAGE, "COLLAPSE") == Errno.EINVAL
    poor = Kernel(era="6.18", frames=400)
    q = poor.spawn("Q")
    c = int(poor.mmap(q, pages=HPAGE_NR))
    poor.store(q, c, b"x")
    assert poor.madvise(q, c, HUGE, "COLLAPSE") == Errno.ENOMEM
    poor.check()
    k.check()
