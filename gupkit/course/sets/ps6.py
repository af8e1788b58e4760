"""ps6, nonblocking callers that are right: two loops around a ``__get_user_pages`` with conventions of its own."""

from __future__ import annotations

from typing import Any

from ...kernel.pgtable import PAGE_SIZE
from ..model import Answers, Check, ProblemSet, Rule
from ..plain import returned
from ..waits import Waiting, waiting

RULES = tuple(
    {
        "flag": flag, "lock": lock, "zero": zero, "limit": limit, "most": 3 + i % 3,
        "holes": "stop" if (flag == "where") ^ (zero == "both") else "skip",
        "for_write": "shared" if (lock == "back") ^ (limit == "ask") else "never",
    }
    for i, (flag, lock, zero, limit) in enumerate(
        (flag, lock, zero, limit)
        for flag in ("lost", "where")
        for lock in ("gone", "back")
        for zero in ("both", "eagain")
        for limit in ("busy", "ask")
    )
)  # fmt: skip

SAYS = {
    "flag": {
        "lost": "You put **0** into the variable. When the call had to let go of the lock, it writes **1** there;"
        " otherwise it writes nothing.",
        "where": "You put **-1** into the variable. When the call had to let go of the lock, it writes there **which"
        " page it waited for**, counted from `start` of this call: 0 is the first. Otherwise it writes nothing.",
    },
    "lock": {
        "gone": "If it says that the call has let go of the lock, the lock is **no longer yours**: take it again"
        " yourself. After a failure you still hold it.",
        "back": "If it says that the call has let go of the lock, the call **has taken it again** after its wait: you"
        " hold it as before. But after a failure you **no longer hold it**.",
    },
    "zero": {
        "both": "**0** has two meanings. If the variable was written: a wait was needed at the first page. If not:"
        " nothing is mapped at `start`, a failure, which you hand on as `-EFAULT`.",
        "eagain": "**-EAGAIN** has two meanings. If the variable was written: a wait was needed at the first page. If"
        " not: there was no memory, a failure, which you hand on as `-ENOMEM`.",
    },
    "limit": {
        "busy": "Once calls have waited **{most} times** for one and the same page, do not ask for it again: give back"
        " what you hold, and return `-EBUSY`.",
        "ask": "Once calls have waited **{most} times** for one and the same page, ask for **this page alone** with"
        " `None` in place of the variable: such a call sleeps with the lock held, and brings the page. The pages after"
        " it are asked for as before.",
    },
    "holes": {
        "stop": "A **hole**, an address in no region, ends it: return `-ENOMEM`.",
        "skip": "A **hole**, addresses in no region, is passed over.",
    },
    "for_write": {
        "shared": "`FOLL.WRITE` is set for every region with `VM_WRITE` **and** `VM_SHARED`, and for no other.",
        "never": "`FOLL.WRITE` is **never** set.",
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """The kernel of the sheet."""
    said = {name: SAYS[name][rule[name]].format_map(rule) for name in SAYS}
    return (
        "On your machine `k.gup.__get_user_pages` takes Linux's arguments, and the last is a pointer to a variable"
        " (a `Cell`) or `None`, as in Linux. It means something else:\n\n"
        f"1. {said['flag']}\n2. {said['lock']}\n3. {said['zero']}\n\n"
        "A *failure* is an answer without a page that is not about a wait. All else is 2.6.39's: how many pages came,"
        " that it sleeps *before* it answers, and that a short count comes without its reason.\n\n"
        f"For `pin_without_waiting`:\n\n4. {said['limit']}\n\n"
        f"For `make_present`:\n\n5. {said['holes']}\n6. {said['for_write']}"
    )


def try_pin(world: Waiting, answers: Answers) -> dict[str, Any]:
    """pin_without_waiting over all that the recipe lays down."""
    found = world.left_behind(lambda: returned(answers["pin_without_waiting"](world.task, world.start, world.pages)))
    return {f"pin_without_waiting(p, {world.start:#x}, {world.pages}) over {world.what}": found}


def try_present(world: Waiting, answers: Answers) -> dict[str, Any]:
    """make_present over all that the recipe lays down."""
    end = world.start + world.pages * PAGE_SIZE
    found = world.left_behind(lambda: returned(answers["make_present"](world.task, world.start, end)))
    return {f"make_present(p, {world.start:#x}, {end:#x}) over {world.what}": found}


PICTURE = "gk.draw.timeline of a recorded call, as in the cells above; `asleep` counts the waits"
ANSWERS = "06 · nonblocking, the part on the two answers of a call"
LOOP = "06 · nonblocking, the part Build: the loop"
REGION = "06 · nonblocking, the part on a region that is gone"

SOLUTION_PIN = '''
# For Linux's own conventions, which are not those of your sheet; and without a limit.
def pin_without_waiting(p, start, nr_pages):
    k, sem = p.kernel, p.mm.mmap_sem
    result, locked = [], Cell(0)                    # 0: the lock is not ours
    while len(result) < nr_pages:
        if not locked.value:
            locked.value = 1                        # before every call, or an old 0 is read again
            sem.down_read()
        came = []
        n = k.gup.__get_user_pages(
            p, p.mm, start + len(result) * PAGE_SIZE, nr_pages - len(result),
            FOLL.WRITE | FOLL.GET, came, None, locked,
        )
        if n < 0:                                   # an error, and the lock is still ours
            for page in result:
                put_page(page)                      # all or nothing
            result = n
            break
        result += came                              # also if it is none: then it was only a wait
    if locked.value:                                # released exactly as often as taken
        sem.up_read()
    return result
'''
SOLUTION_PRESENT = '''
# For Linux's own conventions. Nothing about regions is kept from one round to the next but an address.
def make_present(p, start, end):
    k, mm = p.kernel, p.mm
    locked, error = Cell(0), 0
    while start < end:
        if not locked.value:
            locked.value = 1
            mm.mmap_sem.down_read()
        vma = find_vma(mm, start)                   # again in every round: the last one may be gone
        if vma is None or vma.vm_start >= end:
            break                                   # Linux passes over holes
        start = max(start, vma.vm_start)
        if vma.vm_flags & (VM.IO | VM.PFNMAP):
            start = vma.vm_end
            continue
        flags = FOLL.TOUCH                          # no pages wanted, so no FOLL_GET
        if vma.vm_flags & (VM.WRITE | VM.SHARED) == VM.WRITE:
            flags |= FOLL.WRITE                     # a private page is copied now; no file is made dirty
        nr_pages = (min(end, vma.vm_end) - start) // PAGE_SIZE
        n = k.gup.__get_user_pages(p, mm, start, nr_pages, flags, None, None, locked)
        if n < 0:
            error = n
            break
        start += n * PAGE_SIZE
    if locked.value:
        mm.mmap_sem.up_read()
    return error
'''

PIN, PRESENT = ("pin_without_waiting",), ("make_present",)
PROBLEM_SET = ProblemSet(
    name="ps6",
    title="Problem set 6: nonblocking callers",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "pin", PIN, try_pin, PICTURE, ANSWERS,
            ("When every page is at hand, one call is enough. Who takes the lock, and who must release it?",
             "A short count comes without its reason. Ask again where it ended, and the first page says why."),
            waiting,
        ),
        Check(
            "pin-waits", PIN, try_pin, PICTURE, ANSWERS,
            ("The variable is an answer of its own. Look at it after every call, whatever came; and set it before.",
             "Pages can come from a call that waited: keep them, and go on behind the last of them."),
            waiting,
        ),
        Check(
            "pin-again", PIN, try_pin, PICTURE, LOOP,
            ("That a call has waited for a page does not mean that it is still there. Who could have taken it?",
             "Count the waits of each page by itself: a wait for another page is not a wait for this one."),
            waiting,
        ),
        Check(
            "pin-fails", PIN, try_pin, PICTURE, ANSWERS,
            ("Which answers are failures on your machine? Rule 3. And who holds the lock then? Rule 2.",
             "All or nothing: whoever returns an error has put every page that had come, each exactly once."),
            waiting,
        ),
        Check(
            "pin-limit", PIN, try_pin, PICTURE, LOOP,
            ("Rule 4: after which wait exactly, and what about the pages that you hold already?",
             "A call that brings pages and waits for the next one has waited for that next page, too."),
            waiting,
        ),
        Check(
            "present", PRESENT, try_present, PICTURE, LOOP,
            ("`find_vma(p.mm, address)` gives the region that ends after the address: it may begin later.",
             "Without an array there are no references: `FOLL.TOUCH`, no `FOLL.GET`, and rule 6."),
            waiting,
        ),
        Check(
            "present-waits", PRESENT, try_present, PICTURE, REGION,
            ("What did you know before the wait that you may no longer know after it? Even if the lock is back?",
             "Keep an address from one round to the next, and nothing else: look the region up in every round."),
            waiting,
        ),
        Check(
            "present-fails", PRESENT, try_present, PICTURE, REGION,
            ("Rule 5 for holes; for all else, what the call says, in the words of rule 3.",
             "Whatever way the loop ends: is the lock yours at that moment?"),
            waiting,
        ),
    ),
    cut=(
        "gupkit.kernel.mlock:do_mlock_pages", "gupkit.kernel.mlock:_populate",
        "gupkit.kernel.mlock:__mlock_vma_pages_range", "gupkit.kernel.mlock:make_pages_present",
        "gupkit.kernel.gup:get_user_pages", "gupkit.kernel.gup_locked:locked_loop", "gupkit.kernel.gup_fast:gup_fast",
    ),
    solutions={
        "pin_without_waiting": (SOLUTION_PIN, "gupkit.kernel.gup_locked:locked_loop"),
        "make_present": (SOLUTION_PRESENT, "gupkit.kernel.mlock:_populate"),
    },
)  # fmt: skip
