"""Replays about files: cold and warm pages, truncation, invalidation, lost and kept dirt, Dirty COW."""

from __future__ import annotations

from typing import Any

from .driver import PAGE, Replay
from .registry import replay

COLD = [65 + page for page in range(64)]


@replay("8.coldfile")
def replay_8_coldfile(r: Replay) -> None:
    """Pages that must be read from a slow disk, one at a time."""
    file, a = _cold_random(r)
    r.not_cached("cache0", file, 0)
    r.gup("cold_blocking", a, slot=0)
    r.page("p")
    r.pte("p", a)
    r.gup("warm_blocking_same_page", a, slot=1)
    r.gup("cold_nonblocking", a + PAGE, slot=20)
    r.pte("after_retry", a + PAGE)
    r.cache("cache1", file)
    r.gup("cold_nonblocking_repeat", a + PAGE, slot=2)
    r.page("p2")
    r.gup("cold_nonblocking_2pages_second_cold", a + PAGE, slot=3)
    r.load("user_cold_load", a + 3 * PAGE)


@replay("FASTDISK:8.coldfile")
def replay_8_fast_disk(r: Replay) -> None:
    """The same on a disk that has answered before anybody looks: nobody is sent away."""
    with r.fast_disk():
        replay_8_coldfile(r)


@replay("10.nowait")
def replay_10_nowait(r: Replay) -> None:
    """NOWAIT on cold pages. The disk had answered the first request before the page lock was tried."""
    file, a = _cold_random(r)
    with r.fast_disk():
        r.gup("cold_nowait_nb_null", a, slot=0)
    _nowait_again(r, file, a)


@replay("FASTDISK:10.nowait")
def replay_10_fast_disk(r: Replay) -> None:
    """The same on a disk that always has."""
    file, a = _cold_random(r)
    with r.fast_disk():
        r.gup("cold_nowait_nb_null", a, slot=0)
        _nowait_again(r, file, a)


def _cold_random(r: Replay) -> tuple[Any, int]:
    file = r.file(COLD[:8], cached=False)
    a = r.map(file, 8)
    r.do("madvise", a, 8 * PAGE, "RANDOM")
    return file, a


def _nowait_again(r: Replay, file: Any, a: int) -> None:
    r.cache("cache0", file)
    r.gup("immediately_again", a, slot=1)
    r.gup("later", a, slot=2)
    r.gup("cold_nowait_nb_set", a + PAGE, slot=3)
    r.let_the_disk_finish()
    r.gup("resident_then_cold_nowait", a, slot=4)


@replay("8b.user_cold")
def replay_8b_user_cold(r: Replay) -> None:
    """A user reads a cold file: the first page is major, the ones read ahead are minor."""
    file = r.file(COLD, cached=False)
    a = r.map(file, 64)
    r.load("ld0", a)
    for page in range(1, 6):
        r.load("ld_next", a + page * PAGE)
    r.cache("cache3", file)
    r.cache("cache31", file, in_flight=True)
    r.cache("cache39", file, in_flight=True)
    r.load("ld_39", a + 39 * PAGE)


@replay("8c.cold_slow")
def replay_8c_cold_slow(r: Replay) -> None:
    """Cold pages with nonblocking and with NOWAIT."""
    file, a = _cold_random(r)
    r.gup("cold_nonblocking", a)
    r.pte("after", a)
    r.cache("cache", file)
    r.gup("repeat", a, slot=0)
    r.page("p")
    r.gup("resident_then_cold_nonblocking", a, slot=1)
    r.gup("repeat_at_1", a + PAGE, slot=2)
    third = a + 2 * PAGE
    r.gup("cold_nowait_nb_null", third)
    r.cache("cache2", file, in_flight=True)
    r.gup("immediately_again", third)
    r.let_the_disk_finish()
    r.cache("cache2b", file)
    r.gup("later", third, slot=3)
    r.gup("cold_nowait_nb_set", a + 3 * PAGE)
    r.gup("cold_blocking", a + 4 * PAGE, slot=4)
    r.load("cold_user_load", a + 5 * PAGE)


