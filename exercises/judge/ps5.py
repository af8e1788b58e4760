"""The judge of ps5: the loop for every sheet, and the cases."""

from random import Random

from gupkit.course.model import Case
from gupkit.kernel.errno import Errno
from gupkit.kernel.flags import (
    FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_WRITE, FOLL_FORCE, FOLL_WRITE, VM_FAULT_ERROR, VM_FAULT_OOM, VM_FAULT_RETRY,
    VM_FAULT_WRITE, VM_IO, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_PFNMAP, VM_READ, VM_SHARED, VM_WRITE,
)  # fmt: skip
from gupkit.kernel.gup import follow_page
from gupkit.kernel.memory import charge_fault, handle_mm_fault
from gupkit.kernel.page import put_page
from gupkit.kernel.pgtable import PAGE_SIZE
from gupkit.kernel.sched import cond_resched, fatal_signal_pending
from gupkit.kernel.stack import find_extend_vma


class Stop(Exception):
    """An error ends the walk."""


class Walk:
    """One call."""

    def __init__(self, rule, tsk, mm, start, gup_flags, pages, vmas, nonblocking):
        self.rule, self.tsk, self.mm, self.start, self.flags = rule, tsk, mm, start, gup_flags
        self.pages, self.vmas, self.nonblocking = pages, vmas, nonblocking
        self.kernel = mm.kernel
        self.i = 0

    def run(self, wanted):
        """Up to ``wanted`` pages: the answer."""
        try:
            if self.rule["checked"] == "ahead":
                for i in range(wanted):
                    self.region(self.start + i * PAGE_SIZE)
            while self.i < wanted:
                self.take(*self.page(self.start + self.i * PAGE_SIZE))
                if self.rule["killed"] == "after" and self.i < wanted:
                    self.stop_if_killed()
        except Stop as stop:
            return self.ended(stop.args[0])
        return self.i

    def region(self, address):
        """The region of an address, if it may be had."""
        vma = find_extend_vma(self.mm, address)
        if vma is None or vma.vm_flags & (VM_IO | VM_PFNMAP) or not vma.vm_flags & self.right(vma):
            raise Stop(Errno.EFAULT)
        return vma

    def right(self, vma):
        """The flag that the region must have."""
        write, force = self.flags & FOLL_WRITE, self.flags & FOLL_FORCE
        if self.rule["force"] == "private":
            force = force and not vma.vm_flags & (VM_SHARED | VM_MAYSHARE)
        else:
            force = force and self.kernel.running_task().mm is not self.mm
        if force:
            return VM_MAYWRITE if write else VM_MAYREAD
        return VM_WRITE if write else VM_READ

    def page(self, address):
        """The page and its region, after as many faults as it takes."""
        vma, flags, may_wait, faults = self.region(address), self.flags, self.nonblocking is not None, 0
        while (found := self.look(vma, address, flags)) is None:
            faults += 1
            ret = self.fault(vma, address, flags, may_wait, faults)
            if ret & VM_FAULT_RETRY:
                self.waited()
                vma, may_wait = self.region(address), False
            elif ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
                flags = flags & ~FOLL_WRITE
        if isinstance(found, Errno):
            raise Stop(found)
        return found, vma

    def look(self, vma, address, flags):
        """What is mapped now."""
        cond_resched(self.kernel)
        return follow_page(vma, address, flags)

    def fault(self, vma, address, flags, may_wait, number):
        """The ``number``-th fault of a page: the VM_FAULT bits."""
        if self.rule["killed"] == "fault":
            self.stop_if_killed()
        if number > self.rule["most"]:
            raise Stop(Errno.EBUSY)
        fault_flags = FAULT_FLAG_ALLOW_RETRY * may_wait | FAULT_FLAG_WRITE * bool(flags & FOLL_WRITE)
        ret = handle_mm_fault(self.mm, vma, address, fault_flags)
        if ret & VM_FAULT_ERROR:
            raise Stop(Errno.ENOMEM if ret & VM_FAULT_OOM else Errno.EFAULT)
        charge_fault(self.tsk, ret)
        return ret

    def waited(self):
        """The lock was let go."""
        self.nonblocking.value = 0
        if self.rule["waits"] == "error":
            raise Stop(Errno.EAGAIN)
        self.mm.mmap_sem.down_read()

    def stop_if_killed(self):
        """The running task's SIGKILL ends the walk."""
        if fatal_signal_pending(self.kernel.running_task()):
            raise Stop(Errno.ERESTARTSYS)

    def take(self, page, vma):
        """One page more."""
        for array, value in ((self.pages, page), (self.vmas, vma)):
            if array is not None:
                array[self.i] = value
        self.i += 1

    def ended(self, error):
        """The answer after an error."""
        if self.rule["ends"] == "note":
            if self.i and self.pages is not None:
                self.pages[self.i] = error
            return self.i or error
        for array, give_back in ((self.pages, put_page), (self.vmas, lambda vma: None)):
            for i in range(self.i if array is not None else 0):
                give_back(array[i])
                array[i] = None
        return error


