"""Checks about what is in a page that is held: C11, C19. Seen is the first byte of each page.

Source: kernel-doc of __get_user_pages, mm/memory.c; Documentation/cachetlb.txt (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from .clauses import EXERCISED, NOT_EXERCISED
from .finding import Place
from .parts import Ref
from .story import Story


def content_stays_valid(story: Story) -> Iterator[Place]:
    """C11. Exercised: the held page changed under its holder, or the process sees other content at its address."""
    for ref in story.refs:
        end = ref.end(len(story.events))
        first = min(filter(None, (_changed(story, ref, end), _stale(story, ref, end))), default=None)
        if first is None:
            text = f"The content of {ref.label} is that of the process for as long as it is held."
            yield story.at_ref(NOT_EXERCISED, min(end, story.last), ref, text)
        else:
            yield story.at_ref(EXERCISED, first[0], ref, first[1], ref.taken)


def _changed(story: Story, ref: Ref, end: int) -> tuple[int, str] | None:
    """Somebody other than its holder wrote to the page."""
    frame = story.frame(ref.taken, ref.pfn)
    was = frame.byte if frame else None
    for at in story.frame_changes(ref.pfn, ref.taken + 1, end):
        now = story.frame(at, ref.pfn)
        byte = now.byte if now else was
        if byte != was and not _own_write(story, ref, at):
            return at, f"The page of {ref.label} held {was:#04x} when it was taken, and holds {byte:#04x} now."
        was = byte
    return None


def _own_write(story: Story, ref: Ref, at: int) -> bool:
    """A holder's own write: through a pin, or by the system call that took the reference."""
    return story.events[at].name == "page_store" or (ref.internal and story.op(at) is ref.op)


def _stale(story: Story, ref: Ref, end: int) -> tuple[int, str] | None:
    """Another page is mapped at the address, and its content is another one."""
    waiting = set(story.entry_changes(ref.process, ref.address, ref.taken + 1, end))
    while waiting:
        at = min(waiting)
        waiting.remove(at)
        pte, mine = story.pte(at, ref.process, ref.address), story.frame(at, ref.pfn)
        if pte is None or not pte.present or pte.pfn == ref.pfn or mine is None:
            continue
        other = story.frame(at, pte.pfn)
        if other is not None and None not in (other.byte, mine.byte) and other.byte != mine.byte:
            return at, f"{ref.address:#x} shows the process {other.byte:#04x}, and {ref.label} holds {mine.byte:#04x}."
        # as long as that page is mapped, a write to either of the two may part them
        nxt = min(waiting, default=end)
        both = (*story.frame_changes(pte.pfn or 0, at + 1, nxt), *story.frame_changes(ref.pfn, at + 1, nxt))
        waiting |= set(both[:1]) if len(both) < 2 else {min(both)}
    return None


def caches_agree(story: Story) -> Iterator[Place]:
    """C19. Exercised: after the pin, one side read or wrote what the other side had written before.

    On x86 caches agree by themselves; elsewhere the holder must flush in between (flush_dcache_page).
    """
    for ref in story.refs:
        touches = sorted({*ref.stores, *ref.loads})
        if not touches:
            continue
        crossing = _crossing(story, ref, touches)
        if crossing is None:
            text = f"Nobody but its holder touches the page of {ref.label}: no cache holds anything older."
            yield story.at_ref(NOT_EXERCISED, touches[-1], ref, text)
        else:
            text = (f"CPU and holder of {ref.label} both touch the page after the pin, one after the other wrote. x86 "
                    "keeps their caches in step; elsewhere the holder must flush in between.")
            yield story.at_ref(EXERCISED, crossing, ref, text, ref.taken)


def _crossing(story: Story, ref: Ref, touches: list[int]) -> int | None:
    """The first event at which one side touches what the other has written since the pin."""
    cpu_wrote = holder_wrote = False
    held = set(touches)
    for at in range(ref.taken + 1, ref.end(len(story.events))):
        if at in held:
            if cpu_wrote:
                return at
            holder_wrote = holder_wrote or at in ref.stores
        elif _cpu_touch(story, ref, at):
            if holder_wrote:
                return at
            cpu_wrote = cpu_wrote or story.events[at].name == "store"
    return None


def _cpu_touch(story: Story, ref: Ref, at: int) -> bool:
    event = story.events[at]
    if event.name not in ("load", "store"):
        return False
    pte = story.pte(at, event["process"], event["address"])
    return pte is not None and pte.present and pte.pfn == ref.pfn
