"""Frames and what happens to them: counting, caches, swap, reclaim, truncation, writeback, disk."""

import pytest

from gupkit.errors import GupkitError
from gupkit.kernel import Errno, Kernel
from gupkit.kernel.content import POISON, ZEROS, Content, filled
from gupkit.kernel.page import (
    PG_active,
    PG_dirty,
    PG_hwpoison,
    PG_locked,
    PG_readahead,
    PG_referenced,
    PG_swapcache,
    PG_uptodate,
    PG_writeback,
)  # fmt: skip
from gupkit.kernel.sched import Task
from gupkit.kernel.swap import try_to_free_swap
from tests.kernel.bench import EBUSY, EFAULT, EINVAL, PAGE, READ, WRITE, CheckedKernel, bits, gup, put, signal


def anon(k: CheckedKernel, p: Task, data: bytes = b"x") -> int:
    """The address of a written anonymous page."""
    a = k.mmap(p, pages=1)
    k.store(p, a, data)
    return a


# --- contents

def test_contents_are_sparse_and_equal_by_value() -> None:
    """A page is its fill and the bytes that differ; writing back the fill removes the difference."""
    page = ZEROS.write(10, b"abc").write(11, b"\0")
    assert page.read(9, 5) == b"\0a\0c\0"
    assert page.write(10, b"\0\0\0") is ZEROS
    assert page.write(0, b"z" * PAGE) is filled(ord("z"))
    assert (page.byte, page.write(0, b"q").byte) == (0, ord("q"))
    assert Content(0, ((10, 97), (12, 99))) == page


# --- C3, C10: counting and freeing

def test_pins_are_counted_one_by_one(k: CheckedKernel, p: Task) -> None:
    """C3, measured 17: four pins and a mapping are five references; the last to go frees the frame."""
    a, free = anon(k, p), k.zone.nr_free
    pins = [gup(k, p, a, 1, READ).page for _ in range(4)]
    assert (pins[0].count, pins[0].pins) == (5, 4)
    k.munmap(p, a, PAGE)
    assert (pins[0].count, k.zone.nr_free) == (4, free)
    for page in pins[1:]:
        k.put_page(page)
    assert k.zone.nr_free == free
    k.put_page(pins[0])
    assert (pins[0].count, k.zone.nr_free) == (0, free + 1)


def test_the_cache_and_each_mapping_count(k: CheckedKernel, p: Task) -> None:
    """C3, measured 20: cache 1, mapped 2, two pins 4, a second mapping 5."""
    f = k.file("f", [1])
    page = f.mapping.pages[0]
    counts = [page.count]
    a, b = k.mmap(p, pages=1, file=f), k.mmap(p, pages=1, file=f)
    k.load(p, a)
    counts.append(page.count)
    gup(k, p, a, 1)
    gup(k, p, a, 1)
    counts.append(page.count)
    k.load(p, b)
    assert [*counts, page.count, page.mapcount] == [1, 2, 4, 5, 2]


def test_the_same_page_twice(k: CheckedKernel, p: Task) -> None:
    """Trap 39: aliased mappings give the same page twice; each is put once."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f)
    k.mmap(p, a + PAGE, pages=1, file=f)
    call = gup(k, p, a, 2)
    assert call.pages[0] is call.pages[1]
    assert call.page.count == 5 if len(call.pages) == 1 else call.pages[0].count == 5
    put(k, call)
    assert f.mapping.pages[0].pins == 0


def test_freed_frames_are_handed_out_again_first(k: CheckedKernel, p: Task) -> None:
    """The frame freed last is the next one handed out, empty, and with another serial."""
    a = anon(k, p)
    page = k.page_at(p, a)
    serial = page.serial
    k.munmap(p, a, PAGE)
    assert page.content is POISON
    b = anon(k, p, b"y")
    assert k.page_at(p, b) is page
    assert page.serial > serial
    assert k.load(p, b, 2) == b"y\0"


# --- C8, C9: what takes the mapping away

@pytest.mark.parametrize("how", ["munmap", "DONTNEED", "truncate"])
def test_a_pinned_anonymous_page_stays_anonymous(k: CheckedKernel, p: Task, how: str) -> None:
    """C8, C10, measured 14a, 14b, 14c': unmapped and pinned it keeps its bytes and its anon mapping."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f if how == "truncate" else None)
    k.store(p, a, b"x")
    page = gup(k, p, a, 1, WRITE).page
    if how == "truncate":
        k.ftruncate(f, 0)
    else:
        k.munmap(p, a, PAGE) if how == "munmap" else k.madvise(p, a, PAGE, how)
    assert (page.count, page.mapcount, page.anon, k.page_load(page)) == (1, 0, True, ord("x"))
    if how == "DONTNEED":
        assert k.load(p, a) == b"\0"
        k.store(p, a, b"y")
        assert k.page_at(p, a) is not page
    k.put_page(page)
    assert page.count == 0


def test_truncation_of_a_pinned_file_page(k: CheckedKernel, p: Task) -> None:
    """C10, measured 14c, traps 28 and 31: no mapping, count 1, clean, bytes intact; dirtying it reaches nothing."""
    f = k.file("f", [1, 2])
    a = k.mmap(p, pages=2, file=f, share="shared")
    k.store(p, a, b"x")
    page = gup(k, p, a, 1, WRITE).page
    k.ftruncate(f, 0)
    assert (page.count, page.mapping, page.flags & PG_dirty, k.page_load(page)) == (1, None, 0, ord("x"))
    assert signal(k.load, p, a) == "SIGBUS"
    assert k.set_page_dirty(page) is True
    assert k.set_page_dirty_lock(page) is False
    k.ftruncate(f, 2 * PAGE)
    before = p.maj_flt
    assert k.load(p, a) == b"\0"
    assert p.maj_flt == before + 1
    assert k.page_at(p, a) is not page


