"""The walk itself: what it answers, whom it charges, what it pins, and how it treats mmap_sem."""

import pytest

from gupkit.kernel import FOLL, Errno, Kernel
from gupkit.kernel.flags import VM_FAULT_MAJOR, VM_FAULT_OOM, VM_FAULT_RETRY, VM_FAULT_WRITE
from gupkit.kernel.gup import GATE_ADDR, follow_page, required_vm_flag
from gupkit.kernel.page import PG_active, PG_dirty, PG_mlocked, PG_referenced
from gupkit.kernel.pgtable import _PAGE_ACCESSED, pte_at, pte_mkold, set_pte_at
from gupkit.kernel.sched import Task
from gupkit.kernel.vma import find_vma
from tests.kernel.bench import EFAULT, ENOMEM, FORCE, PAGE, READ, WRITE, CheckedKernel, bits, gup, kinds, put

DUMP = FOLL.GET | FOLL.DUMP
NOWAIT = FOLL.GET | FOLL.NOWAIT
FILE_FAULT = 0x200
MAJOR_FILE = 0x204


# --- F1 to F7: before the first page

@pytest.mark.parametrize("nr", [0, -1, -5])
def test_no_pages_is_no_error(k: CheckedKernel, p: Task, nr: int) -> None:
    """F1: zero or fewer pages give 0 before anything is looked at: bad address, SIGKILL and lock included."""
    k.sigkill(p)
    call = gup(k, p, 0x1000, nr, lock="none")
    assert (call.ret, call.pages, call.faults) == (0, [], [])
    assert not k.dmesg


def test_pages_and_get_go_together(k: CheckedKernel, p: Task) -> None:
    """F2: pages without FOLL_GET come unpinned, and a debugging kernel complains."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    assert gup(k, p, a, 1, FOLL(0)).page.count == 1
    assert kinds(k) == ["bad arguments"]


def test_get_without_pages_leaks(p: Task, k: CheckedKernel) -> None:
    """F2: FOLL_GET without a pages array takes a reference that nobody can give back."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    assert gup(k, p, a, 1, READ, pages=False).ret == 1
    assert k.page_at(p, a).count == 2
    assert kinds(k) == ["bad arguments"]


@pytest.mark.parametrize(("flags", "bit"), [(0, 0x1), (FOLL.WRITE, 0x2), (FORCE, 0x10), (FORCE | FOLL.WRITE, 0x20)])
def test_one_bit_is_needed(flags: int, bit: int) -> None:
    """F3: each request needs exactly one VMA flag; force asks for the MAY bit instead."""
    assert required_vm_flag(flags) == bit


@pytest.mark.parametrize(
    ("prot", "flags", "ret"),
    [("r", WRITE, EFAULT), ("w", WRITE, 1), ("w", READ, EFAULT), ("", READ, EFAULT), ("", READ | FORCE, 1),
     ("", WRITE | FORCE, 1), ("r", WRITE | FORCE, 1), ("rw", WRITE, 1), ("r", READ, 1), ("x", READ, EFAULT)],
)  # fmt: skip
def test_rights(k: CheckedKernel, p: Task, prot: str, flags: int, ret: int) -> None:
    """F3: write does not ask for read, and force passes where mprotect could."""
    a = k.mmap(p, pages=1, prot=prot)
    assert gup(k, p, a, 1, flags).ret == ret


def test_a_file_opened_read_only_refuses_force(k: CheckedKernel, p: Task) -> None:
    """F3: a shared mapping of a read-only descriptor has lost VM_MAYWRITE, so even force is refused."""
    a = k.mmap(p, pages=1, prot="r", share="shared", file=k.file("f", [1]), ro=True)
    assert gup(k, p, a, 1, WRITE | FORCE).ret == EFAULT
    assert gup(k, p, a, 1, READ | FORCE).ret == 1


def test_partial_return(k: CheckedKernel, p: Task) -> None:
    """F4: after progress the count comes back and the error is lost; asking again from there tells it."""
    a = k.mmap(p, pages=4)
    k.munmap(p, a + 2 * PAGE, PAGE)
    call = gup(k, p, a, 4, WRITE)
    assert call.ret == 2
    assert [page.count for page in call.pages] == [2, 2]
    assert gup(k, p, a + 2 * PAGE, 2, WRITE).ret == EFAULT
    put(k, call)
    assert [page.count for page in call.pages] == [1, 1]


