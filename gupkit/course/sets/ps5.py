"""ps5, the loop: ``__get_user_pages`` by the rules of a kernel that is not Linux."""

from __future__ import annotations

from typing import Any

from ..calls import Call, calls
from ..model import Answers, Check, ProblemSet, Rule

RULES = tuple(
    {
        "checked": "ahead" if (force == "private") ^ (ends == "undo") ^ (waits == "again") else "each",
        "batch": 4 + i % 3, "force": force, "ends": ends, "most": 4 + i // 2 % 3, "waits": waits, "killed": killed,
    }
    for i, (force, ends, waits, killed) in enumerate(
        (force, ends, waits, killed)
        for force in ("private", "other")
        for ends in ("undo", "note")
        for waits in ("again", "error")
        for killed in ("fault", "after")
    )
)  # fmt: skip

SAYS = {
    "checked": {
        "ahead": "Regions and rights are tested **ahead**: if any page of the range (as rule 1 leaves it) lies in no"
        " region or in one that is refused, the answer is -EFAULT, and not even the first page is looked at.",
        "each": "Regions and rights are tested **as the walk comes to them**, as in Linux.",
    },
    "force": {
        "private": "FOLL_FORCE helps only in **private** regions. In a shared one (VM_SHARED or VM_MAYSHARE) the rights"
        " of now count, forced or not.",
        "other": "FOLL_FORCE helps only with the memory of **somebody else**. If `mm` is that of the running task, the"
        " rights of now count, forced or not.",
    },
    "ends": {
        "undo": "**All or nothing.** If an error ends the walk, every reference that it took is given back with"
        " `put_page`, what it wrote into `pages` and `vmas` is None again, and the answer is the error.",
        "note": "Whoever has pages gets the count, **and is told the error**: it is written into `pages[count]` (if"
        " there is a `pages`). Where no page came, the answer is the error, and nothing is written.",
    },
    "waits": {
        "again": "A wait that let mmap_sem go (VM_FAULT_RETRY) is **no end**. The call sets `nonblocking.value` to 0,"
        " takes mmap_sem again, finds the region anew and tests it, and looks at the same page again; further faults"
        " for this page may no longer let the lock go.",
        "error": "A wait that let mmap_sem go (VM_FAULT_RETRY) ends the walk with **the error -EAGAIN**, like any other"
        " error; `nonblocking.value` is 0 then, and mmap_sem stays released.",
    },
    "killed": {
        "fault": "A pending SIGKILL is looked for **before each fault**, and nowhere else: pages that are mapped come"
        " even to a task that is about to die.",
        "after": "A pending SIGKILL is looked for **when a page has come**, unless it was the last one wanted, and"
        " nowhere else: even a task that is about to die gets one page.",
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """The kernel of the sheet."""
    said = {name: choices[rule[name]] for name, choices in SAYS.items()}
    return (
        f"The kernel that you write for does as 2.6.39 does, but for this:\n\n"
        f"1. **At most {rule['batch']} pages** come of one call: who asks for more is served as if they had asked for"
        f" {rule['batch']}.\n"
        f"2. {said['checked']}\n"
        f"3. {said['force']}\n"
        f"4. {said['ends']}\n"
        f"5. **At most {rule['most']} faults** are taken for one page. If `follow_page` has no page after them, that is"
        f" the error -EBUSY.\n"
        f"6. {said['waits']}\n"
        f"7. {said['killed']} The error is -ERESTARTSYS."
    )


def of_recipes(rule: Rule, inputs: Any) -> dict[int, Call]:
    """The calls, each on its machine."""
    del rule
    return calls(inputs)


def try_calls(world: dict[int, Call], answers: Answers) -> dict[str, Any]:
    """Each call: what came of it, and what it left behind."""
    loop = answers["__get_user_pages"]
    return {f"call {number} ({call.words})": call.ask(loop) for number, call in world.items()}


LOOK = "call = EXAMPLE[N], with its number for N; print(call); gk.draw.page_map(gk.take_snapshot(call.kernel))"
LOOP = "04 · get_user_pages, the part *The loop as a film*"
SHORT = "04 · get_user_pages, the part *Asked for four, got two*"
ODD = "04 · get_user_pages, the part *Four odd requests*"
FORCE = "05 · FOLL_WRITE and dirty, the part *Writing by force*"

SOLUTION = '''
# The kernel's own rule (2.6.39; huge pages, FOLL_MLOCK, FOLL_NOWAIT and the vsyscall page left out).
def __get_user_pages(tsk, mm, start, nr_pages, gup_flags, pages, vmas, nonblocking):
    if nr_pages <= 0:
        return 0
    kernel, i = mm.kernel, 0
    if gup_flags & FOLL.FORCE:                       # what mprotect could allow, not what is
        right = VM_MAYWRITE if gup_flags & FOLL.WRITE else VM_MAYREAD
    else:
        right = VM_WRITE if gup_flags & FOLL.WRITE else VM_READ
    while i < nr_pages:
        vma = find_extend_vma(mm, start)
        if vma is None or vma.vm_flags & (VM_IO | VM_PFNMAP) or not vma.vm_flags & right:
            return i or Errno.EFAULT                 # whoever has pages does not get the error
        while i < nr_pages and start < vma.vm_end:   # once for each region: mmap_sem is held
            if fatal_signal_pending(kernel.running_task()):
                return i or Errno.ERESTARTSYS        # the running task's, whatever tsk is
            foll_flags = gup_flags                   # anew for each page: see below
            cond_resched(kernel)
            page = follow_page(vma, start, foll_flags)
            while page is None:                      # not there, or not good enough for writing
                fault_flags = FAULT_FLAG_WRITE if foll_flags & FOLL.WRITE else 0
                if nonblocking is not None:
                    fault_flags |= FAULT_FLAG_ALLOW_RETRY
                ret = handle_mm_fault(mm, vma, start, fault_flags)
                if ret & VM_FAULT_ERROR:             # a fault that failed is not counted
                    return i or (Errno.ENOMEM if ret & VM_FAULT_OOM else Errno.EFAULT)
                charge_fault(tsk, ret)
                if ret & VM_FAULT_RETRY:             # mmap_sem is gone, and vma with it
                    if nonblocking is not None:
                        nonblocking.value = 0
                    return i
                if ret & VM_FAULT_WRITE and not vma.vm_flags & VM_WRITE:
                    foll_flags &= ~FOLL.WRITE        # the copy is made; the entry stays read-only, so look as a reader
                cond_resched(kernel)
                page = follow_page(vma, start, foll_flags)
            if isinstance(page, Errno):              # there is memory, but no page of it to give
                return i or page
            if pages is not None:
                pages[i] = page
            if vmas is not None:
                vmas[i] = vma
            i += 1
            start += PAGE_SIZE
    return i
'''

ANSWER = ("__get_user_pages",)
PROBLEM_SET = ProblemSet(
    name="ps5",
    title="Problem set 5: the loop of __get_user_pages",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "rights", ANSWER, try_calls, LOOK, FORCE,
            ("The right that is asked for follows from two flags: four combinations, four VM_ flags.",
             "With FOLL_FORCE the flag is VM_MAYREAD or VM_MAYWRITE, if rule 3 lets it help; devices are never given."),
            of_recipes,
        ),
        Check(
            "range", ANSWER, try_calls, LOOK, LOOP,
            ("One call can run through several regions, each with rights of its own: find and test each one.",
             "Rule 2 says when: for the whole range at once, or as the walk comes to it."),
            of_recipes,
        ),
        Check(
            "arrays", ANSWER, try_calls, LOOK, ODD,
            ("`pages` and `vmas` are each a list or None, and have places enough: write `pages[i] = page`.",
             "The i-th place belongs to the i-th page asked for; rule 1 says how many are asked for at most."),
            of_recipes,
        ),
        Check(
            "partial", ANSWER, try_calls, LOOK, SHORT,
            ("Which errors are there? Those of follow_page, those of the fault, and no more than `most` faults.",
             "Write one function for the end of a walk, by rule 4, and come to it from everywhere."),
            of_recipes,
        ),
        Check(
            "fault", ANSWER, try_calls, LOOK, LOOP,
            ("Look, fault, look again: as long as follow_page says None, and not one time more often than rule 5 says.",
             "Before each look call cond_resched. charge_fault(tsk, ret) counts each fault that was no error."),
            of_recipes,
        ),
        Check(
            "forced", ANSWER, try_calls, LOOK, FORCE,
            ("A forced write never gets a writable entry. What does the handler say when it has made the copy?",
             "VM_FAULT_WRITE in a region without VM_WRITE: drop FOLL_WRITE for this page, and for no other."),
            of_recipes,
        ),
        Check(
            "signal", ANSWER, try_calls, LOOK, LOOP,
            ("`fatal_signal_pending(task)` asks it of a task. Of which one: who runs, or whose memory it is?",
             "Rule 7 says where to ask. It is asked many times in one call: SIGKILL can come at any moment."),
            of_recipes,
        ),
        Check(
            "wait", ANSWER, try_calls, LOOK, LOOP,
            ("Only who is given a `nonblocking` passes FAULT_FLAG_ALLOW_RETRY to the fault.",
             "After VM_FAULT_RETRY nobody holds mmap_sem, and no region that you found before is worth anything."),
            of_recipes,
        ),
    ),
    cut=(
        "gupkit.kernel.gup:__get_user_pages", "gupkit.kernel.gup:_gup_range", "gupkit.kernel.gup:_hugetlb_range",
        "gupkit.kernel.gup:fault_in_page", "gupkit.kernel.gup:check_vma_flags", "gupkit.kernel.gup:required_vm_flag",
        "gupkit.kernel.gup:fault_errno", "gupkit.kernel.gup:store", "gupkit.kernel.gup:get_user_pages",
        "gupkit.kernel.gup:get_dump_page", "gupkit.kernel.gup_fast:gup_fast", "gupkit.kernel.gup_fast:gup_fast_only",
        "gupkit.kernel.gup_locked:locked_loop", "gupkit.kernel.gup_api:call", "gupkit.kernel.kernel:Kernel.page_at",
        "gupkit.kernel.hugetlb:follow_hugetlb_page", "gupkit.kernel.mlock:make_pages_present",
        "gupkit.kernel.access:access_process_vm", "gupkit.kernel.access:process_vm_rw",
    ),
    solutions={"__get_user_pages": (SOLUTION, "gupkit.kernel.gup:_gup_range")},
)  # fmt: skip
