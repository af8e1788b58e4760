"""The traps for a naive simulator, by number: one small story each (huge pages, 14, 19 and 42, come with them)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gupkit.kernel import FOLL, Errno
from gupkit.kernel.flags import VM, VM_FAULT_NOPAGE
from gupkit.kernel.gup import GATE_ADDR
from gupkit.kernel.page import PG_active, PG_dirty, PG_referenced
from gupkit.kernel.sched import Task
from tests.kernel.bench import EFAULT, FORCE, PAGE, READ, WRITE, Call, CheckedKernel, bits, gup

HUGE = {14, 19, 42}
TRAPS: dict[int, Callable[[CheckedKernel, Task], Any]] = {}
WANTED: dict[int, Any] = {}


def trap(number: int, wanted: Any) -> Callable[[Callable[[CheckedKernel, Task], Any]], Any]:
    """Register the story of a trap and what must come of it."""

    def enter(story: Callable[[CheckedKernel, Task], Any]) -> Any:
        TRAPS[number], WANTED[number] = story, wanted
        return story

    return enter


def cold(k: CheckedKernel, p: Task, **kwargs: Any) -> int:
    """A mapping of a file that must be read."""
    return k.mmap(p, pages=2, file=k.file("cold", [1, 2], cached=False), **kwargs)


def shape(call: Call) -> tuple[int, int | None, str]:
    """Answer, pointer, lock."""
    return call.ret, call.nonblocking, call.sem


@trap(1, 0)
def _(k: CheckedKernel, p: Task) -> int:
    """RETRY at the first page is 0."""
    return gup(k, p, cold(k, p), nb=1).ret


@trap(2, ("none", True))
def _(k: CheckedKernel, p: Task) -> tuple[str, bool]:
    """RETRY drops mmap_sem and sleeps."""
    a, clock = cold(k, p), k.clock
    return gup(k, p, a, nb=1).sem, k.clock - clock > 4


@trap(3, (0, 0, "read"))
def _(k: CheckedKernel, p: Task) -> tuple[int, int | None, str]:
    """NOWAIT keeps the lock and the pointer lies."""
    return shape(gup(k, p, cold(k, p), flags=READ | FOLL.NOWAIT, nb=1))


@trap(4, (0x20, 0x100, "NOWAIT", "HWPOISON"))
def _(k: CheckedKernel, p: Task) -> tuple[int, int, str | None, str | None]:
    """NOWAIT and HWPOISON are of 2.6.39, with these values."""
    return int(k.FOLL.NOWAIT), int(k.FOLL.HWPOISON), k.FOLL.NOWAIT.name, k.FOLL.HWPOISON.name


@trap(5, [(1, 0x15)] * 4)
def _(k: CheckedKernel, p: Task) -> list[tuple[int, int]]:
    """The dropped WRITE does not leak to the next page."""
    return gup(k, p, k.mmap(p, pages=2, prot="r"), 2, WRITE | FORCE).asked


@trap(6, ([0, 8], [8], False))
def _(k: CheckedKernel, p: Task) -> tuple[list[int], list[int], bool]:
    """WRITE is dropped only without VM_WRITE and after VM_FAULT_WRITE."""
    a, b = k.mmap(p, pages=1, prot="r"), k.mmap(p, pages=1)
    k.load(p, b)
    return gup(k, p, a, flags=WRITE | FORCE).faults, gup(k, p, b, flags=WRITE | FORCE).faults, "W" not in bits(k, p, b)


@trap(7, (2, 2))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """First touches never say WRITE, so forced writes take two faults."""
    a, b = k.mmap(p, pages=1, prot="r"), k.mmap(p, pages=1, prot="r", file=k.file("f", [1]))
    return gup(k, p, a, flags=WRITE | FORCE).minor, gup(k, p, b, flags=WRITE | FORCE).minor


@trap(8, ([(1, 0x15), (1, 0x15), (0, 0x14)], True))
def _(k: CheckedKernel, p: Task) -> tuple[list[tuple[int, int]], bool]:
    """After the drop later faults are read faults: Dirty COW."""
    f = k.file("f", [1])
    a, t, seen = k.mmap(p, pages=1, prot="r", file=f), k.thread(p, "T2"), []

    def on_point(name: str, fields: dict[str, Any]) -> None:
        seen.append(name)
        if seen.count("cond_resched") == 3 and name == "cond_resched":
            k.madvise(t, a, PAGE, "DONTNEED")

    k.on_point = on_point
    call = gup(k, p, a, flags=WRITE | FORCE)
    return call.asked, call.page is f.mapping.pages[0]


@trap(9, (1, EFAULT))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """Force looks at MAY bits only."""
    a = k.mmap(p, pages=1, prot="")
    b = k.mmap(p, pages=1, prot="r", share="shared", file=k.file("f", [1]), ro=True)
    return gup(k, p, a, flags=WRITE | FORCE).ret, gup(k, p, b, flags=WRITE | FORCE).ret


@trap(10, (1, EFAULT))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """Write does not imply a read test."""
    a = k.mmap(p, pages=1, prot="w")
    return gup(k, p, a, flags=WRITE).ret, gup(k, p, a).ret


@trap(11, (True, 1))
def _(k: CheckedKernel, p: Task) -> tuple[bool, int]:
    """Forced write into read-only shared memory: an anon page, and the file is not changed."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, prot="r", share="shared", file=f)
    page = gup(k, p, a, flags=WRITE | FORCE).page
    k.page_store(page, 9)
    return page.anon, f.mapping.pages[0].content.byte


