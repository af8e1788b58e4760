"""The judge of ps8: a moment for every story, rules for every sheet, and what they are tried on."""

from random import Random

from gupkit.course.model import Case
from gupkit.kernel.flags import FOLL_COW

MOMENT = "The strike comes when the call believes that it has its copy, and looks no more for a writable one."
AMONG = "Every page passes cond_resched once before its first look, and once after each fault: count those before."
ENDS = "A forced write comes to its end, and whoever wrote sees what he has written."
ALONE = "Whoever else has the page sees nothing of a forced write: a file, a child, memory that nobody ever wrote."
SEARCHED = "No order of events may hand out a page that is not the writer's own: what counts is what is mapped now."
NOTHING_ELSE = "A mended kernel does all else as before: no second copy, and nothing for those who come without force."
HEARS = "Nobody hears what was written after the fork: a page is not its owner's as long as anybody else holds it."
KEEPS = "Who holds a page of a process goes on to see what the process writes, whatever was done in between."
COPIES = "Nobody copies without need: not when the child is gone, and not at a fork of what no pin holds."
ORDERS = "So it is in every order of events."


def answers(rule):
    """The reference."""

    def strike(pages, target):
        read = rule["around"] == "all" and "read" in pages
        passes = [3 if past == "untouched" and not read else 2 for past in pages]
        return sum(passes[: target + 1]), ["give up"] if rule["hole"] == "drop" else ["give up", "read"]

    def after_copy(foll_flags):
        return foll_flags | FOLL_COW if rule["memory"] == "kept" else foll_flags

    def may_follow(vma, pte, page, foll_flags):
        if page is None or not page.anon:
            return False
        return bool(foll_flags & FOLL_COW) if rule["memory"] == "kept" else page.mapcount == 0

    def may_take_over(page):
        if rule["mark"] == "shared":
            return not page.shared or page.count == 1
        return page.exclusive or page.count + page.mapcount == 1

    def fork_copies(page):
        return page.count >= rule["bias"]

    return {
        "strike": strike, "after_copy": after_copy, "may_follow": may_follow, "may_take_over": may_take_over,
        "fork_copies": fork_copies,
    }  # fmt: skip


PASTS = ["untouched", "read", "copied"]
SHARES = [(0, "a fork of what nobody has pinned"), (0, "a fork, the child ends, the parent writes")]
"""Who never shares a page and never takes one over lets nobody hear anything either: that is no rule."""
TOLD = {
    "ends": (ENDS, [(0, "a forced write to a page of a file"),
                    (0, "two forced writes, the second to the copy that the first has made")]),
    "alone": (ALONE, [(0, "a forced write to a page of a file that P has read"),
                      (0, "a forced write to the page of zeros"), (0, "a forced write to a page shared with a child")]),
    "searched": (SEARCHED, [(1, "a forced write to a file, and T2 gives the page up"),
                            (2, "a forced write to a file, T2 gives the page up, T3 reads it"),
                            (2, "a forced write to zeros, T2 gives the page up, T3 reads it")]),
    "nothing-else": (NOTHING_ELSE, [(0, "two forced writes, the second to the copy that the first has made"),
                                    (0, "a pin for writing, without force, of a page shared with a child")]),
    "hears": (HEARS, [(0, "a fork, and the parent writes"),
                      (0, "a fork, the child puts its page into a pipe, the parent writes"), *SHARES]),
    "keeps": (KEEPS, [(0, "a reference, all rights to write taken and given back, a write"),
                      (0, "a pin, a fork, the parent writes")]),
    "copies": (COPIES, [*SHARES, (0, "a fork of what three pipes hold")]),
    "orders": (ORDERS, [(1, "a fork, the parent writes, the child puts its page into a pipe"),
                        (1, "a pin that a device writes through, T2 forks and writes"), *SHARES]),
}  # fmt: skip
"""Check → its idea, and the stories that it is tried on, with how many switches."""


def among(chance, hidden):
    """Some pages with their pasts, every past among them, and one that is the target."""
    pages = [*PASTS, *(chance.choice(PASTS) for _ in range(chance.randint(1, 4) if hidden else 0))]
    chance.shuffle(pages)
    return {"pages": pages, "target": chance.randrange(len(pages))}


def unread(chance):
    """The same without a page that P has read."""
    pages = [chance.choice(["untouched", "copied"]) for _ in range(chance.randint(2, 6))]
    return {"pages": pages, "target": len(pages) - 1}


def cases(chance, hidden):
    """The cases of every check; the shown ones are the same for all."""
    made = {
        "moment": [Case(MOMENT, {"pages": [past], "target": 0}) for past in PASTS],
        "moment-among": [Case(AMONG, among(chance, hidden)) for _ in range(2)] + [Case(AMONG, unread(chance))],
    }
    if hidden:
        made["moment"] = [
            Case(MOMENT, {"pages": [past] * chance.randint(2, 7), "target": 0}) for past in chance.sample(PASTS, 3)
        ]
        made["moment-among"] += [Case(AMONG, among(chance, hidden)) for _ in range(3)]
    for name, (idea, stories) in TOLD.items():
        chosen = chance.sample(stories, len(stories)) if hidden else stories
        made[name] = [
            Case(COPIES if (switches, story) in SHARES else idea,
                 {"stories": [story], "switches": switches, "bytes": chance.sample(range(3, 256), 2)})
            for switches, story in chosen
        ]
        if hidden and len(stories) < 3:
            made[name].append(Case(idea, {"stories": [s for n, s in stories], "switches": 0,
                                          "bytes": chance.sample(range(3, 256), 2)}))  # fmt: skip
    return made


def visible(rule, chance: Random):
    """Each kind, the same for all sheets."""
    del rule
    return cases(chance, hidden=False)


def hidden(rule, chance: Random):
    """The same kinds: other pages, other bytes, another order."""
    del rule
    return cases(chance, hidden=True)
