"""Compound pages: 512 frames that are one, a head and its tails, and how a reference to a part of one is counted.

Before 4.5 a reference to a tail is counted in the tail *and* in the head, so that it can go with the tail when the
page is split. Since then every reference is the head's, and a page that anybody holds cannot be split; a FOLL_PIN is
counted in a number of its own (5.7), not as 1024. Source: include/linux/mm.h, mm/swap.c (2.6.39); mm/gup.c,
try_grab_folio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .content import POISON, ZEROS

if TYPE_CHECKING:
    from .machine import Machine
    from .page import Page

HPAGE_NR = 512
"""Pages in a huge page of 2 MiB."""


def compound_head(page: Page) -> Page:
    """The page that counts for this one: its head, or the page itself."""
    return page.head or page


def page_count(page: Page) -> int:
    """References to the page, those of the whole compound page if it is part of one."""
    return compound_head(page).count


def subpages(head: Page) -> list[Page]:
    """Head and tails, in order."""
    zone = head.kernel.zone
    return [zone.page(head.pfn + i) for i in range(HPAGE_NR)]


def page_mapcount(page: Page) -> int:
    """Entries that map the page: its own, and those that map the huge page it is part of."""
    return page.mapcount + (page.head.compound_mapcount if page.head is not None else 0)


def total_mapcount(head: Page) -> int:
    """All entries that map any part of a compound page, a huge one counted once."""
    return head.compound_mapcount + sum(page.mapcount for page in subpages(head))


def most_mapped(page: Page) -> int:
    """Entries that map the page; of a part of a huge page, those of the part that has most.

    Source: mm/huge_memory.c, page_trans_huge_mapcount.
    """
    head = page.head
    return page.mapcount if head is None else head.compound_mapcount + max(part.mapcount for part in subpages(head))


def alloc_huge_page(kernel: Machine) -> Page | None:
    """512 free frames in a row as one page with one reference, or None when there are none."""
    head = kernel.zone.take_huge()
    if head is None:
        return None
    for page in subpages(head):
        page.restart()
        page.head = head
        page.content = ZEROS
    head.count = 1
    return head


def free_huge_page(head: Page) -> None:
    """The last reference is gone: all 512 frames are free."""
    kernel = head.kernel
    for page in subpages(head):
        page.flags = 0
        page.head = page.mapping = None
        page.count = page.mapcount = 0
        page.content = POISON if kernel.debug.enabled else page.content
    head.compound_mapcount = head.pincount = 0
    kernel.zone.free_huge.append(head)
    if kernel.tracing:
        kernel.emit("free_page", pfn=head.pfn, pages=HPAGE_NR)


def get_compound(page: Page) -> None:
    """One more reference to a part of a compound page, taken from outside the tables and caches."""
    head = compound_head(page)
    head.count += 1
    page.pins += 1
    if page is not head and page.kernel.era.tail_references:
        page.count += 1


def put_compound(page: Page) -> None:
    """One reference to a part of a compound page less: the tail's where it has one of its own."""
    page.pins -= 1
    if page is not page.head and page.kernel.era.tail_references:
        page.count -= 1


def split_compound(head: Page) -> list[Page]:
    """Make 512 ordinary pages of a compound one; every reference goes with the page that it was taken to.

    The entries must have been split before: each part then counts its own. Returns the parts that nobody uses.
    """
    parts = subpages(head)
    for page in parts:
        page.head = None
        page.count = page.mapcount + page.pins
    head.pincount = 0
    return [page for page in parts if page.count == 0]
