"""Replays about what happens to memory under a pin: unmap, reclaim, fork, mprotect, mlock, pipes, stacks, pokes."""

from __future__ import annotations

from typing import Any

from gupkit.kernel.stack import RLIMIT_STACK

from .driver import PAGE, Replay, first_byte
from .registry import replay


def _pinned_anon(r: Replay, byte: int) -> int:
    a = r.anon()
    r.touch(a, byte)
    r.gup("pin", a)
    return a


@replay("14a.munmap_anon")
def replay_14a_munmap(r: Replay) -> None:
    """munmap leaves the pinned page to the pin."""
    a = _pinned_anon(r, 9)
    r.page("before")
    r.do("munmap", a, PAGE)
    r.page("after_munmap")
    r.put()


@replay("14b.dontneed_anon")
def replay_14b_dontneed(r: Replay) -> None:
    """After MADV_DONTNEED the user and the pin have different pages."""
    a = _pinned_anon(r, 9)
    r.page("before")
    r.do("madvise", a, PAGE, "DONTNEED")
    r.page("after_dontneed")
    r.pin_read("pinrd")
    r.load("user", a)
    r.pte_pfn("pte", a)
    r.store("ustore", a)
    r.pte_pfn("pte2", a)
    r.pin_read("pinrd2")
    r.put()


@replay("14f.reclaim_anon_pinned")
def replay_14f_reclaim_pinned(r: Replay) -> None:
    """Reclaim unmaps a pinned page into the swap cache; the user finds the same page there."""
    a = _pinned_anon(r, 33)
    r.page("before")
    r.reclaim("reclaim", a)
    r.page("after")
    r.pte("pte", a)
    r.pin_write("pinwr")
    r.load("user", a)
    r.pte_pfn("pte2", a)
    r.page("pin")
    r.store("ustore", a)
    r.pte_pfn("pte3", a)
    r.pin_read("pinrd")
    r.page("pin3")
    r.put()


@replay("14g.reclaim_anon_unpinned")
def replay_14g_reclaim_unpinned(r: Replay) -> None:
    """Reclaim frees a page that is no longer pinned; it comes back from swap."""
    a = _pinned_anon(r, 33)
    r.page("b")
    r.put()
    r.reclaim("reclaim", a)
    r.pte("pte", a)
    r.load("user_swapin", a)
    r.pte_pfn("pte2", a)
    r.load("again", a)
    r.store("store", a)
    r.pte_pfn("pte3", a)


@replay("14j.swapped_gup")
def replay_14j_swapped_gup(r: Replay) -> None:
    """Pins of swapped-out memory: read, write, forced, dump, nonblocking."""
    pages = [r.anon() for _ in range(5)]
    for a in pages:
        r.touch(a, 33)
    r.reclaim("reclaim", pages[0])
    r.pte("pte", pages[0])
    r.gup("read_gup_swapped", pages[0], slot=0)
    r.pte("pte2", pages[0])
    r.page("pg")
    r.reclaim("reclaim", pages[1])
    r.gup("write_gup_swapped", pages[1], slot=1)
    r.pte("pte3", pages[1])
    r.page("pg1")
    r.do("mprotect", pages[2], PAGE, "r")
    r.reclaim("reclaim", pages[2])
    r.gup("forced_write_gup_swapped_ro", pages[2], slot=2)
    r.pte("pte4", pages[2])
    r.page("pg2")
    r.reclaim("reclaim", pages[3])
    r.gup("dump_swapped", pages[3], slot=3)
    r.reclaim("reclaim", pages[4])
    r.gup("nb_swapped", pages[4])


@replay("X2.swapcache_locked")
def replay_x2_swapcache_locked(r: Replay) -> None:
    """A locked page in the swap cache is treated as a locked file page is."""
    a = _pinned_anon(r, 1)
    r.reclaim("r", a)
    r.pte("pte", a)
    r.lock(0)
    r.gup("nowait", a)
    r.gup("nowait_nbset", a)
    r.unlock_when_waited_for(0)
    r.gup("nb", a)
    r.gup("again_write", a, slot=1)
    r.pte("pte2", a)
    r.page("pg")