@trap(12, (0, VM.MAYSHARE))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """A shared mapping of a read-only file lacks VM_SHARED and keeps VM_MAYSHARE."""
    k.mmap(p, pages=1, prot="r", share="shared", file=k.file("f", [1]), ro=True)
    flags = p.mm.mmap[0].vm_flags
    return flags & VM.SHARED, flags & VM.MAYSHARE


@trap(13, (True, 2, 0))
def _(k: CheckedKernel, p: Task) -> tuple[bool, int, int]:
    """Reading untouched memory pins the zero page and allocates nothing."""
    free = k.zone.nr_free
    page = gup(k, p, k.mmap(p, pages=1)).page
    return page is k.zero_page, page.count, free - k.zone.nr_free


@trap(15, (EFAULT, EFAULT, 1))
def _(k: CheckedKernel, p: Task) -> tuple[int, int, int]:
    """FOLL_DUMP refuses the zero page and untouched memory."""
    a = k.mmap(p, pages=2)
    k.load(p, a)
    return gup(k, p, a, flags=READ | FOLL.DUMP).ret, gup(k, p, a + PAGE, flags=READ | FOLL.DUMP).ret, gup(k, p, a).ret


@trap(16, (1, 1, 1))
def _(k: CheckedKernel, p: Task) -> tuple[int, int, int]:
    """Under FOLL_DUMP file holes, shared holes and swapped pages are faulted in."""
    a, b, c = k.mmap(p, pages=1, file=k.file("f", [1])), k.mmap(p, pages=1, share="shared"), k.mmap(p, pages=1)
    k.store(p, c, b"x")
    k.reclaim(p, c, PAGE)
    return tuple(gup(k, p, x, flags=READ | FOLL.DUMP).ret for x in (a, b, c))


@trap(17, (Errno.ERESTARTSYS, 1, 1))
def _(k: CheckedKernel, p: Task) -> tuple[int, int, int]:
    """The kill check is of current, the counters are tsk's."""
    a, t, u = k.mmap(p, pages=1), k.thread(p, "T2"), k.thread(p, "T3")
    k.sigkill(t)
    return gup(k, t, a, tsk=p).ret, gup(k, u, a, tsk=t).ret, t.min_flt


@trap(18, (Errno.ERESTARTSYS, 1))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """SIGKILL aborts a resident range, not the gate page."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    k.sigkill(p)
    return gup(k, p, a).ret, gup(k, p, GATE_ADDR).ret


@trap(20, 2)
def _(k: CheckedKernel, p: Task) -> int:
    """Rights are tested for each VMA: a prefix."""
    a = k.mmap(p, pages=4)
    k.mprotect(p, a + 2 * PAGE, 2 * PAGE, "")
    return gup(k, p, a, 4).ret


@trap(21, 1024 + 1)
def _(k: CheckedKernel, p: Task) -> int:
    """A pin grows a stack by megabytes."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=1, flags=["GROWSDOWN"])
    gup(k, p, a - (4 << 20))
    return (a - p.mm.mmap[0].vm_start) // PAGE