def test_truncation_zeroes_the_tail(k: CheckedKernel, p: Task) -> None:
    """What is cut off the last page reads as zeros when the file grows again, from cache, disk and mapping."""
    f = k.file("f", [7])
    a = k.mmap(p, pages=1, file=f)
    k.load(p, a)
    k.ftruncate(f, 100)
    k.ftruncate(f, PAGE)
    assert k.pread(f, 0, 200) == b"\x07" * 100 + b"\0" * 100
    assert k.load(p, a + 99, 2) == b"\x07\0"
    k.fsync(f)
    k.munmap(p, a, PAGE)
    k.drop_caches()
    assert k.pread(f, 0, 200) == b"\x07" * 100 + b"\0" * 100


@pytest.mark.parametrize("size", [100, 0, PAGE])
def test_truncation_of_a_swapped_memfd(k: CheckedKernel, p: Task, size: int) -> None:
    """A memfd page that is in swap is cut like one in memory: its tail reads as zeros, its slot goes if it is past."""
    f = k.file("m", [7, 8], memfd=True)
    assert k.reclaim(pages=2) == 2
    k.ftruncate(f, size)
    k.ftruncate(f, 2 * PAGE)
    assert k.pread(f, 0, 2 * PAGE) == b"\x07" * size + b"\0" * (2 * PAGE - size)
    k.ftruncate(f, 0)
    assert not k.swap.counts


def test_invalidation_ignores_pins(k: CheckedKernel, p: Task) -> None:
    """C9, measured 14d, trap 28: a clean pinned page leaves its file, and the next touch brings another, major."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    page = gup(k, p, a, 1).page
    assert k.invalidate_inode_pages2(f) == 0
    assert (page.mapping, page.count, bits(k, p, a), bool(page.flags & PG_uptodate)) == (None, 1, "-", True)
    before = p.maj_flt
    k.load(p, a)
    assert k.page_at(p, a) is not page
    assert p.maj_flt == before + 1


def test_invalidation_of_a_dirty_page(k: CheckedKernel, p: Task) -> None:
    """C9, measured 14d': a dirty page stays and is unmapped all the same: -EBUSY, and a minor refault."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.store(p, a, b"x")
    page = gup(k, p, a, 1).page
    assert k.invalidate_inode_pages2(f) == EBUSY
    assert (bits(k, p, a), page.mapping, bool(page.flags & PG_dirty)) == ("-", f.mapping, True)
    faults = p.min_flt, p.maj_flt
    assert k.load(p, a) == b"x"
    assert k.page_at(p, a) is page
    assert (p.min_flt, p.maj_flt) == (faults[0] + 1, faults[1])


