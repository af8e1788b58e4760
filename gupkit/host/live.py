"""A snapshot of a process that runs now, read from /proc and changing nothing in it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from types import MappingProxyType

from gupkit.host.frames import LiveFrames, mapped_at
from gupkit.host.leaf import count_present
from gupkit.host.maps import parse_maps
from gupkit.host.proc import ProcFiles
from gupkit.host.tables import build_pgd, read_chunks
from gupkit.trace.snapshot import EMPTY, Frame, Process, Snapshot


def snapshot_of(pid: int, *, name: str | None = None) -> Snapshot:
    """The VMAs, page tables and (as root) page frames of process ``pid``, under ``name`` or the kernel's name for it.

    Not observable, hence None or empty: a page's write, dirty and accessed bits, reference counts, pins, contents,
    the page cache and swap; without root also frame numbers, map counts and page flags. The zero page is known on
    6.7 and later; a huge page is told as the 512 small ones that it stands for. VMAs are read first, then the pages
    in one pass; a process that goes on running may change between the two. Contents are never touched: reading them
    would count as a use of the page, and a later copy-on-write could turn out otherwise.

    Raises :class:`~gupkit.host.proc.HostError`: no such process, no permission, a kernel thread, not Linux.
    """
    with ProcFiles(pid) as files:
        vmas = parse_maps(files.maps())
        chunks, left_out = read_chunks(files, vmas)
        stat = files.stat
    process = Process(name or stat.name, pid, vmas, build_pgd(chunks), stat.min_flt, stat.maj_flt)
    places = mapped_at(chunks)
    frames: Mapping[int, Frame] = LiveFrames(vmas, places) if places else EMPTY
    present = sum(count_present(chunk.classes) for chunk in chunks)
    return Snapshot(
        processes=MappingProxyType({process.name: process}), frames=frames, origin="live",
        free=os.sysconf("SC_AVPHYS_PAGES"), about=_about(process, present, bool(places), left_out),
    )


def _about(process: Process, present: int, root: bool, left_out: int) -> str:
    """One sentence: what this is, when it was read, and what could not be seen."""
    release = os.uname().release.partition("-")[0]
    hidden = "" if root else "frame numbers and map counts need root, and "
    skipped = f"; {left_out >> 30:,} GiB of address space were too many to search on this kernel" if left_out else ""
    return (
        f"Process {process.pid} ({process.name}) on Linux {release}, read from /proc at "
        f"{time.strftime('%Y-%m-%d %H:%M:%S')}: {len(process.vmas):,} VMAs, {present:,} pages present; "
        f"{hidden}nobody can see write, dirty and accessed bits, reference counts or contents from here{skipped}."
    )
