"""Checks about writing to pages that are held: C12, C13, C14, C15.

Source: kernel-doc of __get_user_pages, mm/memory.c; set_page_dirty, set_page_dirty_lock, mm/page-writeback.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from .clauses import BROKEN, KEPT
from .finding import Place
from .parts import Ref
from .story import Story


def no_write_without_asking(story: Story) -> Iterator[Place]:
    """C12. Kept: whoever wrote had taken the page with FOLL_WRITE."""
    for ref in story.refs:
        for at in ref.stores:
            if ref.write:
                yield story.at_ref(KEPT, at, ref, f"{ref.label} was taken with FOLL_WRITE, and is written.", ref.taken)
            else:
                text = f"{ref.label} was taken without FOLL_WRITE, and is written: {_whose(story, ref, at)}."
                yield story.at_ref(BROKEN, at, ref, text, ref.taken)


def _whose(story: Story, ref: Ref, at: int) -> str:
    frame = story.frame(at, ref.pfn)
    if frame is None or frame.kind == "none":
        return "nobody had been asked whether that is allowed"
    if frame.kind == "zero":
        return "it is the zero page, and all untouched memory holds the byte now"
    if frame.kind == "file":
        return f"it is the page cache's page of {frame.file}, so the file changes for everybody"
    if (frame.mapcount or 0) > 1:
        return f"it is mapped {frame.mapcount} times, so the byte appears in every process that shares it"
    return "nothing made sure that the page is this process's own"


def _before_put(ref: Ref, story: Story) -> tuple[list[int], list[int], int]:
    """The writes and marks made while the reference was held, and the event at which that ended."""
    end = ref.end(len(story.events))
    return [at for at in ref.stores if at < end], [at for at in ref.marks if at < end], end


def dirty_after_write(story: Story) -> Iterator[Place]:
    """C13. Kept: after the last write came a mark, however late. Broken: none came, or only before the last write."""
    for ref in story.refs:
        stores, marks, end = _before_put(ref, story)
        if not stores:
            continue
        last = stores[-1]
        after = [at for at in ref.marks if at > last]
        if after:
            text = f"{ref.label} is marked dirty after its last write."
            yield story.at_ref(KEPT, after[0], ref, text, last)
        else:
            why = "was marked before its last write and not after it" if marks else "was written and never marked dirty"
            text = f"{ref.label} {why}: nobody knows that the page must be saved, and it can be dropped with the write."
            yield story.at_ref(BROKEN, min(end, story.last), ref, text, last)


def dirty_before_put(story: Story) -> Iterator[Place]:
    """C14. Kept: a page that was written had been marked when it was put."""
    for ref in story.refs:
        stores, marks, end = _before_put(ref, story)
        if not stores or ref.put is None:
            continue
        late = [at for at in ref.marks if at > ref.put]
        if marks:
            text = f"{ref.label} is marked dirty before it is put."
            yield story.at_ref(KEPT, marks[-1], ref, text)
        else:
            then = "the mark comes too late and may hit somebody else's page" if late else "no mark came at all"
            text = f"{ref.label} is put unmarked after a write: the page can be dropped at once, and {then}."
            yield story.at_ref(BROKEN, late[0] if late else end, ref, text, ref.put)


def right_mark(story: Story) -> Iterator[Place]:
    """C15. Kept: the page was locked when it was marked, or something else kept its file in place."""
    for ref in story.refs:
        for at in ref.marks:
            frame = story.frame(at, ref.pfn)
            if frame is None:
                continue
            if "locked" in frame.flags:
                text = f"{ref.label} is marked under the page lock, so its file cannot be taken from it meanwhile."
                yield story.at_ref(KEPT, at, ref, text)
            elif frame.kind == "file" and not _mapped_somewhere(story, at, frame.file):
                text = (f"{ref.label} is marked with set_page_dirty, unlocked, and nobody maps {frame.file}: the page "
                        "may lose its file, and the file may be freed, while the function still uses it.")
                yield story.at_ref(BROKEN, at, ref, text)
            else:
                why = f"a mapping keeps {frame.file} in place" if frame.kind == "file" else "it has no file to lose"
                yield story.at_ref(KEPT, at, ref, f"{ref.label} is marked unlocked, and {why}.")


def _mapped_somewhere(story: Story, at: int, file: str | None) -> bool:
    return any(vma.file == file for process in story.after(at).processes.values() for vma in process.vmas)
