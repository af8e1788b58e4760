"""Replays about who may pin what: counts, holes, permissions, FORCE, DUMP, spans, the gate page, EOF, devices."""

from __future__ import annotations

from .driver import GATE, PAGE, Replay
from .registry import replay


@replay("1.nr")
def replay_1_nr(r: Replay) -> None:
    """Zero or fewer pages are no error and touch nothing, bad address or not."""
    a = r.anon()
    r.gup("nr0", a)
    r.gup("nr-1", a)
    r.gup("nr-1_badaddr", 0x1000)


@replay("2.hole")
def replay_2_hole(r: Replay) -> None:
    """A hole, a PROT_NONE page or a read-only page ends the call with what was got so far."""
    a = r.anon(5)
    for page in range(5):
        r.touch(a + page * PAGE, 7)
    r.do("munmap", a + 2 * PAGE, PAGE)
    r.gup("hole_first", a + 2 * PAGE)
    r.gup("hole_third_nr5", a, slot=0)
    r.gup("retry_at_hole", a + 2 * PAGE, slot=4)
    r.gup("after_hole", a + 3 * PAGE, slot=8)
    r.page("pin0")
    r.also("put_page", r.pins.pop(1))
    r.page("pin0_after_put")
    b = r.anon(4)
    r.do("mprotect", b + 2 * PAGE, PAGE, "")
    r.gup("protnone_third_read", b, slot=12)
    r.do("mprotect", b + 2 * PAGE, PAGE, "r")
    r.gup("ro_third_write", b, slot=16)


@replay("3.ro_write")
def replay_3_ro_write(r: Replay) -> None:
    """The permission test: read-only, write-only and PROT_NONE memory, with and without FORCE."""
    r.gup("anon_ro_write", r.anon(prot="r"))
    w = r.anon(prot="w")
    r.gup("wronly_write", w, slot=1)
    r.pte("wronly_pte", w)
    r.gup("wronly_read", w)
    n = r.anon()
    r.touch(n, 5)
    r.do("mprotect", n, PAGE, "")
    r.gup("none_read", n)
    r.gup("none_read_force", n, slot=2)
    r.page("none_pin")
    r.pte("none_pte", n)
    r.gup("none_write_force", n, slot=3)
    r.pte("none_pte_w", n)
    r.page("none_pin_w")
    u = r.anon(prot="")
    r.gup("none_untouched_force_read", u, slot=4)
    r.pte("x", u)
    r.gup("none_untouched_force_write", u, slot=5)
    r.pte("x2", u)


@replay("4.force")
def replay_4_force(r: Replay) -> None:
    """Writes into every kind of memory, most of them forced."""
    _forced_anon(r)
    _forced_private_file(r)
    _forced_shared_file(r)
    _plain_writes(r)


def _forced_anon(r: Replay) -> None:
    a, b = r.anon(prot="r"), r.anon(prot="r")
    r.gup("anon_untouched", a, slot=0)
    r.pte("a", a)
    r.page("a")
    r.load("zero_load", b)
    r.pte("b0", b)
    r.gup("anon_zero_mapped", b, slot=1)
    r.pte("b", b)
    r.page("b")
    r.gup("anon_again_second_force", b, slot=20)
    r.page("b_again")


def _forced_private_file(r: Replay) -> None:
    file = r.file([65, 66])
    c = r.map(file, 2, share="private", ro=True)
    d = c + PAGE
    r.gup("pfile_untouched", c, slot=2)
    r.pte("c", c)
    r.page("c")
    r.pin_write("c_wr")
    r.load("c_ld", c)
    r.cache("c_cache", file)
    r.load("d_ld", d)
    r.gup("pfile_mapped", d, slot=3)
    r.pte("d", d)
    r.page("d")


