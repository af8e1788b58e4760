"""Checks about what a call returns and whom it charges: C4, C5, C18, C20.

Source: __get_user_pages, mm/memory.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..trace.words_format import ret_words
from .clauses import BROKEN, EXERCISED, KEPT, NOT_EXERCISED
from .finding import Place
from .parts import Call, Ref
from .story import Story


def _returned(story: Story) -> Iterator[Call]:
    return (call for call in story.calls if not call.fast and call.returned >= 0)


def count_or_errno(story: Story) -> Iterator[Place]:
    """C5. Kept: a count from 1 to what was asked, or a negative errno with nothing held.

    Broken: 0 for a request of pages. The description promises an errno when no page came, but a call that avoided
    a wait at the first page returns 0. Requests for no pages return before any trace point.
    """
    for call in _returned(story):
        ret, asked = call.ret, call.nr_pages
        if ret == 0:
            text = (f"No page of {asked} came, and the call returns 0, not an errno: it avoided a wait at the first "
                    "page. A caller who only asks whether the answer is negative goes on with no page at all.")
            yield story.at_call(BROKEN, call.returned, call, text)
        elif ret < 0 and ret_words(ret) != str(ret):
            text = f"No page came, and the call says why: {ret_words(ret)}. Nothing is held."
            yield story.at_call(KEPT, call.returned, call, text)
        elif 0 < ret <= asked:
            text = f"{_pages(ret)} of {asked} came, and the call returns {ret}."
            yield story.at_call(KEPT, call.returned, call, text)
        else:
            text = f"The call was asked for {_pages(asked)} and returns {ret_words(ret)}, which it should never."
            yield story.at_call(BROKEN, call.returned, call, text)


def put_what_came(story: Story) -> Iterator[Place]:
    """C4. Kept: after a short return exactly the pages that came were given back, each once."""
    for call in _returned(story):
        if not 0 < call.ret < call.nr_pages or not call.takes:
            continue
        refs = [ref for ref in story.refs if ref.call is call]
        yield _short(story, call, refs)


def _short(story: Story, call: Call, refs: list[Ref]) -> Place:
    short = f"{call.ret} of {_pages(call.nr_pages)} came"
    extra = [at for ref in refs for at in ref.extra]
    left = [ref for ref in refs if ref.put is None and ref.freed is None and not ref.handed_on]
    if extra:
        text = f"{short}, and more were given back than came."
        return story.at_call(BROKEN, extra[0], call, text, call.returned)
    if left:
        are = "is" if len(left) == 1 else "are"
        text = f"{short}; {len(left)} of them {are} never given back: a short return is neither nothing nor everything."
        return story.at_call(BROKEN, story.last, call, text, call.returned)
    again = next((c for c in _returned(story) if c.entered > call.returned and _continues(call, c)), None)
    why = f", and asking again from there said why: {ret_words(again.ret)}" if again and again.ret < 0 else ""
    last = max((ref.put for ref in refs if ref.put is not None), default=call.returned)
    return story.at_call(KEPT, last, call, f"{short}, and exactly those were given back{why}.", call.returned)


def _continues(call: Call, later: Call) -> bool:
    return later.process == call.process and later.start == call.start + (call.ret << 12)


def charged_to_tsk(story: Story) -> Iterator[Place]:
    """C18. Exercised: a call took faults that were not charged to who ran it."""
    for call in _returned(story):
        if not call.faults:
            continue
        n = f"{len(call.faults)} fault{'s' if len(call.faults) > 1 else ''}"
        if call.tsk == call.task or _runner_paid(story, call):
            text = f"{call.task} ran the call and is charged its {n}."
            yield story.at_call(NOT_EXERCISED, call.returned, call, text)
        else:
            whom = f"to {call.tsk}" if call.tsk else "to nobody, since tsk is NULL"
            text = f"{call.task} ran the call, and its {n} went {whom}: tsk says who pays, and nothing else."
            yield story.at_call(EXERCISED, call.returned, call, text)


def _runner_paid(story: Story, call: Call) -> bool:
    """Later kernels have no tsk and charge whoever runs: the runner's own counters tell."""
    was, now = (story.process(event, call.task) for event in (call.entered, call.returned))
    return was is not None and now is not None and (now.min_flt, now.maj_flt) != (was.min_flt, was.maj_flt)


def nothing_held(story: Story) -> Iterator[Place]:
    """C20. Kept: with NULL for pages what was counted is there, and no reference was taken.

    Broken: FOLL_GET without an array takes references that nobody can put; a stack's guard page is counted under
    FOLL_MLOCK without being there.
    """
    for call in _returned(story):
        if call.pages or call.ret <= 0:
            continue
        taken = [ref for ref in story.refs if ref.call is call]
        missing = next((look for look in call.lookups if look.pfn is None), None)
        if taken:
            text = f"FOLL_GET without a pages array: {_pages(len(taken))} got a reference that nobody has a name for."
            yield story.at_call(BROKEN, call.returned, call, text)
        elif missing:
            text = f"{missing.address:#x} is counted, but it is a stack's guard page and nothing was faulted in."
            yield story.place(BROKEN, missing.event, text, process=call.process, address=missing.address)
        else:
            text = f"{_pages(call.ret)} faulted in or there already, nothing held, nothing to put."
            yield story.at_call(KEPT, call.returned, call, text)


def _pages(n: int) -> str:
    return f"{n} page{'s' if n != 1 else ''}"
