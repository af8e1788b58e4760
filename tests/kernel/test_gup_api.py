"""The functions of each era: their names and arguments, what they add, what they refuse."""

from inspect import signature
from typing import Any

import pytest

from gupkit.errors import GupkitError
from gupkit.kernel import FOLL, Cell, Errno, Kernel
from gupkit.kernel.eras import ERAS
from gupkit.kernel.foll import FOLL_4_9
from gupkit.kernel.gup import COUNT_MAX
from gupkit.kernel.page import PG_dirty, put_page

PAGE = 4096
PINNING = ("5.8", "5.10", "6.18")


def machine(era: str, pages: int = 2) -> tuple[Kernel, Any, int]:
    """A kernel, a process with written memory, and where that is."""
    k = Kernel(era)
    p = k.spawn("P")
    a = k.mmap(p, pages=pages)
    k.store(p, a, b"x" * (pages * PAGE))
    return k, p, a


@pytest.mark.parametrize("era", ERAS)
def test_each_era_has_its_own(era: str) -> None:
    """The functions of a kernel are those of its row in the table, with the arguments that stand there."""
    k = Kernel(era)
    for name, parameters in k.era.functions.items():
        assert list(signature(getattr(k.gup, name)).parameters) == parameters.split()
    assert hasattr(k.gup, "pin_user_pages") == (era in PINNING)
    assert hasattr(k.gup, "get_user_pages_remote") == (era != "2.6.39")


@pytest.mark.parametrize("era", ERAS)
def test_the_usual_call(era: str) -> None:
    """get_user_pages of any era, with that era's arguments, takes a reference to each page."""
    k, p, a = machine(era)
    given = {"tsk": p, "mm": p.mm, "start": a, "nr_pages": 2, "write": 1, "force": 0, "gup_flags": k.FOLL.WRITE,
             "pages": [], "vmas": None}  # fmt: skip
    names = k.era.functions["get_user_pages"].split()
    with k.running(p), p.mm.mmap_sem.read():
        assert k.gup.get_user_pages(*[given[name] for name in names]) == 2
    assert [page.pins for page in given["pages"]] == [1, 1]
    k.check()


def test_wrong_arguments_are_the_persons() -> None:
    """Another era's arguments are refused in one line that shows the right ones."""
    k, p, _ = machine("6.18")
    with pytest.raises(GupkitError, match=r"get_user_pages\(start, nr_pages, gup_flags, pages\) of 6.18") as wrong:
        k.gup.get_user_pages(p, p.mm, 0, 1, 0, 0, [], None)
    assert "\n" not in str(wrong.value)


def test_flags_are_the_eras() -> None:
    """A plain number means what it means in that era, another era's enum is refused, and so are bits without a name."""
    k, p, a = machine("6.18")
    pages: list[Any] = []
    with k.running(p):
        assert k.gup.get_user_pages_fast(a, 1, int(k.FOLL.WRITE), pages) == 1
        for wrong in (FOLL.WRITE, FOLL_4_9.WRITE, 1 << 30):
            with pytest.raises(GupkitError, match=r"k\.FOLL"):
                k.gup.get_user_pages_fast(a, 1, wrong, [])
    assert int(k.FOLL.GET) == 2
    with p.mm.mmap_sem.read():
        assert getattr(k.gup, "__get_user_pages")(p.mm, a, 1, 2, pages := [], None) == 1
    assert pages[0].pins == 2


@pytest.mark.parametrize("era", PINNING)
def test_pins_weigh_more(era: str) -> None:
    """pin_user_pages adds 1024 for one reference, unpin_user_pages takes them away, and nobody has a complaint."""
    k, p, a = machine(era)
    pages: list[Any] = []
    given = {"start": a, "nr_pages": 2, "gup_flags": k.FOLL.WRITE, "pages": pages, "vmas": None}
    with k.running(p), p.mm.mmap_sem.read():
        assert k.gup.pin_user_pages(*[given[n] for n in k.era.functions["pin_user_pages"].split()]) == 2
    assert [page.count for page in pages] == [1025, 1025]
    k.check()
    k.gup.unpin_user_pages([pages[0], None, pages[1]], 3)
    assert [page.count for page in pages] == [1, 1]
    k.gup.unpin_user_pages(pages, -14)
    assert [page.count for page in pages] == [1, 1]
    assert k.dmesg == []


@pytest.mark.parametrize("era", PINNING)
def test_unpin_and_dirty(era: str) -> None:
    """unpin_user_pages_dirty_lock marks the pages of a file dirty before it lets them go."""
    k = Kernel(era)
    p, f = k.spawn("P"), k.file("f", [0x61])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.load(p, a)
    pages: list[Any] = []
    with k.running(p):
        assert k.gup.pin_user_pages_fast(a, 1, 0, pages) == 1
    k.page_store(pages[0], 0x33)
    k.gup.unpin_user_pages_dirty_lock(pages, 1, True)
    assert pages[0].flags & PG_dirty
    k.fsync(f)
    k.munmap(p, a, PAGE)
    k.drop_caches()
    assert k.pread(f, 0, 1) == b"\x33"


CONTRADICTIONS = [
    # function, flag, with pages, locked points to, answer in 5.8 and 5.10, in 6.18 (None: it is no contradiction)
    ("get_user_pages", "PIN", True, None, Errno.EINVAL, Errno.EINVAL),
    ("pin_user_pages", "GET", True, None, Errno.EINVAL, 0),
    ("pin_user_pages_fast", "GET", True, None, Errno.EINVAL, Errno.EINVAL),
    ("get_user_pages", "LONGTERM", True, None, None, Errno.EINVAL),
    ("get_user_pages", "TOUCH", True, None, None, Errno.EINVAL),
    ("pin_user_pages", "", False, None, None, 0),
    ("get_user_pages_remote", "", True, 0, None, Errno.EINVAL),
    ("get_user_pages_fast", "NOWAIT", True, None, Errno.EINVAL, Errno.EINVAL),
]


