"""Faults: the handlers' answers, by what the entry says."""

import pytest

from gupkit.kernel.flags import VM_FAULT_HWPOISON, VM_FAULT_MAJOR, VM_FAULT_OOM, VM_FAULT_SIGBUS, VM_FAULT_WRITE
from gupkit.kernel.memory import handle_mm_fault
from gupkit.kernel.page import PG_dirty, PG_swapcache, PG_uptodate
from gupkit.kernel.sched import Task
from gupkit.kernel.vma import find_vma
from tests.kernel.bench import PAGE, READ, WRITE, CheckedKernel, bits, gup, put, signal

STACK = 0x7F00_1000_0000
LOCKED = 0x200


def fault(k: CheckedKernel, p: Task, a: int, write: int = 0, flags: int = 0) -> int:
    """What handle_mm_fault answers, under the lock."""
    with k.running(p), p.mm.mmap_sem.read():
        ret = handle_mm_fault(p.mm, find_vma(p.mm, a), a, write | flags)
    k.check()
    return ret


# --- anonymous memory

def test_a_read_maps_the_zero_page(k: CheckedKernel, p: Task) -> None:
    """§5.4: reading untouched memory maps the zero page, special, read-only, uncounted, without an allocation."""
    a = k.mmap(p, pages=1)
    before = k.zone.nr_free
    assert fault(k, p, a) == 0
    assert bits(k, p, a) == "PAS"
    assert k.zone.nr_free == before
    assert (k.zero_page.count, k.zero_page.mapcount) == (1, 0)


def test_a_write_maps_a_fresh_page(k: CheckedKernel, p: Task) -> None:
    """§5.4: a write fault maps zeros, writable and dirty, and the page itself is clean; never WRITE."""
    a = k.mmap(p, pages=1)
    assert fault(k, p, a, 1) == 0
    page = k.page_at(p, a)
    assert bits(k, p, a) == "PWDA"
    assert (page.count, page.mapcount, page.anon, page.flags & PG_dirty) == (1, 1, True, 0)


def test_a_forced_write_maps_a_clean_read_only_page(k: CheckedKernel, p: Task) -> None:
    """§5.4: in a VMA without VM_WRITE the fresh page is neither writable nor dirty; the next fault says WRITE."""
    a = k.mmap(p, pages=1, prot="r")
    assert fault(k, p, a, 1) == 0
    assert bits(k, p, a) == "PA"
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert bits(k, p, a) == "PDA"


def test_a_stack_with_a_neighbour_is_sigbus(k: CheckedKernel, p: Task) -> None:
    """§5.4: the lowest page of a stack that abuts another mapping is SIGBUS; a stack below does not count."""
    k.mmap(p, STACK - PAGE, pages=1)
    a = k.mmap(p, STACK, pages=2, flags=["GROWSDOWN"])
    assert fault(k, p, a) == VM_FAULT_SIGBUS
    assert signal(k.load, p, a) == "SIGBUS"
    assert gup(k, p, a, 1).faults == [2]
    assert fault(k, p, a + PAGE) == 0


def test_a_stack_split_by_mprotect_is_one_stack(k: CheckedKernel, p: Task) -> None:
    """§5.4: the lowest page of the upper piece of a stack is no guard page."""
    a = k.mmap(p, STACK, pages=3, flags=["GROWSDOWN"])
    k.mprotect(p, a + PAGE, 2 * PAGE, "r")
    assert fault(k, p, a + PAGE) == 0
    assert p.mm.mmap[1].vm_start == a + PAGE


def test_out_of_memory(k: CheckedKernel, p: Task) -> None:
    """§5.3: every handler that allocates may answer OOM, and then nothing has changed."""
    f = k.file("f", [1], cached=False)
    m = k.file("m", [], memfd=True)
    k.ftruncate(m, PAGE)
    maps = [k.mmap(p, pages=1), k.mmap(p, pages=1, file=f), k.mmap(p, pages=1, file=m, share="shared"),
            k.mmap(p, pages=1)]  # fmt: skip
    k.store(p, maps[3], b"x")
    k.reclaim(p, maps[3], PAGE)
    for a in maps:
        before = bits(k, p, a), k.zone.nr_free
        k.fail_alloc()
        assert fault(k, p, a, 1) & VM_FAULT_OOM, hex(a)
        assert (bits(k, p, a), k.zone.nr_free) == before