def test_invalidation_spares_private_copies(k: CheckedKernel, p: Task) -> None:
    """Trap 29: invalidation leaves private copies mapped, truncation throws them away."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f)
    k.store(p, a, b"x")
    assert k.invalidate_inode_pages2(f) == 0
    assert k.load(p, a) == b"x"
    k.ftruncate(f, 0)
    assert bits(k, p, a) == "-"


def test_a_range_of_a_file(k: CheckedKernel, p: Task) -> None:
    """Both invalidations act on the pages they are told, and unmap no others."""
    f = k.file("f", [1, 2, 3, 4])
    a = k.mmap(p, pages=2, file=f, offset=1)
    k.load(p, a)
    k.load(p, a + PAGE)
    assert k.invalidate_inode_pages2(f, 2, 1) == 0
    assert (bits(k, p, a), bits(k, p, a + PAGE)) == ("PA", "-")
    assert k.invalidate_mapping_pages(f, 0, 2) == 1
    assert sorted(f.mapping.pages) == [1, 3]
    k.invalidate_inode_pages2(f, 0, 1)
    k.invalidate_inode_pages2(f, 3, 9)
    assert sorted(f.mapping.pages) == [1]


@pytest.mark.parametrize("how", ["drop_caches", "invalidate_mapping_pages", "fadvise_dontneed"])
def test_the_polite_invalidation(k: CheckedKernel, p: Task, how: str) -> None:
    """C9, measured 14e, trap 28: mapped, dirty, locked and pinned pages stay; the pinned one is deactivated."""
    f = k.file("f", [1, 2, 3, 4, 5])
    a = k.mmap(p, pages=2, file=f)
    k.load(p, a)
    pinned = gup(k, p, a + PAGE, 1).page
    k.madvise(p, a + PAGE, PAGE, "DONTNEED")
    pinned.flags |= PG_active
    if how != "fadvise_dontneed":
        k.pwrite(f, 2, b"d")
    k.lock_page(p, f.mapping.pages[3])
    getattr(k, how)(*() if how == "drop_caches" else (f,))
    assert sorted(f.mapping.pages) == ([0, 1, 3] if how == "fadvise_dontneed" else [0, 1, 2, 3])
    assert not pinned.flags & PG_active
    assert pinned.mapping is f.mapping


def test_fadvise_writes_first(k: CheckedKernel) -> None:
    """fadvise(DONTNEED) starts writing dirty pages: they stay until they are written."""
    f = k.file("f", [1, 2])
    k.pwrite(f, 0, b"x")
    k.fadvise_dontneed(f)
    assert f.mapping.pages[0].flags & PG_writeback
    assert sorted(f.mapping.pages) == [0]
    k.advance(k.clock + 100)
    k.fadvise_dontneed(f, 0, 1)
    assert not f.mapping.pages
    assert k.pread(f, 0, 1) == b"x"


# --- C9, C10: reclaim

def test_reclaim_of_a_pinned_page(k: CheckedKernel, p: Task) -> None:
    """Measured 14f, traps 26 and 27: unmapped, kept in the swap cache dirty, found again with what the pin wrote."""
    a = anon(k, p)
    page = gup(k, p, a, 1, WRITE).page
    assert k.reclaim(p, a, PAGE) == 0
    assert (bits(k, p, a), page.count) == ("swap", 2)
    assert page.flags & (PG_swapcache | PG_dirty) == PG_swapcache | PG_dirty
    assert not k.swap.device
    k.page_store(page, 0x33)
    faults = p.min_flt, p.maj_flt
    assert k.load(p, a) == b"\x33"
    assert (p.min_flt, p.maj_flt) == (faults[0] + 1, faults[1])
    assert (k.page_at(p, a), bits(k, p, a)) == (page, "PA")
    k.store(p, a, b"y")
    assert (k.page_at(p, a), page.flags & PG_swapcache, p.min_flt) == (page, 0, faults[0] + 2)


def test_reclaim_of_an_unpinned_page(k: CheckedKernel, p: Task) -> None:
    """Measured 14g: freed; read back with a major fault; a later store is one more minor fault, reusing."""
    a = anon(k, p)
    free = k.zone.nr_free
    assert k.reclaim(p, a, PAGE) == 1
    assert k.zone.nr_free == free + 1
    assert k.load(p, a) == b"x"
    page = k.page_at(p, a)
    k.store(p, a, b"y")
    assert (p.maj_flt, p.min_flt, k.page_at(p, a)) == (1, 2, page)


@pytest.mark.parametrize("pinned", [True, False])
def test_reclaim_of_a_file_page(k: CheckedKernel, p: Task, pinned: bool) -> None:
    """Measured 14h, 14i: a pinned file page stays cached, its refault is minor; an unpinned one is freed: major."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.load(p, a)
    page = k.page_at(p, a)
    if pinned:
        gup(k, p, a, 1)
    assert k.reclaim(p, a, PAGE) == (not pinned)
    assert bits(k, p, a) == "-"
    major = p.maj_flt
    assert k.load(p, a) == b"\x01"
    assert (k.page_at(p, a) is page, p.maj_flt - major) == ((True, 0) if pinned else (k.page_at(p, a) is page, 1))


def test_a_pinned_dirty_file_page_is_not_written_by_reclaim(k: CheckedKernel, p: Task) -> None:
    """Trap 27, measured X23: reclaim unmaps it and keeps it dirty; fsync writes it."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.store(p, a, b"x")
    page = gup(k, p, a, 1, WRITE).page
    k.reclaim(p, a, PAGE)
    assert page.flags & PG_dirty
    assert f.disk[0].byte == 1
    k.fsync(f)
    assert f.disk[0].byte == ord("x")
    assert not page.flags & PG_dirty


def test_a_dirty_file_page_is_written_and_freed(k: CheckedKernel, p: Task) -> None:
    """Reclaim of a dirty page that nobody holds writes it out first."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.store(p, a, b"x")
    assert k.reclaim(p, a, PAGE) == 1
    assert k.load(p, a) == b"x"


def test_reclaim_of_a_memfd_page(k: CheckedKernel, p: Task) -> None:
    """A memfd page goes to swap, its file keeps the slot; every mapping finds it there, major."""
    f = k.file("m", [5], memfd=True)
    a = k.mmap(p, pages=1, file=f, share="shared")
    k.load(p, a)
    assert k.reclaim(p, a, PAGE) == 1
    assert (f.swapped, k.swap.counts) == ({0: 1}, {1: 1})
    assert k.load(p, a) == b"\x05"
    assert (p.maj_flt, f.swapped, k.swap.counts) == (1, {}, {})


@pytest.mark.parametrize(("offset", "length"), [(0, PAGE), (0, 1), (0, PAGE + 1)])
def test_writing_a_memfd_page_that_is_in_swap(k: CheckedKernel, offset: int, length: int) -> None:
    """A write to a page in swap, whole or in part, leaves one copy of it, old bytes where none were written."""
    f = k.file("m", [5, 6], memfd=True)
    k.reclaim(pages=2)
    assert k.pwrite(f, offset, b"x" * length) == length
    assert k.pread(f, 0, 2 * PAGE) == (b"x" * length + (b"\x05" * PAGE + b"\x06" * PAGE)[length:])
    k.ftruncate(f, 0)
    assert not k.swap.counts


def test_what_reclaim_leaves(k: CheckedKernel, p: Task) -> None:
    """Locked pages, pages under writeback, the zero page, and anonymous pages without room in swap stay."""
    f = k.file("f", [1, 2])
    k.lock_page(p, f.mapping.pages[0])
    k.pwrite(f, 1, b"x")
    k.fadvise_dontneed(f, 1)
    assert k.reclaim(pages=9) == 0
    small = CheckedKernel(swap_slots=0)
    q = small.spawn()
    a = anon(small, q)
    z = small.mmap(q, pages=1)
    small.load(q, z)
    assert small.reclaim(q, a, PAGE) == small.reclaim(q, z, PAGE) == 0
    assert bits(small, q, a) == "PWDA"
    m = small.file("m", [1], memfd=True)
    assert small.reclaim(pages=9) == 0
    assert 0 in m.mapping.pages