@trap(22, 1)
def _(k: CheckedKernel, p: Task) -> int:
    """Touching the lowest stack page grows the VMA by one."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=1, flags=["GROWSDOWN"])
    k.store(p, a, b"x")
    return (a - p.mm.mmap[0].vm_start) // PAGE


@trap(23, (2, EFAULT))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """An unaligned start is accepted, and compared unaligned to the end."""
    a = k.mmap(p, pages=2)
    return gup(k, p, a + 100, 3, WRITE).ret, gup(k, p, a + 2 * PAGE + 100).ret


@trap(24, True)
def _(k: CheckedKernel, p: Task) -> bool:
    """Reuse looks at mappings, never at pins."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    page = gup(k, p, a).page
    k.exit(k.fork(p, "C"))
    k.store(p, a, b"y")
    return k.page_at(p, a) is page


@trap(25, (True, False))
def _(k: CheckedKernel, p: Task) -> tuple[bool, bool]:
    """After fork the parent's write leaves the pin with the child."""
    a = k.mmap(p, pages=1)
    page = gup(k, p, a, flags=WRITE).page
    c = k.fork(p, "C")
    k.store(p, a, b"y")
    return k.page_at(c, a) is page, k.page_at(p, a) is page


@trap(26, ("swap", True, 1))
def _(k: CheckedKernel, p: Task) -> tuple[str, bool, int]:
    """Reclaim unmaps a pinned page; the refault finds it, minor."""
    a = k.mmap(p, pages=1)
    page = gup(k, p, a, flags=WRITE).page
    k.reclaim(p, a, PAGE)
    gone, before = bits(k, p, a), p.min_flt
    k.load(p, a)
    return gone, k.page_at(p, a) is page, p.min_flt - before


@trap(27, (1, 9))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """A pinned dirty page is not written by reclaim, but by fsync."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, share="shared", file=f)
    gup(k, p, a, flags=WRITE)
    k.store(p, a, b"\x09")
    k.reclaim(p, a, PAGE)
    before = f.disk[0].byte
    k.fsync(f)
    return before, f.disk[0].byte


@trap(28, (1, 1, 0))
def _(k: CheckedKernel, p: Task) -> tuple[int, int, int]:
    """invalidate_mapping_pages and reclaim respect pins, invalidate_inode_pages2 does not."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f)
    gup(k, p, a)
    k.munmap(p, a, PAGE)
    left = []
    for act in (k.invalidate_mapping_pages, lambda f: k.reclaim(pages=9), k.invalidate_inode_pages2):
        act(f)
        left.append(len(f.mapping.pages))
    return tuple(left)


@trap(29, ("PWDA", "-"))
def _(k: CheckedKernel, p: Task) -> tuple[str, str]:
    """Invalidation spares private copies, truncation does not."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, file=f)
    k.store(p, a, b"x")
    k.invalidate_inode_pages2(f)
    spared = bits(k, p, a)
    k.ftruncate(f, 0)
    return spared, bits(k, p, a)


@trap(30, 0)
def _(k: CheckedKernel, p: Task) -> int:
    """TOUCH and WRITE do not dirty what the fault made dirty in the entry."""
    return gup(k, p, k.mmap(p, pages=1), flags=WRITE | FOLL.TOUCH).page.flags & PG_dirty


@trap(31, (True, {}))
def _(k: CheckedKernel, p: Task) -> tuple[bool, Any]:
    """set_page_dirty after truncate sets a flag and reaches nothing."""
    f = k.file("f", [1])
    page = gup(k, p, k.mmap(p, pages=1, share="shared", file=f), flags=WRITE).page
    k.ftruncate(f, 0)
    k.set_page_dirty(page)
    k.fsync(f)
    return bool(page.flags & PG_dirty), f.disk


@trap(32, (2, 0))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """Counters are per call of the handler: a page may cost two, a resident one none."""
    a = k.mmap(p, pages=1, prot="r")
    return gup(k, p, a, flags=WRITE | FORCE).minor, gup(k, p, a).minor


@trap(33, (1, 0))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """Waiting for somebody else's read is minor."""
    a = cold(k, p)
    k.madvise(p, a, PAGE, "WILLNEED")
    call = gup(k, p, a)
    return call.minor, call.major


@trap(34, (PG_referenced, PG_active))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """The fast path only marks referenced; the slow path activates."""
    a = k.mmap(p, pages=2)
    k.store(p, a, b"x" * 2 * PAGE)
    for _ in range(2):
        k.gup.get_user_pages_fast(a, 1, 0, [])
        gup(k, p, a + PAGE, flags=READ | FOLL.TOUCH)
    mask = PG_referenced | PG_active
    return tuple(k.page_at(p, a + i * PAGE).flags & mask for i in range(2))


