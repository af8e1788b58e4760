"""Leave out what no picture could show: of very many page frames, all but those that are pinned or changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gupkit.trace.snapshot import Snapshot

MANY_FRAMES = 5_000
"""Above so many frames in use, pictures look at pinned and changed ones only."""


def thin(snapshot: Snapshot, changed: Any = None) -> Snapshot:
    """``snapshot`` with its frames at hand, or with few of them and a word in ``about`` on how many there were.

    A live process may map a million frames, each made only when it is asked for: this asks for those of the pins and
    of ``changed`` (a ``Diff`` or None).

    >>> thin(Snapshot()) == Snapshot()
    True
    """
    frames = snapshot.frames
    if len(frames) <= MANY_FRAMES:
        return snapshot if isinstance(frames, dict) else replace(snapshot, frames=dict(frames))
    wanted = {pin.pfn for pin in snapshot.pins} | set(changed.frames if changed is not None else ())
    note = f"Of {len(frames):,} page frames only pinned and changed ones are looked at."
    kept = {pfn: frame for pfn in sorted(wanted) if (frame := frames.get(pfn)) is not None}
    return replace(snapshot, frames=kept, about=f"{snapshot.about} {note}".strip())
