"""mmap_sem, the page lock, the debug layer, and the consequences of getting them wrong."""

import pytest

from gupkit.errors import GupkitError
from gupkit.kernel import FOLL, Cell, Errno, Kernel
from gupkit.kernel.check import BrokenInvariant
from gupkit.kernel.debug import KINDS
from gupkit.kernel.pgtable import pte_at, set_pte_at
from gupkit.kernel.sched import SCHEDULE_POINTS, Blocked, Task, describe_wait
from tests.kernel.bench import PAGE, READ, WRITE, CheckedKernel, gup, kinds


def test_many_readers_or_one_writer(k: CheckedKernel, p: Task) -> None:
    """Readers share mmap_sem, a writer is alone; the count says who is inside."""
    sem, t = p.mm.mmap_sem, k.thread(p, "T2")
    k.down_read(p)
    k.down_read(t)
    assert (sem.count, sem.held, sem.holders()) == (2, "read", [p, t])
    with pytest.raises(Blocked):
        k.down_write(p)
    k.up_read(t)
    k.up_read(p)
    k.down_write(t)
    assert (sem.count, sem.held, sem.holders()) == (-1, "write", [t])
    with pytest.raises(Blocked):
        k.down_read(p)
    k.up_write(t)
    assert (sem.count, sem.held, sem.holders()) == (0, "none", [])


def test_a_reader_queues_behind_a_writer(k: CheckedKernel, p: Task) -> None:
    """C17: once a writer waits, a new reader waits too; who stands before the writer does not."""
    sem, t, u = p.mm.mmap_sem, k.thread(p, "T2"), k.thread(p, "T3")
    k.down_read(p)
    sem.waiters.append((t, "write"))
    with pytest.raises(Blocked) as blocked:
        k.down_read(u)
    assert str(blocked.value) == "T3 waits for mmap_sem of P (read), held by P, behind T2 (write)"
    sem.waiters.insert(0, (u, "read"))
    k.down_read(u)
    assert sem.count == 2


def test_waiting_asks_the_runner(k: CheckedKernel, p: Task) -> None:
    """A task that must wait asks whether others can run; then it tries again."""
    t = k.thread(p, "T2")
    k.down_write(t)
    asked = []

    def on_wait(lock: object, mode: str) -> bool:
        asked.append((lock, mode))
        k.up_write(t)
        return True

    k.on_wait = on_wait
    k.down_read(p)
    assert asked == [(p.mm.mmap_sem, "read")]


@pytest.mark.parametrize(
    ("hold", "release", "kind", "count"),
    [("", "up_read", "lock not held", -1), ("", "up_write", "wrong lock mode", -1),
     ("down_write", "up_read", "wrong lock mode", -2), ("down_read", "up_write", "wrong lock mode", 0)],
)  # fmt: skip
@pytest.mark.parametrize("debug", [True, False])
def test_releasing_what_is_not_held(hold: str, release: str, kind: str, count: int, debug: bool) -> None:
    """C2, C16: a wrong release corrupts the count, said aloud or not."""
    k = Kernel(debug=debug)
    p = k.spawn()
    if hold:
        getattr(k, hold)(p)
    getattr(k, release)(p)
    assert p.mm.mmap_sem.count == count
    assert kinds(k) == ([kind] if debug else [])


def test_a_reader_may_release_for_another(k: CheckedKernel, p: Task) -> None:
    """Readers are counted, not named: whoever releases takes one out."""
    t = k.thread(p, "T2")
    k.down_read(p)
    k.up_read(t)
    assert (p.mm.mmap_sem.held, k.dmesg) == ("none", [])


def test_the_with_statement_notices_a_release_inside(k: CheckedKernel, p: Task) -> None:
    """`with mmap_sem.read()` releases once, also when a nonblocking call released it already."""
    a = k.mmap(p, pages=1, file=k.file("f", [1], cached=False))
    with p.mm.mmap_sem.read():
        assert k.gup.__get_user_pages(p, p.mm, a, 1, READ, [], None, Cell(1)) == 0
        assert p.mm.mmap_sem.held == "none"
    assert (p.mm.mmap_sem.count, k.dmesg) == (0, [])
    with p.mm.mmap_sem.write():
        assert p.mm.mmap_sem.held == "write"
    assert p.mm.mmap_sem.count == 0