def answers(rule):
    """The reference."""

    def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
        walk = Walk(rule, tsk, mm, start, gup_flags, pages, vmas, nonblocking)
        return walk.run(min(nr_pages, rule["batch"])) if nr_pages > 0 else 0

    return {"__get_user_pages": __get_user_pages}


# --- cases

READ, WRITE, FORCED = ["GET"], ["WRITE", "GET"], ["WRITE", "FORCE", "GET"]
BY_D = {"runs": "D"}
ABLE = {"nonblocking": True}
COLD = {"cached": False}


class Draft:
    """The history of a machine and a call on it, under names that say nothing."""

    def __init__(self, chance):
        self.chance = chance
        self.names = chance.sample("ABEFGHIJKLMNOQRSUVWXYZ", 8)
        self.steps = [["thread", "T2"], ["spawn", "D"]]
        self.regions = []

    def map(self, pages=1, past="", **how):
        """The next region, behind the last if there is one; its pages ``past``: ``store``, ``load`` or nothing."""
        name = self.names.pop()
        if how.get("file") == "new":
            how["file"] = f"{name}.dat"
            self.steps.append(["file", how["file"], how.pop("size", pages), how.pop("cached", True)])
        if self.regions:
            how["behind"] = self.regions[-1]
        self.regions.append(name)
        self.steps.append(["map", name, pages, how])
        for page in range(pages if past else 0):
            self.steps.append([past, name, page])
        return self

    def then(self, what, *more):
        """Another step; ``-1`` in it stands for the last region."""
        self.steps.append([what, *(self.regions[-1] if value == -1 else value for value in more)])
        return self

    def file(self, **how):
        """A region over a file of its own."""
        return self.map(file="new", **how)

    def protected(self, prot, pages=1, **how):
        """A region whose pages were written, and then its rights changed."""
        return self.map(pages, past="store", **how).then("protect", -1, 0, pages, prot)

    def ask(self, pages, flags, first=0, byte=0, **more):
        """The call: from page ``first`` of the first region."""
        arrays = more.pop("arrays", ["pages", "vmas"] if "GET" in flags else [])
        others = [[when, self.regions[region], page, what, times] for when, region, page, what, times
                  in more.pop("meanwhile", [])]  # fmt: skip
        return {
            "steps": self.steps, "start": [self.regions[0], first, byte], "pages": pages, "flags": flags, "runs": "P",
            "tsk": "P", "arrays": arrays, "nonblocking": False, "meanwhile": others,
        } | more  # fmt: skip


def killed_on(page, region=0):
    """P gets SIGKILL when a page is there."""
    return ["is mapped", region, page, "P is killed", 1]


def lost_on(page, times=1, when="is mapped"):
    """A page is thrown away when it is there."""
    return [when, 0, page, "T2 throws it away", times]


# rights: every right there is, asked for with every flag, of pages that are all mapped


def rights_of_now(new, rule, chance):
    """Without FOLL_FORCE the right of now counts: VM_WRITE with FOLL_WRITE, else VM_READ; none implies another."""
    del rule, chance
    yield from (new().map(past="store").ask(1, flags) for flags in (READ, WRITE))
    yield from (new().protected(prot).ask(1, flags) for prot in ("r", "") for flags in (READ, WRITE))
    yield from (new().map(prot="w", past="store").ask(1, flags) for flags in (READ, WRITE))
    yield new().protected("x").ask(1, READ)