@replay("15.fork_writepin_parent_first", "15.fork_readpin_resident_parent_first")
def replay_15_parent_first(r: Replay) -> None:
    """Fork after a pin; the parent writes first and gets the copy, the pin stays with the child's page."""
    a, child = _forked(r)
    r.store("parent_store", a)
    r.pte_pfn("parent_pte", a)
    r.pte_pfn("child_pte", a, child)
    r.load("child_load", a, child)
    r.page("pin_mid")
    r.store("child_store", a, child)
    _both_wrote(r, a, child)


@replay("15.fork_writepin_child_first", "15.fork_readpin_resident_child_first")
def replay_15_child_first(r: Replay) -> None:
    """Fork after a pin; the child writes first and gets the copy, the parent keeps the pinned page."""
    a, child = _forked(r)
    r.store("child_store", a, child)
    r.pte_pfn("child_pte", a, child)
    r.load("child_load", a, child)
    r.page("pin_mid")
    r.store("parent_store", a)
    _both_wrote(r, a, child)


def _forked(r: Replay) -> tuple[int, Any]:
    a = _pinned_anon(r, 1)
    r.touch(a + 1, 0)  # the byte that the pin will write: not yet
    r.page("before")
    child = r.do("fork", "C")
    r.pte_pfn("parent_pte_after_fork", a)
    r.page("pin_after_fork")
    return a, child


def _both_wrote(r: Replay, a: int, child: Any) -> None:
    r.pte_pfn("child_pte_final", a, child)
    r.pte_pfn("parent_pte_final", a)
    r.page("pin_final")
    r.pin_write("pinwr")
    r.load("parent_sees_pin_byte1", a + 1)
    r.also("exit", child)
    r.page("pin_child_dead")
    r.put()


@replay("15e.fork_dontfork")
def replay_15e_dontfork(r: Replay) -> None:
    """MADV_DONTFORK keeps the pinned page out of the child."""
    a = _pinned_anon(r, 1)
    r.do("madvise", a, PAGE, "DONTFORK")
    r.load("child_load", a, r.do("fork", "C"))
    r.store("parent_store", a)
    r.pte_pfn("pte", a)
    r.page("pin")
    r.put()


@replay("21.mlock")
def replay_21_mlock(r: Replay) -> None:
    """What mlock faults in, and what it leaves behind where it fails."""
    _mlock_anon(r)
    _mlock_files(r)
    _mlock_failures(r)
    a = r.anon()
    r.touch(a, 1)
    r.do("fork", "C")
    r.pte_pfn("fork_before", a)
    r.mlock("after_fork", a, 1)
    r.pte_pfn("fork_after", a)
    r.do("munlock", a, PAGE)
    r.pte_pfn("munlocked", a)


def _mlock_anon(r: Replay) -> None:
    a, ro = r.anon(2), r.anon(prot="r")
    r.mlock("rw_untouched", a, 2)
    r.pte_pfn("pte", a)
    r.mlock("ro_anon", ro, 1)
    r.pte("pte_ro", ro)


def _mlock_files(r: Replay) -> None:
    file = r.file([65, 66])
    ro = r.map(file, 2, share="private")
    rw = r.map(file, 2, prot="rw", share="private")
    shared = r.map(file, 2, prot="rw")
    r.mlock("ro_pfile", ro, 2)
    r.pte_pfn("pte_f", ro)
    r.mlock("rw_pfile", rw, 2)
    r.pte_pfn("pte_fw", rw)
    r.mlock("rw_sfile", shared, 2)
    r.pte_pfn("pte_fs", shared)


