"""``gupkit maps``: the regions of a live process, and how many pages of each are there."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .group import check_new

if TYPE_CHECKING:
    from ..trace.snapshot import Process, Pte, Snapshot, Vma


@click.command("maps")
@click.argument("pid")
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="Save the snapshot.")
@click.option("--svg", "svg_file", type=click.Path(path_type=Path), metavar="FILE", help="Draw its page tables.")
def maps_command(pid: str, json_file: Path | None, svg_file: Path | None) -> int:
    """Show the memory of a live process: its regions, and how many pages of each are there.

    PID is a process number, or self. Reads /proc of Linux; page frames need root. Files are never overwritten.
    """
    for path in (json_file, svg_file):
        if path is not None:
            check_new(path)
    from ..api import snapshot_of

    snapshot = snapshot_of(process_number(pid))
    for line in table(snapshot):
        click.echo(line)
    if json_file is not None:
        from ..trace.store import save_snapshot

        save_snapshot(snapshot, json_file)
    if svg_file is not None:
        from .. import draw

        svg_file.write_text(draw.page_table(snapshot).svg(), encoding="utf-8")
    return 0


def process_number(pid: str) -> int:
    """The process number that ``pid`` spells; ``self`` is this process. click's UsageError if it is none.

    >>> process_number("17")
    17
    """
    if pid == "self":
        return os.getpid()
    if not (pid.isascii() and pid.isdigit() and 0 < int(pid[:20]) < 1 << 31):
        raise click.UsageError(f"{pid!r} is no process number; write one, as ps prints it, or self")
    return int(pid)


def table(snapshot: Snapshot) -> Iterator[str]:
    """A heading, a row per VMA, and a sentence about what the numbers are and what could not be seen."""
    columns = " ".join(f"{name:>9}" for name in ("pages", "present", "swapped", "file", "exclusive"))
    yield f"{'start':>12}-{'end':12} prot {columns}  name"
    for process in snapshot.processes.values():
        counts = count_pages(process)
        yield from (_row(vma, counts[vma.start]) for vma in process.vmas)
    yield "file: present pages of files and shared memory; exclusive: mapped exactly once"
    if snapshot.about:
        yield snapshot.about


def _row(vma: Vma, counts: Counter[str]) -> str:
    numbers = (vma.pages, *(counts[kind] for kind in ("present", "swapped", "file", "exclusive")))
    share = "s" if vma.shared else "p"
    columns = " ".join(f"{number:>9}" for number in numbers)
    return f"{vma.start:012x}-{vma.end:012x} {vma.prot}{share} {columns}  {vma.name}".rstrip()


def count_pages(process: Process) -> dict[int, Counter[str]]:
    """For each VMA, by its start: how many pages are present, swapped, of a file, mapped exactly once."""
    counts: dict[int, Counter[str]] = {vma.start: Counter() for vma in process.vmas}
    vmas = iter(process.vmas)
    vma = next(vmas, None)
    for start, end, pte in page_runs(process.pgd):
        while vma is not None and start < end:
            if vma.end <= start:
                vma = next(vmas, None)
                continue
            pages = (min(end, vma.end) - max(start, vma.start)) >> 12
            counts[vma.start].update(_kinds(pte, max(pages, 0)))
            start = min(end, vma.end)
    return counts


def _kinds(pte: Pte, pages: int) -> dict[str, int]:
    return {kind: pages for kind in ("present", "swapped", "file", "exclusive") if getattr(pte, kind)}


def page_runs(directory: Mapping[int, Any], depth: int = 0, base: int = 0) -> Iterator[tuple[int, int, Pte]]:
    """Runs of like entries of a whole page table, in address order: first byte, byte after the last, an entry."""
    from ..trace.runs import runs
    from ..trace.snapshot import SHIFTS

    shift = SHIFTS[depth]
    if shift == SHIFTS[-1]:
        for first, count, pte in runs(directory):
            yield base + (first << shift), base + (first + count << shift), pte
        return
    for index in sorted(directory):
        yield from page_runs(directory[index], depth + 1, base + (index << shift))
