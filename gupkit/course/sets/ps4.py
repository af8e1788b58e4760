"""ps4, follow_page: which page is mapped here now, by the rules of a kernel that is not Linux."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...kernel.flags import FOLL
from ...kernel.vma import VMA
from ..machines import PASTS, Machine, machine
from ..model import Answers, Check, ProblemSet, Rule
from ..plain import returned

RULES = tuple(
    {"write": write, "zero": zero, "touch": touch, "dump": dump, "most": 6 + i % 4}
    for i, (write, zero, touch, dump) in enumerate(
        (write, zero, touch, dump)
        for write in ("dirty", "sole")
        for zero in ("refused", "uncounted")
        for touch in ("entry", "active")
        for dump in ("clean", "swap")
    )
)

SAYS = {
    "write": {
        "dirty": "a page comes only if its entry is writable **and dirty**. An entry that is writable and clean is left"
        " to the fault handler, which makes it dirty: None.",
        "sole": "a page comes if its entry is writable; and also behind a **read-only** entry, if the page is anonymous"
        " and this entry is the **only one that maps it** (`page.mapcount`).",
    },
    "zero": {
        "refused": "the zero page may be looked at, but it is **never handed out with a reference**: with FOLL_GET the"
        " answer is -EFAULT.",
        "uncounted": "the zero page is handed out as any other, but **no reference is taken** on it, with FOLL_GET"
        " or without.",
    },
    "touch": {
        "entry": "FOLL_TOUCH marks **the entry** accessed, and with FOLL_WRITE also dirty; the page itself is left as"
        " it is.",
        "active": "FOLL_TOUCH makes the page **referenced and active at once**, and with FOLL_WRITE dirty, **whatever"
        " its entry says**; the entry is left as it is.",
    },
    "dump": {
        "clean": "with FOLL_DUMP, **a page of a file that is not dirty** (neither the page nor the entry) is -EFAULT"
        " too: the file has it.",
        "swap": "with FOLL_DUMP, **a page that is swapped out** is -EFAULT too: a dump does not wait for the disk.",
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """The kernel of the sheet."""
    rows = "\n".join(f"{i}. {SAYS[name][rule[name]]}" for i, name in enumerate(("write", "zero", "touch", "dump"), 2))
    return (
        "The kernel that you write for does as 2.6.39 does, but for this:\n\n"
        f"1. A page that has **{rule['most']} references or more** gives no further one: with FOLL_GET the answer is"
        f" -ENOMEM, and nothing is touched.\n{rows.replace('2. a page', '2. With FOLL_WRITE, a page', 1)}\n\n"
        "All else is 2.6.39's, in this order: nothing mapped → None (-EFAULT with FOLL_DUMP, if there has never been"
        " anything and no file is behind the mapping); FOLL_WRITE and the page may not be had for writing → None; no"
        " page behind the entry → -EFAULT; the zero page with FOLL_DUMP → -EFAULT; then the reference; then the touch."
    )


def of_recipe(rule: Rule, inputs: Any) -> tuple[Machine, list[list[Any]]]:
    """The machine, and the calls: region and flags."""
    del rule
    return machine(inputs["pages"]), inputs["calls"]


def try_follow(world: tuple[Machine, list[list[Any]]], answers: Answers) -> dict[str, Any]:
    """Each call of follow_page: what it returned and what it left behind."""
    found, calls = world
    results: dict[str, Any] = {}
    with found.task.mm.mmap_sem.read():
        for region, names in calls:
            flags = FOLL(sum(FOLL[name] for name in names))
            vma, address = found.vma(region), found.at[region]
            asked = " | ".join(names) or "no flags"
            key = f"{len(results) + 1}: follow_page({region} at {address:#x}, {asked}), {past(found, region)}"
            results[key] = found.left_behind(partial(follow, answers, vma, address, flags))
    return results


def follow(answers: Answers, vma: VMA, address: int, flags: FOLL) -> Any:
    """What the student's function returns."""
    return returned(answers["follow_page"](vma, address, flags))


def past(found: Machine, region: str) -> str:
    """The past of a region in words."""
    return PASTS[found.pasts[region]][0]


PICTURE = "gk.draw.page_map(gk.take_snapshot(k)) of a machine like this one: entries, frames, references"
READ = "04 · get_user_pages, the part on follow_page"

