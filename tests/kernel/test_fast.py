"""gup_fast: pinning without a lock, and falling back."""

from typing import Any

import pytest

from gupkit.kernel.gup import GATE_ADDR
from gupkit.kernel.page import PG_active, PG_dirty, PG_referenced
from gupkit.kernel.pgtable import TASK_SIZE
from gupkit.kernel.sched import Task
from tests.kernel.bench import EFAULT, PAGE, CheckedKernel


def fast(
    k: CheckedKernel, p: Task, start: int, nr: int = 1, write: int = 0, only: bool = False
) -> tuple[int, list[Any]]:
    """(answer, pages) of the fast call, or of the one that never falls back."""
    pages: list[Any] = []
    function = k.gup.__get_user_pages_fast if only else k.gup.get_user_pages_fast
    with k.running(p):
        ret = int(function(start, nr, write, pages))
    k.check()
    return ret, pages


def hole(k: CheckedKernel, p: Task) -> int:
    """Anonymous memory never touched."""
    return k.mmap(p, pages=1)


def zero(k: CheckedKernel, p: Task) -> int:
    """Anonymous memory that was read."""
    a = k.mmap(p, pages=1)
    k.load(p, a)
    return a


def none(k: CheckedKernel, p: Task) -> int:
    """A page without rights."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.mprotect(p, a, PAGE, "")
    return a


def read_only(k: CheckedKernel, p: Task) -> int:
    """A page that may only be read."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.mprotect(p, a, PAGE, "r")
    return a


def device(k: CheckedKernel, p: Task) -> int:
    """Device memory."""
    return k.mmap(p, pages=1, kind="io")


@pytest.mark.parametrize(
    ("make", "write", "only", "full"),
    [(hole, 0, 0, 1), (hole, 1, 0, 1), (zero, 0, 0, 1), (zero, 1, 0, 1), (none, 0, 0, EFAULT), (read_only, 0, 1, 1),
     (read_only, 1, 0, EFAULT), (device, 0, 0, EFAULT), (lambda k, p: 0x1000, 0, 0, EFAULT),
     (lambda k, p: TASK_SIZE, 0, 0, EFAULT), (lambda k, p: GATE_ADDR, 0, 0, 1), (lambda k, p: -PAGE, 0, 0, EFAULT)],
)  # fmt: skip
def test_what_the_walk_alone_gives(k: CheckedKernel, p: Task, make: Any, write: int, only: int, full: int) -> None:
    """§4.4: the lockless walk misses holes, the zero page, PROT_NONE and read-only entries with 0, never an error;
    the full call then gets what the slow way gets."""
    assert fast(k, p, make(k, p), 1, write, only=True)[0] == only
    assert fast(k, p, make(k, p), 1, write)[0] == full


def test_a_resident_range_takes_no_fault_and_no_lock(k: CheckedKernel, p: Task) -> None:
    """§4.4: resident pages are pinned without a fault, a lock, a VMA look-up, or a kill check."""
    a = k.mmap(p, pages=3)
    k.store(p, a, b"x" * 3 * PAGE)
    k.sigkill(p)
    seen = []
    k.listen(lambda name, fields, place: seen.append(name))
    before = p.min_flt
    ret, pages = fast(k, p, a + 5, 3, 1)
    assert ret == 3
    assert seen == ["__get_user_pages_fast"]
    assert p.min_flt == before
    assert [page.count for page in pages] == [2, 2, 2]


def test_the_walk_marks_referenced_and_never_dirty(k: CheckedKernel, p: Task) -> None:
    """§4.4: the walk sets the referenced flag, does not activate, and dirties nothing."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    for _ in range(3):
        _, (page,) = fast(k, p, a, 1, 1)
    assert page.flags & (PG_referenced | PG_active | PG_dirty) == PG_referenced


def test_the_slow_way_takes_the_rest(k: CheckedKernel, p: Task) -> None:
    """§4.4: after the first miss the rest comes from get_user_pages, in the right places of the array."""
    a = k.mmap(p, pages=4)
    k.store(p, a, b"x" * 2 * PAGE)
    k.store(p, a + 3 * PAGE, b"y")
    before = p.min_flt
    ret, pages = fast(k, p, a, 4, 1)
    assert (ret, p.min_flt - before) == (4, 1)
    assert [page.content.byte for page in pages] == [120, 120, 0, 121]


def test_an_error_after_progress_is_hidden(k: CheckedKernel, p: Task) -> None:
    """§4.4: what was pinned before a failure is the answer; without progress the error is."""
    a = k.mmap(p, pages=4)
    k.store(p, a, b"x" * 2 * PAGE)
    k.munmap(p, a + 2 * PAGE, PAGE)
    assert fast(k, p, a, 4)[0] == 2
    assert fast(k, p, a, 4, only=True)[0] == 2
    assert fast(k, p, a + 2 * PAGE, 1)[0] == EFAULT


@pytest.mark.parametrize("nr", [0, -1])
def test_no_pages(k: CheckedKernel, p: Task, nr: int) -> None:
    """Zero or fewer pages are nothing to do."""
    assert fast(k, p, k.mmap(p, pages=1), nr, only=True)[0] == 0
    assert fast(k, p, 0x1000, nr)[0] == 0


def test_the_running_task_is_meant(k: CheckedKernel, p: Task) -> None:
    """The fast calls have no mm argument: they act on whoever runs."""
    a = k.mmap(p, pages=1)
    q = k.fork(p, "C")
    k.store(q, a, b"q")
    assert fast(k, q, a)[1][0] is k.page_at(q, a)
    assert fast(k, p, a)[1][0] is k.zero_page
