"""Checks about references and what they keep alive: C3, C10.

Source: get_page, put_page: include/linux/mm.h, mm/swap.c; freeing: mm/page_alloc.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from .clauses import BROKEN, KEPT
from .finding import Place
from .parts import FOLL_PIN, Ref
from .story import Story


def put_once(story: Story) -> Iterator[Place]:
    """C3. Kept: each reference was given back once. Broken: put again, touched after the put, or never put.

    From 5.7 on also broken: put_page for a page that was taken with FOLL_PIN, which counts for many references.
    """
    for ref in story.refs:
        yield from _once(story, ref)
    for at in story.strange_puts:
        pfn = story.events[at]["pfn"]
        text = f"Frame {pfn} is put by somebody who holds no reference to it: it was somebody else's."
        yield story.place(BROKEN, at, text, pfn=pfn)


def _once(story: Story, ref: Ref) -> Iterator[Place]:
    for at in ref.extra:
        text = f"{ref.label} is put once more: the reference that goes belongs to somebody else now."
        yield story.at_ref(BROKEN, at, ref, text, ref.put)
    if ref.put is None:
        if ref.freed is None and not ref.handed_on:
            text = f"{ref.label} is never put: its frame can not be freed or moved as long as the machine runs."
            yield story.at_ref(BROKEN, story.last, ref, text, ref.taken)
        return
    late = [at for at in (*ref.stores, *ref.loads) if at > ref.put]
    if late:
        text = f"{ref.label} is touched after it was put: the frame may be somebody else's by now."
        yield story.at_ref(BROKEN, min(late), ref, text, ref.put)
    if _wrong_way(story, ref):
        text = f"{ref.label} was taken with FOLL_PIN and is given back with put_page: one reference of many goes."
        yield story.at_ref(BROKEN, ref.put, ref, text, ref.taken)
    elif not ref.extra and not late:
        yield story.at_ref(KEPT, ref.put, ref, f"{ref.label} is put once.", ref.taken)


def _wrong_way(story: Story, ref: Ref) -> bool:
    """Taken as FOLL_PIN has it, given back as FOLL_GET has it. Source: Documentation/core-api/pin_user_pages.rst."""
    op = story.op(ref.put or 0)
    pinned = ref.call is not None and bool(ref.call.flags & FOLL_PIN)
    return pinned and op is not None and op.name == "put_page"


def not_freed(story: Story) -> Iterator[Place]:
    """C10. Kept: the frame was there until the reference was given back, whatever became of mapping and file.

    Broken: it was freed under its holder. In a kernel without faults only somebody else's put too many does that.
    """
    for ref in story.refs:
        if ref.freed is not None:
            text = f"The frame of {ref.label} is freed while it is held: somebody has put more than he had."
            yield story.at_ref(BROKEN, ref.freed, ref, text, ref.taken)
        elif ref.put is not None:
            text = f"The frame of {ref.label} lived until it was put{_alone(story, ref)}."
            yield story.at_ref(KEPT, ref.put, ref, text, ref.taken)
        else:
            yield story.at_ref(KEPT, story.last, ref, f"The frame of {ref.label} is still there.", ref.taken)


def _alone(story: Story, ref: Ref) -> str:
    """What to add if the reference was all that kept the frame alive."""
    frame = story.before(ref.put or 0).frames.get(ref.pfn)
    return ", the last thing that kept it" if frame is not None and frame.refcount == frame.pins == 1 else ""