def test_an_error_leaves_no_reference(k: CheckedKernel, p: Task) -> None:
    """F4: a negative answer means that nothing is held."""
    a = k.mmap(p, pages=1, prot="r")
    k.load(p, a)
    assert gup(k, p, a, 1, WRITE).pages == []
    assert k.zero_page.count == 1


def test_the_array_is_filled_up_to_ret(k: CheckedKernel, p: Task) -> None:
    """F4: entries of a sized array beyond the answer are not touched."""
    a = k.mmap(p, pages=2)
    pages = ["old"] * 4
    with p.mm.mmap_sem.read():
        assert k.gup.__get_user_pages(p, p.mm, a, 4, WRITE, pages, None, None) == 2
    assert pages[2:] == ["old", "old"]


@pytest.mark.parametrize("flags", [READ, WRITE])
def test_a_stack_grows_to_any_distance(k: CheckedKernel, p: Task, flags: int) -> None:
    """F5: the walk grows a stack by a megabyte at once; touching its lowest page adds one more below."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=1, flags=["GROWSDOWN"])
    assert gup(k, p, a - (1 << 20), 1, flags).ret == 1
    assert p.mm.mmap[0].vm_start == a - (1 << 20) - PAGE


def test_a_stack_does_not_grow_past_its_limit(k: CheckedKernel, p: Task) -> None:
    """F5: RLIMIT_STACK ends the growth with -EFAULT."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=1, flags=["GROWSDOWN"])
    assert gup(k, p, a - (8 << 20), 1).ret == EFAULT
    assert gup(k, p, a - (7 << 20), 1).ret == 1


def test_a_locked_stack_is_populated(k: CheckedKernel, p: Task) -> None:
    """F5: what a locked stack grew by is faulted in at once, by a walk inside the walk."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=1, flags=["GROWSDOWN", "LOCKED"])
    assert gup(k, p, a - 4 * PAGE, 1, WRITE).ret == 1
    assert all("P" in bits(k, p, a - i * PAGE) for i in range(1, 5))


def test_the_gate_page(k: CheckedKernel, p: Task) -> None:
    """F6: the vsyscall page is given to readers without a fault, never to writers, and its VMA is in no mm."""
    call = gup(k, p, GATE_ADDR, 1)
    assert (call.ret, call.page, call.faults) == (1, k.gate_page, [])
    assert call.vmas == [k.gate_vma]
    assert call.page.count == 2
    assert gup(k, p, GATE_ADDR, 1, WRITE | FORCE).ret == EFAULT
    assert gup(k, p, GATE_ADDR, 2).ret == 1
    assert gup(k, p, GATE_ADDR, 1, FOLL(0), pages=False).ret == 1
    assert k.gate_page.count == 3


def test_the_gate_page_is_referenced_even_without_get(k: CheckedKernel, p: Task) -> None:
    """F6: a pages array suffices for a reference to the gate page."""
    assert gup(k, p, GATE_ADDR, 1, FOLL(0)).page.count == 2


@pytest.mark.parametrize(("kind", "ret"), [("io", EFAULT), ("pfnmap", EFAULT), ("mixedmap", EFAULT)])
@pytest.mark.parametrize("flags", [READ, READ | FORCE])
def test_device_memory(k: CheckedKernel, p: Task, kind: str, ret: int, flags: int) -> None:
    """F7: VM_IO and VM_PFNMAP are refused at the VMA; VM_MIXEDMAP passes it and fails at the special entry."""
    a = k.mmap(p, pages=1, kind=kind)
    assert gup(k, p, a, 1, flags).ret == ret


def test_rights_are_tested_for_each_vma(k: CheckedKernel, p: Task) -> None:
    """F7: a range over a writable and a read-only VMA gives a prefix; with force the rest costs two faults a page."""
    a = k.mmap(p, pages=4)
    k.mprotect(p, a + 2 * PAGE, 2 * PAGE, "r")
    assert gup(k, p, a, 4, WRITE).ret == 2
    assert gup(k, p, a, 4, WRITE | FORCE).faults == [0, VM_FAULT_WRITE, 0, VM_FAULT_WRITE]


# --- F9 to F18: page after page

def test_sigkill_stops_even_a_resident_range(k: CheckedKernel, p: Task) -> None:
    """F9: a pending SIGKILL of the running task ends the walk before each page; a bad address is told first."""
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x")
    k.sigkill(p)
    assert gup(k, p, a, 2).ret == Errno.ERESTARTSYS
    assert gup(k, p, 0x1000, 1).ret == EFAULT
    assert gup(k, p, GATE_ADDR, 1).ret == 1


def test_the_kill_is_of_the_runner_not_of_tsk(k: CheckedKernel, p: Task) -> None:
    """F9: whose SIGKILL counts is who runs, not whom the faults are charged to."""
    a = k.mmap(p, pages=1)
    other = k.thread(p, "T2")
    k.sigkill(other)
    assert gup(k, p, a, 1, WRITE, tsk=other).ret == 1
    assert gup(k, other, a, 1, tsk=p).ret == Errno.ERESTARTSYS


def test_a_guard_page_is_counted_and_not_stored(k: CheckedKernel, p: Task) -> None:
    """F11: under FOLL_MLOCK the lowest page of a stack is skipped: counted, its vma stored, its page not."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=3, flags=["GROWSDOWN"])
    call = gup(k, p, a, 3, WRITE | FOLL.MLOCK)
    assert (call.ret, len(call.faults)) == (3, 2)
    assert call.pages[0] is None
    assert call.vmas == [p.mm.mmap[0]] * 3
    assert p.mm.mmap[0].vm_start == a