def test_the_lock_of_another_process(k: CheckedKernel, p: Task) -> None:
    """Locks may be taken on another address space."""
    q = k.spawn("Q")
    k.down_write(p, q.mm)
    assert (q.mm.mmap_sem.writer, p.mm.mmap_sem.held) == (p, "none")
    k.up_write(p, q.mm)
    k.down_read(p, q.mm)
    k.up_read(p, q.mm)
    assert q.mm.mmap_sem.count == 0


def test_who_waits_for_what(k: CheckedKernel, p: Task) -> None:
    """A wait is described with waiter, lock, mode and holder; a page by its frame."""
    page = k.file("f", [1]).mapping.pages[0]
    k.lock_page(p, page)
    assert describe_wait(p, page, "lock").startswith(f"P waits for the lock of page {page.pfn}")
    assert describe_wait(None, p.mm.mmap_sem, "read") == "the kernel waits for mmap_sem of P (read), held by nobody"


def test_a_page_lock_is_exclusive(k: CheckedKernel, p: Task) -> None:
    """A locked page makes the next one wait, until it is unlocked."""
    page, t = k.file("f", [1]).mapping.pages[0], k.thread(p, "T2")
    k.lock_page(p, page)
    with pytest.raises(Blocked):
        k.lock_page(t, page)
    k.unlock_page(page)
    k.lock_page(t, page)
    assert not k.dmesg


def test_schedule_points_are_passed_by_name(k: CheckedKernel, p: Task) -> None:
    """Every point that is passed is in the table, and every name in the table is passed somewhere."""
    seen = set()
    k.on_point = lambda name, fields: seen.add(name)
    f = k.file("f", [1, 2], cached=False)
    a = k.mmap(p, pages=2, file=f, share="shared")
    k.store(p, a, b"x")
    k.fadvise_dontneed(f)
    k.fsync(f)
    gup(k, p, a, 1, WRITE)
    k.odirect_write(p, k.mmap(p, pages=1), PAGE, f)
    k.mem_read(p, a)
    k.store(p, k.mmap(p, pages=1), b"x")
    assert seen == set(SCHEDULE_POINTS)


# --- what the debug layer names

def test_a_walk_without_the_lock(k: CheckedKernel, p: Task) -> None:
    """C1: entering without mmap_sem is reported; the walk goes on all the same."""
    assert gup(k, p, k.mmap(p, pages=1), lock="none").ret == 1
    assert kinds(k) == ["lock not held"]
    assert str(k.debug.reports[0]).startswith("BUG: lock not held: __get_user_pages without mmap_sem of P (P, tick ")


def test_a_stale_vma(k: CheckedKernel, p: Task) -> None:
    """C6: a VMA pointer that outlived its lock is a tombstone: it answers what the memory last held, and is named."""
    a = k.mmap(p, pages=1)
    (vma,) = gup(k, p, a).vmas
    k.munmap(p, a, PAGE)
    assert vma.vm_start == a
    assert kinds(k) == ["stale vma"]
    assert vma.vm_mm is p.mm
    assert kinds(k) == ["stale vma"]


def test_a_stale_vma_is_recycled_in_silence() -> None:
    """C6: without the debug layer the memory of a freed VMA belongs to the next one, and the old pointer shows it."""
    k = CheckedKernel(debug=False)
    p = k.spawn()
    a = k.mmap(p, pages=1)
    (vma,) = gup(k, p, a).vmas
    k.munmap(p, a, PAGE)
    b = k.mmap(p, pages=3)
    assert vma is p.mm.mmap[0]
    assert vma.vm_start == b != a
    assert not k.dmesg


@pytest.mark.parametrize("debug", [True, False])
def test_a_put_too_many(debug: bool) -> None:
    """C3: a put too many takes the mapping's reference: a bad page, which is never handed out again."""
    k = Kernel(debug=debug)
    p = k.spawn()
    a, free = k.mmap(p, pages=1), k.zone.nr_free
    page = gup(k, p, a, 1, WRITE).page
    k.put_page(page)
    k.put_page(page)
    assert (page.count, page.mapcount, page in k.zone.free) == (0, 1, False)
    b = k.mmap(p, pages=1)
    k.store(p, b, b"z")
    assert k.page_at(p, b) is not page
    k.munmap(p, a, PAGE)
    assert k.zone.nr_free == free - 2
    assert kinds(k)[:2] == (["double put", "bad page state"] if debug else [])