def test_out_of_memory_while_copying(k: CheckedKernel, p: Task) -> None:
    """§5.3: both copies, early and of a mapped page, answer OOM and leave the old page mapped or none."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=2, file=f)
    k.load(p, a)
    for page, before in ((a, "PA"), (a + PAGE - PAGE, "PA")):
        k.fail_alloc()
        assert fault(k, p, page, 1) == VM_FAULT_OOM
        assert bits(k, p, page) == before
    b = k.mmap(p, pages=1, file=f)
    k.fail_alloc()
    assert fault(k, p, b, 1) == VM_FAULT_OOM
    assert f.mapping.pages[0].count == 2


def test_signals_of_a_failed_allocation(k: CheckedKernel, p: Task) -> None:
    """A CPU access that finds no memory ends in a signal, and the next one succeeds."""
    a = k.mmap(p, pages=1)
    k.fail_alloc()
    assert signal(k.store, p, a, b"x") == "SIGBUS"
    assert signal(k.store, p, a, b"x") == ""


# --- files

def test_a_read_maps_the_cached_page(k: CheckedKernel, p: Task) -> None:
    """§5.5: reading maps the page-cache page itself, read-only in a private mapping."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f)
    assert fault(k, p, a) == LOCKED
    assert k.page_at(p, a) is f.mapping.pages[0]
    assert bits(k, p, a) == "PA"
    assert (f.mapping.pages[0].count, f.mapping.pages[0].mapcount) == (2, 1)


def test_a_private_write_copies_at_once(k: CheckedKernel, p: Task) -> None:
    """§5.5: a private write to an unmapped page copies early: the cached page is never mapped; never WRITE."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f)
    assert fault(k, p, a, 1) == LOCKED
    page = k.page_at(p, a)
    assert page.anon
    assert page.content.byte == 7
    assert bits(k, p, a) == "PWDA"
    assert (f.mapping.pages[0].count, f.mapping.pages[0].mapcount) == (1, 0)


def test_a_shared_write_dirties_the_page(k: CheckedKernel, p: Task) -> None:
    """§5.5: a shared write maps the cached page writable and marks it dirty."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f, share="shared")
    assert fault(k, p, a, 1) == LOCKED
    assert bits(k, p, a) == "PWDA"
    assert f.mapping.pages[0].flags & PG_dirty


def test_a_forced_shared_write_dirties_too(k: CheckedKernel, p: Task) -> None:
    """§5.9, measured: the first fault of a forced write to a read-only shared page marks the cached page dirty."""
    f = k.file("f", [7])
    a, b = (k.mmap(p, pages=1, file=f, share="shared", prot="r") for _ in range(2))
    k.load(p, b)
    put(k, gup(k, p, b, 1, WRITE | 0x10))
    assert not f.mapping.pages[0].flags & PG_dirty
    put(k, gup(k, p, a, 1, WRITE | 0x10))
    assert f.mapping.pages[0].flags & PG_dirty
    assert f.mapping.pages[0].content.byte == 7


def test_beyond_the_end(k: CheckedKernel, p: Task) -> None:
    """§5.6: beyond the last page of a file, shared memory included, a fault is SIGBUS."""
    for f in (k.file("f", [7]), k.file("m", [7], memfd=True)):
        a = k.mmap(p, pages=2, file=f, share="shared")
        assert fault(k, p, a + PAGE) == VM_FAULT_SIGBUS
        assert fault(k, p, a) == LOCKED


