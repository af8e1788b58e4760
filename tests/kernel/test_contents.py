"""What processes read is what the simplest rules about memory say, in every era, whatever the machine does beneath."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gupkit.kernel import Kernel, Signal
from gupkit.kernel.eras import ERAS
from gupkit.kernel.sched import Task
from tests.kernel.bench import PAGE, WRITE, gup
from tests.kernel.test_rules import EXAMPLES

SIZE = 5
"""Pages of the private and of the shared region that everybody begins with."""

who = st.integers(0, 3)
page = st.integers(0, SIZE - 1)
span = st.integers(1, SIZE)
byte = st.integers(1, 255)
region = st.sampled_from(["private", "shared", "file"])


@dataclass
class Model:
    """One process by the rules of the manual: private bytes are its own; None is a page that is unmapped."""

    task: Task
    private: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(range(SIZE), 0))
    mapped: dict[str, set[int]] = field(default_factory=lambda: {"shared": set(range(SIZE)), "file": set(range(SIZE))})
    writable: set[int] = field(default_factory=lambda: set(range(SIZE)))
    copies: dict[int, int] = field(default_factory=dict)
    """Pages of the private file mapping that were written: their own bytes now."""


class Contents(RuleBasedStateMachine):
    """Three regions, up to four processes; ``shared`` and ``disk`` hold what all of them see."""

    @initialize(era=st.sampled_from(sorted(ERAS)), frames=st.sampled_from([4096, 48]), debug=st.booleans())
    def boot(self, era: str, frames: int, debug: bool) -> None:
        self.k = Kernel(era=era, frames=frames, debug=debug, swap_slots=256)
        p = self.k.spawn("P")
        self.file = self.k.file("f", list(range(0x41, 0x41 + SIZE)))
        self.at = {
            "private": self.k.mmap(p, pages=SIZE),
            "shared": self.k.mmap(p, pages=SIZE, share="shared"),
            "file": self.k.mmap(p, pages=SIZE, file=self.file),
        }
        self.shared = [0] * SIZE
        self.disk = [0x41 + i for i in range(SIZE)]
        self.living = [Model(p)]
        self.count = 0

    def model(self, number: int) -> Model:
        """One of the living."""
        return self.living[number % len(self.living)]

    def expected(self, model: Model, region: str, i: int) -> int | None:
        """What a load must give; None: SIGSEGV."""
        if region == "private":
            return model.private[i]
        if i not in model.mapped[region]:
            return None
        return self.shared[i] if region == "shared" else model.copies.get(i, self.disk[i])

    def address(self, region: str, i: int) -> int:
        """Where a page lies, the same in every process."""
        return self.at[region] + i * PAGE

    def load(self, model: Model, region: str, i: int) -> int | None:
        """What the process reads there."""
        try:
            return self.k.load(model.task, self.address(region, i))[0]
        except Signal:
            return None

    @rule(who=who, region=region, i=page)
    def read(self, who: int, region: str, i: int) -> None:
        model = self.model(who)
        assert self.load(model, region, i) == self.expected(model, region, i)

    @rule(who=who, region=region, i=page, byte=byte)
    def write(self, who: int, region: str, i: int, byte: int) -> None:
        model = self.model(who)
        allowed = self.expected(model, region, i) is not None and (region != "private" or i in model.writable)
        try:
            self.k.store(model.task, self.address(region, i), bytes([byte]))
        except Signal:
            assert not allowed
            return
        assert allowed
        self.written(model, region, i, byte)

    def written(self, model: Model, region: str, i: int, byte: int) -> None:
        """The rule of each region."""
        if region == "private":
            model.private[i] = byte
        elif region == "shared":
            self.shared[i] = byte
        else:
            model.copies[i] = byte

    @rule(who=who, i=page, byte=byte)
    def force(self, who: int, i: int, byte: int) -> None:
        """/proc/PID/mem writes whatever is mapped."""
        model = self.model(who)
        ret = self.k.mem_write(model.task, self.address("private", i), bytes([byte]))
        assert (ret == 1) == (model.private[i] is not None)
        if ret == 1:
            model.private[i] = byte

    @rule(who=who, region=region, i=page, byte=byte)
    def pin_and_write(self, who: int, region: str, i: int, byte: int) -> None:
        """A pin that is written, told dirty and put at once is as good as a store."""
        model = self.model(who)
        call = gup(self.k, model.task, self.address(region, i), 1, WRITE)
        allowed = self.expected(model, region, i) is not None and (region != "private" or i in model.writable)
        assert (call.ret == 1) == allowed
        for held in call.pages:
            self.k.page_store(held, byte)
            self.k.set_page_dirty_lock(held)
            self.k.put_page(held)
            self.written(model, region, i, byte)

    @precondition(lambda self: self.count < 3)
    @rule(who=who)
    def fork(self, who: int) -> None:
        self.count += 1
        model = self.model(who)
        child = Model(self.k.fork(model.task, f"C{self.count}"), dict(model.private),
                      {name: set(pages) for name, pages in model.mapped.items()}, set(model.writable),
                      dict(model.copies))  # fmt: skip
        self.living.append(child)

    @precondition(lambda self: len(self.living) > 1)
    @rule(who=who)
    def exit(self, who: int) -> None:
        model = self.model(who)
        self.living.remove(model)
        self.k.exit(model.task)

    @rule(who=who, region=region, i=page, pages=span)
    def unmap(self, who: int, region: str, i: int, pages: int) -> None:
        model, gone = self.model(who), range(i, min(i + pages, SIZE))
        assert self.k.munmap(model.task, self.address(region, i), len(gone) * PAGE) == 0
        for n in gone:
            if region == "private":
                model.private[n] = None
            else:
                model.mapped[region].discard(n)
            if region == "file":
                model.copies.pop(n, None)

    @rule(who=who, i=page, pages=span, prot=st.sampled_from(["r", "rw"]))
    def map_again(self, who: int, i: int, pages: int, prot: str) -> None:
        model, fresh = self.model(who), range(i, min(i + pages, SIZE))
        self.k.mmap(model.task, self.address("private", i), pages=len(fresh), prot=prot)
        model.private |= dict.fromkeys(fresh, 0)
        model.writable = model.writable - set(fresh) | (set(fresh) if prot == "rw" else set())

    @rule(who=who, i=page, pages=span, prot=st.sampled_from(["r", "rw"]))
    def protect(self, who: int, i: int, pages: int, prot: str) -> None:
        model = self.model(who)
        mapped = [n for n in range(i, min(i + pages, SIZE)) if model.private[n] is not None]
        for n in mapped:
            assert self.k.mprotect(model.task, self.address("private", n), PAGE, prot) == 0
        model.writable = model.writable - set(mapped) | (set(mapped) if prot == "rw" else set())

    @rule(who=who, region=region, i=page, pages=span)
    def dontneed(self, who: int, region: str, i: int, pages: int) -> None:
        model, gone = self.model(who), range(i, min(i + pages, SIZE))
        self.k.madvise(model.task, self.address(region, i), len(gone) * PAGE, "DONTNEED")
        for n in gone:
            if region == "private" and model.private[n] is not None:
                model.private[n] = 0
            if region == "file":
                model.copies.pop(n, None)

    @rule(i=page, byte=byte)
    def pwrite(self, i: int, byte: int) -> None:
        assert self.k.pwrite(self.file, i, bytes([byte])) == 1
        self.disk[i] = byte

    @rule(who=who, region=region, how=st.sampled_from(["reclaim", "PAGEOUT", "COLD"]))
    def push_out(self, who: int, region: str, how: str) -> None:
        task = self.model(who).task
        if how == "reclaim":
            self.k.reclaim(task, self.at[region], SIZE * PAGE)
        else:
            self.k.madvise(task, self.at[region], SIZE * PAGE, how)

    @rule(how=st.sampled_from(["drop_caches", "fsync", "invalidate_inode_pages2", "reclaim"]))
    def tidy(self, how: str) -> None:
        if how == "reclaim":
            self.k.reclaim(pages=20)
        else:
            getattr(self.k, how)(*() if how == "drop_caches" else (self.file,))

    @invariant()
    def whole(self) -> None:
        """The machine's own books are right after every rule."""
        if hasattr(self, "k"):
            self.k.check()
            assert not self.k.debug.reports

    def teardown(self) -> None:
        """At the end every byte of every process is what the model says."""
        for model in self.living if hasattr(self, "k") else ():
            for name in ("private", "shared", "file"):
                got = [self.load(model, name, i) for i in range(SIZE)]
                assert got == [self.expected(model, name, i) for i in range(SIZE)]


TestContents = Contents.TestCase
TestContents.settings = settings(max_examples=EXAMPLES // 2, stateful_step_count=30)
