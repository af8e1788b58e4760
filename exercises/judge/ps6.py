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
FAILS = "A failure gives back all that had come; who holds the lock after it is told by rule 2, what it is by rule 3."
WAITS = "After every call the variable is looked at, whether pages came or not; before every call it is set."
AGAIN = "A page that was waited for can be gone again; waits are counted for each page by itself."
LIMIT = "After so many waits for one page, rule 4: not one wait more, and nothing is left behind."
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


def pin(chance, number):
    """All is at hand; the first also for no pages at all."""
    return {"rows": each(some(chance, AT_HAND, 2, 5)) if number else []}


def pin_fails(chance, number):
    """What comes first is at hand, and then something cannot be had; or it cannot be had at once."""
    before = some(chance, AT_HAND, 1, 3)
    after = some(chance, AT_HAND, 0, 2)
    bad = ("hole", "read-only", "no memory", "first", "killed")[number % 5]
    if bad == "no memory":
        return {"rows": each(["untouched", *before, *after]), "no_memory": 1}
    if bad == "killed":
        return {"rows": each([*before, *after]), "killed": True}
    if bad == "first":
        return {"rows": each([chance.choice(["hole", "read-only"]), *before])}
    return {"rows": each([*before, bad, *after])}


def pin_waits(chance, number):
    """Waits at the first page and at later ones; and then all is well, or something is amiss."""
    cold = some(chance, NOT_AT_HAND, 1, 2)
    warm = some(chance, AT_HAND, 2, 3)
    end = [["hole"], [], ["read-only"]][number % 3]
    return {"rows": each(["warm", chance.choice(NOT_AT_HAND), *mixed(chance, cold, warm), *end])}


def pin_again(rule, chance, number):
    """Pages that are gone again, fewer times than the limit; and in one, T2 unmaps them meanwhile."""
    pages = each(mixed(chance, ["cold"] * 3, some(chance, AT_HAND, 1, 2)))
    cold = [i for i, (kind, _) in enumerate(pages) if kind == "cold"]
    recipe = {"rows": pages, "evict": {str(i): rule["most"] - 2 for i in cold}}
    if number % 3 == 1:
        recipe["meanwhile"] = [[chance.randint(2, 3), "unmaps", cold[-1], cold[-1] + 1]]
    return recipe


def pin_limit(rule, chance, number):
    """One page that is gone again as often as the limit allows, or oftener; another that is gone less often."""
    warm = some(chance, AT_HAND, 1, 2)
    pages = each([*warm, "cold", *some(chance, AT_HAND, 0, 2), "cold", *some(chance, ["cold", "warm"], 1, 2)])
    first, second, *_ = (i for i, (kind, _) in enumerate(pages) if kind == "cold")
    often = rule["most"] - 1 + (chance.randint(1, 3) if number % 2 else 0)
    return {"rows": pages, "evict": {str(first): 1, str(second): often}}


def present(chance, number):
    """Regions of every kind, nothing to wait for, no hole."""
    del number
    kinds = ["untouched", "warm", "device", "read-only", "written"]
    chance.shuffle(kinds)
    return {"rows": [[kind, chance.randint(1, 3)] for kind in kinds]}


def present_waits(chance, number):
    """T2 unmaps, cuts or fills while the caller sleeps; in one, nothing happens."""
    first, middle, last = chance.randint(1, 2), chance.randint(3, 4), chance.randint(1, 2)
    rows = [["warm", first], ["cold", middle], [chance.choice(["cold, private", "swapped"]), last], ["untouched", 1]]
    end = first + middle
    deed = [
        [1, "unmaps", first, end], [2, "makes read-only", first + 2, end + last], [1, "unmaps", end - 1, end + last],
    ][number % 3]  # fmt: skip
    return {"rows": rows, "meanwhile": [deed]}


def present_fails(chance, number):
    """A hole, no memory, no rights, or a signal: before, between, behind what must be waited for."""
    cold = [chance.choice(["cold", "cold, private"]), chance.randint(1, 2)]
    warm = ["warm", chance.randint(1, 2)]
    hole = ["hole", chance.randint(1, 2)]
    kind = ("hole", "last hole", "no rights", "killed", "first hole", "no memory")[number % 6]
    if kind == "no memory":
        return {"rows": [warm, ["cold", cold[1]], warm], "no_memory": 1}
    if kind == "killed":
        return {"rows": [warm, cold, warm], "meanwhile": [[1, "sends SIGKILL", 0, 0]]}
    rows = {
        "hole": [cold, hole, warm], "last hole": [warm, cold, hole], "first hole": [hole, cold, warm],
        "no rights": [cold, ["no rights", 1], warm],
    }  # fmt: skip
    return {"rows": rows[kind]}


PLANS = {
    "pin": (PLAIN, lambda rule, chance, n: pin(chance, n), 2, 4),
    "pin-fails": (FAILS, lambda rule, chance, n: pin_fails(chance, n), 5, 10),
    "pin-waits": (WAITS, lambda rule, chance, n: pin_waits(chance, n), 3, 6),
    "pin-again": (AGAIN, pin_again, 2, 6),
    "pin-limit": (LIMIT, pin_limit, 2, 6),
    "present": (PRESENT, lambda rule, chance, n: present(chance, n), 1, 3),
    "present-waits": (STALE, lambda rule, chance, n: present_waits(chance, n), 3, 6),
    "present-fails": (STOPS, lambda rule, chance, n: present_fails(chance, n), 6, 12),
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