def _mlock_failures(r: Replay) -> None:
    none, a = r.anon(prot=""), r.anon(3)
    r.mlock("protnone", none, 1)
    r.pte("pte_none", none)
    r.do("munmap", a + PAGE, PAGE)
    r.mlock("hole", a, 3)
    r.pte("h0", a)
    r.pte("h2", a + 2 * PAGE)
    r.mlock("beyond_eof", r.map(r.file([65, 66]), 4), 4)


@replay("22.vmsplice_cve29374_fork_then_child_pins")
def replay_22_child_splices(r: Replay) -> None:
    """The child splices and unmaps; the parent's store reuses the page, and the child reads it from the pipe."""
    a = r.anon()
    r.touch(a, 17)
    child = r.do("fork", "C")
    r.value("child_vmsplice", "ret", r.k.vmsplice(child, a, PAGE, "pipe"))
    r.also("munmap", child, a, PAGE)
    r.pte_pfn("parent_before", a)
    r.store("parent_store", a)
    r.pte_pfn("parent_after", a)
    r.value("child_pipe", "byte", r.k.pipe_read(child, "pipe")[0])


@replay("22.vmsplice_parent_pins_before_fork_parent_writes")
def replay_22_parent_splices(r: Replay) -> None:
    """The parent splices before the fork: its store copies, the pipe keeps the old byte."""
    a = r.anon()
    r.touch(a, 17)
    r.do("vmsplice", a, PAGE, "pipe")
    child = r.do("fork", "C")
    r.store("parent_store", a)
    r.load("child_load", a, child)
    r.value("child_pipe", "byte", r.k.pipe_read(child, "pipe")[0])


@replay("22.vmsplice_no_fork_write_after_splice")
def replay_22_no_fork(r: Replay) -> None:
    """Without a fork the pipe sees the later store."""
    a = r.anon()
    r.touch(a, 17)
    r.do("vmsplice", a, PAGE, "pipe")
    r.store("store", a)
    r.value("pipe", "byte", r.k.pipe_read(r.p, "pipe")[0])


@replay("23.mprotect")
def replay_23_mprotect(r: Replay) -> None:
    """mprotect to read-only and back under a pin; a pinned zero page; a forced copy made writable."""
    a = _pinned_anon(r, 1)
    r.do("mprotect", a, PAGE, "r")
    r.pte("ro", a)
    r.do("mprotect", a, PAGE, "rw")
    r.pte_pfn("rw", a)
    r.store("st", a)
    r.pte_pfn("rw2", a)
    r.pin_read("pinrd")
    z = r.anon()
    r.gup("readpin_zero", z, slot=1)
    r.store("st2", z)
    r.pin_read("pinrd2")
    f = r.map(r.file([65]), share="private")
    r.gup("forced", f, slot=2)
    r.do("mprotect", f, PAGE, "rw")
    r.pte_pfn("f", f)
    r.store("st3", f)
    r.pte_pfn("f2", f)
    r.pin_read("pinrd3")


@replay("24.stack")
def replay_24_stack(r: Replay) -> None:
    """A call below a VMA that grows down grows it, however far, up to RLIMIT_STACK."""
    top = 0x500000000000
    stack = r.anon(addr=top, flags=["GROWSDOWN"])
    r.pte("vma", stack)
    r.gup("gup_1_below", top - PAGE, slot=0)
    r.pte("after", top - PAGE)
    r.vm_start("grow", top)
    r.gup("gup_1MB_below", top - (1 << 20), slot=1)
    r.pte("after", top - (1 << 20))
    r.vm_start("grow", top)
    r.value("rlim", "cur", RLIMIT_STACK)
    seven = top - (7 << 20)
    r.gup("gup_7MB_below", seven, slot=2)
    r.gup("gup_9MB_below", top - (9 << 20))
    r.load("user_far_below", seven - 64 * PAGE)
    r.gup("read_gup_lowest", seven, slot=3)
    r.pte("low", seven)
    r.vm_start("grow", top)
    _main_stack(r)


