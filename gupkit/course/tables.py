"""What a student's rule answers in every situation that it can be asked in, as plain data; and kernels that go by that.

A rule is a function, and a search asks it thousands of times. So it is asked once for everything, where a student's
code may run; the table that comes of it is plain data, and the kernel that goes by the table can be searched anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import GupkitError
from ..kernel import FOLL, Kernel
from ..kernel.eras import ForcedWrite
from ..kernel.flags import FOLL_COW, VM_WRITE
from ..kernel.page import Page, PG_anon_exclusive
from ..kernel.pgtable import _PAGE_DIRTY, mk_pte, pte_mkdirty
from ..kernel.vma import VMA, find_vma
from .model import Answers, Rule

Table = Mapping[str, Any]
CALLERS = (FOLL.WRITE | FOLL.FORCE | FOLL.GET | FOLL.TOUCH, FOLL.WRITE | FOLL.GET | FOLL.TOUCH, FOLL.WRITE | FOLL.GET)
"""The flags that a writer can come with: by force, and twice without."""
KEPT = int(FOLL.WRITE | FOLL.FORCE | FOLL.GET | FOLL.TOUCH)
"""The flags that every kernel keeps from one look to the next."""
LEVELS = 3
"""How often a fault can say that it has made the copy before a rule must have come to an end of new flags."""
PATIENCE = 20_000
"""How often a search asks a rule before it is said to go round for ever."""
PAGES = ("none", "file", "anon 1", "anon 2")
"""What can be behind an entry: no page (the page of zeros), a file's, an anonymous one by how many entries map it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as a rule for forced writes sees it on a kernel of the sheet's."""

    anon: bool
    mapcount: int


def asked(rule: Rule, inputs: Any) -> tuple[Rule, VMA, VMA]:
    """What the situations are made of: private memory that P may not write, and some that it may."""
    del inputs
    kernel = Kernel()
    p = kernel.spawn("P")
    found = [find_vma(p.mm, kernel.mmap(p, pages=1, prot=prot)) for prot in ("r", "rw")]
    return rule, found[0], found[1]  # type: ignore[return-value]


def forced_write(world: tuple[Rule, VMA, VMA], answers: Answers) -> dict[str, Any]:
    """The table of ``after_copy`` and ``may_follow``."""
    rule, *vmas = world
    after: dict[str, Any] = {}
    for flags in map(int, CALLERS):
        for _ in range(LEVELS):
            if str(flags) in after:
                break
            came = answers["after_copy"](flags)
            after[str(flags)] = int(came) if isinstance(came, int) else None
            flags = remembered(rule, after[str(flags)])
    asks = {int(flags) for flags in after} | {remembered(rule, came) for came in after.values()}
    return {"after_copy": after, "may_follow": {
        situation(rule, flags, vma.vm_flags, page, dirty): bool(answers["may_follow"](
            vma, pte_mkdirty(mk_pte(7, vma.vm_page_prot)) if dirty else mk_pte(7, vma.vm_page_prot),
            seen(rule, page), flags,
        ))
        for flags in sorted(asks) for vma in vmas for page in PAGES for dirty in sorted({shown(rule, 0), 1})
    }}  # fmt: skip


def seen(rule: Rule, page: str) -> Seen | None:
    """A page as the sheet's kernel shows it."""
    if page == "none":
        return None
    entries = int(page[-1]) if page.startswith("anon") else 1
    return Seen(page.startswith("anon"), entries - 1 if rule["count"] == "less" else 0)


def shown(rule: Rule, dirty: int) -> int:
    """The dirty bit as the sheet's kernel has it: 1 for every entry, if readers' faults set it, too."""
    return 1 if rule["dirty"] == "readers" else dirty


def remembered(rule: Rule, flags: Any) -> int:
    """The flags that a page's next look has; GupkitError if they are none."""
    if type(flags) is not int or not 0 <= flags < 1 << 32:
        raise GupkitError("after_copy gives flags: a number, foll_flags with some bits more or less")
    return flags if rule["memory"] == "kept" else flags & KEPT


def situation(rule: Rule, flags: int, vm_flags: int, page: str, dirty: int) -> str:
    """A situation in words."""
    if rule["count"] == "none" and page.startswith("anon"):
        page = "anon"
    return f"{flags:#x} {'rw' if vm_flags & VM_WRITE else 'r'} {page} {'dirty' if shown(rule, dirty) else 'clean'}"


def by_table(rule: Rule, table: Table) -> ForcedWrite:
    """The rule for forced writes that a table stands for; GupkitError if it is none."""
    after, follow = table.get("after_copy"), table.get("may_follow")
    if type(after) is not dict or type(follow) is not dict:
        raise GupkitError("after_copy and may_follow could not be asked in every situation")

    asked_for = 0

    def after_copy(foll_flags: int) -> int:
        nonlocal asked_for
        asked_for += 1
        if asked_for > PATIENCE:
            raise GupkitError("in some order a forced write goes round without an end")
        return remembered(rule, after.get(str(foll_flags)))

    def may_follow(vma: VMA, pte: int, page: Page | None, foll_flags: int) -> bool:
        dirty = 1 if pte & _PAGE_DIRTY else 0
        return follow.get(situation(rule, foll_flags, vma.vm_flags, kind(page), dirty)) is True

    return ForcedWrite(after_copy, may_follow)


def kind(page: Page | None) -> str:
    """A real page as one of :data:`PAGES`."""
    return "none" if page is None else f"anon {min(page.mapcount, 2)}" if page.anon else "file"


# --- who may take a page over, and what fork copies


@dataclass(frozen=True, slots=True)
class Counted:
    """A page as the two rules about fork see it: the counts, and the sheet's mark, under its name."""

    count: int
    mapcount: int
    exclusive: bool | None = None
    shared: bool | None = None


MOST = 6
"""References that are told apart, beside pins."""


def fork_rules(world: Rule, answers: Answers) -> dict[str, Any]:
    """The table of ``may_take_over`` and ``fork_copies``."""
    rule = world
    return {
        name: {
            f"{count} {entries} {mark}": bool(answers[name](counted(rule, count, entries, mark)))
            for pins in range(3) for rest in range(1, MOST + 1) for entries in (1, 2, 3) if entries <= rest
            for mark in (0, 1) for count in [rest + pins * rule["bias"]]
        }
        for name in ("may_take_over", "fork_copies")
    }  # fmt: skip


def counted(rule: Rule, count: int, entries: int, mark: int) -> Counted:
    """A page as the sheet's kernel shows it."""
    if rule["mark"] == "shared":
        return Counted(count, entries, shared=not mark)
    return Counted(count - entries, entries, exclusive=bool(mark))


def fork_answer(rule: Rule, table: Table, name: str, page: Page) -> bool:
    """What a table answers for a real page; GupkitError if it is none."""
    answers = table.get(name)
    if type(answers) is not dict:
        raise GupkitError(f"{name} could not be asked in every situation")
    pins, rest = divmod(page.count, rule["bias"])
    count = min(pins, 2) * rule["bias"] + min(rest, MOST)
    mark = int(bool(page.flags & PG_anon_exclusive))
    return answers.get(f"{count} {max(1, min(page.mapcount, 3))} {mark}") is True


REMEMBER = ForcedWrite(lambda flags: flags | FOLL_COW, lambda vma, pte, page, flags: bool(flags & FOLL_COW))
"""Half a memory: who has made a copy takes whatever is there, as long as something is."""