@replay("9.warmfile")
def replay_9_warmfile(r: Replay) -> None:
    """Warm pages, some of them locked by somebody else."""
    file = r.file([65, 66, 67, 68, 69])
    a = r.map(file, 5)
    r.gup("warm_nonblocking", a, slot=0)
    r.page("p")
    r.gup("warm_nonblocking_mapped", a, slot=1)
    second = a + PAGE
    r.cache_pin("pin", file, 1, slot=2)
    r.lock(2)
    r.gup("locked_nowait_nb_null", second)
    r.gup("locked_nowait_nb_set", second)
    r.gup("mapped0_then_locked1_nowait", a, slot=3)
    r.unlock_when_waited_for(2)
    r.gup("locked_nonblocking_other_unlocks_300ms", second)
    r.gup("repeat", second, slot=5)
    r.page("p5")
    r.cache_pin("pin", file, 3, slot=6)
    r.lock(6)
    r.unlock_when_waited_for(6)
    r.gup("page0_ok_page1_locked_nonblocking", a + 2 * PAGE, slot=7)
    r.gup("blocking_after", a + 3 * PAGE, slot=8)
    r.cache_pin("pin", file, 4, slot=9)
    r.lock(9)
    r.unlock_when_waited_for(9)
    r.gup("locked_blocking", a + 4 * PAGE, slot=10)


@replay("14c.truncate")
def replay_14c_truncate(r: Replay) -> None:
    """The file is cut under a pinned page, and grows again."""
    file = r.file([97])
    a = r.map(file, prot="rw")
    r.touch(a, 97)
    r.gup("pin", a)
    r.page("before")
    r.also("ftruncate", file, 0)
    r.page("after_truncate")
    r.pte("pte", a)
    r.load("user", a)
    r.pin_read("pinrd")
    r.pin_write("pinwr")
    r.set_dirty("setdirty")
    r.set_dirty("setdirtylock")
    r.page("after_dirty")
    r.also("ftruncate", file, PAGE)
    r.load("user_after_extend", a)
    r.pte_pfn("pte2", a)
    r.page("pin")
    r.pfn("after_put", r.put().pfn)


@replay("14d.invalidate2")
def replay_14d_invalidate2(r: Replay) -> None:
    """invalidate_inode_pages2 takes a clean page away, pinned or not."""
    file = r.file([65])
    a = r.map(file)
    r.gup("pin", a)
    r.page("before")
    r.invalidate2("inv2", file)
    r.page("after_inv2")
    r.pte("pte", a)
    r.not_cached("cache", file, 0)
    r.load("user", a)
    r.pte_pfn("pte2", a)
    r.page("pin")
    r.put()


@replay("14e.invalidate_mapping")
def replay_14e_invalidate_mapping(r: Replay) -> None:
    """invalidate_mapping_pages spares what is mapped or pinned. The file's second page is neither."""
    file = r.file([65, 66])
    a = r.map(file)
    r.gup("pin", a)
    r.invalidate("inv", file)
    r.page("mapped_pinned")
    r.pte("pte", a)
    r.do("munmap", a, PAGE)
    r.page("unmapped_pinned")
    r.invalidate("inv_unmapped_pinned", file)
    r.page("after")
    r.cache("cache", file)
    r.put()
    r.invalidate("inv_unpinned", file)
    r.not_cached("cache2", file, 0)


@replay("14h.reclaim_file_pinned")
def replay_14h_reclaim_file_pinned(r: Replay) -> None:
    """Reclaim unmaps a pinned file page and has to leave it in the cache."""
    file = r.file([65])
    a = r.map(file)
    r.gup("pin", a)
    r.reclaim("reclaim", a)
    r.page("after")
    r.pte("pte", a)
    r.cache("cache", file)
    r.load("user", a)
    r.pte_pfn("pte2", a)
    r.put()


@replay("14i.reclaim_file_unpinned")
def replay_14i_reclaim_file_unpinned(r: Replay) -> None:
    """Reclaim frees a file page that nobody pinned."""
    file = r.file([65])
    a = r.map(file)
    r.load("u", a)
    r.reclaim("reclaim", a)
    r.pte("pte", a)
    r.not_cached("cache", file, 0)
    r.load("user", a)