@pytest.mark.parametrize("debug", [True, False])
def test_a_put_of_somebody_elses_pin(debug: bool) -> None:
    """C3: putting twice what another holder has once frees the page under him; its next owner's bytes show up."""
    k = Kernel(debug=debug)
    p = k.spawn()
    a = k.mmap(p, pages=1)
    mine, other = (gup(k, p, a, 1, WRITE).page for _ in range(2))
    k.munmap(p, a, PAGE)
    k.put_page(mine)
    k.put_page(mine)
    assert mine in k.zone.free
    b = k.mmap(p, pages=1)
    k.store(p, b, b"z")
    assert k.page_load(other) == ord("z")
    assert not k.dmesg


@pytest.mark.parametrize("debug", [True, False])
def test_touching_a_freed_page(debug: bool) -> None:
    """C10: a page used after its last put is free; the debug layer has poisoned it and says so."""
    k = Kernel(debug=debug)
    p = k.spawn()
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = gup(k, p, a, 1, WRITE).page
    k.munmap(p, a, PAGE)
    k.put_page(page)
    assert k.page_load(page) == (0xAA if debug else ord("x"))
    k.page_store(page, 1)
    k.set_page_dirty(page)
    k.put_page(page)
    assert page.count == 0
    wanted = ["freed page touched"] * 3 + ["double put", "freed page touched"]
    assert kinds(k) == (wanted if debug else [])


def test_a_locked_page_that_is_freed(k: CheckedKernel, p: Task) -> None:
    """Freeing a page while it is locked is a bad page state."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.lock_page(p, k.page_at(p, a))
    k.munmap(p, a, PAGE)
    assert kinds(k) == ["bad page state"]


def test_reports_are_events_too(k: CheckedKernel, p: Task) -> None:
    """What the debug layer says passes a trace point, and its kind is one of the known ones."""
    seen = []
    k.listen(lambda name, fields, place: seen.append((name, fields.get("kind"))))
    k.up_read(p)
    assert ("BUG", "lock not held") in seen
    assert set(kinds(k)) <= set(KINDS)


# --- what check() sees

def test_check_finds_a_wrong_count(k: CheckedKernel, p: Task) -> None:
    """A reference nobody knows of, a mapping not counted, an entry outside of every VMA: each is found."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    for field in ("count", "mapcount", "pins"):
        setattr(page, field, getattr(page, field) + 1)
        with pytest.raises(BrokenInvariant):
            k.check()
        setattr(page, field, getattr(page, field) - 1)
    k.check()
    set_pte_at(p.mm, 0x1000, pte_at(p.mm, a))
    with pytest.raises(BrokenInvariant):
        k.check()


def test_check_finds_wrong_caches(k: CheckedKernel, p: Task) -> None:
    """A cached page that does not know where it is, a swap slot nobody names, a free frame in use."""
    f = k.file("f", [1])
    f.mapping.pages[0].index = 5
    with pytest.raises(BrokenInvariant):
        k.check()
    f.mapping.pages[0].index = 0
    k.swap.counts[1] = 1
    with pytest.raises(BrokenInvariant):
        k.check()
    del k.swap.counts[1]
    k.zero_page.count += 1
    with pytest.raises(BrokenInvariant):
        k.check()
    k.zero_page.count -= 1
    k.check()


def test_check_finds_wrong_vmas(k: CheckedKernel, p: Task) -> None:
    """Overlapping and unaligned VMAs are found."""
    k.mmap(p, pages=2)
    vma = p.mm.mmap[0]
    vma.vm_end += 1
    with pytest.raises(BrokenInvariant):
        k.check()
    vma.vm_end -= 1
    p.mm.mmap.append(vma)
    with pytest.raises(BrokenInvariant):
        k.check()


def test_check_leaves_known_wrongs_alone(k: CheckedKernel, p: Task) -> None:
    """What the debug layer knows to be wrong is no broken invariant of the kit."""
    a = k.mmap(p, pages=1)
    page = gup(k, p, a, 1, WRITE).page
    k.put_page(page)
    k.put_page(page)
    k.check()


# --- flags, modules, and who runs

