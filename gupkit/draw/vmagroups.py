"""Which VMAs, and which of their pages, a picture draws as one: the same in the page map and in the VMA strip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from gupkit.draw.mappages import Page, chunks, gathered, merged
from gupkit.draw.mapread import Reading
from gupkit.draw.opened import Borders, borders_in, borders_of_pages, parted
from gupkit.draw.states import vma_name
from gupkit.trace.snapshot import PAGE_SHIFT, Vma

Lists = list[list[Page]]
"""The pages of each of some VMAs."""


def grouped(reading: Reading, process: str, most: int | None) -> list[Lists]:
    """The VMAs of a process in about ``most`` groups: first those of one file, then whatever neighbours there are.

    What the reader opened is apart from the rest.
    """
    lists = reading.vmas[process]
    if most is None or len(lists) <= most:
        return [[pages] for pages in lists]
    starts = [pages[0].vma.start for pages in lists]
    borders = borders_in(starts, "vma", process, reading.opened)
    groups: list[Lists] = []
    for part in parted(lists, _start, borders, 1):
        whole = borders.is_open(_start(part[0]))
        groups += [part] if whole else _by_file(part, most)
    return groups


def _start(pages: list[Page]) -> int:
    return pages[0].vma.start


def _by_file(lists: Lists, most: int) -> list[Lists]:
    files: list[Lists] = []
    for pages in lists:
        if files and _goes_on(files[-1][-1][0].vma, pages[0].vma):
            files[-1].append(pages)
        else:
            files.append([pages])
    return [[pages for group in part for pages in group] for part in chunks(files, most)]


def _goes_on(one: Vma, other: Vma) -> bool:
    """Whether ``other`` belongs to the file that ``one`` is of: a part of it, or the anonymous memory right behind."""
    if one.file is None and other.file is None:
        return one.end == other.start and vma_name(one) == vma_name(other)
    return one.file == other.file or (other.file is None and not other.name and one.end == other.start)


def pages_shown(
    reading: Reading, group: Lists, most: int | None, box: Callable[[Page], object] = lambda _: None
) -> list[Page]:
    """The page nodes of a group of VMAs: of a single one, like neighbours with the same ``box`` are one if folded.

    There are about ``most``, besides those that the reader opened.
    """
    pages = [page for pages in group for page in pages]
    borders = borders_of_pages(pages[0].process, reading.opened)
    if reading.fold and len(group) == 1:
        pages = list(_cut(merged(iter(pages), box), borders))
    return [gathered(part) if len(part) > 1 else part[0]
            for part in parted(pages, lambda page: page.address, borders, most or len(pages))]  # fmt: skip


def _cut(pages: Iterable[Page], borders: Borders) -> Iterator[Page]:
    """Runs of pages, each cut at the borders inside of it."""
    for page in pages:
        end = page.address + (page.count << PAGE_SHIFT)
        at = [page.address, *(b for b in borders.within(page.address + 1, end)), end]
        for first, last in pairwise(at):
            yield page if len(at) == 2 else replace(page, address=first, count=(last - first) >> PAGE_SHIFT)
