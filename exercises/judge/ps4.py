"""The judge of ps4: follow_page for every sheet, and the cases."""

from random import Random

from gupkit.course.machines import PASTS
from gupkit.course.model import Case
from gupkit.kernel.compound import page_count
from gupkit.kernel.dirty import set_page_dirty
from gupkit.kernel.errno import Errno
from gupkit.kernel.flags import FOLL
from gupkit.kernel.page import PG_active, PG_dirty, PG_referenced, get_page
from gupkit.kernel.pgtable import (
    _PAGE_DIRTY, _PAGE_RW, pte_at, pte_mkdirty, pte_mkyoung, pte_pfn, pte_present, set_pte_at,
)  # fmt: skip
from gupkit.kernel.zap import vm_normal_page

PRESENT = "A mapped page is the answer, whatever the mapping's rights are; asking alone changes nothing."
ABSENT = "What is not mapped now is None, *fault it in*: a hole, and a page that is swapped out."
WRITE = "FOLL_WRITE gives only a page that may be written, by rule 2 of the sheet; else None, and never an error."
SPECIAL = "An entry without a page is -EFAULT; the zero page is another matter, by rule 3."
GET = "FOLL_GET takes exactly one reference, unless there are too many already: rule 1, and then nothing happens."
TOUCH = "FOLL_TOUCH leaves its mark where rule 4 says and nowhere else, and a dirty one only for a writer."
DUMP = "FOLL_DUMP refuses what a dump need not hold: holes, the zero page, and what rule 5 adds."
TOGETHER = "With several flags the order counts, and an answer without a page leaves everything as it was."


def answers(rule):
    """The reference."""

    def follow_page(vma, address, flags):
        pte = pte_at(vma.vm_mm, address)
        if not pte_present(pte):
            return absent(vma, pte, flags)
        page = vm_normal_page(vma, pte)
        if flags & FOLL.WRITE and not may_write(page, pte):
            return None
        zero = page is None and pte_pfn(pte) == vma.vm_mm.kernel.zero_page.pfn
        page = vma.vm_mm.kernel.zero_page if zero else page
        if page is None or (flags & FOLL.DUMP and (zero or not worth_dumping(page, pte))):
            return Errno.EFAULT
        if flags & FOLL.GET:
            if zero and rule["zero"] == "refused":
                return Errno.EFAULT
            if not zero and page_count(page) >= rule["most"]:
                return Errno.ENOMEM
            if not (zero and rule["zero"] == "uncounted"):
                get_page(page)
        if flags & FOLL.TOUCH:
            touch(vma, address, page, pte, flags)
        return page

    def absent(vma, pte, flags):
        dumped = pte == 0 and not vma.has_fault or pte != 0 and rule["dump"] == "swap"
        return Errno.EFAULT if flags & FOLL.DUMP and dumped else None

    def may_write(page, pte):
        if rule["write"] == "dirty":
            return bool(pte & _PAGE_RW and pte & _PAGE_DIRTY)
        return bool(pte & _PAGE_RW) or (page is not None and page.anon and page.mapcount == 1)

    def worth_dumping(page, pte):
        return rule["dump"] != "clean" or page.anon or bool(page.flags & PG_dirty or pte & _PAGE_DIRTY)

    def touch(vma, address, page, pte, flags):
        if rule["touch"] == "entry":
            pte = pte_mkyoung(pte_mkdirty(pte) if flags & FOLL.WRITE else pte)
            set_pte_at(vma.vm_mm, address, pte)
            return
        page.flags |= PG_referenced | PG_active
        if flags & FOLL.WRITE:
            set_page_dirty(page)

    return {"follow_page": follow_page}


MAPPED = ["written", "read-only", "no-rights", "cleaned", "forked", "file-read", "file-shared", "file-dirty"]
ABSENTS = ["untouched", "swapped", "file-untouched"]
EVERYTHING = [past for past in PASTS if past != "device"]

PLANS = {
    "present": (PRESENT, MAPPED, [[]]),
    "absent": (ABSENT, ABSENTS, [[], ["WRITE"], ["GET"], ["GET", "TOUCH", "WRITE"]]),
    "write": (WRITE, [past for past in MAPPED if past != "no-rights"], [["WRITE"]]),
    "special": (SPECIAL, ["zero", "device"], [[], ["GET"]]),
    "get": (GET, ["busy", "written", "read-only", "file-shared"], [["GET"], ["GET", "TOUCH"]]),
    "touch": (TOUCH, ["written", "old", "read-only", "file-read", "file-dirty"], [["TOUCH"], ["TOUCH", "WRITE"]]),
    "dump": (DUMP, [*ABSENTS, "zero", "file-shared", "file-dirty", "written"], [["DUMP"]]),
    "together": (TOGETHER, EVERYTHING, [["GET", "TOUCH", "WRITE"], ["GET", "TOUCH"], ["GET", "DUMP"], ["TOUCH"]]),
}  # fmt: skip
"""Check → its trap, the pasts of its pages, the flags asked with."""


def case(idea, pasts, flags, chance):
    """A trial: a page of each past, in any order, under names that say nothing, and every call, in any order.

    A page that was written is always there and asked for without flags, so that no answer is right for all.
    """
    names = chance.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", len(pasts) + 1)
    pages = dict(zip(names, chance.sample([*pasts, "written"], len(names)), strict=True))
    calls = [[name, asked] for name in names for asked in flags if pages[name] in pasts]
    calls += [[name, []] for name in names if pages[name] == "written"]
    chance.shuffle(calls)
    # a busy page is touched without FOLL_GET last: before that, a touch that should not have been is seen
    calls.sort(key=lambda call: pages[call[0]] == "busy" and "GET" not in call[1])
    return Case(idea, {"pages": pages, "calls": calls})


def counted(chance):
    """A trial of FOLL_GET that asks one page again and again, until its count is at the bound."""
    few = case(GET, ["written", "file-shared", "read-only"], [["GET"]], chance)
    return Case(GET, {"pages": few.inputs["pages"], "calls": few.inputs["calls"] * chance.randrange(9, 12)})


def some(chance, count):
    """``count`` cases of each check."""
    made = {name: [case(*plan, chance) for _ in range(count)] for name, plan in PLANS.items()}
    made["get"][-1] = counted(chance)
    return made


def visible(rule, chance: Random):
    """One example of each, two of what counts; the same for all sheets."""
    del rule
    return some(chance, 1) | {"get": some(chance, 2)["get"]}


def hidden(rule, chance: Random):
    """Three of each."""
    del rule
    return some(chance, 3)
