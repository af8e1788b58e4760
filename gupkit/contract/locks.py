"""Checks about mmap_sem: C1, C2, C16, C17, C21.

Source: include/linux/rwsem.h; __lock_page_or_retry, mm/filemap.c; arch/x86/mm/gup.c (2.6.39).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..trace.snapshot import Lock
from .clauses import BROKEN, KEPT
from .finding import Place
from .parts import FOLL_NOWAIT, Call, Op
from .story import Story

USER_OPS = frozenset(
    "mmap munmap mlock munlock mlock2 msync mincore mprotect madvise load store fork exit process_vm_readv "
    "process_vm_writev mem_read mem_write vmsplice pipe_read odirect_read odirect_write uring_register "
    "uring_unregister".split()
)
"""Ops that a task does from user space: it has returned there before."""

SEM = "mmap_sem of "
"""What the name of the lock of an address space begins with, in the events."""


def held_by(lock: Lock, task: str) -> str:
    """How ``task`` itself holds the lock: read, write or none.

    >>> held_by(Lock(readers=("P",)), "P"), held_by(Lock(readers=("P",)), "T2")
    ('read', 'none')
    """
    return "write" if lock.writer == task else "read" if task in lock.readers else "none"


def _held(story: Story, call: Call) -> str:
    return held_by(story.lock(call.entered, call.process), call.task)


def _calls(story: Story) -> Iterator[Call]:
    return (call for call in story.calls if not call.fast)


def hold_lock(story: Story) -> Iterator[Place]:
    """C1. Kept: the caller held mmap_sem when the call began. A core dump, alone in its memory, needs none."""
    for call in _calls(story):
        held = _held(story, call)
        if call.alone:
            yield story.at_call(KEPT, call.entered, call, "No other thread lives, so the call needs no mmap_sem.")
        elif held != "none":
            text = f"{call.task} holds mmap_sem of {call.process} for {_ing(held)} when the call begins."
            yield story.at_call(KEPT, call.entered, call, text)
        else:
            yield story.at_call(
                BROKEN, call.entered, call, f"{call.task} calls without mmap_sem of {call.process}: "
                "any thread may take the regions away while the call walks them.",
            )  # fmt: skip


def hold_for_reading(story: Story) -> Iterator[Place]:
    """C2. Kept: with a pointer for nonblocking, the caller held mmap_sem for reading."""
    for call in _calls(story):
        if call.nonblocking is None:
            continue
        held = _held(story, call)
        if held == "read":
            text = f"{call.task} holds mmap_sem for reading, so the call can release it as a reader."
            yield story.at_call(KEPT, call.entered, call, text)
        else:
            how = "for writing" if held == "write" else "not at all"
            text = (f"{call.task} passes nonblocking and holds mmap_sem {how}: should the call have to wait, "
                    f"it releases a reader's lock that {call.task} does not have.")
            yield story.at_call(BROKEN, call.entered, call, text)


def look_at_flag(story: Story) -> Iterator[Place]:
    """C16. Kept: the flag was 1 before, said afterwards what is so, and the caller acted on it."""
    for call in _calls(story):
        if call.nonblocking is None or call.returned < 0:
            continue
        if call.nonblocking == 0:
            text = "*nonblocking is 0 before the call, which never sets it to 1: afterwards it says nothing."
            yield story.at_call(BROKEN, call.entered, call, text)
        elif _held(story, call) == "read":
            yield from _flag_and_lock(story, call)


def _flag_and_lock(story: Story, call: Call) -> Iterator[Place]:
    before, after = (story.lock(event, call.process).readers for event in (call.entered, call.returned))
    still = after.count(call.task) >= before.count(call.task)
    if call.flag and still:
        text = "*nonblocking is still 1, and mmap_sem is still held."
        yield story.at_call(KEPT, call.returned, call, text)
    elif call.flag:
        text = "*nonblocking is 1 although mmap_sem was released: the caller will release it again."
        yield story.at_call(BROKEN, call.returned, call, text)
    elif still:
        nowait = call.flags & FOLL_NOWAIT
        why = "FOLL_NOWAIT keeps the lock and writes 0 all the same" if nowait else "it says so wrongly"
        text = f"*nonblocking is 0 and mmap_sem is still held: {why}. A caller who believes it never releases the lock."
        yield story.at_call(BROKEN, call.returned, call, text)
    else:
        yield _after_release(story, call)


def _after_release(story: Story, call: Call) -> Place:
    """The call has let mmap_sem go. Did its caller release it once more before taking it again?"""
    name = f"{SEM}{call.process}"
    for i in range(call.returned + 1, len(story.events)):
        event = story.events[i]
        if event.task != call.task or event.fields.get("lock") != name or event.name[:3] not in ("up_", "dow"):
            continue
        if event.name == "up_read" and held_by(_lock_before(story, i, call.process), call.task) == "none":
            text = (f"*nonblocking was 0: the call had released mmap_sem. {call.task} releases it a second time, "
                    "and the lock's count is wrong from here on.")
            return story.at_call(BROKEN, i, call, text, cause=call.returned)
        break
    text = "*nonblocking is 0: mmap_sem is gone, and the caller does not release it again."
    return story.at_call(KEPT, call.returned, call, text)


def _lock_before(story: Story, event: int, process: str) -> Lock:
    found = story.before(event).processes.get(process)
    return found.mmap_sem if found else Lock()


def fast_without_lock(story: Story) -> Iterator[Place]:
    """C17. Kept: get_user_pages_fast was called by a task that did not hold mmap_sem.

    The walk alone (__get_user_pages_fast) takes no lock and may be called under it.
    """
    for call in story.calls:
        if not call.fast or _walk_alone(call):
            continue
        if _held(story, call) == "none":
            text = f"{call.task} calls the fast variant without mmap_sem."
            yield story.at_call(KEPT, call.entered, call, text)
        elif call.op is not None or call.ret < call.nr_pages:
            yield story.at_call(
                BROKEN, call.entered, call, f"{call.task} calls the fast variant while it holds mmap_sem: if a page is "
                "missing, it takes the lock again, and with a writer queued in between neither goes on.",
            )  # fmt: skip


def _walk_alone(call: Call) -> bool:
    """Called by a name that never falls back to the slow way: __get_user_pages_fast, get_user_pages_fast_only."""
    api = call.op.api if call.op else None
    return api is not None and (api.startswith("__") or api.endswith("_only"))


def no_lock_to_user_space(story: Story) -> Iterator[Place]:
    """C21. Kept: who took mmap_sem for a call has released it when the op is over, and acts as a user without it."""
    for op in story.ops:
        if op.name in USER_OPS and not op.inside_own:
            yield from _user_with_lock(story, op)
        elif op.name == "gup" and op.last >= 0 and not _locks_of(story, op.last, op.by):
            text = f"When {op.by}'s call is over, no lock is left: from here on anything may change."
            yield story.place(KEPT, op.last, text)
    for name, process in story.trace[-1].processes.items():
        for task in (*process.mmap_sem.readers, *filter(None, [process.mmap_sem.writer])):
            text = f"{task} still holds mmap_sem of {name} at the end, and nobody will release it."
            yield story.place(BROKEN, story.last, text, _taken(story, name, task, story.last), process=name)


def _user_with_lock(story: Story, op: Op) -> Iterator[Place]:
    for name in _locks_of(story, op.first, op.by):
        text = (f"{op.by} is back in user space ({op.name}) and still holds mmap_sem of {name}: "
                "whoever needs it for writing waits until a user pleases.")
        yield story.place(BROKEN, op.first, text, _taken(story, name, op.by, op.first), process=name)


def _locks_of(story: Story, event: int, task: str) -> list[str]:
    return [n for n, p in story.before(event).processes.items() if held_by(p.mmap_sem, task) != "none"]


def _taken(story: Story, process: str, task: str, last: int) -> int | None:
    """The event up to ``last`` at which the task took the lock it still holds."""
    for i in range(last, -1, -1):
        event = story.events[i]
        taken = event.name in ("down_read", "down_write") and event.fields.get("lock") == f"{SEM}{process}"
        if taken and event.task == task:
            return i
    return None


def _ing(held: str) -> str:
    return "writing" if held == "write" else "reading"