def test_a_cold_page_is_major_once(k: CheckedKernel, p: Task) -> None:
    """§5.6: the fault that starts the read is major; the neighbours that came with it are minor."""
    a = k.mmap(p, pages=2, file=k.file("f", [7, 8], cached=False))
    assert fault(k, p, a) == VM_FAULT_MAJOR | LOCKED
    assert fault(k, p, a + PAGE) == LOCKED


def test_waiting_for_somebody_elses_read_is_minor(k: CheckedKernel, p: Task) -> None:
    """§5.6: a page that is being read already costs the whole wait and counts as minor."""
    f = k.file("f", [7], cached=False)
    a = k.mmap(p, pages=1, file=f)
    k.madvise(p, a, PAGE, "WILLNEED")
    assert not f.mapping.pages[0].flags & PG_uptodate
    before, faults = k.clock, (p.min_flt, p.maj_flt)
    assert k.load(p, a) == b"\x07"
    assert k.clock - before >= 7
    assert (p.min_flt, p.maj_flt) == (faults[0] + 1, faults[1])


def test_a_truncated_page_is_looked_up_again(k: CheckedKernel, p: Task) -> None:
    """§5.6: a page that lost its file while the fault waited for its lock is not mapped."""
    f = k.file("f", [7], cached=False)
    a = k.mmap(p, pages=1, file=f)

    def cut(name: str, fields: dict[str, object]) -> None:
        if name == "wait_on_page_locked":
            k.on_point = None
            k.invalidate_inode_pages2(f)

    k.on_point = cut
    assert k.load(p, a) == b"\x07"
    assert k.page_at(p, a) is f.mapping.pages[0]


def test_a_file_cut_while_waiting_is_sigbus(k: CheckedKernel, p: Task) -> None:
    """§5.6: if the file has shrunk below the page when its lock is got, the fault is SIGBUS."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f)

    def cut(name: str, fields: dict[str, object]) -> None:
        if name == "lock_page":
            k.on_point = None
            f.size = 0

    k.on_point = cut
    assert signal(k.load, p, a) == "SIGBUS"


def test_a_poisoned_cached_page(k: CheckedKernel, p: Task) -> None:
    """§5.5: a page that is poisoned while it is cached is not mapped."""
    from gupkit.kernel.page import PG_hwpoison

    f = k.file("f", [7])
    f.mapping.pages[0].flags |= PG_hwpoison
    a = k.mmap(p, pages=1, file=f)
    assert fault(k, p, a) == VM_FAULT_HWPOISON
    assert f.mapping.pages[0].count == 1


def test_an_entry_that_appeared_meanwhile_wins(k: CheckedKernel, p: Task) -> None:
    """§5.5: a fault that finds the entry filled when it comes back from an allocation drops its page."""
    a = k.mmap(p, pages=1)
    q = k.thread(p, "T2")

    def first(name: str, fields: dict[str, object]) -> None:
        if name == "alloc_page":
            k.on_point = None
            k.store(q, a, b"2")

    k.on_point = first
    free = k.zone.nr_free
    assert fault(k, p, a, 1) == 0
    assert k.load(p, a) == b"2"
    assert free - k.zone.nr_free == 1


# --- write-protected entries

def test_the_sole_owner_takes_the_page_over(k: CheckedKernel, p: Task) -> None:
    """§5.8: an anonymous page mapped once is reused, pinned or not."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    pin = gup(k, p, a, 1, READ).page
    k.mprotect(p, a, PAGE, "r")
    k.mprotect(p, a, PAGE, "rw")
    assert bits(k, p, a) == "PDA"
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert k.page_at(p, a) is pin