@replay("14k.dropcaches")
def replay_14k_dropcaches(r: Replay) -> None:
    """drop_caches leaves a mapped page alone."""
    a = r.map(r.file([65]))
    r.gup("pin", a)
    r.also("drop_caches")
    r.page("after")
    r.pte("pte", a)


def _written_without_the_user(r: Replay, dirty: bool) -> None:
    file = r.file([65])
    a = r.map(file, prot="rw")
    r.gup("pin", a)
    r.page("p0")
    r.pte("pte0", a)
    r.writeback("writeback", file)
    r.page("after_wb")
    r.pte("pte_after_wb", a)
    r.pin_write("pinwr")
    r.page("p1")
    r.load("user_sees", a)
    if dirty:
        r.set_dirty("dirty")
    r.page("p2")
    r.put()
    r.do("munmap", a, PAGE)
    r.also("fsync", file)
    r.also("fadvise_dontneed", file, 0, PAGE)
    r.not_cached("cache", file, 0)
    r.file_read("reread", file)


@replay("16.lostdirty_no_dirty")
def replay_16_no_dirty(r: Replay) -> None:
    """A page written through a pin after writeback and never marked dirty: the bytes are lost."""
    _written_without_the_user(r, dirty=False)


@replay("16.lostdirty_set_page_dirty", "16.lostdirty_set_page_dirty_lock")
def replay_16_set_dirty(r: Replay) -> None:
    """The same with the page marked dirty: the bytes reach the disk."""
    _written_without_the_user(r, dirty=True)


@replay("19.dirtycow")
def replay_19_dirtycow(r: Replay) -> None:
    """MADV_DONTNEED between the copy and its look-up hands out the file's own page for writing."""
    file = r.file([65, 66])
    a = r.map(file, 2, share="private", ro=True)
    r.file_read("before", file)
    r.dontneed_after_write_dropped(a)
    r.gup("force_write_hooked_untouched", a, slot=0)
    r.page("pin")
    r.pte_pfn("pte", a)
    r.cache("cache", file)
    r.pin_write("pinwr")
    r.set_dirty("dirty")
    r.put()
    r.file_read("after_cached", file)
    r.also("fsync", file)
    r.disk("disk", file)
    r.load("l", a + PAGE)
    r.dontneed_after_write_dropped(a + PAGE)
    r.gup("force_write_hooked_mapped", a + PAGE, slot=1)
    r.page("pin")


@replay("19b.dirtycow_anon")
def replay_19b_dirtycow_anon(r: Replay) -> None:
    """The same race on read-only anonymous memory hands out the zero page for writing."""
    a = r.anon(prot="r")
    r.dontneed_after_write_dropped(a)
    r.gup("anon_force_hooked", a, slot=2)
    r.page("pin")
    r.pte("pte", a)


@replay("X1.shmem_nonblocking_locked")
def replay_x1_shmem_nonblocking(r: Replay) -> None:
    """A locked tmpfs page is waited for with mmap_sem held, nonblocking or not."""
    file = r.file([65, 66], memfd=True)
    a = r.map(file, 2, prot="rw")
    r.cache_pin("pin", file, 1, slot=0)
    r.lock(0)
    r.unlock_when_waited_for(0)
    r.gup("locked_nb", a + PAGE, slot=5)
    r.page("p")


@replay("X1b.shmem_nowait_locked")
def replay_x1b_shmem_nowait(r: Replay) -> None:
    """NOWAIT changes nothing about it."""
    file = r.file([65, 66], memfd=True)
    a = r.map(file, 2, prot="rw")
    page = r.cache_page(file, 1)
    r.pins[0] = page
    r.lock(0)
    r.unlock_when_waited_for(0)
    r.gup("locked_nowait", a + PAGE, slot=1)


@replay("X3.not_uptodate_unlocked")
def replay_x3_not_uptodate(r: Replay) -> None:
    """A cached page that is not uptodate and not locked is read again with mmap_sem held, and counts as minor."""
    file = r.file([65])
    a = r.map(file)
    r.cache_pin("pin", file, 0, slot=2)
    r.forget_uptodate(2)
    r.page("nu")
    r.gup("nb", a, slot=3)
    r.page("p")