def test_reclaim_takes_inactive_and_old_pages_first(k: CheckedKernel) -> None:
    """Pages go in the order of allocation, active ones last, and no more than asked for."""
    f = k.file("f", [1, 2, 3])
    f.mapping.pages[0].flags |= PG_active
    assert k.reclaim(pages=1) == 1
    assert sorted(f.mapping.pages) == [0, 2]
    assert k.reclaim(pages=9) == 2


def test_a_page_in_swap_read_for_nobody_is_freed(k: CheckedKernel, p: Task) -> None:
    """A page whose owner left while it was being read from swap can be reclaimed, and its slot comes free."""
    free = k.zone.nr_free
    a = anon(k, p)
    k.reclaim(p, a, PAGE)
    assert gup(k, p, a, 1, READ | k.FOLL.NOWAIT).ret == 0
    k.munmap(p, a, PAGE)
    k.advance(k.clock + 100)
    k.reclaim(pages=9)
    assert (k.swap.counts, k.zone.nr_free) == ({}, free)


def test_memory_that_ran_out_is_reclaimed(k: CheckedKernel) -> None:
    """An allocation on a full machine frees other pages first; what was stored comes back."""
    k = CheckedKernel(frames=16, swap_slots=99)
    p = k.spawn()
    a = k.mmap(p, pages=64)
    for i in range(64):
        k.store(p, a + i * PAGE, bytes([i]))
    assert [k.load(p, a + i * PAGE)[0] for i in range(64)] == list(range(64))
    assert k.zone.nr_free < 16


def test_memory_that_cannot_be_reclaimed(k: CheckedKernel) -> None:
    """With every frame pinned the walk says -ENOMEM, a partial one what it got, the file system -ENOMEM."""
    k = CheckedKernel(frames=16)
    p = k.spawn()
    f = k.file("f", [7], cached=False)
    a = k.mmap(p, pages=20)
    call = gup(k, p, a, 20, WRITE)
    assert call.ret == 16
    assert gup(k, p, a + 16 * PAGE, 1, WRITE).ret == Errno.ENOMEM
    assert k.pread(f, 0, 1) == k.pwrite(f, 0, b"x") == Errno.ENOMEM
    put(k, call)
    assert k.pwrite(f, 0, b"x" * 3 * PAGE) == 3 * PAGE


def test_a_write_that_runs_out_is_short(k: CheckedKernel) -> None:
    """A write that finds memory for its first pages only answers how much it wrote."""
    f = k.file("f", [])
    k.fail_alloc(2)
    assert k.pwrite(f, 0, b"x" * 3 * PAGE) == PAGE
    assert k.pread(f, 0, 2 * PAGE) == b"x" * PAGE
    assert f.size == PAGE


# --- C13, C14: dirty or lost

@pytest.mark.parametrize(("dirty", "before_put", "byte"), [(None, False, 0x41), ("set_page_dirty", True, 0x77),
                         ("set_page_dirty_lock", True, 0x77), ("set_page_dirty_lock", False, 0x41)])  # fmt: skip
def test_who_does_not_say_dirty_loses(
    k: CheckedKernel, p: Task, dirty: str | None, before_put: bool, byte: int
) -> None:
    """C13, C14, measured 16: after writeback a store through a pin is lost unless it is told, before the put."""
    f = k.file("f", [0x41])
    a = k.mmap(p, pages=1, file=f, share="shared")
    page = gup(k, p, a, 1, WRITE).page
    k.writeback(f)
    assert (bits(k, p, a), page.flags & PG_dirty) == ("PA", 0)
    k.page_store(page, 0x77)
    assert k.load(p, a) == b"\x77"
    if dirty and before_put:
        assert getattr(k, dirty)(page) is True
    k.munmap(p, a, PAGE)
    k.put_page(page)
    k.reclaim(pages=9)
    if dirty and not before_put:
        k.quiet = True
        getattr(k, dirty)(page)
        assert k.dmesg
    k.quiet = False
    assert k.pread(f, 0, 1) == bytes([byte])


def test_writeback_protects_the_entries(k: CheckedKernel, p: Task) -> None:
    """C13: writing cleans page and entries, so the next store faults and dirties again; private ones are left."""
    f = k.file("f", [1])
    a, b, c = (k.mmap(p, pages=1, file=f, share=s) for s in ("shared", "shared", "private"))
    for x in (a, b):
        k.store(p, x, b"x")
    k.load(p, c)
    k.fsync(f)
    assert [bits(k, p, x) for x in (a, b, c)] == ["PA", "PA", "PA"]
    before = p.min_flt
    k.store(p, a, b"y")
    assert p.min_flt == before + 1
    assert f.mapping.pages[0].flags & PG_dirty


def test_writeback_takes_time(k: CheckedKernel) -> None:
    """A page under writeback is counted once more, keeps its content as of the start, and truncation waits for it."""
    f = k.file("f", [1])
    k.pwrite(f, 0, b"x")
    k.fadvise_dontneed(f)
    page = f.mapping.pages[0]
    assert (page.count, bool(page.flags & PG_writeback)) == (2, True)
    k.pwrite(f, 0, b"y")
    assert f.disk[0].byte == 1
    clock = k.clock
    k.ftruncate(f, 0)
    assert k.clock > clock + 4
    assert not k.disk.pending


