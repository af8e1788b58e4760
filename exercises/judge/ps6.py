"""The judge of ps6: both callers for every sheet, and the cases."""

from random import Random

from gupkit.course.model import Case
from gupkit.kernel import Cell
from gupkit.kernel.errno import Errno
from gupkit.kernel.flags import FOLL, VM
from gupkit.kernel.page import put_page
from gupkit.kernel.pgtable import PAGE_SIZE
from gupkit.kernel.vma import find_vma

PLAIN = "Where nothing must be waited for, the pages come, and the lock is released as often as it was taken."
WAITS = "After every call the variable is looked at, whether pages came or not; before every call it is set."
AGAIN = "A page that was waited for can be gone again; waits are counted for each page by itself."
FAILS = "A failure gives back all that had come; who holds the lock after it is told by rule 2, what it is by rule 3."
LIMIT = "After so many waits for one page, rule 4: not one wait more or less, and nothing is left behind."
PRESENT = "Region by region, each with its own flags; devices are passed over, and no references are taken."
STALE = "After a wait nothing that was known about regions holds: the region can be another, or none."
STOPS = "A hole or a failure ends it as rules 3 and 5 say, with the lock released."


def sheets_gup(p):
    """The sheet's function, by the name that means something else inside a class."""
    return p.kernel.gup.__get_user_pages


class Call:
    """Calls of the sheet's function, and whether the lock is held between them."""

    def __init__(self, rule, p):
        self.rule, self.p = rule, p
        self.held = False

    def __call__(self, start, nr_pages, flags, pages, pointer=True):
        """(pages that came, the page that was waited for or None, the failure or 0)"""
        if not self.held:
            self.p.mm.mmap_sem.down_read()
        untouched = -1 if self.rule["flag"] == "where" else 0
        flag = Cell(untouched)
        came = sheets_gup(self.p)(self.p, self.p.mm, start, nr_pages, flags, pages, None, flag if pointer else None)
        waited = flag.value != untouched
        failed = came <= 0 and not waited
        self.held = not failed if self.rule["lock"] == "back" else not waited
        return max(came, 0), waited, self.failure(came) if failed else 0

    def failure(self, came):
        """What a failure is handed on as."""
        return {0: Errno.EFAULT, Errno.EAGAIN: Errno.ENOMEM}.get(came, came)

    def done(self, result):
        """The result, after the lock is released."""
        if self.held:
            self.p.mm.mmap_sem.up_read()
        return result