def test_a_shared_page_is_copied(k: CheckedKernel, p: Task) -> None:
    """§5.8: an anonymous page that two entries map is copied, and the last one left takes it over."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    old, c = k.page_at(p, a), k.fork(p, "C")
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert k.page_at(p, a) is not old
    assert k.page_at(p, a).content.byte == ord("x")
    assert (old.mapcount, old.count) == (1, 1)
    assert fault(k, c, a, 1) == VM_FAULT_WRITE
    assert k.page_at(c, a) is old


def test_the_zero_page_is_replaced(k: CheckedKernel, p: Task) -> None:
    """§5.8: writing where the zero page is mapped gives a fresh page of zeros."""
    a = k.mmap(p, pages=1)
    k.load(p, a)
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert bits(k, p, a) == "PWDA"


def test_a_shared_file_page_is_made_writable(k: CheckedKernel, p: Task) -> None:
    """§5.8: in a shared writable mapping the cached page itself becomes writable and dirty."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.load(p, a)
    assert bits(k, p, a) == "PA"
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert bits(k, p, a) == "PWDA"
    assert f.mapping.pages[0].flags & PG_dirty


def test_a_special_page_of_a_shared_mapping_is_reused(k: CheckedKernel, p: Task) -> None:
    """§5.8: memory without a struct page becomes writable in place where the VMA is shared and writable."""
    a = k.mmap(p, pages=1, kind="mixedmap", share="shared")
    from gupkit.kernel.pgtable import pte_at, pte_wrprotect, set_pte_at

    set_pte_at(p.mm, a, pte_wrprotect(pte_at(p.mm, a)))
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert set(bits(k, p, a)) == set("PWDAS")


def test_a_private_copy_of_a_mapped_file_page_carries_its_dirt(k: CheckedKernel, p: Task) -> None:
    """§5.8: when the copy replaces a file page, the old entry's mapping and reference go."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f)
    k.load(p, a)
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert (f.mapping.pages[0].count, f.mapping.pages[0].mapcount) == (1, 0)


def test_an_entry_that_changed_while_copying_is_left(k: CheckedKernel, p: Task) -> None:
    """§5.8: if the entry changed during the allocation, the copy is dropped and the answer is 0."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f)
    k.load(p, a)
    q = k.thread(p, "T2")

    def zap(name: str, fields: dict[str, object]) -> None:
        if name == "alloc_page":
            k.on_point = None
            k.madvise(q, a, PAGE, "DONTNEED")

    k.on_point = zap
    assert fault(k, p, a, 1) == 0
    assert bits(k, p, a) == "-"


def test_waiting_for_the_page_lock_in_a_write_fault(k: CheckedKernel, p: Task) -> None:
    """§5.8: taking over needs the page lock; if the entry changed while asleep, the fault starts again."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page, c = k.page_at(p, a), k.fork(p, "C")
    k.lock_page(p, page)

    def unlock(lock: object, mode: str) -> bool:
        k.madvise(c, a, PAGE, "DONTNEED")
        k.unlock_page(page)
        return True

    k.on_wait = unlock
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert k.page_at(p, a) is page


def test_an_entry_gone_while_asleep_for_the_page_lock(k: CheckedKernel, p: Task) -> None:
    """§5.8: the entry is compared again after the sleep: gone, the fault answers 0."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    k.fork(p, "C")
    k.lock_page(p, page)

    def unlock(lock: object, mode: str) -> bool:
        k.madvise(p, a, PAGE, "DONTNEED")
        k.unlock_page(page)
        return True

    k.on_wait = unlock
    assert fault(k, p, a, 1) == 0
    assert bits(k, p, a) == "-"


# --- swap

def swapped(k: CheckedKernel, p: Task, data: bytes = b"x") -> int:
    """The address of a page that is in swap."""
    a = k.mmap(p, pages=1)
    k.store(p, a, data)
    assert k.reclaim(p, a, PAGE) == 1
    assert bits(k, p, a) == "swap"
    return a


def test_a_swapped_page_is_major_and_read_only(k: CheckedKernel, p: Task) -> None:
    """§5.7: reading it back is major, maps it read-only, and leaves the copy in swap."""
    a = swapped(k, p)
    assert fault(k, p, a) == VM_FAULT_MAJOR
    assert bits(k, p, a) == "PA"
    assert k.page_at(p, a).flags & PG_swapcache
    assert fault(k, p, a, 1) == VM_FAULT_WRITE
    assert not k.page_at(p, a).flags & PG_swapcache
    assert not k.swap.counts