def test_fsync_writes_twice_what_was_dirtied_again(k: CheckedKernel) -> None:
    """A page that is dirtied while it is written is written again by the next fsync."""
    f = k.file("f", [1])
    k.pwrite(f, 0, b"x")
    k.fadvise_dontneed(f)
    k.pwrite(f, 0, b"y")
    k.fsync(f)
    assert f.disk[0].byte == ord("y")


def test_a_range_is_written(k: CheckedKernel) -> None:
    """The flusher writes the pages it is told; a memfd has nowhere to write to."""
    f, m = k.file("f", [1, 2, 3]), k.file("m", [1], memfd=True)
    for i in range(3):
        k.pwrite(f, i, b"x")
    k.writeback(f, 1, 1)
    assert [f.disk[i].byte for i in range(3)] == [1, 120, 3]
    assert k.fsync(m) == 0
    assert m.mapping.pages[0].flags & PG_dirty


# --- the page cache and its disk

def test_readahead_around_a_fault(k: CheckedKernel, p: Task) -> None:
    """A cold fault reads 32 pages, half of them before it; with MADV_RANDOM one."""
    f = k.file("f", [i % 256 for i in range(100)], cached=False)
    a = k.mmap(p, pages=100, file=f)
    k.load(p, a + 50 * PAGE)
    assert sorted(f.mapping.pages) == list(range(34, 66))
    k.madvise(p, a, 100 * PAGE, "RANDOM")
    k.load(p, a + 90 * PAGE)
    assert sorted(f.mapping.pages) == [*range(34, 66), 90]


def test_readahead_from_the_start_of_a_file(k: CheckedKernel, p: Task) -> None:
    """Measured 8b: the first page's window is marked, and touching the mark reads the next one."""
    f = k.file("f", [i % 256 for i in range(100)], cached=False)
    a = k.mmap(p, pages=100, file=f)
    k.load(p, a)
    assert sorted(f.mapping.pages) == list(range(64))
    assert f.mapping.pages[32].flags & PG_readahead
    assert not f.mapping.pages[40].flags & PG_uptodate
    k.load(p, a + 40 * PAGE)
    assert (p.maj_flt, f.mapping.pages[40].content.byte) == (1, 40)


def test_a_read_reads_ahead(k: CheckedKernel) -> None:
    """Reading from the start, or on from the last page read, takes four pages; elsewhere one."""
    f = k.file("f", list(range(50)), cached=False)
    seen = []
    for page in (0, 20, 21, 4):
        before = set(f.mapping.pages)
        assert k.pread(f, page, 1) == bytes([page])
        seen.append(sorted(set(f.mapping.pages) - before))
    assert seen == [[0, 1, 2, 3], [20], [21, 22, 23, 24], [4]]


def test_reading_marks_use(k: CheckedKernel) -> None:
    """A page that is read twice is active."""
    f = k.file("f", [1])
    k.pread(f, 0, 1)
    assert f.mapping.pages[0].flags & PG_referenced
    k.pread(f, 0, 1)
    assert f.mapping.pages[0].flags & PG_active


def test_a_page_that_failed_is_read_again(k: CheckedKernel) -> None:
    """A cached page that is not up to date is read from disk by the next reader."""
    f = k.file("f", [9])
    f.mapping.pages[0].flags &= ~PG_uptodate
    f.mapping.pages[0].content = ZEROS
    assert k.pread(f, 0, 1) == b"\x09"


def test_the_disk_takes_its_time(k: CheckedKernel, p: Task) -> None:
    """A cold read costs eight ticks; what arrives meanwhile arrives in order."""
    f = k.file("f", [1], cached=False)
    clock = k.clock
    k.pread(f, 0, 1)
    assert k.clock == clock + 1 + k.disk.latency
    assert k.disk.finish(f.mapping.pages[0]) is False


def test_reads_and_writes(k: CheckedKernel) -> None:
    """Reads end at the end of the file; writes grow it, holes are zeros; a partial write keeps the rest."""
    f = k.file("f", [1, 2], cached=False)
    assert k.pread(f, 1, 2 * PAGE) == b"\x02" * PAGE
    assert k.pread(f, 2, 1) == b""
    assert k.pwrite(f, 0, b"xy") == 2
    assert k.pread(f, 0, 3) == b"xy\x01"
    assert k.pwrite(f, 4, b"z") == 1
    assert f.size == 4 * PAGE + 1
    assert k.pread(f, 3, PAGE) == bytes(PAGE)
    k.fsync(f)
    k.drop_caches()
    assert not f.mapping.pages
    assert k.pread(f, 0, 3) + k.pread(f, 4, 9) == b"xy\x01z"


def test_writes_and_mappings_agree(k: CheckedKernel, p: Task) -> None:
    """What is written by pwrite is seen through a mapping, and the other way round."""
    for f in (k.file("f", [1]), k.file("m", [1], memfd=True)):
        a = k.mmap(p, pages=1, file=f, share="shared")
        k.pwrite(f, 0, b"w")
        assert k.load(p, a) == b"w"
        k.store(p, a, b"s")
        assert k.pread(f, 0, 1) == b"s"


# --- swap