def _forced_shared_file(r: Replay) -> None:
    file = r.file([81, 82])
    e = r.map(file, 2)
    f = e + PAGE
    r.gup("shared_ro_rdwr_untouched", e, slot=4)
    r.pte("e", e)
    r.page("e")
    r.pin_write("e_wr")
    r.load("e_ld", e)
    r.cache("e_cache", file)
    r.file_read("e_file", file)
    r.load("f_ld", f)
    r.gup("shared_ro_rdwr_mapped", f, slot=5)
    r.pte("f", f)
    r.page("f")
    g = r.map(file, ro=True)
    r.gup("shared_ro_rdonly", g)
    r.gup("shared_ro_rdonly_noforce", g)
    r.pte("g", g)
    r.load("g_load", g)
    r.gup("shared_ro_rdonly_read", g, slot=6)
    r.page("g")


def _plain_writes(r: Replay) -> None:
    h, i, j = r.anon(), r.anon(), r.anon()
    r.gup("rw_anon_force_write", h, slot=7)
    r.pte("h", h)
    r.gup("rw_anon_write", i, slot=8)
    r.pte("i", i)
    r.page("i")
    r.load("j0", j)
    r.gup("rw_anon_zero_write", j, slot=9)
    r.pte("j", j)
    r.page("j")
    file = r.file([97, 97, 97])
    k = r.map(file, prot="rw", share="private")
    shared = r.map(file, 2, prot="rw", offset=1)
    m = shared + PAGE
    r.gup("rw_pfile_write_untouched", k, slot=10)
    r.pte("k", k)
    r.page("k")
    r.gup("rw_sfile_write_untouched", shared, slot=11)
    r.pte("l", shared)
    r.page("l")
    r.load("m0", m)
    r.pte("m0", m)
    r.gup("rw_sfile_write_readmapped", m, slot=12)
    r.pte("m", m)
    r.page("m")


@replay("5.dump")
def replay_5_dump(r: Replay) -> None:
    """FOLL_DUMP refuses anonymous holes and the zero page, and faults file holes in."""
    a = r.anon()
    r.gup("anon_hole", a)
    r.pte("a", a)
    r.load("ld", a)
    r.pte("zero", a)
    r.gup("zero_page_dump", a)
    r.gup("zero_page_nodump", a, slot=0)
    r.page("z")
    f = r.map(r.file([65]), share="private")
    r.gup("file_hole_dump", f, slot=1)
    r.pte("f", f)
    b = r.anon(3)
    r.touch(b, 1)
    r.gup("anon_hole_second_dump", b, slot=2)
    r.gup("anon_no_pagetable_dump", r.anon(addr=0x600000000000))
    r.gup("shared_anon_hole_dump", r.anon(share="shared"), slot=5)
    r.page("sh")


@replay("11.sigkill")
def replay_11_sigkill(r: Replay) -> None:
    """A pending SIGKILL of the caller, the gate page, and no task to charge."""
    a = r.anon(2)
    r.touch(a, 1)
    r.touch(a + PAGE, 1)
    r.also("sigkill", r.p)
    r.gup("sigkill_pending_resident", a)
    r.p, killed = r.k.spawn("Q"), r.p
    b = r.anon(2)
    r.touch(b, 1)
    r.touch(b + PAGE, 1)
    # SIGTERM pending in Q would change nothing: the kit has no signal that the kernel ignores here.
    r.gup("sigterm_pending_resident", b, slot=0)
    r.gup("sigkill_nr0", a, task=killed)
    r.gup("sigkill_hole", a - PAGE, task=killed)
    r.gup("sigkill_gate", GATE, slot=2, task=killed)
    r.gup("gate_read", GATE, slot=3)
    r.gate("gate")
    r.gup("gate_write", GATE)
    r.gup("gate_2", GATE, slot=4)
    r.gup("tsk_null", r.anon(), slot=5, charge=False)