def _main_stack(r: Replay) -> None:
    """A VMA where the recorded process had its stack. The stack pointer is not part of the kit."""
    start, sp = 0x7FFF57D19000, 0x7FFF57D38000
    stack = r.anon(34, addr=start, flags=["GROWSDOWN"])
    r.touch(stack + 33 * PAGE, 1)
    r.vm_start("mainstack", stack + 33 * PAGE)
    r.gup("gup_main_4MB_below", sp - (4 << 20), slot=4)
    r.vm_start("mainstack2", stack + 33 * PAGE)
    r.load("user_main_6MB_below", sp - (6 << 20))


@replay("X5.guard")
def replay_x5_guard(r: Replay) -> None:
    """FOLL_MLOCK counts the guard page and leaves its slot alone; a plain call grows the stack."""
    a = r.anon(3, addr=0x500000000000, flags=["GROWSDOWN"])
    r.pte("v", a)
    r.vm_start("vm", a)
    r.gup("mlock_lowest_nr3", a, slot=0)
    r.pte("v2", a)
    r.vm_start("vm", a)
    for _ in range(3):
        r.page("pg")
    r.gup("nomlock_lowest", a, slot=3)
    r.pte("v3", a)
    r.vm_start("vm", a)


@replay("X6.guard_abut")
def replay_x6_guard_abut(r: Replay) -> None:
    """The lowest page of a VMA that grows down, right above another VMA."""
    below = 0x500000000000
    r.anon(addr=below)
    a = r.anon(3, addr=below + PAGE, flags=["GROWSDOWN"])
    r.gup("write_lowest_abutting", a)
    r.gup("write_second", a + PAGE, slot=0)
    r.store("user_lowest", a)
    r.gup("range_from_second", a, slot=1)
    b = r.anon(2, flags=["GROWSDOWN"])
    before = r.p.min_flt
    r.value("mlock_growsdown", "ret", r.k.mlock(r.p, b, 2 * PAGE))
    r.compare("mlock_growsdown: minflt", 1, r.p.min_flt - before)
    c = r.anon(2, flags=["GROWSDOWN"])
    before = r.p.min_flt
    r.value("mlock_guard_only", "ret", r.k.mlock(r.p, c, PAGE))
    r.compare("mlock_guard_only: minflt", 0, r.p.min_flt - before)
    r.pte("gp", c)


@replay("29.ptrace")
def replay_29_ptrace(r: Replay) -> None:
    """A debugger writes where the process itself may not."""
    file = r.file([65, 66])
    private = r.map(file, share="private", ro=True)
    shared, rdonly, none = r.map(file), r.map(file, ro=True), r.anon(prot="")
    tracer = r.k.spawn("T")

    def poke(addr: int, byte: int) -> int:
        return min(0, int(r.k.mem_write(tracer, addr, bytes([byte]), of=r.p)))

    r.poke("poke_private", poke(private, 122))
    r.poke("poke_shared_rdwr", poke(shared, 123))
    r.poke("poke_shared_rdonly", poke(rdonly, 124))
    r.poke("poke_none", poke(none, 85))
    r.value("peek_none", "ret", first_byte(r.k.mem_read(tracer, none, 1, of=r.p)))
    r.load("child_load", private)
    r.pte_pfn("child_pte", private)
    r.load("child_load_sh", shared)
    r.pte_pfn("child_pte_sh", shared)
    r.pte("child_none", none)
    r.file_read("file", file)


@replay("30.procmem")
def replay_30_procmem(r: Replay) -> None:
    """/proc/self/mem can be written in 2.6.39."""
    file = r.file([65])
    rw, ro = r.anon(), r.map(file, share="private", ro=True)
    r.touch(rw, 1)
    r.leave_out("open")
    r.poke("pwrite_rw", r.do("mem_write", rw, bytes([90])), r.k.load(r.p, rw)[0])
    r.poke("pwrite_ro_private", r.do("mem_write", ro, bytes([90])), r.k.load(r.p, ro)[0])
    r.poke("pwrite_hole", r.do("mem_write", rw + 64 * PAGE, bytes([90])))
    r.file_read("file", file)
