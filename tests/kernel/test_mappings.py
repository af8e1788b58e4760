"""VMAs and tables: mmap, munmap, mprotect, madvise, mlock, fork, exit, and the trees beneath."""

import pytest

from gupkit.kernel import Errno
from gupkit.kernel.flags import VM
from gupkit.kernel.mmap import MMAP_BASE, get_unmapped_area
from gupkit.kernel.page import PG_mlocked
from gupkit.kernel.pgtable import TASK_SIZE, pte_table, swp_entry, swp_offset, swp_type
from gupkit.kernel.sched import Task
from gupkit.kernel.stack import find_extend_vma
from gupkit.kernel.vma import find_vma, find_vma_intersection, find_vma_prev
from tests.kernel.bench import PAGE, READ, WRITE, CheckedKernel, bits, gup, signal

MIB2 = 2 << 20


def ranges(p: Task) -> list[tuple[int, int]]:
    """VMAs as (first page, pages), counted from the first mapping's place."""
    return [((v.vm_start - MMAP_BASE) // PAGE, (v.vm_end - v.vm_start) // PAGE) for v in p.mm.mmap]


def tables(p: Task) -> tuple[int, int, int]:
    """How many tables there are: puds, pmds, pte tables."""
    puds = list(p.mm.pgd.values())
    pmds = [pmd for pud in puds for pmd in pud.values()]
    return len(puds), len(pmds), sum(len(pmd) for pmd in pmds)


# --- mmap

def test_the_next_free_place(k: CheckedKernel, p: Task) -> None:
    """The first region lies at MMAP_BASE; each next at the first 2 MiB boundary at least 2 MiB above the last end."""
    assert k.mmap(p, pages=1) == MMAP_BASE
    assert k.mmap(p, pages=512) == MMAP_BASE + 2 * MIB2
    assert k.mmap(p, pages=513) == MMAP_BASE + 4 * MIB2
    assert get_unmapped_area(p.mm) == MMAP_BASE + 7 * MIB2
    k.munmap(p, MMAP_BASE, 4096 * PAGE)
    assert k.mmap(p, pages=1) == MMAP_BASE + 7 * MIB2


@pytest.mark.parametrize(("addr", "pages"), [(5, 1), (MMAP_BASE, 0), (MMAP_BASE, -1), (TASK_SIZE, 1), (-PAGE, 1),
                                             (TASK_SIZE - PAGE, 2), (None, 1 << 50)])  # fmt: skip
def test_impossible_mappings(k: CheckedKernel, p: Task, addr: int | None, pages: int) -> None:
    """An unaligned address, no pages, or a range outside of user space is -EINVAL."""
    assert k.mmap(p, addr, pages=pages) == Errno.EINVAL
    assert not p.mm.mmap


@pytest.mark.parametrize(
    ("prot", "share", "file", "ro", "flags"),
    [
        ("rw", "private", False, False, 0x100073), ("r", "private", False, False, 0x71),
        ("", "private", False, False, 0x70), ("rw", "private", True, False, 0x8100073),
        ("rw", "shared", True, False, 0x80000FB), ("r", "shared", True, True, 0x80000D1),
        ("r", "private", True, True, 0x8000071), ("rx", "private", False, False, 0x75),
    ],
)  # fmt: skip
def test_vm_flags(k: CheckedKernel, p: Task, prot: str, share: str, file: bool, ro: bool, flags: int) -> None:
    """F3: rights now, rights mprotect may give, sharing; a read-only file loses VM_SHARED and VM_MAYWRITE (trap 12)."""
    k.mmap(p, pages=1, prot=prot, share=share, file=k.file("f", [1]) if file else None, ro=ro)
    assert p.mm.mmap[0].vm_flags == flags


def test_extra_flags(k: CheckedKernel, p: Task) -> None:
    """LOCKED, GROWSDOWN and NORESERVE become VMA flags; NORESERVE memory is not accounted."""
    for name in ("LOCKED", "GROWSDOWN", "NORESERVE"):
        a = k.mmap(p, pages=1, flags=[name])
        assert VM[name] & find_vma(p.mm, a).vm_flags
    assert not find_vma(p.mm, a).vm_flags & VM.ACCOUNT


@pytest.mark.parametrize(("flags", "want"), [((), "-"), (("POPULATE",), "PWDA"), (("LOCKED",), "PWDA")])
def test_populate_and_locked_fault_in(k: CheckedKernel, p: Task, flags: tuple[str, ...], want: str) -> None:
    """MAP_POPULATE and MAP_LOCKED fault the range in, a private writable one as a writer."""
    a = k.mmap(p, pages=2, flags=flags)
    assert bits(k, p, a) == bits(k, p, a + PAGE) == want


def test_populate_reads_read_only_memory(k: CheckedKernel, p: Task) -> None:
    """MAP_POPULATE of memory that may not be written maps the zero page, of a file the cached page."""
    assert bits(k, p, k.mmap(p, pages=1, prot="r", flags=["POPULATE"])) == "PAS"
    assert bits(k, p, k.mmap(p, pages=1, share="shared", file=k.file("f", [1]), flags=["POPULATE"])) == "PA"
    assert bits(k, p, k.mmap(p, pages=1, prot="", flags=["POPULATE"])) == "-"


def test_neighbours_merge(k: CheckedKernel, p: Task) -> None:
    """Anonymous neighbours that nothing tells apart are one VMA; rights, sharing and files tell them apart."""
    f = k.file("f", [1, 2])
    k.mmap(p, MMAP_BASE, pages=1)
    k.mmap(p, MMAP_BASE + 2 * PAGE, pages=1)
    assert ranges(p) == [(0, 1), (2, 1)]
    k.mmap(p, MMAP_BASE + PAGE, pages=1)
    assert ranges(p) == [(0, 3)]
    k.mmap(p, MMAP_BASE + 3 * PAGE, pages=1, prot="r")
    k.mmap(p, MMAP_BASE + 4 * PAGE, pages=1, file=f, prot="r")
    k.mmap(p, MMAP_BASE + 5 * PAGE, pages=1, kind="io", prot="r")
    assert ranges(p) == [(0, 3), (3, 1), (4, 1), (5, 1)]


def test_an_address_maps_over_what_was_there(k: CheckedKernel, p: Task) -> None:
    """mmap at an address replaces whatever was mapped, and cuts what reaches beyond."""
    a = k.mmap(p, pages=3)
    k.store(p, a + PAGE, b"x")
    assert k.mmap(p, a + PAGE, pages=1, prot="r") == a + PAGE
    assert ranges(p) == [(0, 1), (1, 1), (2, 1)]
    assert k.load(p, a + PAGE) == b"\0"


def test_find_vma(k: CheckedKernel, p: Task) -> None:
    """F5: find_vma gives the first VMA that ends above, which may begin above; the others follow from it."""
    a, b = k.mmap(p, pages=1), k.mmap(p, pages=1)
    low, high = p.mm.mmap
    assert [find_vma(p.mm, x) for x in (0, a, a + PAGE - 1, a + PAGE, b, b + PAGE)] == [low, low, low, high, high, None]
    assert find_vma_prev(p.mm, a) == (low, None)
    assert find_vma_prev(p.mm, b + PAGE) == (None, high)
    assert find_vma_intersection(p.mm, a + PAGE, b) is None
    assert find_vma_intersection(p.mm, a, b + 1) is low
    assert find_extend_vma(p.mm, a + PAGE) is None
    assert find_extend_vma(p.mm, a + 5) is low


def test_a_stack_does_not_grow_into_a_neighbour(k: CheckedKernel, p: Task) -> None:
    """F5: growth stops at another mapping, and at RLIMIT_STACK."""
    a = k.mmap(p, MMAP_BASE, pages=1)
    s = k.mmap(p, MMAP_BASE + 4 * PAGE, pages=1, flags=["GROWSDOWN"])
    assert find_extend_vma(p.mm, a + PAGE).vm_start == a + PAGE
    assert find_vma(p.mm, s).vm_start == a + PAGE


# --- munmap

def test_munmap_cuts(k: CheckedKernel, p: Task) -> None:
    """munmap removes the middle of a VMA, whole VMAs and ends; holes are no error."""
    a = k.mmap(p, pages=5)
    assert k.munmap(p, a + PAGE, PAGE) == 0
    assert ranges(p) == [(0, 1), (2, 3)]
    assert k.munmap(p, a, 3 * PAGE) == 0
    assert ranges(p) == [(3, 2)]
    assert k.munmap(p, a, 10 * PAGE) == k.munmap(p, a, PAGE) == 0
    assert not p.mm.mmap


@pytest.mark.parametrize(("start", "length"), [(1, PAGE), (MMAP_BASE, 0), (MMAP_BASE, -PAGE), (TASK_SIZE, PAGE)])
def test_impossible_munmap(k: CheckedKernel, p: Task, start: int, length: int) -> None:
    """An unaligned start, an empty or an outer range is -EINVAL."""
    assert k.munmap(p, start, length) == Errno.EINVAL


def test_pieces_keep_their_place_in_the_file(k: CheckedKernel, p: Task) -> None:
    """The upper half of a split VMA begins further on in its file."""
    a = k.mmap(p, pages=3, file=k.file("f", [1, 2, 3, 4]), offset=1)
    k.munmap(p, a + PAGE, PAGE)
    assert [v.vm_pgoff for v in p.mm.mmap] == [1, 3]
    assert k.load(p, a + 2 * PAGE) == b"\x04"


def test_tables_go_upwards_with_their_last_user(k: CheckedKernel, p: Task) -> None:
    """munmap frees the tables that serve nobody else, bottom up; DONTNEED frees none."""
    a = k.mmap(p, pages=1)
    b = k.mmap(p, a + (1 << 30), pages=1)
    c = k.mmap(p, a + (1 << 39), pages=1)
    for address in (a, b, c):
        k.store(p, address, b"x")
    assert tables(p) == (2, 3, 3)
    k.madvise(p, a, PAGE, "DONTNEED")
    assert tables(p) == (2, 3, 3)
    k.munmap(p, c, PAGE)
    assert tables(p) == (1, 2, 2)
    k.munmap(p, b, PAGE)
    assert tables(p) == (1, 1, 1)
    k.munmap(p, a, PAGE)
    assert tables(p) == (0, 0, 0)
    assert p.mm.pgd == {}


def test_a_shared_table_stays(k: CheckedKernel, p: Task) -> None:
    """A table that a neighbour uses, or may use, stays."""
    a = k.mmap(p, pages=4)
    k.store(p, a, b"x")
    k.munmap(p, a, 2 * PAGE)
    assert pte_table(p.mm, a) is not None
    k.munmap(p, a + 2 * PAGE, 2 * PAGE)
    assert pte_table(p.mm, a) is None


def test_swap_entries_are_numbers() -> None:
    """A slot and its type survive in an entry that is not present."""
    for slot, kind in ((1, 0), (77, 31)):
        entry = swp_entry(slot, kind)
        assert (swp_offset(entry), swp_type(entry), entry & 0x101) == (slot, kind, 0)


# --- mprotect

def test_mprotect_splits_and_merges(k: CheckedKernel, p: Task) -> None:
    """New rights cut a VMA, the old ones join it again."""
    a = k.mmap(p, pages=3)
    k.mprotect(p, a + PAGE, PAGE, "r")
    assert ranges(p) == [(0, 1), (1, 1), (2, 1)]
    k.mprotect(p, a + PAGE, PAGE, "rw")
    assert ranges(p) == [(0, 3)]


@pytest.mark.parametrize(("prot", "ret"), [("r", 0), ("rw", Errno.EACCES), ("", 0), ("rx", 0)])
def test_mprotect_gives_what_the_file_allows(k: CheckedKernel, p: Task, prot: str, ret: int) -> None:
    """Beyond the MAY bits: -EACCES."""
    a = k.mmap(p, pages=1, prot="r", share="shared", file=k.file("f", [1]), ro=True)
    assert k.mprotect(p, a, PAGE, prot) == ret


def test_mprotect_to_the_same_rights_does_nothing(k: CheckedKernel, p: Task) -> None:
    """What fork left apart, since a lock was on a part of the parent's, is not joined by it, nor is anything cut."""
    a = k.mmap(p, pages=3, share="shared")
    k.mlock(p, a, 2 * PAGE)
    child = k.fork(p, "C")
    assert k.mprotect(child, a + PAGE, PAGE, "rw") == 0
    assert ranges(child) == [(0, 2), (2, 1)]


def test_mprotect_over_a_hole(k: CheckedKernel, p: Task) -> None:
    """What lies before the hole is changed all the same, and the answer is -ENOMEM."""
    a = k.mmap(p, pages=1)
    assert k.mprotect(p, a, 2 * PAGE, "r") == Errno.ENOMEM
    assert signal(k.store, p, a, b"x") == "SIGSEGV"
    assert k.mprotect(p, a + 1, PAGE, "r") == Errno.EINVAL
    assert k.mprotect(p, a, 0, "r") == 0


def test_prot_none_keeps_the_page(k: CheckedKernel, p: Task) -> None:
    """A PROT_NONE page is present to the kernel and untouchable to the CPU (trap: pte_present)."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    k.mprotect(p, a, PAGE, "")
    assert bits(k, p, a) == "DAN"
    assert k.page_at(p, a) is page
    assert signal(k.load, p, a) == "SIGSEGV"
    k.mprotect(p, a, PAGE, "rw")
    assert k.load(p, a) == b"x"


def test_a_dirty_shared_page_is_writable_again_at_once(k: CheckedKernel, p: Task) -> None:
    """Where the VMA notes writes, an entry that is dirty already needs no fault to become writable again."""
    a = k.mmap(p, pages=2, share="shared", file=k.file("f", [1, 2]))
    k.store(p, a, b"x")
    k.load(p, a + PAGE)
    k.mprotect(p, a, 2 * PAGE, "r")
    k.mprotect(p, a, 2 * PAGE, "rw")
    assert (bits(k, p, a), bits(k, p, a + PAGE)) == ("PWDA", "PA")


def test_swapped_pages_are_left_by_mprotect(k: CheckedKernel, p: Task) -> None:
    """An entry that is not present has no rights to change."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.reclaim(p, a, PAGE)
    k.mprotect(p, a, PAGE, "r")
    assert bits(k, p, a) == "swap"
    assert k.load(p, a) == b"x"


# --- madvise

@pytest.mark.parametrize("shared", [False, True])
def test_dontneed(k: CheckedKernel, p: Task, shared: bool) -> None:
    """DONTNEED throws private data away; of a file the page stays in the cache, dirty, and comes back."""
    f = k.file("f", [5]) if shared else None
    a = k.mmap(p, pages=1, share="shared" if shared else "private", file=f)
    k.store(p, a, b"x")
    assert k.madvise(p, a, PAGE, "DONTNEED") == 0
    assert bits(k, p, a) == "-"
    assert k.load(p, a) == (b"x" if shared else b"\0")


def test_dontneed_of_a_swapped_page_frees_the_slot(k: CheckedKernel, p: Task) -> None:
    """Swap slots go with the entries that name them."""
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x")
    k.reclaim(p, a, PAGE)
    assert k.swap.counts == {1: 1}
    k.madvise(p, a, PAGE, "DONTNEED")
    assert k.swap.counts == k.swap.device == {}


@pytest.mark.parametrize("advice", ["DONTNEED", "FREE", "REMOVE", "PAGEOUT", "COLD"])
def test_locked_and_device_memory_refuse(k: CheckedKernel, p: Task, advice: str) -> None:
    """What would take pages away is -EINVAL on locked memory and on a driver's."""
    assert k.madvise(p, k.mmap(p, pages=1, flags=["LOCKED"]), PAGE, advice) == Errno.EINVAL
    assert k.madvise(p, k.mmap(p, pages=1, kind="io"), PAGE, advice) == Errno.EINVAL


@pytest.mark.parametrize("advice", ["DONTDUMP", "DODUMP", "HUGEPAGE", "NOHUGEPAGE", "MERGEABLE", "UNMERGEABLE"])
def test_harmless_advice_on_locked_memory(k: CheckedKernel, p: Task, advice: str) -> None:
    """Advice that takes nothing away is accepted on locked memory too."""
    assert k.madvise(p, k.mmap(p, pages=1, flags=["LOCKED"]), PAGE, advice) == 0


def test_a_hole_does_not_stop_the_rest(k: CheckedKernel, p: Task) -> None:
    """DONTNEED over a hole does its work on both sides and answers -ENOMEM; so at the end of the range."""
    a = k.mmap(p, pages=3)
    k.store(p, a + 2 * PAGE, b"x")
    k.munmap(p, a + PAGE, PAGE)
    assert k.madvise(p, a, 3 * PAGE, "DONTNEED") == Errno.ENOMEM
    assert bits(k, p, a + 2 * PAGE) == "-"
    assert k.madvise(p, a, 5 * PAGE, "DONTNEED") == Errno.ENOMEM


@pytest.mark.parametrize(("start", "length"), [(1, PAGE), (0, -PAGE)])
def test_impossible_ranges(k: CheckedKernel, p: Task, start: int, length: int) -> None:
    """An unaligned start or a negative length is -EINVAL."""
    assert k.madvise(p, k.mmap(p, pages=1) + start, length, "DONTNEED") == Errno.EINVAL


def test_the_future_is_unknown(k: CheckedKernel, p: Task) -> None:
    """Advice whose meaning depends on being known is -EINVAL in an era before it."""
    a = k.mmap(p, pages=1)
    assert {k.madvise(p, a, PAGE, w) for w in ("POPULATE_READ", "POPULATE_WRITE", "GUARD_INSTALL", "GUARD_REMOVE")} == {
        Errno.EINVAL
    }


def test_flags_by_advice(k: CheckedKernel, p: Task) -> None:
    """RANDOM, SEQUENTIAL and NORMAL exclude each other; DONTFORK splits the VMA and DOFORK joins it."""
    a = k.mmap(p, pages=3)
    k.madvise(p, a, 3 * PAGE, "RANDOM")
    k.madvise(p, a, 3 * PAGE, "SEQUENTIAL")
    assert p.mm.mmap[0].vm_flags & (VM.SEQ_READ | VM.RAND_READ) == VM.SEQ_READ
    k.madvise(p, a, 3 * PAGE, "NORMAL")
    k.madvise(p, a + PAGE, PAGE, "DONTFORK")
    assert ranges(p) == [(0, 1), (1, 1), (2, 1)]
    k.madvise(p, a, 3 * PAGE, "DOFORK")
    assert ranges(p) == [(0, 3)]


def test_willneed(k: CheckedKernel, p: Task) -> None:
    """WILLNEED starts reading a file and does not wait; anonymous memory has none: -EBADF."""
    f = k.file("f", [1, 2, 3], cached=False)
    a = k.mmap(p, pages=3, file=f)
    assert k.madvise(p, a + PAGE, 2 * PAGE, "WILLNEED") == 0
    assert sorted(f.mapping.pages) == [1, 2]
    assert k.madvise(p, k.mmap(p, pages=1), PAGE, "WILLNEED") == Errno.EBADF
    assert k.madvise(p, k.mmap(p, pages=1, share="shared"), PAGE, "WILLNEED") == 0


def test_free_is_dropped_by_reclaim(k: CheckedKernel, p: Task) -> None:
    """MADV_FREE: reclaim drops the page instead of swapping it; a store in between saves it; swapped pages go."""
    a = k.mmap(p, pages=3)
    k.store(p, a, b"x" * 3 * PAGE)
    k.reclaim(p, a + 2 * PAGE, PAGE)
    assert k.madvise(p, a, 3 * PAGE, "FREE") == 0
    assert bits(k, p, a + 2 * PAGE) == "-"
    assert k.load(p, a) == b"x"
    k.store(p, a + PAGE, b"y")
    k.reclaim(p, a, 3 * PAGE)
    assert (k.load(p, a), k.load(p, a + PAGE)) == (b"\0", b"y")


def test_free_is_for_private_memory(k: CheckedKernel, p: Task) -> None:
    """MADV_FREE of a file or of shared memory is -EINVAL; REMOVE is for shared memory only."""
    a, m = k.mmap(p, pages=1, file=k.file("f", [1])), k.mmap(p, pages=2, share="shared")
    assert k.madvise(p, a, PAGE, "FREE") == k.madvise(p, m, PAGE, "FREE") == Errno.EINVAL
    assert k.madvise(p, a, PAGE, "REMOVE") == Errno.EINVAL
    k.store(p, m, b"x" * 2 * PAGE)
    assert k.madvise(p, m, PAGE, "REMOVE") == 0
    assert k.load(p, m) + k.load(p, m + PAGE) == b"\0x"


def test_cold_and_pageout(k: CheckedKernel, p: Task) -> None:
    """COLD takes a page's marks of use, PAGEOUT the page."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.madvise(p, a, PAGE, "COLD")
    assert bits(k, p, a) == "PWD"
    k.madvise(p, a, PAGE, "PAGEOUT")
    assert bits(k, p, a) == "swap"


# --- mlock

@pytest.mark.parametrize(
    ("prot", "share", "file", "want", "minor"),
    [("rw", "private", False, "PWDA", 2), ("r", "private", False, "PAS", 2), ("rw", "private", True, "PWDA", 2),
     ("rw", "shared", True, "PA", 2)],
)  # fmt: skip
def test_mlock_faults_in(
    k: CheckedKernel, p: Task, prot: str, share: str, file: bool, want: str, minor: int
) -> None:
    """Measured 21: mlock writes private writable memory and only reads the rest, one fault a page."""
    a = k.mmap(p, pages=2, prot=prot, share=share, file=k.file("f", [1, 2]) if file else None)
    assert k.mlock(p, a, 2 * PAGE) == 0
    assert (bits(k, p, a), bits(k, p, a + PAGE), p.min_flt) == (want, want, minor)
    assert p.mm.mmap[0].vm_flags & VM.LOCKED


def test_mlock_of_prot_none(k: CheckedKernel, p: Task) -> None:
    """Measured 21: -ENOMEM, and the VMA stays locked."""
    a = k.mmap(p, pages=1, prot="")
    assert k.mlock(p, a, PAGE) == Errno.ENOMEM
    assert p.mm.mmap[0].vm_flags & VM.LOCKED


def test_mlock_over_a_hole(k: CheckedKernel, p: Task) -> None:
    """Measured 21: -ENOMEM, the VMA before the hole is locked, and nothing is faulted in."""
    a = k.mmap(p, pages=1)
    assert k.mlock(p, a, 2 * PAGE) == Errno.ENOMEM
    assert p.mm.mmap[0].vm_flags & VM.LOCKED
    assert bits(k, p, a) == "-"


def test_mlock_past_the_end_of_a_file(k: CheckedKernel, p: Task) -> None:
    """Measured 21: -ENOMEM after what could be had was faulted in."""
    a = k.mmap(p, pages=2, share="shared", file=k.file("f", [1]))
    assert k.mlock(p, a, 2 * PAGE) == Errno.ENOMEM
    assert bits(k, p, a) == "PA"


def test_mlock_without_memory(k: CheckedKernel, p: Task) -> None:
    """-ENOMEM of the walk becomes -EAGAIN of mlock."""
    a = k.mmap(p, pages=1)
    k.fail_alloc()
    assert k.mlock(p, a, PAGE) == Errno.EAGAIN


def test_mlock_of_cold_pages_lets_go_of_the_lock(k: CheckedKernel, p: Task) -> None:
    """C16: do_mlock_pages gives a pointer, looks at it after every call, and takes the lock again."""
    a = k.mmap(p, pages=2, share="shared", file=k.file("f", [1, 2], cached=False))
    seen = []
    k.listen(lambda name, fields, place: seen.append(name))
    assert k.mlock(p, a, 2 * PAGE) == 0
    assert seen.count("down_read") == seen.count("up_read") == 2
    assert bits(k, p, a) == bits(k, p, a + PAGE) == "PA"
    assert p.mm.mmap_sem.held == "none"


def test_mlock_skips_devices(k: CheckedKernel, p: Task) -> None:
    """A driver's memory is neither locked nor walked, and is no error."""
    a = k.mmap(p, pages=1, kind="io")
    assert k.mlock(p, a, PAGE) == 0
    assert not p.mm.mmap[0].vm_flags & VM.LOCKED


def test_mlock2_and_munlock(k: CheckedKernel, p: Task) -> None:
    """MLOCK_ONFAULT faults nothing in; munlock takes the mark off pages, -ENOMEM over a hole."""
    a = k.mmap(p, pages=2)
    assert k.mlock2(p, a, PAGE) == 0
    assert bits(k, p, a) == "-"
    k.mlock(p, a + PAGE, 1)
    page = k.page_at(p, a + PAGE)
    assert page.flags & PG_mlocked
    assert k.munlock(p, a, 2 * PAGE) == 0
    assert not page.flags & PG_mlocked
    assert ranges(p) == [(0, 2)]
    assert k.munlock(p, a, 3 * PAGE) == Errno.ENOMEM


def test_locked_pages_are_not_reclaimed(k: CheckedKernel, p: Task) -> None:
    """A locked VMA's pages stay, even those faulted in after mlock2."""
    a = k.mmap(p, pages=2)
    k.mlock2(p, a, PAGE)
    k.store(p, a, b"x" * 2 * PAGE)
    assert k.reclaim(p, a, 2 * PAGE) == 1
    assert "P" in bits(k, p, a)


def test_mlock_of_a_lone_guard_page_returns(k: CheckedKernel, p: Task) -> None:
    """2.6.39: a range of only the guard page is skipped, without a fault and without end."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=2, flags=["GROWSDOWN"])
    assert k.mlock(p, a, PAGE) == 0
    assert p.min_flt == 0


# --- fork and exit

def test_fork_shares_private_pages(k: CheckedKernel, p: Task) -> None:
    """Both tables lose the write bit; the first writer of the two gets a copy."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    c = k.fork(p, "C")
    assert (bits(k, p, a), bits(k, c, a)) == ("PDA", "PD")
    page = k.page_at(p, a)
    assert (page.count, page.mapcount) == (2, 2)
    k.store(c, a, b"y")
    assert (k.load(p, a), k.load(c, a)) == (b"x", b"y")


def test_fork_of_files(k: CheckedKernel, p: Task) -> None:
    """A file mapping without private copies is faulted in again; one with copies is copied entry by entry."""
    f = k.file("f", [1, 2])
    s, v = k.mmap(p, pages=1, file=f, share="shared"), k.mmap(p, pages=2, file=f)
    k.store(p, s, b"s")
    k.store(p, v, b"v")
    k.load(p, v + PAGE)
    c = k.fork(p, "C")
    assert [bits(k, c, a) for a in (s, v, v + PAGE)] == ["-", "PD", "P"]
    k.store(p, s, b"t")
    assert k.load(c, s) == b"t"


def test_a_copy_in_a_shared_mapping_is_shared(k: CheckedKernel, p: Task) -> None:
    """A forced copy inside a shared VMA is inherited without write protection and clean."""
    a = k.mmap(p, pages=1, share="shared", file=k.file("f", [1]), prot="r")
    gup(k, p, a, 1, WRITE | 0x10)
    c = k.fork(p, "C")
    assert (bits(k, p, a), bits(k, c, a)) == ("PDA", "P")


def test_fork_of_swapped_and_poisoned_pages(k: CheckedKernel, p: Task) -> None:
    """A swap entry is copied and its slot counted twice; a poison entry is copied too."""
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x" * 2 * PAGE)
    k.reclaim(p, a, PAGE)
    k.hwpoison(k.page_at(p, a + PAGE))
    c = k.fork(p, "C")
    assert k.swap.counts == {1: 2}
    assert signal(k.load, c, a + PAGE) == "SIGBUS"
    k.exit(c)
    assert k.swap.counts == {1: 1}


def test_fork_and_advice(k: CheckedKernel, p: Task) -> None:
    """DONTFORK leaves a mapping out, WIPEONFORK empties it; a lock is not inherited; devices are copied."""
    a, b, d = k.mmap(p, pages=1), k.mmap(p, pages=1), k.mmap(p, pages=1, kind="pfnmap")
    k.store(p, a, b"a")
    k.store(p, b, b"b")
    k.madvise(p, a, PAGE, "DONTFORK")
    k.madvise(p, b, PAGE, "WIPEONFORK")
    k.mlock(p, b, PAGE)
    c = k.fork(p, "C")
    assert signal(k.load, c, a) == "SIGSEGV"
    assert k.load(c, b) == b"\0"
    assert not find_vma(c.mm, b).vm_flags & VM.LOCKED
    assert bits(k, c, d) != "-"
    assert k.mmap(c, pages=1) == k.mmap(p, pages=1)


def test_exit_gives_everything_back(k: CheckedKernel, p: Task) -> None:
    """exit frees frames, slots, tables and registered buffers, and ends all threads."""
    free, t = k.zone.nr_free, k.thread(p, "T2")
    a = k.mmap(p, pages=4)
    k.store(p, a, b"x" * 4 * PAGE)
    k.reclaim(p, a, PAGE)
    k.uring_register(p, a + PAGE, PAGE, "r")
    assert k.exit(p) == 0
    assert (k.zone.nr_free, k.swap.counts, k.buffers, p.mm.pgd, p.mm.mmap) == (free, {}, {}, {}, [])
    assert not p.alive
    assert not t.alive


def test_exit_of_a_forked_child(k: CheckedKernel, p: Task) -> None:
    """Measured 31: after the child has gone the parent takes its page over with one minor fault."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = k.page_at(p, a)
    k.exit(k.fork(p, "C"))
    k.store(p, a, b"y")
    assert k.page_at(p, a) is page
    assert p.min_flt == 2


@pytest.mark.parametrize("end", ["munmap", "exit"])
def test_shared_anonymous_memory_goes_with_its_last_user(k: CheckedKernel, p: Task, end: str) -> None:
    """Pages of a shared anonymous mapping live as long as somebody maps them, and no longer."""
    free = k.zone.nr_free
    a = k.mmap(p, pages=2, share="shared")
    k.store(p, a, b"x")
    c = k.fork(p, "C")
    k.munmap(p, a, 2 * PAGE)
    assert k.load(c, a) == b"x"
    k.exit(c) if end == "exit" else k.munmap(c, a, 2 * PAGE)
    assert k.zone.nr_free == free


def test_two_shared_mappings_at_one_address(k: CheckedKernel, p: Task) -> None:
    """Shared anonymous memory of two processes that are not related is two memories, both known to the machine."""
    q = k.spawn("Q")
    a, b = k.mmap(p, pages=1, share="shared"), k.mmap(q, pages=1, share="shared")
    k.store(p, a, b"p")
    k.store(q, b, b"q")
    assert (k.load(p, a), k.load(q, b)) == (b"p", b"q")
    assert len(k.files) == 2


# --- asking

def test_mincore(k: CheckedKernel, p: Task) -> None:
    """A page is in core if it is mapped, cached, or in the swap cache; a hole is -ENOMEM."""
    f = k.file("f", [1, 2, 3], cached=False)
    a, b = k.mmap(p, pages=3), k.mmap(p, pages=3, file=f)
    k.store(p, a, b"x" * 2 * PAGE)
    k.reclaim(p, a, PAGE)
    assert k.mincore(p, a, 3 * PAGE) == [0, 1, 0]
    k.load(p, a)
    pin = gup(k, p, a, 1, READ)
    k.reclaim(p, a, PAGE)
    assert k.mincore(p, a, PAGE) == [1]
    assert pin.ret == 1
    assert k.mincore(p, b, PAGE) == [0]
    k.pread(f, 1, 1)
    assert k.mincore(p, b, 3 * PAGE) == [0, 1, 0]
    assert k.mincore(p, a, 4 * PAGE) == Errno.ENOMEM
    assert k.mincore(p, a + 1, PAGE) == Errno.EINVAL


def test_msync(k: CheckedKernel, p: Task) -> None:
    """msync writes the shared file pages of a range; a hole is -ENOMEM, after the rest was written."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    b = k.mmap(p, a + 2 * PAGE, pages=1, file=f, share="shared")
    k.store(p, b, b"x")
    assert k.msync(p, a, 3 * PAGE) == Errno.ENOMEM
    assert f.disk[0].byte == ord("x")
    assert k.msync(p, a, PAGE) == k.msync(p, k.mmap(p, pages=1), PAGE) == 0
    assert k.msync(p, a + PAGE, PAGE) == Errno.ENOMEM
    assert k.msync(p, a + 1, PAGE) == Errno.EINVAL


@pytest.mark.parametrize(("era", "ranges_then"), [("5.10", [(0, 1), (1, 1)]), ("6.18", [(0, 2)])])
def test_untouched_memory_that_loses_writing_is_like_memory_that_never_had_it(
    era: str, ranges_then: list[tuple[int, int]]
) -> None:
    """Since 6.6 it no longer counts against what is promised, and so is joined with a read-only neighbour."""
    k = CheckedKernel(era)
    p = k.spawn("P")
    a = k.mmap(p, pages=1, prot="r")
    b = k.mmap(p, a + PAGE, pages=1)
    assert k.mprotect(p, b, PAGE, "r") == 0
    assert ranges(p) == ranges_then