def rights_by_force(new, rule, chance):
    """FOLL_FORCE asks for VM_MAYREAD or VM_MAYWRITE instead, but only where rule 3 says that force helps."""
    del rule, chance

    def ro_file():
        return new().file(share="shared", prot="r", ro=True, past="load")

    def shared():
        return new().file(share="shared", past="store").then("protect", -1, 0, 1, "")

    yield from (new().protected("").ask(1, ["GET", "FORCE"], runs=runs) for runs in ("P", "D"))
    yield from (shared().ask(1, ["GET", "FORCE"], runs=runs) for runs in ("P", "D"))
    yield new().file(share="shared", past="store").ask(1, FORCED)
    yield from (ro_file().ask(1, flags, runs="D") for flags in (FORCED, ["GET", "FORCE"]))


def rights_to_devices(new, rule, chance):
    """The memory of a device (VM_IO, VM_PFNMAP) is given to nobody, whatever its rights, forced or not."""
    del rule, chance
    yield from (new().map(kind="pfnmap").ask(1, flags, runs="D") for flags in (READ, WRITE, ["GET", "FORCE"]))
    yield new().map(past="store").ask(1, READ)


# range: several regions in one call


def each_region(new, rule, chance):
    """Each region of the range has rights of its own, and each is looked for and tested."""
    del rule, chance
    yield new().map(2, past="store").file(pages=2, share="shared", past="store").ask(4, [*WRITE, "TOUCH"])
    yield new().map(2, past="store").protected("r", 2).ask(4, [*WRITE, "TOUCH"])
    yield new().protected("").map(3, past="store").ask(4, [*READ, "TOUCH"])
    yield new().map(2, past="store").protected("", 2).ask(4, [*READ, "TOUCH"], arrays=["pages"])


def holes(new, rule, chance):
    """A hole or a device in the range is an error, too; rule 2 says when it is found, and rule 4 what is left then."""
    del rule
    yield new().map(chance.randrange(1, 4), past="store").ask(4, [*READ, "TOUCH"])
    yield new().map(2, past="store").map(kind="pfnmap").protected("r").ask(4, [*READ, "TOUCH"])
    yield new().map(2, past="store").ask(3, READ, first=-1)
    yield new().map(4, past="store").then("unmap", -1, chance.randrange(1, 3), 1).ask(4, [*READ, "TOUCH"])


def beyond_the_batch(new, rule, chance):
    """What lies beyond the pages that rule 1 allows is not asked for: holes there are no matter."""
    yield new().map(rule["batch"], past="store").ask(rule["batch"] + chance.randrange(1, 4), [*READ, "TOUCH"])
    yield new().map(rule["batch"], past="store").protected("").ask(rule["batch"] + 1, READ)


# arrays


def places(new, rule, chance):
    """The i-th place of each array is for the i-th page; None is no array."""
    del rule, chance

    def two(flags, **more):
        return new().map(2, past="store").file(pages=2, past="store").ask(3, flags, first=1, **more)

    yield from (two(READ, arrays=given) for given in (["pages"], ["pages", "vmas"]))
    yield from (two(["TOUCH"], arrays=given) for given in ([], ["vmas"]))


def odd_requests(new, rule, chance):
    """No page asked for is 0 and no error; a start within a page is its page; one page can come twice."""
    del rule
    yield from (new().map(2, past="store").ask(count, READ) for count in (0, -1, -chance.randrange(2, 9)))
    yield new().map(3, past="store").ask(3, READ, byte=chance.randrange(1, 4096))
    twice = new().file(share="shared", past="store")
    yield twice.map(file=twice.steps[-2][3]["file"], share="shared", past="store").ask(2, WRITE)


def batches(new, rule, chance):
    """At most as many pages as rule 1 allows come of one call, and that is no error."""
    most = rule["batch"]
    yield from (new().map(most + 3, past="store").ask(most + more, READ) for more in (0, 1, chance.randrange(2, 4)))


# partial: errors at the first page, and after pages