@replay("X4.forced_shared_cache_dirty")
def replay_x4_forced_shared(r: Replay) -> None:
    """A forced write into a shared read-only mapping dirties the cached page only if it was not mapped."""
    file = r.file([65, 66])
    a = r.map(file, 2)
    r.load("ld", a, noise=1)
    r.gup("mapped", a, slot=0)
    r.cache("cache_mapped", file)
    r.gup("untouched", a + PAGE, slot=1)
    r.cache("cache_untouched", file)


@replay("X12.inv2_dirty_pinned")
def replay_x12_invalidate2_dirty(r: Replay) -> None:
    """invalidate_inode_pages2 on a dirty page is refused, but unmaps it."""
    file = r.file([80])
    a = r.map(file, prot="rw")
    r.gup("pin", a)
    r.invalidate2("inv2", file)
    r.page("after")
    r.pte("pte", a)
    r.cache("cache", file)
    r.load("u", a)
    r.pte_pfn("pte2", a)
    r.writeback("wb", file)
    r.invalidate2("inv2b", file)
    r.page("after2")
    r.load("u2", a)
    r.pte_pfn("pte3", a)
    r.pin_write("pinwr")
    r.set_dirty("dirty")
    r.load("u3", a)
    r.put()
    r.file_read("file", file)


@replay("X13.cow_copy_inv_vs_trunc")
def replay_x13_private_copy(r: Replay) -> None:
    """Invalidation spares a private copy, truncation does not."""
    file = r.file([65])
    a = r.map(file, prot="rw", share="private")
    r.touch(a, 81)
    r.gup("pin", a)
    r.invalidate2("inv2", file)
    r.page("after_inv2")
    r.load("u", a)
    r.also("ftruncate", file, 0)
    r.page("after_trunc")
    r.pte("pte", a)
    r.load("u2", a)
    r.pin_read("pin")


@replay("X20.dontneed_shared_file")
def replay_x20_dontneed_shared(r: Replay) -> None:
    """MADV_DONTNEED moves the entry's dirt to the cached page, which is mapped again."""
    a = r.map(r.file([65]), prot="rw")
    r.gup("pin", a)
    r.pin_write("w")
    r.do("madvise", a, PAGE, "DONTNEED")
    r.pte("pte", a)
    r.page("p")
    r.load("u", a)
    r.page("p2")


@replay("X21.cold_private_forced")
def replay_x21_cold_private_forced(r: Replay) -> None:
    """A forced write into a private mapping of a cold file: one major fault and one minor."""
    a = r.map(r.file([65], cached=False), share="private", ro=True)
    r.gup("forced_cold", a, slot=3)
    r.page("p3")


@replay("X23.pinned_dirty_fsync")
def replay_x23_pinned_dirty_fsync(r: Replay) -> None:
    """fsync writes a pinned page, reclaim does not."""
    file = r.file([65])
    a = r.map(file, prot="rw")
    r.gup("pin", a)
    r.pin_write("w")
    r.also("fsync", file)
    r.page("after_fsync")
    r.disk("disk", file)
    r.store("user_store_refaults", a + 1)
    r.page("after_store")
    r.reclaim("reclaim_pinned_dirty", a)
    r.page("after_reclaim")
    r.pte("pte", a)
    r.cache("cache", file)


@replay("X24.putbeforedirty")
def replay_x24_put_before_dirty(r: Replay) -> None:
    """Put first and dirty later: in between the page can be dropped."""
    file = r.file([65])
    a = r.map(file, prot="rw")
    r.gup("pin", a)
    r.writeback("wb", file)
    r.pin_write("w")
    page = r.pins.pop(0)
    r.also("put_page", page)
    r.next("put_keep_ptr", None)
    r.do("munmap", a, PAGE)
    r.value("drop_cache", "ret", r.k.invalidate_mapping_pages(file))
    r.gone("freed", page)
    r.file_read("file", file)
