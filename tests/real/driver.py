"""Does on the simulated kernel what the device did on the real one, and compares step by step.

A replay is a function that takes a :class:`Replay` and acts: set-up that the recording does not hold (mappings,
file contents, forks) by calling the kernel (``r.k``), and every recorded step by the method of that kind with the
step's name. Arguments that the recording holds (flags, counts, values, pin slots) are taken from it. Steps must
come in the recorded order, and all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gupkit as gk
from gupkit import __get_user_pages as _gup  # within a class the two underscores would be mangled
from gupkit.kernel import Task
from gupkit.kernel.compound import page_count
from gupkit.kernel.filemap import Inode
from gupkit.trace.snapshot import Frame, Pte

from . import compare
from .bystanders import Bystanders
from .recording import Recorded, scenarios

PAGE = 4096
SIGNALS = {"SIGSEGV": 11, "SIGBUS": 7}
GATE = 0xFFFFFFFFFF600000
"""The vsyscall page of x86-64: mapped for everybody, in no mm."""


class Replay(Bystanders):
    """One scenario on its way: a fresh kernel, the recorded steps still to come, and what disagreed so far."""

    def __init__(self, name: str) -> None:
        super().__init__(gk.Kernel(era="2.6.39", frames=4096))
        self.name = name
        self.differences: list[str] = []
        self.left_out: list[str] = []
        self._todo = list(scenarios()[name])
        self._frames = compare.Frames()
        self._private: dict[int, int] = {}
        self._zero_offset: int | None = None
        self.acted()

    # -- the recorded steps --------------------------------------------------------------------------------

    def next(self, name: str, op: str | None) -> Recorded:
        """The next recorded step, which must bear this name and be of this kind."""
        if not self._todo:
            raise LookupError(f"{self.name}: {name} comes after the last recorded step")
        step = self._todo.pop(0)
        if (step["step"], step.get("op")) != (name, op):
            raise LookupError(f"{self.name}: the recording has {step['step']} ({step.get('op')}), not {name} ({op})")
        return step

    def leave_out(self, name: str, count: int = 1) -> None:
        """A recorded step that the kit has no words for; the test lists them all."""
        for _ in range(count):
            self.next(name, self._todo[0].get("op") if self._todo else None)
            self.left_out.append(f"{self.name}/{name}")

    def finish(self) -> None:
        """Nothing may be left in the recording."""
        if self._todo:
            raise LookupError(f"{self.name}: never replayed: {[s['step'] for s in self._todo]}")

    def _report(self, step: Recorded, found: list[compare.Difference]) -> None:
        self.differences += [f"{self.name}/{step['step']}: {f}: real {r!r}, simulated {s!r}" for f, r, s in found]

    def _same(self, step: Recorded, **seen: tuple[Any, Any]) -> None:
        """Compare named pairs of (recorded, simulated), then check every invariant."""
        self._report(step, compare.fields((name, real, sim) for name, (real, sim) in seen.items()))
        self.acted()

    def acted(self) -> None:
        """After every action: the invariants hold, and frames that were freed have no identity any more."""
        super().acted()
        self._frames.forget_free(self.snapshot.frames)

    @property
    def snapshot(self) -> gk.Snapshot:
        """The machine now."""
        return gk.take_snapshot(self.k)

    # -- pinning -------------------------------------------------------------------------------------------

    def gup(
        self, name: str, addr: int, *, slot: int = 0, task: Task | None = None, charge: bool = True,
        pages_array: bool | None = None,
    ) -> None:  # fmt: skip
        """``__get_user_pages`` with the recorded flags and count; the pages go to ``pins[slot:]``.

        ``charge`` False passes NULL for tsk. ``pages_array`` says whether pages was not NULL; without it that
        follows from FOLL_GET.
        """
        step, task = self.next(name, "gup"), task or self.p
        has_pages = bool(step["flags"] & gk.FOLL.GET) if pages_array is None else pages_array
        pages: list[Any] | None = [] if has_pages else None
        cell = None if step["nonblocking_in"] is None else gk.Cell(step["nonblocking_in"])
        before = (task.min_flt, task.maj_flt)
        ret, sem = self._call(step, task, charge, addr, pages, cell)
        self._same(
            step, ret=(step["ret"], ret), faults=(step["faults"], self.faults),
            sem_after=(_sem(step["sem_after"]), sem),
            nonblocking=(step["nonblocking_out"], -1 if cell is None else cell.value),
            nfilled=(step["nfilled"], self._fill(slot, pages or [])),
            tsk_min=(step["tsk_min"], task.min_flt - before[0]), tsk_maj=(step["tsk_maj"], task.maj_flt - before[1]),
        )  # fmt: skip

    def _fill(self, slot: int, pages: list[Any]) -> int:
        """Put the pages that were got into the pin slots; how many."""
        got = {slot + i: page for i, page in enumerate(pages) if page is not None}
        self.pins.update(got)
        return len(got)

    def _call(
        self, step: Recorded, task: Task, charge: bool, addr: int, pages: list[Any] | None, cell: gk.Cell | None
    ) -> tuple[int, str]:
        """Call it as ``task`` with mmap_sem held as it was, and say how mmap_sem stands afterwards."""
        sem, mode, flags = task.mm.mmap_sem, _sem(step["sem_before"]), self.k.FOLL(step["flags"])
        with self.k.running(task):
            getattr(sem, f"down_{mode}")()
            self.faults.clear()
            ret = _gup(task if charge else None, task.mm, addr, step["nr"], flags, pages, None, cell)
            held = sem.held
            if held != "none":
                getattr(sem, f"up_{mode}")()
        return int(ret), held

    def fast(self, name: str, addr: int, *, slot: int = 0) -> None:
        """``get_user_pages_fast`` or its raw twin, whichever was recorded."""
        op = self._todo[0].get("op", "")
        step = self.next(name, op)
        pages: list[Any] = []
        before = (self.p.min_flt, self.p.maj_flt)
        with self.k.running(self.p):
            ret = getattr(self.k.gup, op)(addr, step["nr"], step["write"], pages)
        self._fill(slot, pages)
        self._same(
            step, ret=(step["ret"], int(ret)), minflt=(step["minflt"], self.p.min_flt - before[0]),
            majflt=(step["majflt"], self.p.maj_flt - before[1]),
        )  # fmt: skip

    # -- what is there -------------------------------------------------------------------------------------

    def pte(self, name: str, addr: int, task: Task | None = None) -> Pte | None:
        """The entry for an address and the VMA around it."""
        step, task = self.next(name, "pte"), task or self.p
        process = self.snapshot.processes[task.name]
        entry, area = process.pte(addr), process.find_vma(addr)
        special = bool(entry and (entry.zero or (entry.present and entry.pfn not in self.snapshot.frames)))
        self._report(step, compare.pte(step, entry, special) + compare.vma(step, area))
        if step["present"] and not step["special"] and entry is not None:
            self._report(step, self._frames.same(step["pfn"], entry.pfn))
        return entry

    def pte_pfn(self, name: str, addr: int, task: Task | None = None, *, page: str | None = None) -> None:
        """The entry for an address, and the struct page of the frame that it points at (a step of the same name,
        or called ``page``)."""
        entry = self.pte(name, addr, task)
        self.pfn(page or name, None if entry is None else entry.pfn)

    def pfn(self, name: str, pfn: int | None) -> None:
        """The struct page of a frame, looked at by number."""
        step = self.next(name, "pfn")
        self._page(step, pfn, self._private.get(step["pfn"]))

    def page(self, name: str) -> None:
        """The struct page that a pin slot holds."""
        step = self.next(name, "page")
        if "pfn" not in step:
            self._same(step, slot=("empty", "full" if step["slot"] in self.pins else "empty"))
            return
        self._private[step["pfn"]] = step["private"]
        self._page(step, self.pins[step["slot"]].pfn, step["private"])

    def cache(self, name: str, file: Inode, *, in_flight: bool = False) -> None:
        """The page cache of a file at the recorded index. Of a page ``in_flight`` only that it is there is
        compared: how far the disk has come is a matter of time."""
        step = self.next(name, "cache_lookup")
        pfn = self.snapshot.files[file.name].cache.get(step["index"])
        self._same(step, incache=(step["incache"], int(pfn is not None)))
        if pfn is not None and not in_flight:
            self._private[step["pfn"]] = step["private"]
            self._page(step, pfn, step["private"])

    def cache_pin(self, name: str, file: Inode, index: int, *, slot: int) -> None:
        """The device takes a reference on a cached page."""
        step = self.next(name, "cache_pin")
        self.pins[slot] = self.cache_page(file, index)
        self._same(step, ret=(step["ret"], 1))

    def not_cached(self, name: str, file: Inode, index: int) -> None:
        """The page cache of a file has no page there."""
        step = self.next(name, "find_get_page")
        self._same(step, incache=(step["ret"], int(index in self.snapshot.files[file.name].cache)))

    def gate(self, name: str) -> None:
        """The gate page in a pin slot: its count is the machine's, its bytes are code."""
        step = self.next(name, "page")
        pfn = self.pins[step["slot"]].pfn
        entries = [pte.pfn for process in self.snapshot.processes.values() for _, pte in process.ptes()]
        self._same(step, in_no_mm=(step["mapcount"], entries.count(pfn)))

    def device_pte(self, name: str, addr: int) -> None:
        """An entry of a device mapping: present and special, or it would be a normal page."""
        step = self.next(name, "pte")
        process = self.snapshot.processes[self.p.name]
        entry = process.pte(addr)
        special = entry is not None and entry.present and entry.pfn not in self.snapshot.frames
        self._same(step, special=(bool(step["special"]), special))
        self._report(step, compare.vma(step, process.find_vma(addr)))

    def poisoned_pte(self, name: str, addr: int) -> None:
        """An entry that says: this page is broken."""
        step = self.next(name, "pte")
        entry = self.snapshot.processes[self.p.name].pte(addr)
        self._same(step, poisoned=(True, entry is not None and entry.poisoned), present=(step["present"], 0))

    def _page(self, step: Recorded, pfn: int | None, private: int | None) -> None:
        frame: Frame | None = None if pfn is None else self.snapshot.frames.get(pfn)
        found = compare.page(step, frame, private)
        if step["count"]:
            found += self._frames.same(step["pfn"], pfn)
        if frame is not None and frame.kind == "zero":
            found += self._zero_page(step["count"], frame.refcount or 0)
        self._report(step, found)

    def _zero_page(self, real: int, sim: int) -> list[compare.Difference]:
        """Others hold the real zero page too: what must agree is by how much its count changes."""
        if self._zero_offset is None:
            self._zero_offset = real - sim
        return compare.fields([("count", real, sim + self._zero_offset)])

    def part(self, name: str, page: Any, *, pagevec: int = 0) -> None:
        """A frame of a huge page, looked at by pin slot or by number: the count is the head's, the mappings its own.

        ``pagevec``: references that the real kernel's list of new pages still held.
        """
        step = self.next(name, self._todo[0].get("op", "") if self._todo else "")
        frame = self.snapshot.frames[page.pfn]
        self._same(
            step, count=(step["count"] - pagevec, page_count(page)), mapcount=(step["mapcount"], frame.mapcount),
            byte=(step["byte"], frame.byte), offset=(step["pfn"] % 512, page.pfn % 512),
        )  # fmt: skip

    def no_table(self, name: str, addr: int) -> None:
        """The walk of a tool that knows only small entries ends one level early: a huge entry stands there."""
        step = self.next(name, "pte")
        entry = self.snapshot.processes[self.p.name].pte(addr)
        self._same(step, nolevel=(step["nolevel"] == 3, entry is not None and entry.huge))

    # -- the CPU and the pin's holder ----------------------------------------------------------------------

    def load(self, name: str, addr: int, task: Task | None = None, *, noise: int = 0) -> None:
        """A user load of one byte. ``noise``: minor faults of the test program's own, known from its twin steps."""
        step = dict(self.next(name, "user_load"))
        step["minflt"] -= noise
        self._touch(step, task or self.p, lambda t: self.k.load(t, addr)[0])

    def store(self, name: str, addr: int, task: Task | None = None) -> None:
        """A user store of the recorded byte."""
        step = self.next(name, "user_store")

        def act(task: Task) -> int:
            self.k.store(task, addr, bytes([step["value"]]))
            return int(step["value"])

        self._touch(step, task or self.p, act)

    def _touch(self, step: Recorded, task: Task, act: Callable[[Task], int]) -> None:
        before, value, signal = (task.min_flt, task.maj_flt), step["value"], 0
        try:
            value = act(task)
        except gk.Signal as killed:
            signal = SIGNALS[killed.name]
            value = step["value"]
        self._same(
            step, value=(step["value"], value), signal=(step["signal"], signal),
            minflt=(step["minflt"], task.min_flt - before[0]), majflt=(step["majflt"], task.maj_flt - before[1]),
        )  # fmt: skip

    def pin_write(self, name: str) -> None:
        """The pin's holder writes the recorded byte, as a device would."""
        step = self.next(name, "pin_write")
        page = self.pins[step["slot"]]
        page.content = page.content.write(step["off"], bytes([step["value"]]))
        self.acted()

    def pin_read(self, name: str) -> None:
        """The pin's holder reads."""
        step = self.next(name, "pin_read")
        page = self.pins[step["slot"]]
        self._same(step, value=(step["value"], page.content.read(step["off"], 1)[0]))

    def put(self, name: str = "put") -> Any:
        """put_page of the recorded slot; the page is returned to look at it by number."""
        page = self.pins.pop(self.next(name, "put_page")["slot"])
        self.k.put_page(page)
        self.acted()
        return page

    def set_dirty(self, name: str) -> None:
        """set_page_dirty or set_page_dirty_lock, whichever was recorded."""
        op = self._todo[0].get("op", "")
        step = self.next(name, op)
        ret = getattr(self.k, op)(self.pins[step["slot"]])
        self._same(step, ret=(step["ret"], int(ret)))

    # -- files, disk, reclaim ------------------------------------------------------------------------------

    def file_read(self, name: str, file: Inode) -> None:
        """read() of one byte through the page cache."""
        step = self.next(name, "file_read")
        self._same(step, byte=(step["byte"], first_byte(self.k.pread(file, step["off"] // PAGE))))

    def disk(self, name: str, file: Inode) -> None:
        """The byte on the disk itself."""
        step = self.next(name, "disk_read_odirect")
        self.acted()
        self._same(step, byte=(step["byte"], self.snapshot.files[file.name].disk[step["off"] // PAGE]))

    def writeback(self, name: str, file: Inode) -> None:
        """filemap_write_and_wait: dirty pages go to the disk."""
        step = self.next(name, "filemap_write_and_wait")
        self.k.writeback(file)
        self._same(step)

    def invalidate2(self, name: str, file: Inode) -> None:
        """invalidate_inode_pages2 of the whole file."""
        step = self.next(name, "invalidate_inode_pages2")
        self._same(step, ret=(step["ret"], int(self.k.invalidate_inode_pages2(file))))

    def invalidate(self, name: str, file: Inode) -> None:
        """invalidate_mapping_pages of the whole file: how many pages went."""
        step = self.next(name, "invalidate_mapping_pages")
        self._same(step, ret=(step["ret"], int(self.k.invalidate_mapping_pages(file))))

    def reclaim(self, name: str, addr: int) -> None:
        """Reclaim tries to unmap and free the page mapped at the address."""
        step = self.next(name, "reclaim(shrink_page_list)")
        self._same(step, freed=(step["freed"], self.k.reclaim(self.p, addr, PAGE)))

    def mlock(self, name: str, addr: int, pages: int, task: Task | None = None) -> None:
        """mlock of some pages."""
        step, task = self.next(name, "mlock"), task or self.p
        before = (task.min_flt, task.maj_flt)
        ret = int(self.k.mlock(task, addr, pages * PAGE))
        self._same(
            step, ret=(step["ret"] and -step["errno"], ret), minflt=(step["minflt"], task.min_flt - before[0]),
            majflt=(step["majflt"], task.maj_flt - before[1]),
        )  # fmt: skip

    def value(self, name: str, field: str, seen: int) -> None:
        """A step of the test program itself that reports one number."""
        step = self.next(name, self._todo[0].get("op") if self._todo else None)
        self._same(step, **{field: (step[field], int(seen))})

    def gone(self, name: str, page: Any) -> None:
        """The device could no longer look at the frame: it is free."""
        step = self.next(name, "pfn")
        self._same(step, free=(step["errno"] == 17, page.pfn not in self.snapshot.frames))

    def poke(self, name: str, ret: int, byte: int | None = None) -> None:
        """A write into memory through the kernel: its result (negative: the error) and what is there then."""
        step = self.next(name, None)
        self._same(step, ret=(-step["errno"] if step["ret"] < 0 else step["ret"], int(ret)))
        if "byte" in step:
            self._same(step, byte=(step["byte"], byte))

    def vm_start(self, name: str, addr: int) -> None:
        """Where the VMA around an address starts."""
        step = self.next(name, None)
        area = self.snapshot.processes[self.p.name].find_vma(addr)
        self._same(step, vmstart=(hex(step["vmstart"]), hex(area.start) if area else None))

    def compare(self, what: str, real: Any, sim: Any) -> None:
        """A value of a step that has been taken already."""
        self._report({"step": what}, compare.fields([("value", real, sim)]))

    # -- set-up --------------------------------------------------------------------------------------------

    def anon(self, pages: int = 1, prot: str = "rw", **options: Any) -> int:
        """A private anonymous mapping of P."""
        addr: int = self.k.mmap(self.p, pages=pages, prot=prot, **options)
        self.acted()
        return addr

    def file(self, fills: list[int], **options: Any) -> Inode:
        """A file whose page n is filled with ``fills[n]``, warm in the page cache unless told otherwise."""
        return self.k.file(f"f{len(self.k.files)}", fills, **options)

    def map(self, file: Inode, pages: int = 1, prot: str = "r", share: str = "shared", **options: Any) -> int:
        """A mapping of a file by P."""
        addr: int = self.k.mmap(self.p, pages=pages, prot=prot, share=share, file=file, **options)
        self.acted()
        return addr

    def touch(self, addr: int, byte: int | None = None, task: Task | None = None) -> None:
        """An unrecorded touch: a store of ``byte``, or a load."""
        if byte is None:
            self.k.load(task or self.p, addr)
        else:
            self.k.store(task or self.p, addr, bytes([byte]))
        self.acted()

    def do(self, op: str, *args: Any, **options: Any) -> Any:
        """Any other unrecorded action of P: ``r.do("madvise", addr, length, "DONTNEED")``."""
        return self.also(op, self.p, *args, **options)


def first_byte(answer: bytes | gk.Errno) -> int:
    """The first byte of what was read, or the error."""
    return answer if isinstance(answer, gk.Errno) else answer[0]


def _sem(count: int) -> str:
    """The device's raw rwsem count in words."""
    return "write" if count < 0 else "read" if count else "none"