def failed_faults(new, rule, chance):
    """A fault can fail: no memory is -ENOMEM, all else -EFAULT. Rule 4 says what becomes of the pages before."""
    del rule
    good = chance.randrange(1, 3)
    short = {"pages": 4, "size": good, "share": "shared"}
    yield new().file(**short).ask(4, READ)
    yield new().file(**short).ask(2, READ, first=good)
    yield from (new().map(4).then("refuse frame", n).ask(4, WRITE) for n in (1, good + 1))
    yield new().map(4).then("refuse frame", good + 1).ask(4, ["WRITE"])


def no_page_to_give(new, rule, chance):
    """follow_page can answer with an error: then no fault helps, and rule 4 says what becomes of the pages before."""
    del rule, chance
    yield new().map(2, past="store").map(kind="mixedmap").ask(3, READ)
    yield new().map(kind="mixedmap").ask(1, READ)
    yield new().map(2, past="store").map(2).ask(4, ["GET", "DUMP"])


def never_there(new, rule, chance):
    """A page that others throw away again and again is -EBUSY after the faults of rule 5; rule 4 for those before."""
    gone = [lost_on(chance.randrange(1, 3), rule["most"])]
    yield new().map(4).ask(4, WRITE, meanwhile=gone)
    yield new().map(3).ask(3, WRITE, meanwhile=gone, arrays=["pages"])
    yield new().map(2).ask(2, READ, meanwhile=[lost_on(0, rule["most"])])


# fault


def not_there(new, rule, chance):
    """A page that is not there, or not good enough, is faulted in and looked up again; the fault is told of a write."""
    del rule
    yield from (new().map(3).ask(3, flags) for flags in (READ, WRITE))
    yield from (new().file(pages=2, **how).ask(2, WRITE) for how in ({}, {"past": "load"}, {"share": "shared"}))
    yield new().map(2, past="store").then("fork", "C").ask(2, WRITE)
    yield new().map(past="load").map(past="store", prot="rwx").map(prot="r").ask(3, READ)
    yield new().map(chance.randrange(1, 4)).ask(1, ["WRITE"])


def charged(new, rule, chance):
    """Each fault that did not fail is charged to tsk, whoever runs; without a tsk to nobody; waits for a disk too."""
    del rule, chance
    yield from (new().map(2).ask(2, WRITE, **who) for who in ({"tsk": None}, {"tsk": "D"}, {"runs": "D"}))
    yield new().file(pages=2, cached=False).ask(2, READ)
    yield from (new().map(past="store").then("reclaim", -1, 0).ask(1, flags) for flags in (READ, WRITE))


def lost_again(new, rule, chance):
    """A page can be lost again before it is looked up: then it is faulted in once more, as often as rule 5 allows."""
    del chance
    few = [lost_on(0, rule["most"] - 1)]
    yield from (new().map(2).ask(2, flags, meanwhile=few) for flags in (READ, WRITE))
    yield new().map().ask(1, WRITE, meanwhile=[lost_on(0, rule["most"])])


# forced: writes by force to private memory that may not be written


def copies(new, rule, chance):
    """A forced write never gets a writable entry: once its copy is made, it is looked up as a read."""
    del rule, chance
    yield new().map(prot="r").ask(1, FORCED, **BY_D)
    yield new().protected("r").ask(1, FORCED, **BY_D)
    yield from (new().file(prot="r", **how).ask(1, FORCED, **BY_D) for how in ({}, {"past": "load"}))
    yield new().map(past="store").then("protect", -1, 0, 1, "r").then("fork", "C").ask(1, FORCED, **BY_D)
    yield new().protected("").ask(1, FORCED, **BY_D)


def one_page_only(new, rule, chance):
    """What is dropped from the flags for one page is there again for the next: it must be written, too."""
    del rule
    yield new().map(2, prot="r").ask(2, FORCED, **BY_D)
    yield new().protected("r", 2).ask(2, FORCED, **BY_D)
    yield new().map(prot="r").map(chance.randrange(2, 4), prot="rw").ask(3, FORCED, **BY_D)
    yield new().map(prot="rw").map(prot="r").map(prot="rw").ask(3, FORCED, **BY_D)


def where_writing_is_allowed(new, rule, chance):
    """In a region that may be written nothing is dropped: a copy that is lost again must be made again."""
    del rule, chance
    rewritten = [lost_on(0, when="is writable")]
    yield new().map(past="store").then("fork", "C").ask(1, WRITE, meanwhile=rewritten)
    yield new().map(past="load").ask(1, WRITE, meanwhile=rewritten)


