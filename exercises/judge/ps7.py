"""The judge of ps7: the mended driver for every sheet, and with any of the four bugs; the cases; tests tried."""

from random import Random

from gupkit.course.model import Case
from gupkit.course.plans import tried
from gupkit.kernel.dirty import set_page_dirty
from gupkit.kernel.errno import Errno
from gupkit.kernel.gup import get_user_pages
from gupkit.kernel.page import put_page
from gupkit.kernel.pagelock import lock_page, unlock_page

SHORT = "Pages that came have references: if the transfer does not go over them, they go back at once."
INTO = "What the card writes the process sees, and nobody else: not its child, not a file that it maps privately."
OUT = "A card that only reads needs no right to write, makes no copy, and leaves nothing dirty."
DIRTY = "Marked are the pages that rule 3 names, after the last write and before the put; then the disk has the bytes."
GONE = "A page can lose its file while the card is at work: rule 4, and only under the lock of the page."
MIDWAY = "A transfer that is broken off ends as rule 5 says; its pages are marked and given back like others."
CLOSE = "Every page is given back as often as it was taken, whatever comes after what, and however often."
CATCH = "A test catches its bug, and passes whoever does not have it, whatever other bugs he has."

BUGS = {
    "catch-read-pin": "read pin", "catch-leak": "leak", "catch-early-mark": "early mark",
    "catch-double-put": "double put",
}  # fmt: skip
"""Check of a test → the bug that it is for."""


def driver(rule, bugs=()):
    """The mended driver, or one that has some of the bugs still."""

    def begin(card, p, address, nr_pages, way):
        if card.held:
            return Errno.EBUSY
        card.into, pages = way == rule["way"], []
        write = card.into and "read pin" not in bugs
        with p.mm.mmap_sem.read():
            came = get_user_pages(p, p.mm, address, nr_pages, int(write), 0, pages, None)
        part = rule["short"] == "part" and "leak" not in bugs
        if came < nr_pages and not (part and pages):
            for page in () if "leak" in bugs else pages:
                put_page(page)
            return came if came < 0 else Errno.EFAULT
        if "early mark" in bugs and card.into:
            mark(pages)
        card.held = pages
        card.go(pages, way)
        return len(pages) if rule["short"] == "part" else 0

    def finish(card):
        while card.drain():
            pass
        held = card.held
        release(card)
        if "double put" in bugs:
            card.held = held

    def close(card):
        if rule["close"] == "stop":
            card.stop()
        while card.drain():
            pass
        release(card)

    def release(card):
        pages, card.held = card.held, []
        if pages and card.into and "early mark" not in bugs:
            mark(pages if rule["marks"] == "all" else pages[: card.moved])
        for page in pages:
            put_page(page)

    def mark(pages):
        for page in pages:
            lock_page(page)
            if rule["gone"] == "mark" or page.mapping is not None:
                set_page_dirty(page)
            unlock_page(page)

    return {"begin": begin, "finish": finish, "close": close}


def catches(rule):
    """A test for each bug."""

    def catch_read_pin(n):
        return [
            ["map", "A", "forked", n], ["begin", "A", n, "in"], ["card", n], ["finish"],
            ["expect", "child reads", "A", n - 1, ord("w")],
        ]  # fmt: skip

    def catch_leak(n):
        return [["map", "A", "file", n], ["begin", "A", n + 1, "in"], ["finish"], ["expect", "references", 0]]

    def catch_early_mark(n):
        return [
            ["map", "A", "file", n], ["begin", "A", n, "in"], ["card", n], ["finish"], ["writeback"],
            ["expect", "disk", "A", n - 1, 0xC0 + n],
        ]  # fmt: skip

    def catch_double_put(n):
        return [["map", "A", "written", n], ["begin", "A", n, "in"], ["finish"], ["close"], ["expect", "quiet"]]

    del rule
    return {test.__name__: test for test in (catch_read_pin, catch_leak, catch_early_mark, catch_double_put)}


def answers(rule):
    """The reference."""
    return driver(rule) | catches(rule)


def weigh(rule, check, inputs, result):
    """What a test says of drivers that have its bug, and of others that have not."""
    if check not in BUGS or inputs["old"]:
        return result
    bug = BUGS[check]
    drivers = {
        "a driver without a bug": (), "one with this bug alone": (bug,), "one with all four": tuple(BUGS.values()),
        "one with the other three": tuple(other for other in BUGS.values() if other != bug),
    }  # fmt: skip
    plan = result.get("plan")
    return {who: "passes" if tried(rule, plan, driver(rule, bugs)) == "passes" else "is caught"
            for who, bugs in drivers.items()}  # fmt: skip


# --- the plans


class Plan:
    """A plan as it grows; names say nothing."""

    def __init__(self, chance):
        self.chance = chance
        self.names = chance.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 8)
        self.steps = []

    def map(self, kind, pages):
        """Memory of a kind: its name."""
        self.steps.append(["map", self.names.pop(), kind, pages])
        return self.steps[-1][1]

    def __call__(self, *steps):
        """More steps, each as a tuple."""
        self.steps += [list(step) for step in steps]
        return self

    def case(self, idea, *watch):
        """The case of these steps."""
        return Case(idea, {"plan": self.steps, "watch": list(watch)})