def test_slots_count_from_one_and_are_used_again(k: CheckedKernel, p: Task) -> None:
    """Slots are given out from 1; a slot that came free is the next one given."""
    a = k.mmap(p, pages=3)
    k.store(p, a, b"x" * 3 * PAGE)
    k.reclaim(p, a, 3 * PAGE)
    assert sorted(k.swap.counts) == [1, 2, 3]
    k.madvise(p, a + PAGE, PAGE, "DONTNEED")
    k.store(p, a + PAGE, b"y")
    k.reclaim(p, a + PAGE, PAGE)
    assert sorted(k.swap.counts) == [1, 2, 3]
    assert k.load(p, a + PAGE) == b"y"


def test_a_full_swap(k: CheckedKernel) -> None:
    """When no slot is free nothing more is swapped out."""
    k = CheckedKernel(swap_slots=1)
    p = k.spawn()
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x" * 2 * PAGE)
    assert k.reclaim(p, a, 2 * PAGE) == 1
    assert k.swap.full


def test_a_clean_copy_is_not_written_again(k: CheckedKernel, p: Task) -> None:
    """A page that was only read since it came back is dropped without another write."""
    a = anon(k, p)
    k.reclaim(p, a, PAGE)
    k.load(p, a)
    seen = []
    k.listen(lambda name, fields, place: seen.append(name))
    assert k.reclaim(p, a, PAGE) == 1
    assert "swap_writepage" not in seen
    assert k.load(p, a) == b"x"


def test_a_swap_copy_that_is_needed_stays(k: CheckedKernel, p: Task) -> None:
    """try_to_free_swap drops a copy that no entry needs, and only from the swap cache."""
    a = anon(k, p)
    c = k.fork(p, "C")
    k.reclaim(p, a, PAGE)
    k.load(p, a)
    page = k.page_at(p, a)
    assert try_to_free_swap(page) is False
    k.load(c, a)
    assert try_to_free_swap(page) is True
    assert try_to_free_swap(page) is False
    assert not k.swap.counts
    k.check()


def test_unmapping_drops_the_copy(k: CheckedKernel, p: Task) -> None:
    """Unmapping a page for the last time drops its copy in swap; for a pinned, unmapped page too."""
    for pinned in (False, True):
        a = anon(k, p)
        pin = gup(k, p, a, 1) if pinned else None
        k.reclaim(p, a, PAGE)
        if not pinned:
            k.load(p, a)
        k.munmap(p, a, PAGE)
        assert not k.swap.counts
        if pin:
            assert k.page_load(pin.page) == ord("x")


# --- bad memory