def test_flags_of_another_era_are_refused(k: CheckedKernel, p: Task) -> None:
    """k.gup takes the flags of its own kernel, or plain numbers; another enum is refused, by place or by name."""
    from enum import IntFlag

    Foreign = IntFlag("Foreign", {"WRITE": 1, "PIN": 0x40000})
    a = k.mmap(p, pages=1)
    with p.mm.mmap_sem.read():
        for call in (lambda: k.gup.__get_user_pages(p, p.mm, a, 1, Foreign.WRITE, None, None, None),
                     lambda: k.gup.follow_page(p.mm.mmap[0], a, Foreign.WRITE)):  # fmt: skip
            with pytest.raises(GupkitError) as error:
                call()
            assert "k.FOLL" in str(error.value)
        assert k.gup.__get_user_pages(p, p.mm, a, 1, 1, None, None, None) == 1
        assert k.gup.__get_user_pages(p, p.mm, a, 1, k.FOLL.WRITE, None, None, None) == 1


def test_flag_values_are_the_kernels() -> None:
    """§3: FOLL_ flags of 2.6.39 have these numbers."""
    names = "WRITE TOUCH GET DUMP FORCE NOWAIT MLOCK SPLIT HWPOISON".split()
    assert [int(FOLL[name]) for name in names] == [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100]
    assert [int(e) for e in (Errno.ENOMEM, Errno.EFAULT, Errno.EAGAIN, Errno.ERESTARTSYS, Errno.EHWPOISON)] == [
        -12, -14, -11, -512, -133,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("needs", "license", "before", "unknown"),
    [
        (["__get_user_pages"], "GPL", False, ()),
        (["__get_user_pages"], "Proprietary", False, ()),
        (["__get_user_pages", "put_page"], "GPL", True, ("__get_user_pages",)),
        (["get_user_pages_fast"], "Proprietary", False, ("get_user_pages_fast",)),
        (["get_user_pages_fast"], "Dual MIT/GPL", False, ()),
        (["follow_page", "put_page"], "GPL", False, ("follow_page",)),
        ([], "", True, ()),
    ],
)
def test_modules(k: CheckedKernel, needs: list[str], license: str, before: bool, unknown: tuple[str, ...]) -> None:  # noqa: A002
    """A module loads if all its symbols are exported, to its licence, by then."""
    load = k.insmod(needs, license, before)
    assert load.unknown == unknown
    assert load.ret == (Errno.ENOENT if unknown else 0)


def test_exactly_one_allocation_fails(k: CheckedKernel, p: Task) -> None:
    """fail_alloc(n) makes the n-th allocation fail, and no other."""
    a = k.mmap(p, pages=4)
    k.fail_alloc(2)
    assert [gup(k, p, a + i * PAGE, 1, WRITE).ret for i in range(4)] == [1, Errno.ENOMEM, 1, 1]


def test_each_operation_takes_a_tick(k: CheckedKernel, p: Task) -> None:
    """The clock advances by one for each operation, and not for what runs inside it."""
    clock = k.clock
    k.fork(p, "C")
    assert k.clock == clock + 1
    k.advance(clock)
    assert k.clock == clock + 1
    k.advance(clock + 9)
    assert k.clock == clock + 9


def test_listeners_come_and_go(k: CheckedKernel, p: Task) -> None:
    """A listener hears what happens from when it listens until it stops."""
    seen: list[str] = []

    def listener(name: str, fields: dict[str, object], place: str) -> None:
        seen.append(name)

    k.listen(listener)
    k.mmap(p, pages=1)
    assert "do_mmap" in seen
    count = len(seen)
    k.unlisten(listener)
    k.mmap(p, pages=1)
    assert (len(seen), k.tracing) == (count, False)


def test_names_for_people(k: CheckedKernel, p: Task) -> None:
    """Things of the kernel say what they are."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    f = k.file("f", [1])
    shown = [repr(x) for x in (p, p.mm, f, Cell(1), Errno.EFAULT, p.mm.mmap[0], k.page_at(p, a))]
    assert shown[:5] == ["<task P>", "<mm of P>", "<file f>", "Cell(1)", "-EFAULT"]
    assert shown[5] == f"<vma {a:#x}-{a + PAGE:#x} flags=0x100073>"
    assert shown[6] == f"<page {k.page_at(p, a).pfn} count=1 mapcount=1>"
