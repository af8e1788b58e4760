"""ps7, a driver with four bugs: find them, mend them, and write a test that catches each."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

from .. import old_driver
from ..bench import Bench
from ..model import Answers, Check, ProblemSet, Rule
from ..plain import plain
from ..plans import Planned, tried

RULES: tuple[Rule, ...] = tuple(
    {"way": way, "short": short, "marks": marks, "gone": gone, "close": close}
    for i, (way, short, marks, gone) in enumerate(
        (way, short, marks, gone)
        for way in (0, 1)
        for short in ("refuse", "part")
        for marks in ("moved", "all")
        for gone in ("mark", "skip")
    )
    for close in [("stop", "drain")[bin(i).count("1") % 2]]
)

SAYS: dict[str, dict[Any, str]] = {
    "way": {
        0: "With `way` **0 the card writes into memory**; with `way` 1 it only reads what is there.",
        1: "With `way` **1 the card writes into memory**; with `way` 0 it only reads what is there.",
    },
    "short": {
        "refuse": "If **fewer pages** can be had than were asked for, `begin` holds none of them, does not let the card"
        " go, and returns the error of the call, or `-EFAULT` if some pages had come. If all come it returns 0.",
        "part": "If **fewer pages** can be had than were asked for, the transfer goes over those that came. `begin`"
        " returns how many pages it goes over, also if these are all; if there are none, the error of the call.",
    },
    "marks": {
        "moved": "The card counts well: after a transfer into memory the first `card.moved` pages of the list are"
        " marked dirty, and **no others**.",
        "all": "The card counts badly: after a transfer into memory **all** its pages are marked dirty, whatever"
        " `card.moved` says.",
    },
    "gone": {
        "mark": "A page that has lost its file meanwhile is **marked like any other**. Who marks has the page's lock"
        " (`set_page_dirty_lock` takes it).",
        "skip": "A page that has lost its file meanwhile (`page.mapping` is None) is **not marked**. Whoever looks at"
        " `page.mapping`, or marks a page, has its lock (`lock_page`, `unlock_page`).",
    },
    "close": {
        "stop": "`close` in the midst of a transfer **ends it**, with `card.stop()`. What was moved was moved.",
        "drain": "`close` in the midst of a transfer **waits for its end**: `card.drain()` until it says 0.",
    },
}  # fmt: skip
"""Rule → its choices, as the sheet says them."""


def words(rule: Rule) -> str:
    """What the driver should do."""
    says = "\n".join(f"{i}. {choices[rule[name]]}" for i, (name, choices) in enumerate(SAYS.items(), 1))
    return (
        "Your card, and your kernel, want this of a driver:\n\n"
        f"{says}\n\n"
        "All else is as in 2.6.39. While the pages of a transfer are held, `begin` returns `-EBUSY`. The interrupt can"
        " come twice, and `close` too: then there is nothing to do.\n\n"
        f"The driver as it came to you:\n\n```python\n{source()}```"
    )


def source() -> str:
    """The old driver's text."""
    return "\n\n".join(inspect.getsource(function) for function in old_driver.OLD.values())


def laid(rule: Rule, inputs: Any) -> Planned:
    """A bench and a plan, ready to be played."""
    return Planned(Bench(rule, inputs["watch"]), inputs["plan"], old_driver.OLD)


def try_driver(world: Planned, answers: Answers) -> dict[str, Any]:
    """The plan with the student's driver: what each call returned, and what was so after it."""
    return {f"[{world!r}]": world.play(answers)}


def asked(rule: Rule, inputs: Any) -> tuple[Rule, Any]:
    """For a test of the student's: the rule, and on how many pages it should be tried."""
    return rule, inputs


def try_test(name: str, world: tuple[Rule, Any], answers: Answers) -> dict[str, Any]:
    """The plan that a test is. Where everybody sees it, what it says of the old driver, which has every bug."""
    rule, inputs = world
    made = plain(answers[name](inputs["pages"]))
    if not inputs["old"]:
        return {"plan": made}
    says = tried(rule, made, old_driver.OLD)
    return {f"{name}({inputs['pages']}), tried on the old driver": says if says == "passes" else "catches it"}


LOOK = (
    "machine = EXAMPLE; machine.play(driver) tells it call by call, and then"
    " gk.draw.page_map(gk.take_snapshot(machine.bench.kernel))"
)
LOOK_TEST = 'sheet.example("short").test(PLAN, driver) tells what a plan says of a driver: of the old one, of yours'
WRITE = "05 · FOLL_WRITE and dirty, the part *Before the write: whose page is it?*"
DIRTY = "05 · FOLL_WRITE and dirty, the part *After the write: who knows that it is dirty?*"
MARK = "05 · FOLL_WRITE and dirty, the part *set_page_dirty, or set_page_dirty_lock?*"
SHORT = "08 · References, the part *A put too few*"
TWICE = "08 · References, the part *A put too many*"
GONE = "07 · Invalidation"

