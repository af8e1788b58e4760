"""ps8, races: a schedule that breaks a kernel, a rule that mends it, and whose page it is after a fork."""

from __future__ import annotations

from typing import Any

from ..model import Answers, Check, ProblemSet, Rule
from ..plain import plain
from ..races import forking, mending, struck, told
from ..tables import asked, forced_write, fork_rules

SIGNS = (
    ("kept", "readers", "less"), ("kept", "readers", "none"), ("lost", "writers", "less"), ("lost", "readers", "less"),
)  # fmt: skip
"""What a rule can go by; whatever Linux went by is not among it."""

RULES: tuple[Rule, ...] = tuple(
    {
        "hole": hole, "around": ("one", "all")[(i + j + k) % 2], "memory": memory, "dirty": dirty, "count": count,
        "mark": mark, "bias": (64, 128, 256, 512)[(i + 2 * j + k) % 4],
    }
    for i, (memory, dirty, count) in enumerate(SIGNS)
    for j, hole in enumerate(("drop", "remember"))
    for k, mark in enumerate(("shared", "others"))
)  # fmt: skip

SAYS: dict[str, dict[Any, str]] = {
    "hole": {
        "drop": "As 2.6.39 does, it **drops `FOLL_WRITE`** once a fault has said that it made the copy, and goes on as"
        " a reader.",
        "remember": "Once a fault has said that it made the copy it **remembers that** (`FOLL_COW`), and goes on as a"
        " writer, who may now have **any page, also behind a read-only entry**. If nothing is mapped, it faults for"
        " writing again.",
    },
    "around": {
        "one": "A read fault maps **one page**, the one that was asked for.",
        "all": "A read fault on a page of a file also maps **all other pages of the region** that nothing is mapped at"
        " yet (they are in memory).",
    },
    "memory": {
        "kept": "What `after_copy` returns are the flags of the **next looks at this page**: you can set a bit, such as"
        " `FOLL_COW`, and will find it again.",
        "lost": "Of what `after_copy` returns the kernel keeps only the bits that it knows (WRITE, FORCE, GET, TOUCH)."
        " **A bit of your own is lost** before the next look.",
    },
    "dirty": {
        "writers": "An entry's dirty bit is set by a fault **for writing**, and by no other.",
        "readers": "An entry's dirty bit is set by **every** fault, a reader's too.",
    },
    "count": {
        "less": "`page.mapcount` is how many **other** entries lead to the page: 0 if it is one alone.",
        "none": "`page.mapcount` is **not kept**: it is always 0.",
    },
    "mark": {
        "shared": "An anonymous page has a mark, `page.shared`: new pages have it not, `fork` **sets it** on the pages"
        " that parent and child now share, and if somebody takes a page over, it is **taken away**. `page.count` counts"
        " all references, also the entries.",
        "others": "An anonymous page has a mark, `page.exclusive`: new pages have it, `fork` **takes it away** from the"
        " pages that parent and child now share, and whoever takes a page over gets it back. `page.count` counts the"
        " references that are **no entries**; these are in `page.mapcount` (1 for one entry).",
    },
    "bias": {
        bias: f"A pin (`FOLL_PIN`) adds **{bias}** to `page.count`, and any other reference 1. Nobody takes so many."
        for bias in (64, 128, 256, 512)
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """The kernels of the sheet."""
    said = {name: SAYS[name][rule[name]] for name in SAYS}
    return (
        "**The kernel with the hole** is 2.6.39, but for two things:\n\n"
        f"1. {said['hole']}\n2. {said['around']}\n\n"
        "**The kernel that you mend** is 2.6.39, with your `after_copy` and `may_follow`. They can go by this:\n\n"
        f"3. {said['memory']}\n4. {said['dirty']}\n5. {said['count']} `page.anon` is True for a page of a process, and"
        " False for a page of a file; `page` is None for the page of zeros.\n\n"
        "**The kernel that forks** is 6.18, with your `may_take_over` and `fork_copies`, which can go by this:\n\n"
        f"6. {said['mark']}\n7. {said['bias']}"
    )


def try_strike(inputs: Any, answers: Answers) -> dict[str, Any]:
    """The moment that a student names for a story."""
    return {"strike": plain(answers["strike"](list(inputs["pages"]), inputs["target"]))}


def weigh_strike(rule: Rule, inputs: Any, result: Any) -> dict[str, Any]:
    """Which pages of the file are changed at that moment."""
    came, asked_for = result.get("strike"), (inputs["pages"], inputs["target"])
    changed = struck(rule, *asked_for, *came) if type(came) is list and len(came) == 2 else came
    return {f"strike{asked_for}, pages of the file that change": changed}


def weigh_mending(rule: Rule, inputs: Any, result: Any) -> dict[str, Any]:
    """What a kernel with this rule for forced writes makes of the stories."""
    return _all_told(mending(rule, result), inputs)


def weigh_forking(rule: Rule, inputs: Any, result: Any) -> dict[str, Any]:
    """What a kernel with these rules about fork makes of the stories."""
    return _all_told(forking(rule, result), inputs)


def _all_told(era: Any, inputs: Any) -> dict[str, Any]:
    orders = {0: "", 1: ", in every order with one switch", 2: ", in every order with at most two switches"}
    return {
        f"{story}{orders[inputs['switches']]}": told(story, era, inputs["switches"], inputs["bytes"])
        for story in inputs["stories"]
    }


def the_rule(rule: Rule, inputs: Any) -> Rule:
    """All that the two rules about fork are asked with."""
    del inputs
    return dict(rule)


def to_strike(rule: Rule, inputs: Any) -> Any:
    """A story to name a moment for."""
    del rule
    return inputs


SEARCH = "gk.explore(STORY, kernel, max_switches=1), as above, and gk.widgets.Explorer(violation.scenario)"
COUNT = "gk.run(STORY, kernel) and its events named cond_resched and handle_mm_fault, as in the cell above"
RULE = "gk.explore('race-dirty-cow', gk.era('2.6.39').but(forced_write=gk.ForcedWrite(after_copy, may_follow)))"
FORKS = "gk.run(STORY, gk.era('6.18').but(anon_reuse=...)), and gk.draw.page_map of its last snapshot"
HAND = "10 · Dirty COW, the part *By hand*"
BUILD = "10 · Dirty COW, the part *Build: a rule without a hole*"
TAKE = "11 · Pins and fork, the part *Build: copy, or take over?*"
PINS = "11 · Pins and fork, the part *Third answer: a pin is not a reference*"

SOLUTION_STRIKE = '''
# For 2.6.39 and a single page of a file that nobody has touched.
def strike(pages, target):
    # cond_resched is passed before the first look, after the fault that copies, and after the fault that says so.
    # Only then has the call dropped FOLL_WRITE: T2 gives the copy up, and a reader's fault brings the page of the file.
    return 3, ["give up"]
'''
SOLUTION_AFTER = '''
# Linux 4.8.3: remember that the copy was made, and go on as a writer.
def after_copy(foll_flags):
    return foll_flags | FOLL_COW
'''
SOLUTION_FOLLOW = '''
# Linux 4.8.3: with the memory, and only if what is mapped now is a copy: a copy's entry is dirty.
def may_follow(vma, pte, page, foll_flags):
    return bool(foll_flags & FOLL_COW and pte & _PAGE_DIRTY)
'''
SOLUTION_TAKE = '''
# Linux 5.9: nobody else may hold the page, for whatever reason. It parts pins from their process (lecture 11).
def may_take_over(page):
    return page.count == 1
'''
SOLUTION_COPIES = '''
# Linux 5.9, where a pin weighs 1024.
def fork_copies(page):
    return page.count >= 1024
'''

STRIKE, MEND, FORKED = ("strike",), ("after_copy", "may_follow"), ("may_take_over", "fork_copies")
PROBLEM_SET = ProblemSet(
    name="ps8",
    title="Problem set 8: Races",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "moment", STRIKE, try_strike, SEARCH, HAND,
            ("How many faults does the call need for such a page, and which of them says that the copy is made?",
             "Rule 1: is it enough that the copy is gone, or must something else be there in its place?"),
            to_strike, weigh_strike,
        ),
        Check(
            "moment-among", STRIKE, try_strike, COUNT, HAND,
            ("The call goes through its pages in order, and passes cond_resched for each page before it looks.",
             "Sum up what the pages before pass. Rule 2: what is mapped at a page that nobody read himself?"),
            to_strike, weigh_strike,
        ),
        Check(
            "ends", MEND, forced_write, RULE, BUILD,
            ("A writer who never gets a page behind a read-only entry faults for ever. When may he have it?",
             "Write down, for each look at the page, what is mapped and what your two functions say."),
            asked, weigh_mending,
        ),
        Check(
            "alone", MEND, forced_write, RULE, BUILD,
            ("Which pages must a writer never get: of a file, of zeros, an anonymous one that others have, too?",
             "May a writer have a page before he has made a copy? Which of your signs says that he has?"),
            asked, weigh_mending,
        ),
        Check(
            "searched", MEND, forced_write, RULE, BUILD,
            ("Between the copy and the next look the others can give the copy up, and bring something else there.",
             "A sign that was true when it was set is none. Look at what is mapped now: rules 3 to 5."),
            asked, weigh_mending,
        ),
        Check(
            "nothing-else", MEND, forced_write, RULE, BUILD,
            ("Your rule is asked for every writer, also for one who comes without FOLL_FORCE.",
             "Who has his copy already writes into that one; who shares a page gets a copy first."),
            asked, weigh_mending,
        ),
        Check(
            "hears", FORKED, fork_rules, FORKS, TAKE,
            ("An entry is not the only thing that can hold a page: a pipe holds it by its count.",
             "If the mark says that the page is shared, which count says that it is not any more?"),
            the_rule, weigh_forking,
        ),
        Check(
            "keeps", FORKED, fork_rules, FORKS, PINS,
            ("Who has a reference to the page of a process wants to see what that process writes.",
             "A page with the mark of its owner stays with him, whoever else holds it. And fork? Rule 7."),
            the_rule, weigh_forking,
        ),
        Check(
            "copies", FORKED, fork_rules, FORKS, TAKE,
            ("The mark does not come back by itself when the child has gone. What does tell you?",
             "A fork copies for pins alone: every copy that nobody needs costs a frame."),
            the_rule, weigh_forking,
        ),
        Check(
            "orders", FORKED, fork_rules, FORKS, PINS,
            ("The same stories, and the others act at any moment.",
             "gk.explore finds the order for you: try your rules on the stories of lecture 11 with it."),
            the_rule, weigh_forking,
        ),
    ),
    cut=(
        "gupkit.kernel.gup:latched", "gupkit.kernel.gup:owned", "gupkit.kernel.gup:is_exclusive",
        "gupkit.kernel.cow:only_reference", "gupkit.kernel.cow:exclusive_or_only",
        "gupkit.kernel.page:maybe_dma_pinned", "gupkit.kernel.swap:reuse_swap_page",
    ),
    solutions={
        "strike": (SOLUTION_STRIKE, "gupkit.kernel.gup:fault_in_page"),
        "after_copy": (SOLUTION_AFTER, "gupkit.kernel.gup:fault_in_page"),
        "may_follow": (SOLUTION_FOLLOW, "gupkit.kernel.gup:latched"),
        "may_take_over": (SOLUTION_TAKE, "gupkit.kernel.cow:exclusive_or_only"),
        "fork_copies": (SOLUTION_COPIES, "gupkit.kernel.fork:_copied_for_pin"),
    },
)  # fmt: skip