@pytest.mark.parametrize("era", PINNING)
@pytest.mark.parametrize(("name", "flag", "array", "locked", "once", "later"), CONTRADICTIONS)
def test_contradictions(
    era: str, name: str, flag: str, array: bool, locked: int | None, once: int | None, later: int | None
) -> None:
    """Arguments that contradict each other are answered as the era answers them, and nothing is taken."""
    k, p, a = machine(era)
    pages: list[Any] | None = [] if array else None
    given = {"tsk": p, "mm": p.mm, "start": a, "nr_pages": 1, "gup_flags": k.FOLL[flag] if flag else 0, "pages": pages,
             "vmas": None, "locked": None if locked is None else Cell(locked)}  # fmt: skip
    with k.running(p), p.mm.mmap_sem.read():
        ret = getattr(k.gup, name)(*[given[n] for n in k.era.functions[name].split()])
    answer = later if era == "6.18" else once
    assert ret == (1 if answer is None else answer)
    assert answer is None or not pages


@pytest.mark.parametrize("era", [era for era in ERAS if era != "2.6.39"])
def test_without_the_lock(era: str) -> None:
    """get_user_pages_unlocked takes mmap_sem itself and leaves it free, disk or no disk."""
    k = Kernel(era)
    p, f = k.spawn("P"), k.file("f", [0x61, 0x62], cached=False)
    a = k.mmap(p, pages=2, file=f, prot="r", share="shared")
    pages: list[Any] = []
    with k.running(p):
        assert k.gup.get_user_pages_unlocked(a, 2, pages, 0) == 2
    assert p.mm.mmap_sem.held == "none"
    assert [k.page_load(page) for page in pages] == [0x61, 0x62]


@pytest.mark.parametrize("era", ["5.8", "5.10", "6.18"])
def test_locked_tells_that_the_lock_is_gone(era: str) -> None:
    """A remote call that had to wait for the disk returns without mmap_sem, and writes 0 where ``locked`` points."""
    k = Kernel(era)
    p, f = k.spawn("P"), k.file("f", [0x61], cached=False)
    a = k.mmap(p, pages=1, file=f, prot="r", share="shared")
    for cold in (True, False):
        locked, pages = Cell(1), []
        given = {"tsk": p, "mm": p.mm, "start": a, "nr_pages": 1, "gup_flags": 0, "pages": pages, "vmas": None,
                 "locked": locked}  # fmt: skip
        with k.running(p):
            p.mm.mmap_sem.down_read()
            names = k.era.functions["get_user_pages_remote"].split()
            assert k.gup.get_user_pages_remote(*[given[n] for n in names]) == 1
            assert (locked.value, p.mm.mmap_sem.held) == ((0, "none") if cold else (1, "read"))
            if locked.value:
                p.mm.mmap_sem.up_read()


def test_flags_of_6_18() -> None:
    """FOLL_NOFAULT takes only what is there; FOLL_ANON only what no file stands behind."""
    k, p, a = machine("6.18", pages=1)
    f = k.file("f", [0x61])
    b = k.mmap(p, pages=1, file=f)
    hole = k.mmap(p, pages=1)
    with k.running(p), p.mm.mmap_sem.read():
        assert k.gup.get_user_pages(a, 1, k.FOLL.NOFAULT, []) == 1
        assert k.gup.get_user_pages(hole, 1, k.FOLL.NOFAULT, []) == Errno.EFAULT
        assert k.gup.get_user_pages(a, 1, k.FOLL.ANON, []) == 1
        assert k.gup.get_user_pages(b, 1, k.FOLL.ANON, []) == Errno.EFAULT


@pytest.mark.parametrize(("era", "answer"), [("4.9", 1), ("5.8", Errno.ENOMEM), ("6.18", Errno.ENOMEM)])
def test_a_count_that_would_overflow(era: str, answer: int) -> None:
    """Since 5.1 a page with 2^31 references gives no further one."""
    k, p, a = machine(era, pages=1)
    page = k.page_at(p, a)
    assert page is not None
    page.count += COUNT_MAX
    with k.running(p), p.mm.mmap_sem.read():
        call = getattr(k.gup, "__get_user_pages")
        given = {"tsk": p, "mm": p.mm, "start": a, "nr_pages": 1, "gup_flags": k.FOLL.GET, "pages": [], "vmas": None,
                 "nonblocking": None, "locked": None}  # fmt: skip
        assert call(*[given[n] for n in k.era.functions["__get_user_pages"].split()]) == answer


@pytest.mark.parametrize(("era", "copied"), [("5.8", False), ("5.10", True), ("6.18", True)])
@pytest.mark.parametrize("pinned_before", [True, False])
def test_a_thousand_references_look_like_a_pin(era: str, copied: bool, pinned_before: bool) -> None:
    """1024 ordinary references are taken for a pin at fork, in a process that has ever pinned."""
    k, p, a = machine(era, pages=2)
    with k.running(p):
        if pinned_before:
            k.gup.pin_user_pages_fast(a + PAGE, 1, k.FOLL.WRITE, once := [])
            k.gup.unpin_user_pages(once, 1)
        held: list[Any] = []
        for _ in range(1024):
            k.gup.get_user_pages_fast(a, 1, k.FOLL.WRITE, got := [])
            held += got
    c = k.fork(p, "C")
    assert (k.page_at(c, a) is not k.page_at(p, a)) == (copied and pinned_before)
    for page in held:
        put_page(page)
    k.check()