@pytest.mark.parametrize("what", ["anon", "file", "zero"])
def test_bad_memory_is_never_used_again(k: CheckedKernel, p: Task, what: str) -> None:
    """A poisoned frame leaves every table and cache, keeps a reference for ever, and is not handed out again."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f if what == "file" else None, share="shared" if what == "file" else "private")
    if what == "zero":
        k.load(p, a)
    else:
        k.store(p, a, b"x")
    page = k.page_at(p, a)
    k.hwpoison(page)
    assert page.flags & PG_hwpoison
    k.munmap(p, a, PAGE)
    assert page.count > 0
    assert page not in k.zone.free
    assert 0 not in f.mapping.pages if what == "file" else f.mapping.pages


# --- direct I/O, pipes, buffers, other processes

def test_direct_reads_and_writes(k: CheckedKernel, p: Task) -> None:
    """Direct I/O moves bytes between memory and disk, flushes first, and leaves the cache without old pages."""
    f = k.file("f", [1, 2])
    a = k.mmap(p, pages=2)
    k.pwrite(f, 0, b"w")
    assert k.odirect_read(p, a, 2 * PAGE, f) == 2 * PAGE
    assert k.load(p, a, 2) + k.load(p, a + PAGE) == b"w\x01\x02"
    k.store(p, a, b"d")
    assert k.odirect_write(p, a, PAGE, f, 1) == PAGE
    assert (k.pread(f, 1, 2), f.disk[1].byte) == (b"d\x01", ord("d"))
    assert k.odirect_write(p, a, PAGE, f, 3) == PAGE
    assert f.size == 4 * PAGE
    assert k.page_at(p, a).pins == 0


@pytest.mark.parametrize(("length", "offset", "want"), [(100, 0, EINVAL), (PAGE, 9, 0), (512, 0, 512)])
def test_direct_io_is_in_sectors(k: CheckedKernel, p: Task, length: int, offset: int, want: int) -> None:
    """Unaligned is -EINVAL, past the end nothing, a sector is enough; a memfd has no disk."""
    f, a = k.file("f", [1]), k.mmap(p, pages=1)
    assert k.odirect_read(p, a, length, f, offset) == want
    assert k.odirect_read(p, a, PAGE, k.file("m", [1], memfd=True)) == EINVAL
    assert k.odirect_write(p, a + 1, 512, f) == EINVAL


def test_a_direct_read_at_an_odd_end(k: CheckedKernel, p: Task) -> None:
    """A file whose size is no multiple of a sector is read up to its end."""
    f, a = k.file("f", [1]), k.mmap(p, pages=1)
    k.ftruncate(f, 1000)
    assert k.odirect_read(p, a, PAGE, f) == 1000
    assert k.load(p, a + 999, 2) == b"\x01\0"


def test_direct_io_into_a_hole(k: CheckedKernel, p: Task) -> None:
    """A buffer that cannot be pinned as a whole is -EFAULT, and nothing stays pinned."""
    f, a = k.file("f", [1, 2]), k.mmap(p, pages=1)
    k.store(p, a, b"x")
    assert k.odirect_read(p, a, 2 * PAGE, f) == k.odirect_write(p, a, 2 * PAGE, f) == EFAULT
    assert k.page_at(p, a).pins == 0


def test_a_direct_read_pins_for_writing(k: CheckedKernel, p: Task) -> None:
    """The buffer is pinned during the transfer, with nothing locked: a fork then separates buffer and data."""
    f, a = k.file("f", [7]), k.mmap(p, pages=1)
    k.store(p, a, b"x")

    def fork(name: str, fields: dict[str, object]) -> None:
        if name == "direct_io":
            k.on_point = None
            c = k.fork(p, "C")
            k.store(p, a + 8, b"p")
            assert k.page_at(c, a).pins == 1

    k.on_point = fork
    assert k.odirect_read(p, a, PAGE, f) == PAGE
    assert (k.load(p, a), k.load(k.tasks["C"], a)) == (b"x", b"\x07")


def test_a_pipe_holds_pages(k: CheckedKernel, p: Task) -> None:
    """Measured 22: vmsplice pins, later stores are seen by the reader, and reading gives the pins back."""
    a = anon(k, p)
    assert k.vmsplice(p, a + 1, PAGE, "x") == EFAULT or k.pipes["x"]
    k.pipe_read(p, "x")
    assert k.vmsplice(p, a, 10, "x") == 10
    assert k.page_at(p, a).pins == 1
    k.store(p, a, b"late")
    assert k.pipe_read(p, "x") == b"late" + bytes(6)
    assert k.page_at(p, a).pins == 0
    assert k.pipe_read(p, "x") == b""


def test_a_pipe_is_sixteen_pages(k: CheckedKernel, p: Task) -> None:
    """A pipe takes what it has room for, then -EAGAIN; a hole is -EFAULT."""
    a = k.mmap(p, pages=20)
    assert k.vmsplice(p, a, 20 * PAGE, "x") == 16 * PAGE
    assert k.vmsplice(p, a, PAGE, "x") == Errno.EAGAIN
    assert k.vmsplice(p, 0x1000, PAGE, "y") == EFAULT
    assert k.vmsplice(p, a + 19 * PAGE, 2 * PAGE, "y") == PAGE


def test_the_vmsplice_leak(k: CheckedKernel, p: Task) -> None:
    """Measured 22, traps 24 and 25: the child splices and unmaps, the parent reuses the frame, the child reads it."""
    a = anon(k, p)
    c = k.fork(p, "C")
    k.vmsplice(c, a, 1, "x")
    k.munmap(c, a, PAGE)
    faults = p.min_flt
    k.store(p, a, b"\x99")
    assert p.min_flt == faults + 1
    assert k.pipe_read(c, "x") == b"\x99"


def test_registered_buffers(k: CheckedKernel, p: Task) -> None:
    """A registered buffer is pinned as a whole or not at all; unregistering an unknown one is -EINVAL."""
    a = k.mmap(p, pages=2)
    assert k.uring_register(p, a, 2 * PAGE, "r") == 0
    assert k.page_at(p, a).pins == 1
    assert k.uring_register(p, a + PAGE, 2 * PAGE, "s") == EFAULT
    assert k.page_at(p, a + PAGE).pins == 1
    assert k.uring_unregister(p, "r") == 0
    assert k.uring_unregister(p, "r") == EINVAL
    assert k.uring_register(p, 0x1000, PAGE, "t") == EFAULT
    k.fail_alloc()
    assert k.uring_register(p, k.mmap(p, pages=1), PAGE, "u") == Errno.ENOMEM


def test_a_buffer_registered_again(k: CheckedKernel, p: Task) -> None:
    """Registering under the same name twice keeps no pin that nobody can give back."""
    a = k.mmap(p, pages=2)
    k.uring_register(p, a, PAGE, "r")
    k.uring_register(p, a + PAGE, PAGE, "r")
    free = k.zone.nr_free
    k.exit(p)
    assert k.zone.nr_free == free + 2


def test_proc_mem(k: CheckedKernel, p: Task) -> None:
    """Measured 29, 30: /proc/PID/mem forces: a private read-only page is copied, a hole is -EIO, half a hole short."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f, prot="r")
    s = k.mmap(p, pages=1, file=f, prot="r", share="shared", ro=True)
    n = k.mmap(p, pages=1, prot="")
    assert k.mem_write(p, a, b"xyz") == 3
    assert (k.load(p, a, 3), k.pread(f, 0, 1)) == (b"xyz", b"\x01")
    assert k.mem_write(p, s, b"x") == k.mem_read(p, 0x1000) == Errno.EIO
    assert k.mem_write(p, n, b"q") == 1
    assert k.mem_read(p, n, 2) == b"q\0"
    assert k.mem_read(p, n + PAGE - 2, 9) == bytes(2)
    assert k.page_at(p, n).pins == 0


def test_other_processes(k: CheckedKernel, p: Task) -> None:
    """process_vm_readv and writev respect rights, stop at the first failure, and tell what was moved."""
    a = k.mmap(p, pages=2)
    q = k.spawn("Q")
    k.store(p, a, b"abcd")
    assert k.process_vm_readv(q, [(a, 2), (a + 2, 2)], of=p) == b"abcd"
    assert k.process_vm_writev(q, [(a + PAGE - 1, 2)], 0x7A, of=p) == 2
    assert k.load(p, a + PAGE - 1, 3) == b"zz\0"
    assert k.process_vm_readv(q, [(a + PAGE, PAGE), (0x1000, 1), (a, 1)], of=p) == b"z" + bytes(PAGE - 1)
    k.mprotect(p, a, PAGE, "r")
    assert k.process_vm_writev(q, [(a, 1)], 1, of=p) == EFAULT
    assert k.process_vm_readv(q, [(a, 1)]) == EFAULT
    assert k.page_at(p, a).pins == 0


