"""ps2, find, extend and cut VMAs: the regions of a machine with other pages, other stacks, other rules of joining."""

from __future__ import annotations

from typing import Any

from ..model import Answers, Check, ProblemSet, Rule
from ..plain import returned
from ..regions import Space, Spaces, in_list, letters, spaces, standing

PAGES = (0x2000, 0x4000, 0x10000)
"""Sizes of a page; none is 4 KiB."""

RULES = tuple(
    {
        "page": PAGES[i % 3], "grows": grows, "chunk": 3 + i % 4, "limit": 7 * (3 + i % 4) + 1 + i % 2,
        "limits": limits, "gap": 3 + i // 3 % 3, "gap_to": gap_to, "joins": joins,
        "refuses": "before" if (grows == "up") ^ (limits == "whole") ^ (joins == "named") else "underway",
    }
    for i, (grows, limits, gap_to, joins) in enumerate(
        (grows, limits, gap_to, joins)
        for grows in ("down", "up")
        for limits in ("whole", "growth")
        for gap_to in ("any", "usable")
        for joins in ("named", "anonymous")
    )
)  # fmt: skip

SAYS = {
    "grows": {
        "down": "Stacks grow **down**. `find_vma(mm, address)` gives the region that holds the address, or else the"
        " next one **above** it, which may be a stack that can grow down to it; None if there is neither.",
        "up": "Stacks grow **up**. `find_vma(mm, address)` gives the region that holds the address, or else the"
        " next one **below** it, which may be a stack that can grow up to it; None if there is neither.",
    },
    "limits": {
        "whole": "**No stack is larger than {limit} pages** after it has grown.",
        "growth": "A stack may be as large as it likes, but **grows by at most {limit} pages at one time**.",
    },
    "gap_to": {
        "any": "A stack that has grown keeps **{gap} pages** free on the side where it grows: between it and **any"
        " other region** there are {gap} pages or more, whoever it belongs to, whatever its rights.",
        "usable": "A stack that has grown keeps **{gap} pages** free on the side where it grows: between it and every"
        " region **that has any right at all** there are {gap} pages or more, whatever else lies in between. A region"
        " with no rights may be nearer, but never under the stack.",
    },
    "refuses": {
        "before": "`do_mprotect` looks at the **whole range first**: if any of it is refused, nothing is changed.",
        "underway": "`do_mprotect` goes through the range **from below**: what lies before the first offence is changed"
        " all the same.",
    },
    "joins": {
        "named": "Two regions are joined only if, besides all that Linux asks for, **their names are the same**.",
        "anonymous": "**Regions over files are never joined.** Others are, whatever their names: the joined one has the"
        " name of the lower.",
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """The machine of the sheet."""
    page, chunk = rule["page"], rule["chunk"]
    said = {name: choices[rule[name]].format(**rule) for name, choices in SAYS.items()}
    return (
        f"1. A page has **{page >> 10} KiB** ({page:#x} bytes). Regions begin and end with pages, and `vm_pgoff` counts"
        f" these pages.\n"
        f"2. {said['grows']}\n"
        f"3. The edge that moves when a stack grows always comes to lie on a **multiple of {chunk} pages**"
        f" ({page * chunk:#x} bytes): the nearest one that takes the address in. (So a stack can grow by more than it"
        " was asked to.) Rules 4 and 5 are about the stack as it would be then.\n"
        f"4. {said['limits']}\n"
        f"5. {said['gap_to']}\n"
        f"6. {said['refuses']}\n"
        f"7. {said['joins']}\n\n"
        "All else is Linux's. A stack is a region with the flag VM_GROWSDOWN"
        + (" (the flag has kept its name, though here it marks what grows up)" if rule["grows"] == "up" else "")
        + ". Regions with equal rights and flags are joined where one ends and the other begins, if the same file is"
        " behind both (or none), and `vm_pgoff` of the upper one continues that of the lower."
    )


def of_recipe(rule: Rule, inputs: Any) -> Spaces:
    """The address spaces of the trials."""
    return spaces(rule["page"], inputs["trials"])


def try_find(world: Spaces, answers: Answers) -> dict[str, Any]:
    """What find_vma gives for each address, and the regions afterwards."""
    results: dict[str, Any] = {}
    for space in world:
        for address in space.asks:
            found = answers["find_vma"](space.mm, address)
            results[f"{space.name}: find_vma(mm, {address:#x})"] = in_list(space.mm, found)
        results[f"{space.name} afterwards"] = left(world, space)
    return results


def try_grow(world: Spaces, answers: Answers) -> dict[str, Any]:
    """What find_extend_vma gives, and the regions after each call."""
    results: dict[str, Any] = {}
    for space in world:
        for address in space.asks:
            found = in_list(space.mm, answers["find_extend_vma"](space.mm, address))
            results[f"{space.name}: find_extend_vma(mm, {address:#x})"] = {"returned": found} | left(world, space)
    return results


def try_protect(world: Spaces, answers: Answers) -> dict[str, Any]:
    """What do_mprotect gives, and the regions after each call."""
    results: dict[str, Any] = {}
    for space in world:
        for start, end, prot in space.asks:
            found = returned(answers["do_mprotect"](space.mm, start, end, prot))
            what = f"{space.name}: do_mprotect(mm, {start:#x}, {end:#x}, {letters(prot)})"
            results[what + " once more" * (what in results)] = {"returned": found} | left(world, space)
    return results


def left(world: Spaces, space: Space) -> dict[str, Any]:
    """The regions as they are now, and what the debug layer has to say."""
    reports = {"the debug layer says": list(world.kernel.dmesg)} if world.kernel.dmesg else {}
    return standing(space.mm) | reports


LOOK = "gk.draw.vma_strip(gk.take_snapshot(EXAMPLE.kernel), NAME, fold=True), with the process's name for NAME"
FIND = "01 · Address spaces, the part on what a region says"
GROW = "01 · Address spaces, the part *Below the stack*"
CUT = "01 · Address spaces, the part *Cut and joined*"

SOLUTION_FIND = '''
# The kernel's own rule: the first region that ends above the address. It may begin above it, too.
def find_vma(mm, address):
    for vma in mm.mmap:                  # in the order of addresses
        if vma.vm_end > address:         # vm_end is the first address that no longer belongs to it
            return vma
    return None
'''
SOLUTION_GROW = '''
# The kernel's own rule (4.12 and later): pages of 4 KiB, 8 MiB for a stack, 256 pages to the region below.
def find_extend_vma(mm, address):
    vma = find_vma(mm, address)
    if vma is None or vma.vm_start <= address:
        return vma                                   # nothing there, or it holds the address already
    if not vma.vm_flags & VM_GROWSDOWN:
        return None                                  # a hole below a region that cannot grow
    start = address & ~0xFFF                         # whole pages only
    if vma.vm_end - start > 8 << 20:
        return None                                  # RLIMIT_STACK counts all of the stack
    below = [other for other in mm.mmap if other.vm_end <= vma.vm_start][-1:]
    for other in below:
        usable = other.vm_flags & (VM_READ | VM_WRITE | VM_EXEC) and not other.vm_flags & VM_GROWSDOWN
        if other.vm_end > start or usable and start - other.vm_end < 256 << 12:
            return None                              # into another region, or too near to one
    vma.vm_pgoff -= vma.vm_start - start >> 12       # page number of vm_start: it moves with it
    vma.vm_start = start
    return vma
'''
SOLUTION_PROTECT = '''
# The kernel's own rule: from below, region by region; what was done before an error stays done.
def do_mprotect(mm, start, end, prot):
    if start & 0xFFF:
        return Errno.EINVAL
    end = end + 0xFFF & ~0xFFF                       # a page that is begun is meant as a whole
    while start < end:
        vma = find_vma(mm, start)
        if vma is None or vma.vm_start > start:
            return Errno.ENOMEM                      # a hole
        if prot & ~(vma.vm_flags >> 4):              # VM_MAYREAD is VM_READ << 4, and so on
            return Errno.EACCES
        stop = min(vma.vm_end, end)
        if vma.vm_flags & 7 != prot:                 # who has these rights already is left alone
            change(mm, vma, start, stop, prot)
        start = stop
    return 0

def change(mm, vma, start, stop, prot):
    if vma.vm_start < start:
        vma = cut(mm, vma, start)                    # the upper part
    if stop < vma.vm_end:
        cut(mm, vma, stop)
    vma.vm_flags = vma.vm_flags & ~7 | prot
    i = mm.mmap.index(vma)
    for low, high in ((i, i + 1), (i - 1, i)):       # the upper neighbour first, so that i stays true
        if 0 <= low and high < len(mm.mmap) and alike(mm.mmap[low], mm.mmap[high]):
            mm.mmap[low].vm_end = mm.mmap[high].vm_end
            del mm.mmap[high]

def cut(mm, vma, at):
    upper = copy.copy(vma)                           # the kernel copies the struct, too
    upper.vm_start, vma.vm_end = at, at
    upper.vm_pgoff += at - vma.vm_start >> 12        # the upper half begins later in the file
    mm.mmap.insert(mm.mmap.index(vma) + 1, upper)
    return upper

def alike(low, high):
    return (low.vm_end == high.vm_start and low.vm_flags == high.vm_flags and low.vm_file is high.vm_file
            and high.vm_pgoff - low.vm_pgoff == high.vm_start - low.vm_start >> 12)
'''

PROBLEM_SET = ProblemSet(
    name="ps2",
    title="Problem set 2: find, extend and cut regions",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "find", ("find_vma",), try_find, LOOK, FIND,
            ("`mm.mmap` is a list in the order of addresses: you can go through it from either end.",
             "If nobody holds the address the answer is a neighbour, not None. Rule 2 says which."),
            of_recipe,
        ),
        Check(
            "find-edge", ("find_vma",), try_find, LOOK, FIND,
            ("Does the byte at `vm_end` belong to the region?",
             "Write down for three addresses what must come: `vm_start`, `vm_end - 1`, `vm_end`. One list is empty."),
            of_recipe,
        ),
        Check(
            "grow", ("find_extend_vma",), try_grow, LOOK, GROW,
            ("Four cases: no region; one that holds the address; one that cannot grow; a stack.",
             "Rule 3: round to `chunk` pages, with `//` and `*`. If `vm_start` moves, so does `vm_pgoff`."),
            of_recipe,
        ),
        Check(
            "grow-limit", ("find_extend_vma",), try_grow, LOOK, GROW,
            ("What does rule 4 count: the whole stack, or what is added? And before rounding, or after?",
             "Exactly as many pages as the limit says are allowed."),
            of_recipe,
        ),
        Check(
            "grow-gap", ("find_extend_vma",), try_grow, LOOK, GROW,
            ("Only one side of the stack matters. Measure from the edge as it would be, not from the address.",
             "Try four neighbours: exactly the gap away, a page nearer, with no rights, in the way."),
            of_recipe,
        ),
        Check(
            "split", ("do_mprotect",), try_protect, LOOK, CUT,
            ("`copy.copy(vma)` is a second region like the first; give each its own borders, and put it into the list.",
             "Where in its file does the upper part begin? Who has the rights already is not cut at all."),
            of_recipe,
        ),
        Check(
            "join", ("do_mprotect",), try_protect, LOOK, CUT,
            ("Only regions that were just changed are joined, each with both its neighbours.",
             "Make a function `alike(low, high)`: borders, flags, file, vm_pgoff, and what rule 7 adds."),
            of_recipe,
        ),
        Check(
            "refuse", ("do_mprotect",), try_protect, LOOK, CUT,
            ("-EINVAL: `start` is no multiple of the page. -ENOMEM: a hole. -EACCES: a right that no MAY bit allows.",
             "The offence at the lowest address decides which error it is; rule 6 says what is changed all the same."),
            of_recipe,
        ),
    ),
    cut=(
        "gupkit.kernel.vma:find_vma", "gupkit.kernel.vma:find_vma_prev", "gupkit.kernel.vma:find_vma_intersection",
        "gupkit.kernel.vma:split_vma", "gupkit.kernel.vma:can_merge", "gupkit.kernel.vma:vma_merge",
        "gupkit.kernel.vma:_absorb", "gupkit.kernel.stack:expand_stack", "gupkit.kernel.stack:find_extend_vma",
        "gupkit.kernel.stack:_too_close", "gupkit.kernel.mmap:mmap_region", "gupkit.kernel.mmap:do_munmap",
        "gupkit.kernel.mmap:isolate_range", "gupkit.kernel.mmap:cut", "gupkit.kernel.mprotect:do_mprotect",
        "gupkit.kernel.mprotect:_protect", "gupkit.kernel.mprotect:_forbidden",
    ),
    solutions={
        "find_vma": (SOLUTION_FIND, "gupkit.kernel.vma:find_vma"),
        "find_extend_vma": (SOLUTION_GROW, "gupkit.kernel.stack:expand_stack"),
        "do_mprotect": (SOLUTION_PROTECT, "gupkit.kernel.mprotect:do_mprotect"),
    },
)  # fmt: skip