SOLUTION = '''
# The kernel's own rule, for ordinary pages (huge ones and FOLL_MLOCK left out).
def follow_page(vma, address, flags):
    pte = pte_at(vma.vm_mm, address)
    if not pte_present(pte):                        # a hole, or a page that is swapped out
        if not pte and flags & FOLL.DUMP and not vma.has_fault:
            return Errno.EFAULT                     # a dump wants no page that never was
        return None                                 # "fault it in"
    if flags & FOLL.WRITE and not pte & _PAGE_RW:
        return None                                 # the same: a fault will make it writable, or a copy
    page = vm_normal_page(vma, pte)
    if page is None:                                # a special entry
        zero = vma.vm_mm.kernel.zero_page
        if pte_pfn(pte) != zero.pfn or flags & FOLL.DUMP:
            return Errno.EFAULT                     # a device's memory: there is no struct page
        page = zero
    if flags & FOLL.GET:
        get_page(page)                              # now, while the lock is held
    if flags & FOLL.TOUCH:
        if flags & FOLL.WRITE and not pte & _PAGE_DIRTY and not page.flags & PG_dirty:
            set_page_dirty(page)
        mark_page_accessed(page)
    return page
'''

ANSWER = ("follow_page",)
PROBLEM_SET = ProblemSet(
    name="ps4",
    title="Problem set 4: follow_page",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "present", ANSWER, try_follow, PICTURE, READ,
            ("`pte_at(vma.vm_mm, address)` is the entry; `pte_present(pte)` says whether anything is mapped.",
             "`vm_normal_page(vma, pte)` is the page. Without FOLL_GET and FOLL_TOUCH nothing at all may change."),
            of_recipe,
        ),
        Check(
            "absent", ANSWER, try_follow, PICTURE, READ,
            ("None is no error: it means *fault it in and ask again*.",
             "An entry that is not present need not be empty: a page that is swapped out leaves its place there."),
            of_recipe,
        ),
        Check(
            "write", ANSWER, try_follow, PICTURE, READ,
            ("Which bits of the entry, and which fields of the page, does rule 2 of your sheet name?",
             "`_PAGE_RW`, `_PAGE_DIRTY`, `page.anon`, `page.mapcount`. What may not be had for writing is None."),
            of_recipe,
        ),
        Check(
            "special", ANSWER, try_follow, PICTURE, READ,
            ("`vm_normal_page` gives None for two kinds of entries. Which of them has a page all the same?",
             "`vma.vm_mm.kernel.zero_page.pfn` is the frame of the zero page; rule 3 says what becomes of it."),
            of_recipe,
        ),
        Check(
            "get", ANSWER, try_follow, PICTURE, READ,
            ("`get_page(page)` takes a reference; `page_count(page)` says how many there are.",
             "Ask before you take: rule 1. And when there is none to be had, nothing else may happen either."),
            of_recipe,
        ),
        Check(
            "touch", ANSWER, try_follow, PICTURE, READ,
            ("Does rule 4 speak of the entry or of the page? The other one must stay as it is.",
             "`set_pte_at`, `pte_mkyoung`, `pte_mkdirty` for an entry; `page.flags`, `set_page_dirty` for a page."),
            of_recipe,
        ),
        Check(
            "dump", ANSWER, try_follow, PICTURE, READ,
            ("A dump wants what nobody else has. Which three things does that leave out on your machine?",
             "A hole in anonymous memory, the zero page, and what rule 5 says; a hole over a file is still None."),
            of_recipe,
        ),
        Check(
            "together", ANSWER, try_follow, PICTURE, READ,
            ("Several flags at once: go through the order at the end of your sheet, line by line.",
             "Whatever is answered with None or an error must leave everything as it was."),
            of_recipe,
        ),
    ),
    cut=(
        "gupkit.kernel.gup:follow_page", "gupkit.kernel.gup:__get_user_pages", "gupkit.kernel.gup:_gup_range",
        "gupkit.kernel.gup:fault_in_page", "gupkit.kernel.gup:can_follow_write", "gupkit.kernel.gup:get_dump_page",
        "gupkit.kernel.gup:zeros_behind", "gupkit.kernel.gup:is_dump_hole", "gupkit.kernel.gup_fast:gup_fast",
        "gupkit.kernel.gup_fast:gup_fast_only", "gupkit.kernel.gup_locked:locked_loop",
        "gupkit.kernel.hugetlb:follow_hugetlb_page", "gupkit.kernel.kernel:Kernel.page_at",
    ),
    solutions={"follow_page": (SOLUTION, "gupkit.kernel.gup:follow_page")},
)  # fmt: skip