@pytest.mark.parametrize(
    ("flags", "nb", "fault_flags"),
    [(READ, None, 0), (WRITE, None, 1), (READ, 1, 8), (WRITE, 1, 9), (NOWAIT, None, 0x18), (NOWAIT, 1, 0x18)],
)
def test_fault_flags(k: CheckedKernel, p: Task, flags: int, nb: int | None, fault_flags: int) -> None:
    """F12: WRITE, ALLOW_RETRY and RETRY_NOWAIT follow from the request; NOWAIT allows a retry by itself."""
    assert gup(k, p, k.mmap(p, pages=1), 1, flags, nb=nb).asked == [(fault_flags, flags)]


@pytest.mark.parametrize("flags", [READ, WRITE])
def test_no_memory(k: CheckedKernel, p: Task, flags: int) -> None:
    """F13: VM_FAULT_OOM becomes -ENOMEM and is charged to nobody; a zero-page read allocates nothing."""
    a = k.mmap(p, pages=1)
    k.fail_alloc()
    call = gup(k, p, a, 1, flags)
    assert call.ret == (ENOMEM if flags & FOLL.WRITE else 1)
    assert call.faults == [VM_FAULT_OOM if flags & FOLL.WRITE else 0]
    assert call.minor == (0 if flags & FOLL.WRITE else 1)


def test_beyond_the_end_of_a_file(k: CheckedKernel, p: Task) -> None:
    """F13: SIGBUS of the handler becomes -EFAULT, and is not charged."""
    a = k.mmap(p, pages=4, file=k.file("f", [1, 2]), share="shared")
    call = gup(k, p, a, 4)
    assert (call.ret, call.minor) == (2, 2)
    call = gup(k, p, a + 2 * PAGE, 1)
    assert (call.ret, call.minor, call.faults) == (EFAULT, 0, [2])


@pytest.mark.parametrize(("flags", "ret"), [(READ, EFAULT), (READ | FOLL.HWPOISON, Errno.EHWPOISON), (DUMP, EFAULT),
                                           (FOLL.HWPOISON, Errno.EHWPOISON)])  # fmt: skip
def test_bad_memory(k: CheckedKernel, p: Task, flags: int, ret: int) -> None:
    """F13: a poisoned page is -EFAULT, or -EHWPOISON for who asks; the second page of a range just ends it."""
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x")
    k.store(p, a + PAGE, b"y")
    k.hwpoison(k.page_at(p, a + PAGE))
    call = gup(k, p, a + PAGE, 1, flags, pages=bool(flags & FOLL.GET))
    assert (call.ret, call.minor) == (ret, 0)
    assert gup(k, p, a, 2, flags, pages=bool(flags & FOLL.GET)).ret == 1


