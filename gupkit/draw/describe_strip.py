"""The VMA strip in sentences, and the tooltip of each of its pieces."""

from __future__ import annotations

from collections.abc import Sequence

from gupkit.draw import style
from gupkit.draw.describe import LISTED, split
from gupkit.draw.mappages import Page
from gupkit.draw.states import count, pte_words, size, vma_name, vma_state
from gupkit.draw.strippieces import Piece
from gupkit.trace.snapshot import PAGE_SHIFT, Snapshot


def vma_strip(snapshot: Snapshot, process: str, pieces: Sequence[Piece]) -> str:
    """What the strip shows: each VMA, what is unmapped after it, and its pages where they are not all alike."""
    about = [snapshot.about] if snapshot.about else []
    vmas = len(snapshot.processes[process].vmas)
    sentences = [*about, f"Process {process} has {count(vmas, 'VMA')}."]
    for number, one in enumerate(pieces[: 2 * LISTED]):
        sentences.append(f"Then {piece(one)}." if number and not one.vmas else f"{piece(one)}.")
    if len(pieces) > 2 * LISTED:
        sentences.append(f"{len(pieces) - 2 * LISTED:,} more pieces are drawn.")
    changed = [f"{one.start:#x}" for one in pieces if one.changed]
    changed += [f"{cell.page.address:#x}" for one in pieces for cell in one.cells if cell.page.changed]
    if changed:
        sentences.append(f"Changed in this step: {', '.join(changed[:LISTED])}.")
    return " ".join(sentences)


def piece(one: Piece) -> str:
    """A VMA, several, or what is unmapped, in words."""
    if not one.vmas:
        return f"{size(one.end - one.start)} are unmapped, {one.start:#x} to {one.end:#x}"
    first, pages = one.vmas[0], sum(vma.pages for vma in one.vmas)
    present = f"{one.present:,} of {count(pages, 'page')} present"
    if len(one.vmas) > 1:
        return f"{len(one.vmas):,} VMAs from {vma_name(first)}, {one.start:#x} to {one.end:#x}: {present}"
    backing = f", {first.file} from page {first.pgoff}" if first.file else ""
    rights = f"{first.prot} {vma_state(first)}"
    return f"{vma_name(first)}, {one.start:#x} to {one.end:#x}: {rights}, {present}{backing}{_kinds(one)}"


def _kinds(one: Piece) -> str:
    """The pages in order, as runs, where a reader can follow them."""
    words = [style.counted(cell.page.count, cell.page.state) for cell in one.cells]
    return f" ({', '.join(words)})" if one.present and len(words) <= LISTED else ""


def page(one: Page) -> str:
    """The pages of a cell in words."""
    end = one.address + (one.count << PAGE_SHIFT)
    where = f"{one.process} {one.address:#x}" + (f" to {end:#x}" if one.count > 1 else f" (octal {split(one.address)})")
    if one.tally:
        return f"{where}: " + ", ".join(style.counted(pages, state) for state, pages in one.tally.items())
    many = f"{one.count:,} pages: " if one.count > 1 else ""
    words = pte_words(one.pte, one.count) if one.pte else "nothing mapped"
    frame = f", page frame {one.pte.pfn}" if one.count == 1 and one.pte and one.pte.present and one.pte.pfn else ""
    return f"{where}: {many}{words}{frame}"