# signal


def killed_before(new, rule, chance):
    """A SIGKILL that was there before the call is noticed where rule 7 says, and only there."""
    del rule, chance
    yield from (new().map(3, past=past).then("kill", "P").ask(3, READ) for past in ("store", ""))
    yield new().map(2, past="store").map(2, prot="rwx").then("kill", "P").ask(3, WRITE)


def killed_meanwhile(new, rule, chance):
    """SIGKILL can come at any moment, at the last page and between two faults as well: rule 7 holds each time."""
    pages = chance.randrange(3, 5)
    yield new().map(4).ask(pages, WRITE, meanwhile=[killed_on(1)])
    yield from (new().map(count).ask(count, WRITE, meanwhile=[killed_on(count - 1)]) for count in (1, 2))
    yield new().map(2).ask(2, READ, meanwhile=[killed_on(0), lost_on(0)])
    most = rule["batch"]
    yield new().map(most - 1, past="store").map(2, prot="rwx").ask(most + 1, WRITE, meanwhile=[killed_on(0, region=1)])


def signal_of_another(new, rule, chance):
    """It is the SIGKILL of the task that runs the call, not of the one whose memory it is."""
    del rule, chance
    yield from (new().map(3).then("kill", name).ask(3, WRITE, runs="D") for name in ("P", "D"))


# wait: pages that must come from a disk


def may_wait(new, rule, chance):
    """Only a fault that can wait lets mmap_sem go, and only for a caller who gave nonblocking."""
    del rule, chance
    yield new().map(2, past="store").ask(2, READ, **ABLE)
    yield new().map(2).ask(2, WRITE, **ABLE)
    yield new().file(**COLD).ask(1, READ)


def waited(new, rule, chance):
    """A fault that let mmap_sem go says VM_FAULT_RETRY: the caller is told by nonblocking; rule 6 says what follows."""
    del rule
    yield from (new().file(**COLD).ask(1, flags, **ABLE) for flags in (READ, WRITE))
    some = chance.randrange(1, 3)
    yield new().map(some, past="store").file(**COLD).ask(some + 1, READ, **ABLE)
    yield new().map(past="store").then("reclaim", -1, 0).ask(1, WRITE, **ABLE)
    yield new().file(**COLD).file(**COLD).map(past="store").ask(3, READ, **ABLE)


def changed_meanwhile(new, rule, chance):
    """While nobody held mmap_sem, others could do anything: no region, no page and no error from before still holds."""
    del rule, chance

    def asleep(what, region=0, page=0, when="is waited for"):
        return ABLE | {"meanwhile": [[when, region, page, what, 1]]}

    yield new().file(**COLD).ask(1, READ, **asleep("T2 unmaps it"))
    yield new().file(**COLD).map(past="store").ask(2, READ, **asleep("T2 unmaps it", 1))
    yield new().map(past="store").file(**COLD).ask(2, READ, **asleep("T2 unmaps it", 1))
    yield new().file(**COLD).ask(1, READ, **asleep("T2 drops it from its file's cache", when="has come"))


MAKERS = {
    "rights": (rights_of_now, rights_by_force, rights_to_devices), "range": (each_region, holes, beyond_the_batch),
    "arrays": (places, odd_requests, batches), "partial": (failed_faults, no_page_to_give, never_there),
    "fault": (not_there, charged, lost_again), "forced": (copies, one_page_only, where_writing_is_allowed),
    "signal": (killed_before, killed_meanwhile, signal_of_another), "wait": (may_wait, waited, changed_meanwhile),
}  # fmt: skip
"""Check → what makes its calls, an idea each; the idea is in its first line."""


def case(make, rule, chance):
    """All calls of a maker, in any order."""
    made = list(make(lambda: Draft(chance), rule, chance))
    chance.shuffle(made)
    return Case(make.__doc__, made)


def visible(rule, chance: Random):
    """An example of each idea: it has a call for every side of it."""
    return {name: [case(make, rule, chance) for make in makers] for name, makers in MAKERS.items()}


def hidden(rule, chance: Random):
    """The same ideas on other machines."""
    return visible(rule, chance)