def test_a_poisoned_page_of_a_file(k: CheckedKernel, p: Task) -> None:
    """F13: memory_failure takes a file page out of its file: the entry is poisoned, the next reader reads anew."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.load(p, a)
    k.hwpoison(k.page_at(p, a))
    assert gup(k, p, a, 1, READ | FOLL.HWPOISON).ret == Errno.EHWPOISON
    assert k.pread(f, 0, 1) == b"\x01"


def test_faults_are_charged_to_tsk(k: CheckedKernel, p: Task) -> None:
    """F14: the counters are those of tsk; NULL charges nobody; a resident page costs nothing."""
    a = k.mmap(p, pages=3)
    q = k.spawn("Q")
    assert gup(k, p, a, 1, WRITE, tsk=q).minor == 0
    assert q.min_flt == 1
    assert gup(k, p, a + PAGE, 1, WRITE, tsk=None).minor == 0
    assert q.min_flt == 1
    assert gup(k, p, a, 2, WRITE).minor == 0


def test_a_retry_of_a_cold_page(k: CheckedKernel, p: Task) -> None:
    """F15, §1.3 (a)(b): a nonblocking call on a cold page starts the read, loses mmap_sem, sleeps, and answers 0."""
    a = k.mmap(p, pages=1, file=k.file("f", [7], cached=False))
    call = gup(k, p, a, 1, nb=1)
    assert (call.ret, call.nonblocking, call.sem) == (0, 0, "none")
    assert call.faults == [VM_FAULT_MAJOR | VM_FAULT_RETRY]
    assert (call.major, call.minor) == (1, 0)
    assert bits(k, p, a) == "-"
    again = gup(k, p, a, 1, nb=1)
    assert (again.ret, again.nonblocking, again.sem, again.minor, again.major) == (1, 1, "read", 1, 0)


def test_a_retry_after_progress(k: CheckedKernel, p: Task) -> None:
    """F15: with a page already taken the answer is the count, and the flag says that the lock is gone."""
    f = k.file("f", [7, 8], cached=False)
    a = k.mmap(p, pages=2, file=f)
    k.madvise(p, a, 2 * PAGE, "RANDOM")
    k.load(p, a)
    call = gup(k, p, a, 2, nb=1)
    assert (call.ret, call.nonblocking, call.sem) == (1, 0, "none")


def test_without_the_pointer_it_waits(k: CheckedKernel, p: Task) -> None:
    """F15: with nonblocking NULL the same call sleeps under the lock and returns the page."""
    call = gup(k, p, k.mmap(p, pages=1, file=k.file("f", [7], cached=False)), 1)
    assert (call.ret, call.sem, call.faults, call.major) == (1, "read", [MAJOR_FILE], 1)
    assert call.page.content.byte == 7


def test_nowait(k: CheckedKernel, p: Task) -> None:
    """F12, §1.3: NOWAIT starts the read and comes back at once with the lock; later it finds the page."""
    a = k.mmap(p, pages=1, file=k.file("f", [7], cached=False))
    first, second = gup(k, p, a, 1, NOWAIT), gup(k, p, a, 1, NOWAIT)
    assert (first.ret, first.sem, first.major) == (0, "read", 1)
    assert (second.ret, second.sem, second.minor) == (0, "read", 1)
    k.advance(k.clock + 100)
    assert gup(k, p, a, 1, NOWAIT).ret == 1


def test_nowait_lies_to_the_pointer(k: CheckedKernel, p: Task) -> None:
    """§1.3 (f): NOWAIT with a pointer stores 0 although mmap_sem is still held."""
    call = gup(k, p, k.mmap(p, pages=1, file=k.file("f", [7], cached=False)), 1, NOWAIT, nb=1)
    assert (call.ret, call.nonblocking, call.sem) == (0, 0, "read")


def test_nonblocking_needs_a_reader(k: CheckedKernel, p: Task) -> None:
    """§1.3 (c): under the write lock the retry's up_read corrupts the lock, and the debug layer says so."""
    a = k.mmap(p, pages=1, file=k.file("f", [7], cached=False))
    with k.running(p):
        p.mm.mmap_sem.down_write()
        from gupkit.kernel import Cell

        assert k.gup.__get_user_pages(p, p.mm, a, 1, READ, [], None, Cell(1)) == 0
    assert kinds(k) == ["wrong lock mode"]
    assert p.mm.mmap_sem.count == -2