def answers(rule):
    """The reference."""

    def pin_without_waiting(p, start, nr_pages):
        call, result, waits, error = Call(rule, p), [], {}, 0
        while len(result) < nr_pages and not error:
            number, pages = len(result), []
            often = waits.get(number, 0) == rule["most"]
            at, want = start + number * PAGE_SIZE, 1 if often else nr_pages - number
            _, waited, error = call(at, want, FOLL.WRITE | FOLL.GET, pages, pointer=not often)
            result += pages
            if waited:
                number = len(result)
                waits[number] = waits.get(number, 0) + 1
                if waits[number] == rule["most"] and rule["limit"] == "busy":
                    error = Errno.EBUSY
        for page in result if error else ():
            put_page(page)
        return call.done(error or result)

    def make_present(p, start, end):
        call, error = Call(rule, p), 0
        while start < end and not error:
            if not call.held:
                p.mm.mmap_sem.down_read()
                call.held = True
            vma = find_vma(p.mm, start)
            if vma is None or vma.vm_start > start:
                if rule["holes"] == "stop":
                    error = Errno.ENOMEM
                start = end if vma is None else vma.vm_start
            elif vma.vm_flags & (VM.IO | VM.PFNMAP):
                start = vma.vm_end
            else:
                both = VM.WRITE | VM.SHARED
                write = rule["for_write"] == "shared" and vma.vm_flags & both == both
                flags = FOLL.TOUCH | FOLL.WRITE if write else FOLL.TOUCH
                n, _, error = call(start, (min(end, vma.vm_end) - start) // PAGE_SIZE, flags, None)
                start += n * PAGE_SIZE
        return call.done(error)

    return {"pin_without_waiting": pin_without_waiting, "make_present": make_present}


AT_HAND = ["warm", "written", "untouched"]
NOT_AT_HAND = ["cold", "swapped"]
"""Pages for which a writer has to wait."""


def each(kinds):
    """A row for each kind."""
    return [[kind, 1] for kind in kinds]


def some(chance, kinds, least, most):
    """From ``least`` to ``most`` of these kinds, in any order, each perhaps more than once."""
    return [chance.choice(kinds) for _ in range(chance.randint(least, most))]


def mixed(chance, *groups):
    """The groups together, shuffled."""
    kinds = [kind for group in groups for kind in group]
    chance.shuffle(kinds)
    return kinds


def pin(rule, chance, number):
    """All is at hand; the first also for no pages at all."""
    return {"rows": each(some(chance, AT_HAND, 2, 5)) if number else []}


def pin_waits(rule, chance, number):
    """One or two waits: at the first page, at later ones, at two in a row."""
    warm = [some(chance, AT_HAND, 1, 2) for _ in range(3)]
    one, two = chance.choices(NOT_AT_HAND, k=2)
    rows = [
        [one, *warm[0]], [*warm[0], one, *warm[1], two], [*warm[0], one, two, *warm[1]], [one, two], [*warm[2], one],
    ][number % 5]  # fmt: skip
    return {"rows": each(rows)}


def pin_again(rule, chance, number):
    """Pages that are gone again, fewer times than the limit."""
    pages = each(mixed(chance, ["cold"] * 3, some(chance, AT_HAND, 1, 2)))
    cold = [i for i, (kind, _) in enumerate(pages) if kind == "cold"]
    return {"rows": pages, "evict": {str(i): rule["most"] - 2 for i in cold}}


def pin_fails(rule, chance, number):
    """Something cannot be had: at once, after pages that were at hand, after a wait, or since a wait."""
    before, after = some(chance, AT_HAND, 1, 3), some(chance, AT_HAND, 0, 2)
    wait = chance.choice(NOT_AT_HAND)
    end = len(before) + 1
    return [
        {"rows": each([*before, "hole", *after])},
        {"rows": each([chance.choice(["hole", "read-only"]), *before])},
        {"rows": each([*before, wait, "read-only", *after])},
        {"rows": each([*before, wait, *after]), "meanwhile": [[1, "unmaps", end - 1, end]]},
        {"rows": each(["untouched", *before]), "no_memory": 1},
        {"rows": each([*before, wait, "hole", *after])},
        {"rows": each([*before, *after]), "killed": True},
        {"rows": each([wait, *before, *after]), "meanwhile": [[1, "sends SIGKILL", 0, 0]]},
    ][number % 8]  # fmt: skip


def pin_limit(rule, chance, number):
    """A page that is gone again: just as often as the limit allows, just too often, or much oftener."""
    warm = some(chance, AT_HAND, 1, 2)
    pages = each([*warm, "cold", *some(chance, AT_HAND, 0, 2), "cold", *some(chance, ["cold", "warm"], 1, 2)])
    first, second, *_ = (i for i, (kind, _) in enumerate(pages) if kind == "cold")
    often = rule["most"] + [-1, chance.randint(1, 3), -2][number % 3]
    return {"rows": pages, "evict": {str(first): 1, str(second): often}}


def present(rule, chance, number):
    """Regions of every kind, nothing to wait for, no hole."""
    kinds = ["untouched", "warm", "device", "read-only", "written"]
    chance.shuffle(kinds)
    return {"rows": [[kind, chance.randint(1, 3)] for kind in kinds]}


def present_waits(rule, chance, number):
    """While the caller sleeps T2 unmaps what it was in, or takes the right to write away from some of it."""
    first, middle, last = chance.randint(1, 2), chance.randint(3, 4), chance.randint(1, 2)
    end = first + middle
    if number % 3 == 2:
        rows = [["cold", first], ["cold, read-only", last], ["cold", middle], ["read-only", 1]]
        return {"rows": rows, "meanwhile": [[first + last + 1, "makes read-only", first + last + 1, end + last]]}
    rows = [["read-only", first], ["cold, read-only", middle], ["cold, read-only", last], ["read-only", 1]]
    return {"rows": rows, "meanwhile": [[1, "unmaps", end - 1 if number % 3 else first, end]]}


def present_fails(rule, chance, number):
    """A hole, no memory, no rights, or a signal: before, between, behind what must be waited for."""
    cold, warm = ["cold, read-only", chance.randint(2, 3)], ["read-only", chance.randint(1, 2)]
    hole = ["hole", chance.randint(1, 2)]
    return [
        {"rows": [cold, hole, warm]},
        {"rows": [cold, ["no rights", 1], warm]},
        {"rows": [warm, cold, hole], "alone": True},
        {"rows": [warm, cold, warm], "no_memory": 1},
        {"rows": [hole, cold, warm]},
        {"rows": [warm, cold, warm], "meanwhile": [[1, "sends SIGKILL", 0, 0]]},
        {"rows": [warm, cold, hole]},
    ][number % 7]


PLANS = {
    "pin": (PLAIN, pin, 2, 4),
    "pin-waits": (WAITS, pin_waits, 3, 5),
    "pin-again": (AGAIN, pin_again, 1, 4),
    "pin-fails": (FAILS, pin_fails, 3, 8),
    "pin-limit": (LIMIT, pin_limit, 2, 6),
    "present": (PRESENT, present, 1, 3),
    "present-waits": (STALE, present_waits, 2, 6),
    "present-fails": (STOPS, present_fails, 3, 7),
}
"""Check → its trap, how a case is made, how many are shown, how many are hidden."""


def cases(rule, chance, count):
    """So many cases of each check."""
    return {
        name: [Case(plan[0], {"at": chance.randrange(1 << 24)} | plan[1](rule, chance, n)) for n in range(plan[count])]
        for name, plan in PLANS.items()
    }  # fmt: skip


def visible(rule, chance: Random):
    """Examples of each kind."""
    return cases(rule, chance, 2)


def hidden(rule, chance: Random):
    """The same kinds, otherwise mixed, elsewhere."""
    return cases(rule, chance, 3)