@replay("12.eof")
def replay_12_eof(r: Replay) -> None:
    """A page of the mapping beyond the end of the file."""
    file = r.file([65, 66])
    a = r.map(file, 4)
    r.gup("partial", a, slot=0)
    r.gup("at_eof", a + 2 * PAGE)
    r.pte("p", a + 2 * PAGE)
    r.load("user", a + 2 * PAGE)
    r.gup("private_force_write_eof", r.map(file, 4, share="private") + 2 * PAGE)


@replay("13.io")
def replay_13_io(r: Replay) -> None:
    """Device mappings: VM_IO and VM_PFNMAP are refused at once, VM_MIXEDMAP by its special entry."""
    io = r.anon(prot="r", share="shared", kind="io")
    r.value("mmap", "ok", io > 0)
    r.device_pte("pte", io)
    r.gup("devmem", io)
    r.gup("devmem_force", io)
    r.fast("fast_devmem", io)
    r.fast("rawfast_devmem", io)
    pfnmap = r.anon(prot="r", share="shared", kind="pfnmap")
    r.device_pte("pfnmap", pfnmap)
    r.gup("remap_pfn", pfnmap)
    r.leave_out("insert_page")
    r.leave_out("vm_insert_page")
    r.leave_out("ip")
    mixed = r.anon(2, prot="r", share="shared", kind="mixedmap")
    r.device_pte("mixed_ram", mixed)
    r.gup("mixedmap_ram", mixed)
    r.device_pte("mixed_noram", mixed + PAGE)
    r.gup("mixedmap_pfn", mixed + PAGE)
    r.gup("devzero_private", r.anon(), slot=2)
    r.page("dz")


@replay("25.unaligned")
def replay_25_unaligned(r: Replay) -> None:
    """An address within a page is accepted."""
    a = r.anon(2)
    r.touch(a, 1)
    r.touch(a + PAGE, 1)
    r.gup("unaligned_2", a + 0x123, slot=0)
    r.page("p")
    r.page("p1")
    r.gup("unaligned_3_hole", a + 0x123, slot=2)
    r.gup("unaligned_force", r.anon(prot="r") + 0x123, slot=5)


@replay("28.hwpoison")
def replay_28_hwpoison(r: Replay) -> None:
    """A poisoned page, with and without FOLL_HWPOISON."""
    a = r.anon(2)
    r.touch(a, 1)
    r.touch(a + PAGE, 1)
    bad = a + PAGE
    r.also("hwpoison", r.k.page_at(r.p, bad))
    r.value("madvise", "ret", 0)
    r.poisoned_pte("pte", bad)
    r.gup("read_noflag", bad)
    r.gup("read_flag", bad)
    r.gup("write_flag", bad)
    r.load("user", bad)
    r.fast("fast", bad)
    r.gup("partial_flag", a, slot=0)
    r.gup("dump", bad)
    r.gup("pages_null_probe", bad)


@replay("33.semwrite_pages_null")
def replay_33_pages_null(r: Replay) -> None:
    """pages and FOLL_GET that do not belong together, and mmap_sem held for writing."""
    a = r.anon(2)
    r.gup("pages_null_noGET", a)
    r.pte("p", a)
    r.pte_pfn("p", a, page="c")
    r.gup("GET_without_pages", a, pages_array=False)
    r.pte_pfn("p", a, page="leaked")
    r.gup("pages_without_GET", a, slot=1, pages_array=True)
    r.pte_pfn("p", a, page="unpinned")
    r.gup("sem_write_mode", a, slot=2)


@replay("X22.vma_span")
def replay_x22_vma_span(r: Replay) -> None:
    """One call over a writable and a read-only VMA."""
    a = r.anon(4)
    r.do("mprotect", a + 2 * PAGE, 2 * PAGE, "r")
    r.gup("write_span_noforce", a, slot=0)
    r.gup("write_span_force", a, slot=4)
    r.pte("p2", a + 2 * PAGE)
    r.gup("gate_span_bottom", GATE - PAGE)
