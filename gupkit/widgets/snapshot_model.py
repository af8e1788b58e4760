"""A snapshot without its widgets: which process, folded or not, and its VMAs in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from ..draw import page_map, page_table
from ..draw.scene import Scene
from ..draw.states import vma_name
from ..errors import GupkitError
from ..film.camera import Wishes
from ..film.film import Film
from ..film.table import Table
from ..film.view import WIDTH
from ..scenario.words import hint
from ..trace.snapshot import Process, Snapshot, Vma
from ..trace.trace import Trace

MOST_UNFOLDED = 2_000
"""Above so many page-table entries a picture stays folded: a reader could not see them, nor a page hold them."""

MOST_ROWS = 40
"""So many VMAs are listed at once; the filter finds the others."""


class SnapshotModel:
    """One process of a snapshot: ``process`` is its name, ``fold`` True, False or None (fold where it is too much),
    ``wanted`` what the listed VMAs are filtered by.

    >>> from gupkit.trace.snapshot import Snapshot, Process, Vma
    >>> m = SnapshotModel(Snapshot(processes={"P": Process("P", vmas=(Vma(0x1000, 0x3000, ("READ",), "buf"),))}))
    >>> m.process, m.vma_lines()
    ('P', ('0x1000 to 0x3000, 2 pages, r-- private, buf',))
    """

    def __init__(self, snapshot: Snapshot, process: str | None = None) -> None:
        self.snapshot = snapshot
        self._silent = replace(snapshot, about="")
        there = snapshot.processes
        self.processes = tuple(sorted(there, key=lambda name: (there[name].pid, name)))
        self.fold: bool | None = None
        self.opened: tuple[str, ...] = ()
        """Keys of folded boxes that were opened."""
        self.wanted = ""
        self.process = ""
        if not self.processes:
            raise GupkitError("this snapshot has no process to show: take it after a process was made")
        alive = [name for name in self.processes if there[name].alive] or list(self.processes)
        self.choose(alive[0] if process is None else process)

    @property
    def shown(self) -> Process:
        """The chosen process."""
        return self.snapshot.processes[self.process]

    @property
    def seen(self) -> tuple[str, bool | None, tuple[str, ...]]:
        """What the pictures depend on."""
        return self.process, self.fold, self.opened

    def choose(self, process: str) -> None:
        """Show another process. GupkitError if the snapshot has none of that name."""
        if process not in self.processes:
            raise GupkitError(f"no process {process!r} in this snapshot{hint(process, self.processes)}")
        self.process, self.opened = process, ()

    def refold(self, fold: bool | None) -> None:
        """Fold, unfold, or (None) fold where needed. GupkitError where unfolding would draw too much to be seen."""
        if fold is False and self._too_many():
            raise GupkitError(f"{self.process} has more than {MOST_UNFOLDED:,} page-table entries: too many to draw "
                              "one by one, so the pictures stay folded")
        self.fold, self.opened = fold, ()

    def open(self, key: str) -> None:
        """Draw what a folded box holds, by its key; an empty key folds everything again."""
        self.opened = (*self.opened, key) if key else ()

    def films(self, table: Table | None = None) -> list[Film]:
        """The pictures of the process, packed for a page; those of frames only where frames are known.

        ``table`` has the values that the page was told before.
        """
        alone = replace(self._silent, processes={self.process: self.shown})
        views = ("vma_strip", "page_table", *(("page_map", "frames") if self.snapshot.frames else ()))
        return [Film(Trace(alone), wishes=Wishes(fold=self.fold, opened=self.opened), views=views, table=table)]

    def _too_many(self) -> bool:
        return self._pages() > MOST_UNFOLDED or next(islice(self.shown.ptes(), MOST_UNFOLDED, None), None) is not None

    def _pages(self) -> int:
        """Pages of the VMAs, mapped or not: the page map draws them all."""
        return sum(vma.pages for vma in self.shown.vmas)

    def page_table(self) -> Scene:
        """The page tables of the process."""
        return page_table(self._silent, self.process, self.fold, width=WIDTH, opened=self.opened)

    def page_map(self) -> Scene:
        """Which VMA has which page."""
        return page_map(self._silent, self.process, self.fold, width=WIDTH, opened=self.opened)

    def found(self) -> tuple[Vma, ...]:
        """The VMAs that the filter lets through: by a part of their name or file, or by an address inside."""
        wanted = self.wanted.strip().lower()
        address = _address(wanted)
        return tuple(
            vma for vma in self.shown.vmas
            if wanted in vma_name(vma).lower() or wanted in (vma.file or "").lower()
            or (address is not None and vma.start <= address < vma.end)
        )  # fmt: skip

    def vma_lines(self) -> tuple[str, ...]:
        """The first of :meth:`found`, each on a line."""
        return tuple(vma_words(vma) for vma in self.found()[:MOST_ROWS])

    def summary(self) -> str:
        """What is shown, in one sentence."""
        process, found = self.shown, len(self.found())
        total = len(process.vmas)
        of = f"{found:,} of {total:,} VMAs match" if self.wanted.strip() else f"{total:,} VMAs"
        more = f"; the first {MOST_ROWS} are listed" if found > MOST_ROWS else ""
        return f"{process.name}, pid {process.pid}: {of}{more}."


def _address(text: str) -> int | None:
    """A number in hex, with 0x."""
    try:
        return int(text, 16) if text.startswith("0x") else None
    except ValueError:
        return None


def vma_words(vma: Vma) -> str:
    """A VMA on one line.

    >>> vma_words(Vma(0x1000, 0x2000, ("READ", "SHARED"), file="f1", pgoff=3))
    '0x1000 to 0x2000, 1 page, r-- shared, f1 from page 3'
    """
    pages = f"{vma.pages:,} page{'s' if vma.pages != 1 else ''}"
    sharing = "shared" if vma.shared else "private"
    of = f" from page {vma.pgoff}" if vma.file else ""
    return f"{vma.start:#x} to {vma.end:#x}, {pages}, {vma.prot} {sharing}, {vma_name(vma)}{of}"