def test_a_write_to_a_swapped_page_takes_it_over(k: CheckedKernel, p: Task) -> None:
    """§5.7: a write fault brings it back writable at once, MAJOR and WRITE, and frees the slot."""
    a = swapped(k, p)
    assert fault(k, p, a, 1) == VM_FAULT_MAJOR | VM_FAULT_WRITE
    assert bits(k, p, a) == "PWDA"
    assert not k.swap.counts


def test_a_swapped_page_of_two_processes(k: CheckedKernel, p: Task) -> None:
    """§5.7: while another process still has it in swap a writer copies; the other finds it in the swap cache."""
    a = swapped(k, p)
    c = k.fork(p, "C")
    assert k.swap.counts == {1: 2}
    assert fault(k, p, a, 1) == VM_FAULT_MAJOR | VM_FAULT_WRITE
    assert fault(k, c, a) == 0
    assert k.page_at(c, a) is not k.page_at(p, a)
    assert k.load(c, a) == k.load(p, a) == b"x"


def test_a_full_swap_gives_the_slot_back(k: CheckedKernel) -> None:
    """§5.7: when more than half of swap is in use the copy is dropped as soon as the page is mapped."""
    k = CheckedKernel(swap_slots=1)
    p = k.spawn()
    a = swapped(k, p)
    assert fault(k, p, a) == VM_FAULT_MAJOR
    assert not k.page_at(p, a).flags & PG_swapcache
    assert not k.swap.counts


def test_a_locked_vma_keeps_no_copy_in_swap(k: CheckedKernel, p: Task) -> None:
    """§5.7: in a VM_LOCKED VMA the swap copy is dropped too."""
    a = swapped(k, p)
    k.mlock2(p, a, PAGE)
    assert fault(k, p, a) == VM_FAULT_MAJOR
    assert not k.swap.counts


def test_an_entry_that_changed_during_the_read(k: CheckedKernel, p: Task) -> None:
    """§5.7: if the entry no longer names the slot when the read is done, nothing is mapped and nothing lost."""
    a = swapped(k, p)
    q = k.thread(p, "T2")

    def zap(name: str, fields: dict[str, object]) -> None:
        if name == "lock_page":
            k.on_point = None
            k.madvise(q, a, PAGE, "DONTNEED")

    k.on_point = zap
    assert fault(k, p, a) == VM_FAULT_MAJOR
    assert bits(k, p, a) == "-"
    assert k.load(p, a) == b"\0"
    k.reclaim(pages=10)
    assert not k.swap.counts


def test_a_read_that_failed_is_sigbus(k: CheckedKernel, p: Task) -> None:
    """§5.3: a page that came back from swap without being up to date is SIGBUS, and nothing is mapped."""
    a = swapped(k, p)
    assert gup(k, p, a, 1, READ, nb=1).ret == 0
    (page,) = k.swap.cache.values()
    page.flags &= ~PG_uptodate
    assert fault(k, p, a) == VM_FAULT_SIGBUS
    assert bits(k, p, a) == "swap"
    assert page.count == 1


def test_a_poisoned_entry(k: CheckedKernel, p: Task) -> None:
    """§5.7: an entry that stands for bad memory is HWPOISON for everybody who had the page."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    c = k.fork(p, "C")
    k.hwpoison(k.page_at(p, a))
    assert fault(k, p, a) == fault(k, c, a, 1) == VM_FAULT_HWPOISON
    assert k.munmap(p, a, PAGE) == 0


def test_a_poisoned_page_in_the_swap_cache(k: CheckedKernel, p: Task) -> None:
    """§5.7: bad memory found in the swap cache is HWPOISON, not old or empty data."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = gup(k, p, a, 1, READ).page
    k.reclaim(p, a, PAGE)
    k.hwpoison(page)
    assert signal(k.load, p, a) == "SIGBUS"


# --- the CPU