def test_shmem_does_not_honour_nonblocking(k: CheckedKernel, p: Task) -> None:
    """§1.3 (d): memory that is a file waits for a locked page whatever the caller asked for."""
    f = k.file("m", [5], memfd=True)
    a = k.mmap(p, pages=1, share="shared", file=f)
    page = f.mapping.pages[0]
    k.lock_page(p, page)
    k.on_wait = lambda lock, mode: k.unlock_page(page) is None
    call = gup(k, p, a, 1, NOWAIT, nb=1)
    assert (call.ret, call.nonblocking, call.sem) == (1, 1, "read")


def test_a_page_that_is_not_uptodate_is_read_again(k: CheckedKernel, p: Task) -> None:
    """§1.3 (e): a cached page that is unlocked and not up to date is read under the lock, and counts as minor."""
    from gupkit.kernel.page import PG_uptodate

    f = k.file("f", [7])
    f.mapping.pages[0].flags &= ~PG_uptodate
    call = gup(k, p, k.mmap(p, pages=1, file=f), 1, nb=1)
    assert (call.ret, call.nonblocking, call.sem, call.minor, call.major) == (1, 1, "read", 1, 0)


def test_a_page_in_swap_honours_nonblocking(k: CheckedKernel, p: Task) -> None:
    """§1.3 (d): a swapped page is sent for, and the caller sent away, as with files."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.reclaim(p, a, PAGE)
    call = gup(k, p, a, 1, nb=1)
    assert (call.ret, call.nonblocking, call.sem, call.faults) == (0, 0, "none", [VM_FAULT_MAJOR | VM_FAULT_RETRY])
    assert gup(k, p, a, 1, nb=1).faults == [0]


@pytest.mark.parametrize(
    ("state", "faults"),
    [("anon", [0, 8]), ("zero", [8]), ("again", [8]), ("swapped", [0xC]), ("file", [0x200, 8]), ("mapped", [8]),
     ("cold", [0x204, 8]), ("shared", [0x200, 8]), ("shared mapped", [8])],
)  # fmt: skip
def test_a_forced_write_costs(k: CheckedKernel, p: Task, state: str, faults: list[int]) -> None:
    """F16, §5.9: forced writes to read-only memory, by the state of the page."""
    anonymous = state in ("anon", "zero", "again", "swapped")
    file = None if anonymous else k.file("f", [1], cached=state != "cold")
    share = "shared" if state.startswith("shared") else "private"
    a = k.mmap(p, pages=1, file=file, share=share, prot="rw" if state == "swapped" else "r")
    if state == "swapped":
        k.store(p, a, b"x")
        k.mprotect(p, a, PAGE, "r")
        k.reclaim(p, a, PAGE)
    if "mapped" in state or state == "zero":
        k.load(p, a)
    if state == "again":
        gup(k, p, a, 1, WRITE | FORCE)
    call = gup(k, p, a, 1, WRITE | FORCE)
    assert (call.ret, call.faults) == (1, faults)
    assert call.page.anon
    assert "W" not in bits(k, p, a)
    assert "D" in bits(k, p, a)


@pytest.mark.parametrize(("what", "faults"), [("anon", [0]), ("zero", [8]), ("private", [0x200]), ("shared", [0x200]),
                                              ("shared mapped", [8])])  # fmt: skip
def test_a_plain_write_costs_one_fault(k: CheckedKernel, p: Task, what: str, faults: list[int]) -> None:
    """F16: in a writable VMA the write bit comes with the first write fault, and nothing is dropped."""
    file = None if what in ("anon", "zero") else k.file("f", [1])
    a = k.mmap(p, pages=1, file=file, share="shared" if "shared" in what else "private")
    if what in ("zero", "shared mapped"):
        k.load(p, a)
    call = gup(k, p, a, 1, WRITE)
    assert (call.ret, call.faults) == (1, faults)
    assert {"W", "D"} <= set(bits(k, p, a))


def test_the_dropped_write_is_per_page(k: CheckedKernel, p: Task) -> None:
    """F16: each page of a forced write starts again with the caller's flags."""
    a = k.mmap(p, pages=2, prot="r")
    call = gup(k, p, a, 2, WRITE | FORCE)
    assert call.asked == [(1, WRITE | FORCE)] * 4