def short(chance, number):
    """Some come, all come, none comes: for nothing is there, or since P is dying; for either way."""
    plan, way = Plan(chance), ("in", "out")[number // 3 % 2]
    pages = chance.randint(2, 6)
    name = plan.map(chance.choice(["file", "written"]), pages)
    if number % 3 == 2:
        plan(("kill",) if number % 2 else ("unmap", name))
    asked = pages + chance.randint(1, 3) if number % 3 == 0 else pages
    return plan(("begin", name, asked, way)).case(SHORT, "returned", "references")


def into(chance, number):
    """Memory that is not P's alone; and such as P may not write."""
    plan, pages = Plan(chance), chance.randint(1, 5)
    kind = ("forked", "untouched", "private", "read-only")[number % 4]
    name = plan.map(kind, pages)
    if chance.random() < 0.5:
        plan.map("untouched", 1)
    return plan(("begin", name, pages, "in"), ("card", chance.randint(1, pages)), ("finish",)).case(INTO, "bytes")


def out(chance, number):
    """The card reads, from memory of every kind."""
    plan, pages = Plan(chance), chance.randint(1, 5)
    name = plan.map(("read-only", "file", "private", "untouched", "forked")[number % 5], pages)
    plan(("begin", name, pages, "out"), ("card", chance.randint(1, pages)), ("finish",))
    return plan.case(OUT, "read", "bytes", "dirty")


def dirty(chance, number):
    """To the end; or the card breaks down midway; or P unmaps its memory before the end."""
    plan, pages = Plan(chance), chance.randint(3, 7)
    some = chance.randint(1, pages - 2)
    name = plan.map("file", pages)
    plan(("begin", name, pages, "in"), ("card", some))
    if number % 3 == 1:
        plan(("jam",))
    if number % 3 == 2:
        other = Plan(chance)
        name = other.map("written", pages)
        other(("begin", name, pages, "in"), ("card", some), ("unmap", name), ("finish",))
        return other.case(DIRTY, "references")
    plan(("finish",))
    return (plan(("writeback",)) if number % 2 else plan).case(DIRTY, "dirty", "disk")


def gone(chance, number):
    """The file is cut while the card is at work; or is being cut just when the driver would mark."""
    plan, pages = Plan(chance), chance.randint(3, 7)
    name, left = plan.map("file", pages), chance.randint(1, pages - 2)
    plan(("begin", name, pages, "in"))
    if number % 2:
        plan(("card", pages), ("cut slowly", name, left))
    else:
        plan(("card", chance.randint(1, pages - 1)), ("cut", name, left))
    return plan(("finish",)).case(GONE, "dirty", "waits", "references")


def midway(chance, number):
    """Closed after some pages; then written back. In some the card only reads, or has broken down."""
    plan, pages = Plan(chance), chance.randint(3, 7)
    name = plan.map("file", pages)
    plan(("begin", name, pages, "out" if number % 4 == 3 else "in"), ("card", chance.randint(1, pages - 2)))
    if number % 4 == 2:
        plan(("jam",))
    plan(("close",))
    return (plan(("writeback",)) if number % 2 else plan).case(MIDWAY, "bytes", "references", "dirty", "disk")


def close(chance, number):
    """Twice, in every order; a second transfer; one that is refused since the first is not over."""
    plan, pages = Plan(chance), chance.randint(2, 4)
    one, two = plan.map("written", pages), plan.map("file", pages)
    begin, other = ("begin", one, pages, "in"), ("begin", two, pages, chance.choice(["in", "out"]))
    done, end = ("finish",), ("close",)
    plan(*(
        (begin, ("card", pages), done, end), (begin, done, done, other, done, end), (begin, end, end, other, done),
        (begin, other, done, end), (end, done, other, done, begin, end, done),
    )[number % 5])  # fmt: skip
    return plan.case(CLOSE, "references")


PLANS = {
    "short": (short, 3, 12), "into": (into, 4, 8), "out": (out, 3, 10), "dirty": (dirty, 3, 9), "gone": (gone, 2, 6),
    "midway": (midway, 4, 8), "close": (close, 3, 10),
}  # fmt: skip
"""Check of the driver → how a case is made, how many are shown, how many are hidden."""


def cases(chance, shown):
    """The cases of every check; ``shown``: those that everybody sees."""
    made = {
        name: [make(chance, i) for i in range(how_many[0] if shown else how_many[1])]
        for name, (make, *how_many) in PLANS.items()
    }
    pages = [3] if shown else [1, *chance.sample([2, 4, 5, 6, 7, 8], 2)]
    tests = {name: [Case(CATCH, {"pages": n, "old": shown}) for n in pages] for name in BUGS}
    return made | tests


def visible(rule, chance: Random):
    """Examples of each kind, the same for all sheets."""
    del rule
    return cases(chance, shown=True)


def hidden(rule, chance: Random):
    """The same kinds, otherwise mixed."""
    del rule
    return cases(chance, shown=False)