@pytest.mark.parametrize(("prot", "load", "store"), [("rw", "", ""), ("r", "", "SIGSEGV"), ("", "SIGSEGV", "SIGSEGV"),
                                                     ("w", "", ""), ("x", "", "SIGSEGV")])  # fmt: skip
def test_rights_of_the_cpu(k: CheckedKernel, p: Task, prot: str, load: str, store: str) -> None:
    """On x86 whatever may be written or executed may be read; the rest is SIGSEGV."""
    a = k.mmap(p, pages=1, prot=prot)
    assert (signal(k.load, p, a), signal(k.store, p, a, b"x")) == (load, store)


@pytest.mark.parametrize("address", [0, -5, 0x1000, (1 << 47) - 1, 1 << 47, 1 << 60])
def test_holes_are_sigsegv(k: CheckedKernel, p: Task, address: int) -> None:
    """No mapping, no access: SIGSEGV, no fault counted, no lock kept."""
    assert signal(k.load, p, address) == signal(k.store, p, address, b"x") == "SIGSEGV"
    assert (p.min_flt, p.maj_flt, p.mm.mmap_sem.held) == (0, 0, "none")


def test_a_store_across_pages(k: CheckedKernel, p: Task) -> None:
    """An access may cross pages; what came before a fault that fails is written."""
    a = k.mmap(p, pages=2)
    k.store(p, a + PAGE - 2, b"abcd")
    assert k.load(p, a + PAGE - 3, 6) == b"\0abcd\0"
    assert signal(k.store, p, a + 2 * PAGE - 1, b"yz") == "SIGSEGV"
    assert k.load(p, a + 2 * PAGE - 1) == b"y"


def test_counters_of_the_cpu(k: CheckedKernel, p: Task) -> None:
    """Measured: first store 1 minor; read then write 1 and 1; a cold page 1 major although it retries inside."""
    a, f = k.mmap(p, pages=2), k.mmap(p, pages=1, file=k.file("f", [1], cached=False))
    k.store(p, a, b"x")
    assert p.min_flt == 1
    k.load(p, a + PAGE)
    k.store(p, a + PAGE, b"x")
    assert p.min_flt == 3
    k.load(p, f)
    assert (p.min_flt, p.maj_flt) == (3, 1)
    k.store(p, a, b"y")
    assert (p.min_flt, p.maj_flt) == (3, 1)


def test_the_cpu_sets_accessed_and_dirty(k: CheckedKernel, p: Task) -> None:
    """A load makes the entry young, a store young and dirty, without any fault if it is writable already."""
    from gupkit.kernel.pgtable import pte_at, pte_mkclean, pte_mkold, set_pte_at

    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    set_pte_at(p.mm, a, pte_mkold(pte_mkclean(pte_at(p.mm, a))))
    assert bits(k, p, a) == "PW"
    k.load(p, a)
    assert bits(k, p, a) == "PWA"
    k.store(p, a, b"x")
    assert bits(k, p, a) == "PWDA"
    assert p.min_flt == 1


def test_a_spurious_fault_makes_the_entry_young(k: CheckedKernel, p: Task) -> None:
    """§5.2: a fault on an entry that allows the access already only marks it, and answers 0."""
    from gupkit.kernel.pgtable import pte_at, pte_mkclean, pte_mkold, set_pte_at

    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    set_pte_at(p.mm, a, pte_mkold(pte_mkclean(pte_at(p.mm, a))))
    assert fault(k, p, a) == 0
    assert bits(k, p, a) == "PWA"
    assert fault(k, p, a, 1) == 0
    assert bits(k, p, a) == "PWDA"


def test_the_cpu_grows_a_stack_only_near_it(k: CheckedKernel, p: Task) -> None:
    """A load far below a stack is SIGSEGV where a pin would grow it; a near one grows it."""
    a = k.mmap(p, STACK, pages=1, flags=["GROWSDOWN"])
    assert signal(k.load, p, a - (1 << 20)) == "SIGSEGV"
    assert signal(k.load, p, a - PAGE) == ""
    assert p.mm.mmap[0].vm_start == a - 2 * PAGE
