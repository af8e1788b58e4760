"""Checks about what is mapped, then and now: C6, C7, C8, C9.

Source: follow_page and __get_user_pages, mm/memory.c; unmapping: mm/rmap.c, mm/truncate.c, mm/memory.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..trace.snapshot import Frame, Pte, Vma
from .clauses import BROKEN, EXERCISED, KEPT, NOT_EXERCISED
from .finding import Place
from .locks import held_by
from .parts import FOLL_WRITE, Call, Lookup, Ref
from .story import Story


def vmas_outlive(story: Story) -> Iterator[Place]:
    """C6. Exercised: a region that vmas[] names changed or went when the caller did not hold mmap_sem any more."""
    for call in story.calls:
        if not call.vmas or not call.lookups:
            continue
        for look in call.lookups:
            free = _released(story, call, look.event)
            process = story.process(free, call.process)
            vma = process.find_vma(look.address) if process else None
            if vma is not None:
                yield _outlives(story, call, look, vma, free)


def _released(story: Story, call: Call, event: int) -> int:
    """The first event from ``event`` on at which the caller does not hold mmap_sem; the last one if it always does."""
    for at in range(event, story.last):
        if held_by(story.lock(at, call.process), call.task) == "none":
            return at
    return story.last


def _outlives(story: Story, call: Call, look: Lookup, vma: Vma, free: int) -> Place:
    which = f"The region {vma.name or hex(vma.start)} that vmas[] names"
    for at in story.region_changes(call.process, free + 1, len(story.events)):
        process = story.process(at, call.process)
        if process is None or vma in process.vmas:
            continue
        what = "has changed" if process.find_vma(look.address) else "is gone"
        text = f"{which} {what}, for mmap_sem is not held any more: the pointer is stale."
        return story.place(EXERCISED, at, text, look.event, process=call.process, address=look.address)
    text = f"{which} is still there at the end. That is luck: after the release of mmap_sem nothing kept it."
    return story.place(NOT_EXERCISED, look.event, text, process=call.process, address=look.address)


def page_of_that_instant(story: Story) -> Iterator[Place]:
    """C7. Kept: each page was the one mapped at its address when it was looked up, and fit for what was asked.

    Broken: it was handed to a writer who could not have reached it (Dirty COW, CVE-2016-5195), or it was found
    where the process has no region at all.
    """
    for call in story.calls:
        wrong = [(look, why) for look in call.lookups if (why := _wrong(story, call, look))]
        for look, why in wrong:
            yield story.place(
                BROKEN, look.event, why, process=call.process, address=look.address, pfn=look.pfn,
            )  # fmt: skip
        if call.lookups and not wrong:
            yield story.at_call(KEPT, call.lookups[-1].event, call, _instants(story, call))


def _wrong(story: Story, call: Call, look: Lookup) -> str:
    """Why a user's access at that instant would not have reached this page; empty if it would."""
    if look.pfn is None:
        return ""
    process = story.process(look.event, call.process)
    if process is None or process.find_vma(look.address) is None:
        return f"A page is returned for {look.address:#x}, where no region is: the process itself would get SIGSEGV."
    pte, frame = process.pte(look.address), story.frame(look.event, look.pfn)
    if pte is None or pte.pfn != look.pfn:
        return f"The page returned for {look.address:#x} is not the one mapped there."
    if call.flags & FOLL_WRITE and _not_his(pte, frame):
        what = "the page of the file itself" if frame and frame.kind == "file" else "a page that others share"
        return (f"A writer is given {what} for {look.address:#x}: a write of the process would have made a copy first. "
                "This is Dirty COW.")
    return ""


def _not_his(pte: Pte, frame: Frame | None) -> bool:
    """A read-only entry is right for a writer only over a private copy, which a forced write makes."""
    return pte.write is False and frame is not None and frame.kind != "anon"


def _instants(story: Story, call: Call) -> str:
    for early in call.lookups[:-1]:
        late = call.lookups[-1]
        entry = story.pte(late.event, call.process, early.address)
        if early.pfn is not None and (entry is None or entry.pfn != early.pfn):
            return (f"Each page was the one mapped when it was looked up; when the last one was, {early.address:#x} "
                    "mapped another or none: pages[] is no picture of one instant.")
    return "Each page was the one mapped at its address when it was looked up."


def stays_mapped(story: Story) -> Iterator[Place]:
    """C8. Exercised: while the page was held, its address mapped it no longer."""
    for ref in story.refs:
        end = ref.end(len(story.events))
        for at in story.entry_changes(ref.process, ref.address, ref.taken + 1, end):
            pte = story.pte(at, ref.process, ref.address)
            if pte is None or pte.pfn != ref.pfn or not pte.present:
                text = f"{_at(ref)} does not map the page of {ref.label} any more; the pin holds on."
                yield story.at_ref(EXERCISED, at, ref, text, ref.taken)
                break
        else:
            text = f"{_at(ref)} maps the page of {ref.label} for as long as it is held."
            yield story.at_ref(NOT_EXERCISED, min(end, story.last), ref, text)


def _at(ref: Ref) -> str:
    return f"{ref.address:#x} of {ref.process}"


def no_other_page(story: Story) -> Iterator[Place]:
    """C9. Exercised: while the page was held, a different one was mapped in its place."""
    for ref in story.refs:
        other = _other_page(story, ref)
        if other is None:
            text = f"No other page takes the place of that of {ref.label} while it is held."
            yield story.at_ref(NOT_EXERCISED, min(ref.end(len(story.events)), story.last), ref, text)
        else:
            at, pfn = other
            text = (f"{_at(ref)} maps frame {pfn} now, and {ref.label} holds frame {ref.pfn}: "
                    "the process and the holder do not see the same page any more.")
            yield story.at_ref(EXERCISED, at, ref, text, ref.taken)


def _other_page(story: Story, ref: Ref) -> tuple[int, int] | None:
    """When another frame was first mapped at the address while the reference was held, and which."""
    for at in story.entry_changes(ref.process, ref.address, ref.taken + 1, ref.end(len(story.events))):
        pte = story.pte(at, ref.process, ref.address)
        if pte is not None and pte.present and pte.pfn is not None and pte.pfn != ref.pfn:
            return at, pte.pfn
    return None