def dontneed_at(k: Kernel, task: Task, address: int, nth: int) -> None:
    """Let another thread throw a page away at the n-th voluntary schedule point."""
    passed = []

    def on_point(name: str, fields: dict[str, object]) -> None:
        if name == "cond_resched":
            passed.append(name)
            if len(passed) == nth:
                k.madvise(task, address, PAGE, "DONTNEED")

    k.on_point = on_point


def test_dirty_cow(k: CheckedKernel, p: Task) -> None:
    """F16: the copy is thrown away after WRITE was dropped, and the caller is given the file's own page to write."""
    f = k.file("f", [0x41])
    a = k.mmap(p, pages=1, prot="r", file=f, ro=True)
    k.load(p, a)
    dontneed_at(k, k.thread(p, "T2"), a, 2)
    call = gup(k, p, a, 1, WRITE | FORCE)
    assert call.faults == [8, 0x200]
    assert call.asked[1] == (0, READ | FORCE)
    assert call.page is f.mapping.pages[0]
    k.page_store(call.page, 0x7A)
    k.set_page_dirty_lock(call.page)
    k.fsync(f)
    assert f.disk[0].byte == 0x7A


def test_dirty_cow_on_anonymous_memory(k: CheckedKernel, p: Task) -> None:
    """F16: the same race on anonymous memory hands out the zero page for writing."""
    a = k.mmap(p, pages=1, prot="r")
    dontneed_at(k, k.thread(p, "T2"), a, 3)
    call = gup(k, p, a, 1, WRITE | FORCE)
    assert call.faults == [0, 8, 0]
    assert call.page is k.zero_page


def test_dirty_cow_needs_the_drop(k: CheckedKernel, p: Task) -> None:
    """F16: in a writable VMA nothing is dropped, so the same race only costs another write fault."""
    f = k.file("f", [0x41])
    a = k.mmap(p, pages=1, file=f)
    dontneed_at(k, k.thread(p, "T2"), a, 2)
    call = gup(k, p, a, 1, WRITE)
    assert call.faults == [0x200, 0x200]
    assert call.page.anon


# --- §2: follow_page

def follow(k: CheckedKernel, p: Task, a: int, flags: int = 0) -> object:
    """follow_page of one address."""
    return follow_page(find_vma(p.mm, a), a, flags)


def test_follow_page_finds_nothing_without_a_table(k: CheckedKernel, p: Task) -> None:
    """§2 b–f, l: no table or no entry is None; under FOLL_DUMP -EFAULT unless a file serves the hole."""
    a, b = k.mmap(p, pages=2), k.mmap(p, pages=2, file=k.file("f", [1]))
    assert follow(k, p, a) is None
    assert follow(k, p, a, FOLL.DUMP) == EFAULT
    assert follow(k, p, b, FOLL.DUMP) is None
    k.load(p, a)
    assert follow(k, p, a + PAGE) is None
    assert follow(k, p, a + PAGE, FOLL.DUMP) == EFAULT


def test_follow_page_of_a_swapped_page(k: CheckedKernel, p: Task) -> None:
    """§2 k: an entry that is not present and not none is None, FOLL_DUMP or not."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.reclaim(p, a, PAGE)
    assert follow(k, p, a) is None
    assert follow(k, p, a, FOLL.DUMP) is None


def test_follow_page_for_writing(k: CheckedKernel, p: Task) -> None:
    """§2 m: behind a read-only entry a writer finds nothing, a reader the page."""
    a = k.mmap(p, pages=1, prot="r", file=k.file("f", [1]))
    k.load(p, a)
    assert follow(k, p, a, FOLL.WRITE) is None
    assert follow(k, p, a) is k.page_at(p, a)


def test_follow_page_of_special_entries(k: CheckedKernel, p: Task) -> None:
    """§2 n, o: the zero page is given unless FOLL_DUMP asks; other special entries are -EFAULT."""
    a, m = k.mmap(p, pages=1), k.mmap(p, pages=1, kind="mixedmap")
    k.load(p, a)
    assert follow(k, p, a) is k.zero_page
    assert follow(k, p, a, FOLL.DUMP) == EFAULT
    assert follow(k, p, m) == EFAULT


def test_follow_page_takes_a_reference_only_with_get(k: CheckedKernel, p: Task) -> None:
    """§2 p: FOLL_GET counts the page once, and counts it as a pin."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = follow(k, p, a)
    assert (page.count, page.pins) == (1, 0)
    follow(k, p, a, FOLL.GET)
    assert (page.count, page.pins) == (2, 1)