SOLUTION_BEGIN = '''
# For a driver of Linux, whose card writes into memory (it has no `way`), and that refuses a short transfer.
def begin(card, p, address, nr_pages, way):
    if card.held:
        return Errno.EBUSY
    pages = []
    with p.mm.mmap_sem.read():
        came = get_user_pages(p, p.mm, address, nr_pages, 1, 0, pages, None)   # 1: FOLL_WRITE, the card will write
    if came < nr_pages:
        for page in pages:
            put_page(page)                     # the prefix came with references, and nobody else knows of them
        return came if came < 0 else Errno.EFAULT
    card.held = pages
    card.go(pages, way)
    return 0
'''
SOLUTION_FINISH = '''
# For a card that writes into memory, and a kernel that marks whatever was written.
def finish(card):
    while card.drain():
        pass                                   # the last write is over only now
    release(card)

def release(card):
    pages, card.held = card.held, []           # out of the list before anybody can give them back again
    for page in pages:
        set_page_dirty_lock(page)              # after the last write, before the put, under the page's lock
        put_page(page)
'''
SOLUTION_CLOSE = '''
# What was written till now was written: it is marked and given back as at the end of a transfer.
def close(card):
    card.stop()
    release(card)
'''
SOLUTION_CATCH = '''
# Not of your four, but of the same kind: a test that catches a driver that pins nothing at all.
def catch_nothing(n):
    return [
        ["map", "A", "written", n],
        ["begin", "A", n, "in"],
        ["expect", "references", n],           # passes whoever holds all pages while the card is at work
    ]
'''

CATCH = ("The old driver has the bug: begin with a plan on which it goes wrong, and expect what ought to be.",
         "A driver without this bug must pass, also if it has the other three: expect nothing that they spoil.")
ALL = ("begin", "finish", "close")
PROBLEM_SET = ProblemSet(
    name="ps7",
    title="Problem set 7: A driver with four bugs",
    rules=RULES,
    words=words,
    checks=(
        Check(
            "short", ("begin",), try_driver, LOOK, SHORT,
            ("How many pages came? They have references, whatever `begin` returns.",
             "Rule 2: either all that came go back, or the card goes over them. `card.held` is what is held."),
            laid,
        ),
        Check(
            "into", ("begin", "finish"), try_driver, LOOK, WRITE,
            ("Who else has the page that comes when nobody says that it will be written?",
             "The fifth argument of `get_user_pages` is `write`. Rule 1 says when the card writes."),
            laid,
        ),
        Check(
            "out", ("begin", "finish"), try_driver, LOOK, WRITE,
            ("What the card only reads it need not be allowed to write: read-only memory is good enough.",
             "A card that only reads changes nothing. So what is there to mark?"),
            laid,
        ),
        Check(
            "dirty", ("begin", "finish"), try_driver, LOOK, DIRTY,
            ("Before every page that the card moves there is a writeback. What does it do to a mark?",
             "After the last write, which is after `drain`, and before the put. Rule 3 says which pages."),
            laid,
        ),
        Check(
            "gone", ("begin", "finish"), try_driver, LOOK, MARK,
            ("Truncation takes a page out of its file, held or not; it needs the lock of the page for that.",
             "Rule 4. Whoever looks without the lock sees what may be over in the next moment."),
            laid,
        ),
        Check(
            "midway", ("begin", "close"), try_driver, LOOK, DIRTY,
            ("A transfer that is broken off has moved some pages: their bytes must reach the disk, too.",
             "Rule 5 for the card, and then the same as at the end of a transfer."),
            laid,
        ),
        Check(
            "close", ALL, try_driver, LOOK, TWICE,
            ("Who gives pages back twice? Follow `card.held` through `finish` and then `close`.",
             "Take the list away before you give its pages back."),
            laid,
        ),
        *(
            Check(name.replace("_", "-"), (name,), partial(try_test, name), LOOK_TEST, read, CATCH, asked)
            for name, read in (
                ("catch_read_pin", WRITE), ("catch_leak", SHORT), ("catch_early_mark", DIRTY),
                ("catch_double_put", TWICE),
            )
        ),
    ),
    cut=("gupkit.kernel.direct_io:direct_read", "gupkit.kernel.direct_io:direct_write", "gupkit.kernel.direct_io:_pin"),
    solutions={
        "begin": (SOLUTION_BEGIN, "gupkit.kernel.direct_io:direct_read"),
        "finish": (SOLUTION_FINISH, "gupkit.kernel.direct_io:direct_read"),
        "close": (SOLUTION_CLOSE, "gupkit.kernel.direct_io:direct_read"),
        "catch_read_pin": (SOLUTION_CATCH, "gupkit.kernel.page:write_page"),
        "catch_leak": (SOLUTION_CATCH, "gupkit.kernel.page:get_page"),
        "catch_early_mark": (SOLUTION_CATCH, "gupkit.kernel.page_writeback:clear_page_dirty_for_io"),
        "catch_double_put": (SOLUTION_CATCH, "gupkit.kernel.page:put_page"),
    },
)  # fmt: skip