def test_nothing_to_move(k: CheckedKernel, p: Task) -> None:
    """Zero bytes are no error."""
    a = k.mmap(p, pages=1)
    assert k.process_vm_readv(p, [(a, 0)]) == k.mem_read(p, a, 0) == b""


# --- fork and pins (C9, C12)

@pytest.mark.parametrize("flags", [READ, WRITE])
@pytest.mark.parametrize("first", ["parent", "child"])
def test_whoever_writes_first_gets_the_copy(k: CheckedKernel, p: Task, flags: int, first: str) -> None:
    """Measured 15, traps 24 and 25: a pin does not keep its page with the parent: the first writer gets the copy."""
    a = anon(k, p)
    page = gup(k, p, a, 1, flags).page
    c = k.fork(p, "C")
    one, two = (p, c) if first == "parent" else (c, p)
    k.store(one, a, b"1")
    k.store(two, a, b"2")
    assert k.page_at(two, a) is page
    assert k.page_at(one, a) is not page
    assert k.page_load(page) == ord("2")


def test_dontfork_keeps_the_page(k: CheckedKernel, p: Task) -> None:
    """Trap 25: after MADV_DONTFORK the parent's store takes no fault and hits the pinned frame."""
    a = anon(k, p)
    page = gup(k, p, a, 1, WRITE).page
    k.madvise(p, a, PAGE, "DONTFORK")
    k.fork(p, "C")
    before = p.min_flt
    k.store(p, a, b"y")
    assert (p.min_flt, k.page_load(page)) == (before, ord("y"))


def test_a_read_pin_must_not_be_written(k: CheckedKernel, p: Task) -> None:
    """C12: a store through a read pin after fork is seen by both processes."""
    a = anon(k, p)
    c = k.fork(p, "C")
    page = gup(k, p, a, 1, READ).page
    k.page_store(page, 0x55)
    assert k.load(p, a) == k.load(c, a) == b"\x55"


def test_a_read_pin_of_untouched_memory(k: CheckedKernel, p: Task) -> None:
    """C11, measured 6, trap 13: it is the zero page, uncounted as a mapping, and reads 0 for ever."""
    a = k.mmap(p, pages=1)
    free = k.zone.nr_free
    page = gup(k, p, a, 1, READ).page
    assert (page, page.count, page.mapcount, k.zone.nr_free) == (k.zero_page, 2, 0, free)
    k.store(p, a, b"x")
    assert k.page_load(page) == 0


def test_a_write_pin_of_untouched_memory(k: CheckedKernel, p: Task) -> None:
    """Measured 7, trap 30: count 2, mapcount 1, entry writable and dirty, the page itself clean."""
    a = k.mmap(p, pages=1)
    page = gup(k, p, a, 1, WRITE | k.FOLL.TOUCH).page
    assert (page.count, page.mapcount, bits(k, p, a), page.flags & PG_dirty) == (2, 1, "PWDA", 0)


# --- what cannot be asked

@pytest.mark.parametrize(
    "wrong",
    [
        lambda k, p: Kernel(frames=15), lambda k, p: Kernel(frames=1 << 30), lambda k, p: Kernel(frames="x"),
        lambda k, p: Kernel(era="2.4"), lambda k, p: k.spawn("P"), lambda k, p: k.fork(p, "P"),
        lambda k, p: (k.file("f", [1]), k.file("f", [1])), lambda k, p: k.mmap(p, pages=1, kind="huge"),
        lambda k, p: k.mmap(p, pages=1, prot="q"), lambda k, p: k.mmap(p, pages=1, share="both"),
        lambda k, p: k.mmap(p, pages=1, flags=["FIXED"]), lambda k, p: k.file("f", [300]),
        lambda k, p: k.madvise(p, k.mmap(p, pages=1), PAGE, "FORGET"),
        lambda k, p: k.mprotect(p, k.mmap(p, pages=1), PAGE, "q"),
        lambda k, p: k.page_store(k.zero_page, 300), lambda k, p: k.page_load(Errno.EFAULT),
        lambda k, p: Kernel().gup.get_user_pages_fast(0, 1, 0, []),
        lambda k, p: Kernel(frames=16, swap_slots=0).file("m", [0] * 17, memfd=True),
    ],
)  # fmt: skip
def test_wrong_arguments_are_one_line(k: CheckedKernel, p: Task, wrong: object) -> None:
    """What Python code asks wrongly is refused with one clear line, and leaves the machine whole."""
    with pytest.raises(GupkitError) as error:
        wrong(k, p)
    assert str(error.value)
    assert "\n" not in str(error.value)
    assert p.mm.mmap_sem.held == "none"
    assert k.depth == 0
    k.check()


def test_unlocking_an_unlocked_page_is_reported(k: CheckedKernel) -> None:
    """Releasing a page lock that nobody holds is a crime."""
    f = k.file("f", [1])
    k.unlock_page(f.mapping.pages[0])
    assert [r.kind for r in k.debug.reports] == ["lock not held"]
    assert not f.mapping.pages[0].flags & PG_locked