def test_touch_moves_the_page_and_not_the_entry(k: CheckedKernel, p: Task) -> None:
    """§2 q: TOUCH goes inactive, referenced, active; the entry's accessed bit stays as it was."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    set_pte_at(p.mm, a, pte_mkold(pte_at(p.mm, a)))
    page.flags &= ~(PG_referenced | PG_active)
    seen = []
    for _ in range(4):
        follow(k, p, a, FOLL.TOUCH)
        seen.append((bool(page.flags & PG_referenced), bool(page.flags & PG_active)))
    assert seen == [(True, False), (False, True), (True, True), (True, True)]
    assert not pte_at(p.mm, a) & _PAGE_ACCESSED
    follow(k, p, a)
    assert not pte_at(p.mm, a) & _PAGE_ACCESSED


def test_touch_dirties_only_what_is_clean_twice_over(k: CheckedKernel, p: Task) -> None:
    """§2 q: TOUCH and WRITE set the page dirty only if neither page nor entry was."""
    from gupkit.kernel.pgtable import pte_mkclean

    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    follow(k, p, a, FOLL.TOUCH | FOLL.WRITE)
    assert not page.flags & PG_dirty
    set_pte_at(p.mm, a, pte_mkclean(pte_at(p.mm, a)))
    follow(k, p, a, FOLL.TOUCH)
    assert not page.flags & PG_dirty
    follow(k, p, a, FOLL.TOUCH | FOLL.WRITE)
    assert page.flags & PG_dirty


def test_mlock_marks_pages_of_locked_vmas(k: CheckedKernel, p: Task) -> None:
    """§2 r: FOLL_MLOCK marks the page only in a VM_LOCKED VMA, and only if the page lock is free."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    follow(k, p, a, FOLL.MLOCK)
    assert not page.flags & PG_mlocked
    k.mlock2(p, a, PAGE)
    k.lock_page(p, page)
    follow(k, p, a, FOLL.MLOCK)
    assert not page.flags & PG_mlocked
    k.unlock_page(page)
    follow(k, p, a, FOLL.MLOCK)
    assert page.flags & PG_mlocked


# --- §4: the wrappers

def test_get_user_pages_adds_touch_and_get(k: CheckedKernel, p: Task) -> None:
    """§4.1: write and force become flags, a pages array means GET, TOUCH is always there."""
    a = k.mmap(p, pages=2, prot="r")
    asked = []
    k.listen(lambda name, fields, place: asked.append(fields["gup_flags"]) if fields.get("at") == "enter" else None)
    with p.mm.mmap_sem.read():
        for write, force, pages in ((0, 0, None), (1, 1, []), (0, 1, [])):
            k.gup.get_user_pages(p, p.mm, a, 1, write, force, pages, None)
    assert asked == [FOLL.TOUCH, FOLL.TOUCH | FOLL.GET | FOLL.WRITE | FORCE, FOLL.TOUCH | FOLL.GET | FORCE]


def test_get_dump_page(k: CheckedKernel, p: Task) -> None:
    """§4.2: holes and the zero page are None, a page comes pinned by force, without the lock and without complaint."""
    a = k.mmap(p, pages=3)
    k.load(p, a)
    k.store(p, a + PAGE, b"x")
    k.mprotect(p, a + PAGE, PAGE, "")
    assert k.gup.get_dump_page(a) is None
    assert k.gup.get_dump_page(a + 2 * PAGE) is None
    page = k.gup.get_dump_page(a + PAGE)
    assert (page.content.byte, page.pins) == (ord("x"), 1)
    assert not k.dmesg


@pytest.mark.parametrize("address", [-PAGE, 0, 1 << 47, 1 << 60, GATE_ADDR + PAGE])
def test_addresses_outside_are_efault(k: CheckedKernel, p: Task, address: int) -> None:
    """No address at all gives more than -EFAULT."""
    k.mmap(p, pages=1)
    assert gup(k, p, address, 1).ret == EFAULT