@trap(35, (0, 0))
def _(k: CheckedKernel, p: Task) -> tuple[int, int]:
    """The raw fast walk answers 0 for the zero page and PROT_NONE."""
    a, b = k.mmap(p, pages=1), k.mmap(p, pages=1)
    k.load(p, a)
    k.store(p, b, b"x")
    k.mprotect(p, b, PAGE, "")
    raw = k.gup.__get_user_pages_fast
    return raw(a, 1, 0, []), raw(b, 1, 0, [])


@trap(36, 1)
def _(k: CheckedKernel, p: Task) -> int:
    """_fast hides an error after progress."""
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    return int(k.gup.get_user_pages_fast(a, 3, 0, []))


@trap(37, (1, [VM_FAULT_NOPAGE, 0]))
def _(k: CheckedKernel, p: Task) -> tuple[int, list[int]]:
    """NOPAGE is neither an error nor a page: the walk goes round again."""
    from gupkit.kernel import gup as room

    a, real, answers = k.mmap(p, pages=1), room.handle_mm_fault, [VM_FAULT_NOPAGE]
    room.handle_mm_fault = lambda *args: answers.pop() if answers else real(*args)
    try:
        call = gup(k, p, a, flags=WRITE)
    finally:
        room.handle_mm_fault = real
    return call.ret, call.faults


@trap(38, (1, 2, []))
def _(k: CheckedKernel, p: Task) -> tuple[int, int, list[str]]:
    """Without the debug layer, pages without GET come unpinned and GET without pages leaks, in silence."""
    k.debug.enabled = False
    a = k.mmap(p, pages=1)
    k.store(p, a, b"x")
    bare = gup(k, p, a, flags=0).page.count
    gup(k, p, a, pages=False)
    return bare, k.page_at(p, a).count, k.dmesg


@trap(39, (True, 4))
def _(k: CheckedKernel, p: Task) -> tuple[bool, int]:
    """The same page may come twice, with a reference each."""
    f = k.file("f", [1])
    a = k.mmap(p, pages=1, share="shared", file=f)
    k.mmap(p, a + PAGE, pages=1, share="shared", file=f)
    one, two = gup(k, p, a, 2).pages
    return one is two, one.count - 1


@trap(40, ([], [("special", EFAULT)]))
def _(k: CheckedKernel, p: Task) -> Any:
    """PFNMAP fails at the VMA, MIXEDMAP at the entry."""
    a, b = k.mmap(p, pages=1, kind="pfnmap"), k.mmap(p, pages=1, kind="mixedmap")
    met = []
    from gupkit.kernel import gup as room

    real = room.follow_page

    def spy(vma: Any, address: int, flags: int) -> Any:
        met.append(("special", real(vma, address, flags)))
        return met[-1][1]

    room.follow_page = spy
    try:
        gup(k, p, a)
        first = list(met)
        gup(k, p, b)
    finally:
        room.follow_page = real
    return first, met


@trap(41, (3, None))
def _(k: CheckedKernel, p: Task) -> tuple[int, Any]:
    """The guard page is counted and pages[0] is not filled."""
    a = k.mmap(p, 0x7F00_1000_0000, pages=3, flags=["GROWSDOWN"])
    call = gup(k, p, a, 3, WRITE | FOLL.MLOCK)
    return call.ret, call.pages[0]


@trap(43, ((0, 1), (1, 0)))
def _(k: CheckedKernel, p: Task) -> tuple[tuple[int, int], tuple[int, int]]:
    """A retried major fault counts major, then minor on the repeat."""
    a = cold(k, p)
    one, two = gup(k, p, a, nb=1), gup(k, p, a, nb=1)
    return (one.minor, one.major), (two.minor, two.major)


@trap(44, (True, True, False))
def _(k: CheckedKernel, p: Task) -> tuple[bool, bool, bool]:
    """vmas repeat, and may be the gate VMA, which is in no mm."""
    call = gup(k, p, k.mmap(p, pages=2), 2, WRITE)
    (gate,) = gup(k, p, GATE_ADDR).vmas
    return call.vmas[0] is call.vmas[1], gate is k.gate_vma, gate in p.mm.mmap


@pytest.mark.parametrize("number", sorted(TRAPS))
def test_trap(k: CheckedKernel, p: Task, number: int) -> None:
    """The simulated kernel does not fall into this trap."""
    assert TRAPS[number](k, p) == WANTED[number]


def test_no_trap_is_forgotten() -> None:
    """Each of the 44 traps is tried, but for those about huge pages."""
    assert set(TRAPS) | HUGE == set(range(1, 45))
