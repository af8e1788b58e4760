"""ps3, the fault handler's table: who answers a fault, and two of the answers, by the rules of another kernel."""

from __future__ import annotations

from typing import Any

from ..model import Answers, Check, ProblemSet, Rule
from ..plain import plain
from ..stage import Stage
from ..touches import Accesses, Touch, touches

RULES = tuple(
    {
        "zero": zero, "group": 2 + (i + i // 4) % 4, "reuse": reuse, "most": 2 + i // 2 % 3,
        "dirties": "page" if (zero == "counted") ^ (reuse == "bounded") ^ (file == "access") else "entry",
        "file": file, "marks": marks,
    }
    for i, (zero, reuse, file, marks) in enumerate(
        (zero, reuse, file, marks)
        for zero in ("unwritable", "counted")
        for reuse in ("bounded", "inherited")
        for file in ("access", "sharing")
        for marks in ("young", "dirty")
    )
)  # fmt: skip

SAYS = {
    "file": {
        "access": "An empty page with a **file** behind it: `do_read_fault` answers a read, `do_cow_fault` a write to a"
        " private region, `do_shared_fault` a write to a shared one.",
        "sharing": "An empty page with a **file** behind it: `do_private_fault` answers in a private region,"
        " `do_shared_fault` in a shared one, reads and writes alike.",
    },
    "marks": {
        "young": "The processor **does not mark entries as accessed**. So a touch that the entry allows is a fault all"
        " the same while the entry is not young (_PAGE_ACCESSED), and `mark_young` answers.",
        "dirty": "The processor **does not mark entries as dirty**. So a write that the entry allows is a fault all"
        " the same while the entry is not dirty (_PAGE_DIRTY), and `mark_dirty` answers.",
    },
    "zero": {
        "unwritable": "Only where the region may **not be written** (no VM_WRITE) does a reader get the zero page, as"
        " in Linux. Elsewhere a reader gets a frame of its own at once, mapped **writable and clean**.",
        "counted": "A reader gets the zero page, but **counted like any other page**: the entry is not special, holds a"
        " reference (`page_cache_get`) and counts as a mapping (`page_add_file_rmap`). When the entry is replaced,"
        " both are given back.",
    },
    "reuse": {
        "bounded": "A writer takes an anonymous page over if no other entry maps it (`page.mapcount`) and it has **no"
        " more than {most} references** (`page_count`). Else the writer gets a copy.",
        "inherited": "A writer takes an anonymous page over if no other entry maps it (`page.mapcount`) and the region"
        " was **not inherited** by a fork (`vma.inherited`). Else the writer gets a copy.",
    },
    "dirties": {
        "page": "A write to a page of a file in a shared, writable region marks **the page** dirty; its entry becomes"
        " writable and young, and is left clean.",
        "entry": "A write to a page of a file in a shared, writable region makes **its entry** dirty, writable and"
        " young; the page is left as it is.",
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """The kernel of the sheet."""
    said = {name: choices[rule[name]].format(**rule) for name, choices in SAYS.items()}
    return (
        "The kernel that you write for does as 2.6.39 does, but for this:\n\n"
        f"1. {said['file']}\n"
        f"2. {said['marks']} An entry that a handler has just made is young.\n"
        f"3. {said['zero']}\n"
        f"4. A write to an empty anonymous page fills its **group of {rule['group']} pages**: those whose numbers"
        f" (`address // PAGE_SIZE`) give the same when divided (`//`) by {rule['group']}. Every other page of the group"
        " that lies in the region and has no entry gets a frame of its own, too, mapped as the touched page is, but"
        " clean. The touched page comes first, then the others from below; when there is no memory for one of them, the"
        " rest stay empty, and that is no error. (A read fills no group.)\n"
        f"5. {said['reuse']}\n"
        f"6. {said['dirties']}"
    )


def on_stage(rule: Rule, inputs: Any) -> Accesses:
    """One machine, and which pages are asked about."""
    del rule
    return Accesses(Stage(inputs["steps"]), inputs["asks"])


def of_recipes(rule: Rule, inputs: Any) -> dict[int, Touch]:
    """The touches, each on its machine."""
    del rule
    return touches(inputs)


def try_which(world: Accesses, answers: Answers) -> dict[str, Any]:
    """Whom the answer names for each access."""
    return world.who(answers["which_handler"])


def try_fill(world: dict[int, Touch], answers: Answers) -> dict[str, Any]:
    """What do_anonymous_page makes of each touch."""
    return {f"touch {n}, {t.words}": t.fill(answers["do_anonymous_page"]) for n, t in world.items()}


def try_unshare(world: dict[int, Touch], answers: Answers) -> dict[str, Any]:
    """What do_wp_page makes of each touch."""
    return {f"touch {n}, {t.words}": t.unshare(answers["do_wp_page"]) for n, t in world.items()}


def try_count(world: list[dict[str, Any]], answers: Answers) -> dict[str, Any]:
    """How many faults each program is said to take."""
    found = {}
    for number, ask in enumerate(world, 1):
        what = f"program {number}, region of {ask['pages']} pages from page number {ask['first']}"
        said = answers["count_faults"](ask["first"], ask["pages"], ask["writable"], [tuple(t) for t in ask["touches"]])
        found[f"{what}, {'writable' if ask['writable'] else 'read-only'}: {in_short(ask['touches'])}"] = plain(said)
    return found


def in_short(asked: list[list[Any]]) -> str:
    """The touches of a program, for people.

    >>> in_short([["read", 2], ["write", 0], ["fork", None]])
    'read 2, write 0, fork'
    """
    return ", ".join(what if page is None else f"{what} {page}" for what, page in asked)


STAGE = "seen = EXAMPLE; print(seen); gk.draw.page_map(gk.take_snapshot(seen.kernel))"
LOOK = "touch = EXAMPLE[N], with its number for N; print(touch); gk.draw.page_map(gk.take_snapshot(touch.kernel))"
FILM = "write the entries of the region down, one line for each touch; your sheet says when one of them faults"
WHO = "03 · Page faults, the part *Who answers?*"
FIRST = "03 · Page faults, the part *What happens in a fault*"
FORK = "03 · Page faults, the part *Fork: two who share*"
SHARED = "03 · Page faults, the parts *A file for oneself* and *A file for everybody*"

SOLUTION_WHICH = '''
# The kernel's own rule, in four questions.
def which_handler(vma, entry, write):
    if not vma.vm_flags & (VM_WRITE if write else VM_READ):
        return "SIGSEGV"                             # asked before anybody looks at the entry
    if not pte_present(entry):
        if entry:
            return "do_swap_page"                    # not empty: it says where the page went
        return "do_linear_fault" if vma.has_fault else "do_anonymous_page"
    if write and not entry & _PAGE_RW:
        return "do_wp_page"
    return "no fault"                                # the processor marks young and dirty by itself
'''
SOLUTION_FILL = '''
# The kernel's own rule (stacks and races left out).
def do_anonymous_page(mm, vma, address, flags):
    if not flags & FAULT_FLAG_WRITE:                 # a reader: the page of zeros, for everybody
        zero = mk_pte(mm.kernel.zero_page.pfn, vma.vm_page_prot)
        set_pte_at(mm, address, pte_mkspecial(zero))
        return 0
    page = fresh_page(vma)
    if page is None:
        return VM_FAULT_OOM                          # and nothing has changed
    entry = mk_pte(page.pfn, vma.vm_page_prot)
    if vma.vm_flags & VM_WRITE:                      # a forced write leaves the entry read-only
        entry = pte_mkwrite(pte_mkdirty(entry))
    page_add_new_anon_rmap(page, vma, address)
    set_pte_at(mm, address, entry)                   # the reference that came with the frame is the entry's now
    return 0
'''
SOLUTION_UNSHARE = '''
# The kernel's own rule (2.6.39; swap and races left out).
def do_wp_page(mm, vma, address, pte):
    old = vm_normal_page(vma, pte)                   # None: the zero page
    shared = vma.vm_flags & VM_SHARED and vma.vm_flags & VM_WRITE
    if old is not None and (old.anon and old.mapcount == 1 or not old.anon and shared):
        entry = pte_mkdirty(pte_mkyoung(pte))        # nobody else's, or everybody's: no copy
        set_pte_at(mm, address, pte_mkwrite(entry) if vma.vm_flags & VM_WRITE else entry)
        if not old.anon:
            set_page_dirty(old)
        return VM_FAULT_WRITE
    new = fresh_page(vma, ZEROS if old is None else old.content)
    if new is None:
        return VM_FAULT_OOM                          # the old entry must still be there
    entry = pte_mkdirty(mk_pte(new.pfn, vma.vm_page_prot))
    page_add_new_anon_rmap(new, vma, address)
    set_pte_at(mm, address, pte_mkwrite(entry) if vma.vm_flags & VM_WRITE else entry)
    if old is not None:
        page_remove_rmap(old)                        # last: what the entry held is given back
        page_cache_release(old)
    return VM_FAULT_WRITE
'''
SOLUTION_COUNT = '''
# The kernel's own rule: a page is empty, read-only, or writable; the processor does the rest.
def count_faults(first, pages, writable, touches):
    state, faults = {}, 0
    for what, page in touches:
        if what == "fork":
            state = dict.fromkeys(state, "read-only")            # whatever is there loses its right to write
        elif what == "write" and state.get(page) != "writable":
            state[page], faults = "writable", faults + 1         # empty or read-only: one fault, and one page
        elif page not in state:
            state[page], faults = "read-only", faults + 1        # the zero page
    return faults
'''

PROBLEM_SET = ProblemSet(
    name="ps3",
    title="Problem set 3: the fault handler's table",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "who-empty", ("which_handler",), try_which, STAGE, WHO,
            ("`entry` is a number: 0 is an empty entry; one that is not 0 and not present names a place in swap.",
             "`vma.vm_file` is the file or None, VM_SHARED says for whom. What is in swap is not asked for its file."),
            on_stage,
        ),
        Check(
            "who-present", ("which_handler",), try_which, STAGE, WHO,
            ("`pte_present(entry)`; the rest is in the bits _PAGE_RW, _PAGE_ACCESSED (young), _PAGE_DIRTY.",
             "First: may the entry be used for this? Then: does rule 2 make it a fault all the same?"),
            on_stage,
        ),
        Check(
            "who-refused", ("which_handler",), try_which, STAGE, WHO,
            ("Reading needs VM_READ and writing VM_WRITE; neither follows from the other here.",
             "Rights belong to the region and are asked for before anybody looks at the entry."),
            on_stage,
        ),
        Check(
            "fill-read", ("do_anonymous_page",), try_fill, LOOK, FIRST,
            ("`mk_pte(pfn, vma.vm_page_prot)` allows no writing; then pte_mkwrite, pte_mkdirty, pte_mkspecial.",
             "Rule 3. `mm.kernel.zero_page` is the zero page, and its `pfn` the number of its frame."),
            of_recipes,
        ),
        Check(
            "fill-write", ("do_anonymous_page",), try_fill, LOOK, FIRST,
            ("fresh_page, page_add_new_anon_rmap, set_pte_at, in this order; without a frame: VM_FAULT_OOM.",
             "Writable and dirty is an entry only if its region has VM_WRITE: any region can be written by force."),
            of_recipes,
        ),
        Check(
            "fill-group", ("do_anonymous_page",), try_fill, LOOK, FIRST,
            ("The first page number of the group is `address // PAGE_SIZE // group * group`.",
             "The group may reach over either end of the region, and some of its pages may have entries already."),
            of_recipes,
        ),
        Check(
            "wp-take", ("do_wp_page",), try_unshare, LOOK, FORK,
            ("`page.anon`, `page.mapcount`, `page_count(page)`, `vma.inherited`: rule 5 asks for some of them.",
             "To take over is to change the entry alone: writable (if the region is), dirty, young. VM_FAULT_WRITE."),
            of_recipes,
        ),
        Check(
            "wp-copy", ("do_wp_page",), try_unshare, LOOK, FORK,
            ("The copy begins with the old content: `fresh_page(vma, old.content)`.",
             "page_remove_rmap and page_cache_release for the old page; but without memory nothing may have changed."),
            of_recipes,
        ),
        Check(
            "wp-file", ("do_wp_page",), try_unshare, LOOK, SHARED,
            ("A page of a file is not page.anon. Whose is it: the region's alone (private), or everybody's?",
             "Shared and VM_WRITE: rule 6. Anything else is copied, and the page of the file is not marked dirty."),
            of_recipes,
        ),
        Check(
            "wp-odd", ("do_wp_page",), try_unshare, LOOK, FORK,
            ("`vm_normal_page(vma, pte)` is None for a special entry, and ZEROS is what such a page holds.",
             "The zero page is nobody's to take over, whoever counts. And a read-only region gets no writable entry."),
            of_recipes,
        ),
        Check(
            "count", ("count_faults",), try_count, FILM, FIRST,
            ("Keep for each page what its entry is: none, read-only, writable and clean, writable and dirty.",
             "Rules 2, 3 and 4 say what a touch makes of it, and of its group."),
        ),
        Check(
            "count-fork", ("count_faults",), try_count, FILM, FORK,
            ("A fork takes the right to write from every entry there is; pages without an entry it does not change.",
             "A write to a read-only entry is answered for this one page, whatever its group."),
        ),
    ),
    cut=(
        "gupkit.kernel.anon:do_anonymous_page", "gupkit.kernel.anon:map_new_anon", "gupkit.kernel.cow:do_wp_page",
        "gupkit.kernel.cow:_may_take_over", "gupkit.kernel.cow:_reuse", "gupkit.kernel.cow:_copy",
        "gupkit.kernel.cow:_replace", "gupkit.kernel.cow:only_reference", "gupkit.kernel.cow:exclusive_or_only",
        "gupkit.kernel.cow:fault_dirty_shared_page", "gupkit.kernel.swap:reuse_swap_page",
        "gupkit.kernel.memory:handle_mm_fault", "gupkit.kernel.memory:handle_pte_fault",
        "gupkit.kernel.fault:user_access", "gupkit.kernel.fault:do_page_fault",
        "gupkit.kernel.fault_file:do_linear_fault", "gupkit.kernel.fault_file:_map_copy",
        "gupkit.kernel.fault_file:_map_file_page", "gupkit.kernel.fault_file:do_fault_around",
        "gupkit.kernel.swap_in:do_swap_page", "gupkit.kernel.swap_in:_map_swapped",
        "gupkit.kernel.fork:copy_page_range", "gupkit.kernel.fork:copy_one_pte", "gupkit.kernel.fork:_copy_now",
        "gupkit.kernel.huge_memory:handle_huge_pmd", "gupkit.kernel.hugetlb:hugetlb_fault",
    ),
    solutions={
        "which_handler": (SOLUTION_WHICH, "gupkit.kernel.memory:handle_pte_fault"),
        "do_anonymous_page": (SOLUTION_FILL, "gupkit.kernel.anon:do_anonymous_page"),
        "do_wp_page": (SOLUTION_UNSHARE, "gupkit.kernel.cow:do_wp_page"),
        "count_faults": (SOLUTION_COUNT, "gupkit.kernel.memory:charge_fault"),
    },
)  # fmt: skip
