"""Any sequence of operations leaves the machine whole: no count wrong, no pinned page freed, no frame lost."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gupkit.kernel import FOLL, Errno, Kernel
from gupkit.kernel.page import Page, PG_locked
from gupkit.kernel.sched import Task
from tests.kernel.bench import PAGE, gup, signal

EXAMPLES = int(os.environ.get("GUPKIT_EXAMPLES", "60"))
BASE = 0x7F00_0000_0000
SPOTS = 24
"""Pages of the address range that the rules play in: it straddles two page tables."""
START = BASE + (512 - SPOTS // 2) * PAGE

spot = st.integers(0, SPOTS - 1)
span = st.integers(1, 6)
byte = st.integers(0, 255)
prot = st.sampled_from(["r", "rw", "rw", "rw", "w", "", "rx"])
gup_flags = st.sets(st.sampled_from([f for f in FOLL if f is not FOLL.GET]), max_size=3).map(lambda fs: FOLL(sum(fs)))
advice = st.sampled_from(["DONTNEED", "FREE", "PAGEOUT", "COLD", "RANDOM", "NORMAL", "WILLNEED", "DONTFORK", "DOFORK",
                          "WIPEONFORK", "REMOVE"])  # fmt: skip
which = st.integers(0, 7)


def at(index: int) -> int:
    """The address of a page of the playground."""
    return START + index * PAGE


class AnyOrder(RuleBasedStateMachine):
    """Every operation with any arguments, in any order, on a small machine with three files."""

    @initialize(frames=st.sampled_from([4096, 4096, 96]), debug=st.booleans())
    def boot(self, frames: int, debug: bool) -> None:
        self.k = Kernel(frames=frames, debug=debug)
        self.start = self.k.zone.nr_free
        self.k.spawn("P")
        self.files = [
            self.k.file("warm", [0x61, 0x62, 0x63, 0x64]),
            self.k.file("cold", [0x30, 0x31, 0x32, 0x33, 0x34], cached=False),
            self.k.file("mem", [0x40, 0x41], memfd=True),
        ]
        self.pins: list[tuple[Page, int]] = []
        self.children = 0
        p = self.k.tasks["P"]
        for index, share, file in ((0, "private", None), (6, "shared", 2), (9, "private", 0), (14, "shared", 1)):
            inode = None if file is None else self.files[file]
            self.k.mmap(p, at(index), pages=4, share=share, file=inode)
        self.k.store(p, at(0), b"one")

    # --- who and where

    def task(self, number: int) -> Task:
        """One of the tasks that live."""
        living = [t for t in self.k.tasks.values() if t.alive]
        return living[number % len(living)]

    # --- mappings

    @rule(who=which, index=spot, pages=span, prot=prot, share=st.sampled_from(["private", "shared"]),
          file=st.sampled_from([None, None, 0, 1, 2]), offset=st.integers(0, 4), ro=st.booleans(),
          flags=st.sets(st.sampled_from(["POPULATE", "LOCKED", "GROWSDOWN", "NORESERVE"]), max_size=1),
          kind=st.sampled_from(["normal"] * 9 + ["io", "pfnmap", "mixedmap"]))  # fmt: skip
    def mmap(
        self, who: int, index: int, pages: int, prot: str, share: str, file: int | None, offset: int, ro: bool,
        flags: set[str], kind: str,
    ) -> None:  # fmt: skip
        if file is None and share == "shared":
            file = 2
        if kind != "normal" or "GROWSDOWN" in flags:
            file, share = None, "private"
        inode = None if file is None else self.files[file]
        ret = self.k.mmap(
            self.task(who), at(index), pages=pages, prot=prot, share=share, file=inode, offset=offset,
            ro=ro and inode is not None, flags=tuple(flags), kind=kind,
        )  # fmt: skip
        assert ret == at(index)

    @rule(who=which, index=spot, pages=span)
    def munmap(self, who: int, index: int, pages: int) -> None:
        assert self.k.munmap(self.task(who), at(index), pages * PAGE) == 0

    @rule(who=which, index=spot, pages=span, prot=prot)
    def mprotect(self, who: int, index: int, pages: int, prot: str) -> None:
        assert self.k.mprotect(self.task(who), at(index), pages * PAGE, prot) in (0, Errno.ENOMEM, Errno.EACCES)

    @rule(who=which, index=spot, pages=span, advice=advice)
    def madvise(self, who: int, index: int, pages: int, advice: str) -> None:
        ret = self.k.madvise(self.task(who), at(index), pages * PAGE, advice)
        assert ret in (0, Errno.ENOMEM, Errno.EINVAL, Errno.EBADF)

    @rule(who=which, index=spot, pages=span, how=st.sampled_from(["mlock", "mlock2", "munlock"]))
    def mlock(self, who: int, index: int, pages: int, how: str) -> None:
        ret = getattr(self.k, how)(self.task(who), at(index), pages * PAGE)
        assert ret in (0, Errno.ENOMEM, Errno.EAGAIN)

    @rule(who=which, index=spot, pages=span)
    def look(self, who: int, index: int, pages: int) -> None:
        vector = self.k.mincore(self.task(who), at(index), pages * PAGE)
        assert vector == Errno.ENOMEM or len(vector) == pages
        assert self.k.msync(self.task(who), at(index), pages * PAGE) in (0, Errno.ENOMEM)

    # --- touching

    @rule(who=which, index=spot, offset=st.sampled_from([0, 0, 100, PAGE - 2]))
    def load(self, who: int, index: int, offset: int) -> None:
        assert signal(self.k.load, self.task(who), at(index) + offset, 4) in ("", "SIGSEGV", "SIGBUS")

    @rule(who=which, index=spot, byte=byte)
    def store(self, who: int, index: int, byte: int) -> None:
        task = self.task(who)
        got = signal(self.k.store, task, at(index), bytes([byte]))
        assert got in ("", "SIGSEGV", "SIGBUS")
        if not got:
            page = self.k.page_at(task, at(index))
            assert page is not None
            assert page.content.byte == byte

    @rule(who=which, of=which, index=spot, length=st.sampled_from([1, 5000]), write=st.booleans(), force=st.booleans())
    def other(self, who: int, of: int, index: int, length: int, write: bool, force: bool) -> None:
        task, other = self.task(who), self.task(of)
        if force and write:
            answer: Any = self.k.mem_write(task, at(index), b"m" * length, other)
        elif force:
            answer = self.k.mem_read(task, at(index), length, other)
        elif write:
            answer = self.k.process_vm_writev(task, [(at(index), length)], 0x77, other)
        else:
            answer = self.k.process_vm_readv(task, [(at(index), length)], other)
        assert answer in (Errno.EIO, Errno.EFAULT) or 0 < (answer if isinstance(answer, int) else len(answer)) <= length

    # --- processes

    @precondition(lambda self: self.children < 4)
    @rule(who=which)
    def fork(self, who: int) -> None:
        self.children += 1
        self.k.fork(self.task(who), f"C{self.children}")

    @precondition(lambda self: sum(t.alive for t in self.k.tasks.values()) > 1)
    @rule(who=which)
    def exit(self, who: int) -> None:
        task = self.task(who)
        self.k.exit(task)
        assert not task.alive
        assert not task.mm.mmap
        assert not task.mm.pgd

    # --- pins

    @rule(who=which, index=spot, nr=st.integers(-1, 6), flags=gup_flags, nb=st.sampled_from([None, None, 1]))
    def gup(self, who: int, index: int, nr: int, flags: FOLL, nb: int | None) -> None:
        call = gup(self.k, self.task(who), at(index), nr, flags | FOLL.GET, nb=nb)
        assert call.ret <= max(nr, 0)
        assert call.ret >= 0 or call.ret in (Errno.EFAULT, Errno.ENOMEM, Errno.EHWPOISON)
        assert len(call.pages) <= max(call.ret, 0)
        self.pins += [(page, page.serial) for page in call.pages if isinstance(page, Page)]

    @rule(who=which, index=spot, nr=span, write=st.booleans(), only=st.booleans())
    def fast(self, who: int, index: int, nr: int, write: bool, only: bool) -> None:
        pages: list[Any] = []
        function = getattr(self.k.gup, "__get_user_pages_fast" if only else "get_user_pages_fast")
        with self.k.running(self.task(who)):
            ret = function(at(index), nr, int(write), pages)
        assert len(pages) == max(ret, 0) <= nr
        self.pins += [(page, page.serial) for page in pages]

    @precondition(lambda self: self.pins)
    @rule(number=which, dirty=st.booleans(), byte=st.none() | byte)
    def put(self, number: int, dirty: bool, byte: int | None) -> None:
        page, _ = self.pins.pop(number % len(self.pins))
        if byte is not None and page not in (self.k.zero_page, self.k.gate_page):
            self.k.page_store(page, byte)
        if dirty:
            self.k.set_page_dirty_lock(page)
        self.k.put_page(page)

    @rule(who=which, index=spot, length=st.sampled_from([1, PAGE, 3 * PAGE]), pipe=st.sampled_from(["a", "b"]))
    def vmsplice(self, who: int, index: int, length: int, pipe: str) -> None:
        ret = self.k.vmsplice(self.task(who), at(index), length, pipe)
        assert ret in (Errno.EFAULT, Errno.EAGAIN, Errno.ENOMEM) or 0 < ret <= length

    @rule(who=which, pipe=st.sampled_from(["a", "b"]))
    def pipe_read(self, who: int, pipe: str) -> None:
        size = sum(part.length for part in self.k.pipes.get(pipe, ()))
        assert len(self.k.pipe_read(self.task(who), pipe)) == size

    @rule(who=which, index=spot, pages=span, name=st.sampled_from(["x", "y"]))
    def uring(self, who: int, index: int, pages: int, name: str) -> None:
        task = self.task(who)
        if name in self.k.buffers:
            assert self.k.uring_unregister(task, name) == 0
        else:
            ret = self.k.uring_register(task, at(index), pages * PAGE, name)
            assert ret in (0, Errno.EFAULT, Errno.ENOMEM)

    # --- files and memory

    @rule(who=which, index=spot, pages=span, file=st.integers(0, 2), offset=st.integers(0, 5), write=st.booleans())
    def direct(self, who: int, index: int, pages: int, file: int, offset: int, write: bool) -> None:
        call = self.k.odirect_write if write else self.k.odirect_read
        ret = call(self.task(who), at(index), pages * PAGE, self.files[file], offset)
        assert ret in (Errno.EINVAL, Errno.EFAULT, Errno.ENOMEM) or 0 <= ret <= pages * PAGE

    @rule(file=st.integers(0, 2), offset=st.integers(0, 6), length=st.sampled_from([1, 100, PAGE, 2 * PAGE + 1]),
          byte=st.none() | byte)  # fmt: skip
    def read_write(self, file: int, offset: int, length: int, byte: int | None) -> None:
        inode = self.files[file]
        if byte is not None:
            ret = self.k.pwrite(inode, offset, bytes([byte]) * length)
            if ret == length:
                assert self.k.pread(inode, offset, length) in (bytes([byte]) * length, Errno.ENOMEM)
        else:
            size = max(min(length, inode.size - offset * PAGE), 0)
            got = self.k.pread(inode, offset, length)
            assert got == Errno.ENOMEM or len(got) == size

    @rule(file=st.integers(0, 2), length=st.integers(0, 6 * PAGE))
    def ftruncate(self, file: int, length: int) -> None:
        inode = self.files[file]
        assert self.k.ftruncate(inode, length) == 0
        assert inode.size == length
        assert all(index * PAGE < length for index in inode.mapping.pages)

    @rule(file=st.integers(0, 2), how=st.sampled_from(["fsync", "writeback", "fadvise_dontneed",
          "invalidate_inode_pages2", "invalidate_mapping_pages"]))  # fmt: skip
    def flush(self, file: int, how: str) -> None:
        assert getattr(self.k, how)(self.files[file]) in (*range(20), Errno.EBUSY)

    @rule()
    def drop_caches(self) -> None:
        self.k.drop_caches()

    @rule(who=which, index=spot, pages=st.integers(1, SPOTS))
    def reclaim(self, who: int, index: int, pages: int) -> None:
        assert self.k.reclaim(self.task(who), at(index), pages * PAGE) >= 0

    @rule(pages=st.sampled_from([1, 4, 99]))
    def reclaim_any(self, pages: int) -> None:
        before = self.k.zone.nr_free
        freed = self.k.reclaim(pages=pages)
        assert self.k.zone.nr_free == before + freed

    @rule(after=st.integers(1, 3))
    def fail_alloc(self, after: int) -> None:
        self.k.fail_alloc(after)

    # --- always

    @invariant()
    def whole(self) -> None:
        """Every invariant of the machine; nobody holds mmap_sem or a page lock; pinned pages are alive."""
        if not hasattr(self, "k"):
            return
        self.k.check()
        assert not self.k.debug.reports
        assert {t.mm.mmap_sem.held for t in self.k.tasks.values()} == {"none"}
        reading = {id(page) for _, pages, _ in self.k.disk.pending for page in pages}
        assert all(id(p) in reading for p in self.k.zone.mem_map if p.flags & PG_locked)
        for page, serial in self.pins:
            assert page.count >= page.pins > 0
            assert page.serial == serial, "a pinned frame was given to somebody else"

    def teardown(self) -> None:
        """Once everybody has gone and let go, and the files are cut to nothing, every frame is free again."""
        if not hasattr(self, "k"):
            return
        k = self.k
        for page, _ in self.pins:
            k.put_page(page)
        for task in list(k.tasks.values()):
            if task.alive:
                k.exit(task)
        for pipe in list(k.pipes):
            k.pipe_read(k.tasks["P"], pipe)
        k.advance(k.clock + 1000)
        k.reclaim(pages=9999)
        for file in list(k.files.values()):
            k.ftruncate(file, 0)
        k.check()
        assert k.zone.nr_free == self.start
        assert not k.swap.counts
        assert k.zero_page.count == k.gate_page.count == 1


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=EXAMPLES, stateful_step_count=40)
