"""What the names of a scenario stand for while it runs on the host."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import BackendError
from ...scenario.address import FIRST_REGION, REGION_GAP, Target
from ...trace.snapshot import PAGE_SHIFT
from ..maps import parse_maps
from .crew import Crew
from .files import HostFile
from .plain_crew import PlainCrew
from .servant import Servant


@dataclass
class HostWorld:
    """Tasks, regions, files, pipes and registered buffers by name."""

    crew: Crew | PlainCrew
    files: dict[str, HostFile] = field(default_factory=dict)
    tasks: dict[str, Servant] = field(default_factory=dict)
    regions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Name → start and length in pages."""
    backed: dict[str, str | None] = field(default_factory=dict)
    """Region → the file that it maps."""
    ends: dict[int, int] = field(default_factory=dict)
    """Process number → the end of its highest region so far."""
    pipes: dict[str, tuple[int, int]] = field(default_factory=dict)
    rings: dict[str, tuple[Servant, int]] = field(default_factory=dict)
    """Registered buffer → who registered it, and the io_uring it belongs to."""
    memories: dict[tuple[int, int], int] = field(default_factory=dict)
    """(who reads, whose memory) → an open /proc/PID/mem."""
    pagemaps: dict[int, int] = field(default_factory=dict)

    def add(self, name: str, servant: Servant, parent: Servant | None = None) -> Servant:
        """A process comes into being under ``name``."""
        self.tasks[name] = servant
        self.pagemaps[servant.pid] = os.open(f"/proc/{servant.pid}/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        if parent is not None and parent.leader.pid in self.ends:
            self.ends[servant.pid] = self.ends[parent.leader.pid]
        return servant

    def task(self, name: str) -> Servant:
        """The task of that name; a thread of the first process comes into being when it first acts."""
        if name not in self.tasks:
            self.tasks[name] = self.crew.thread(self.tasks["P"])
        return self.tasks[name]

    def processes(self) -> list[tuple[str, Servant]]:
        """The processes that live, by name; threads are no processes."""
        return [(name, s) for name, s in self.tasks.items() if s.alive and s.leader is s]

    def span(self, at: Target) -> tuple[int, int]:
        """Address and bytes of a place."""
        return at.resolve(self.regions)

    def next_place(self, process: Servant) -> int:
        """Where the next region of a process lies, as the format fixes it."""
        end = self.ends.get(process.leader.pid)
        return FIRST_REGION if end is None else -(-(end + REGION_GAP) // REGION_GAP) * REGION_GAP

    def check_place(self, process: Servant, start: int, pages: int) -> None:
        """BackendError if a mapping at ``start`` would cover something that is no region of the scenario's."""
        end = start + (pages << PAGE_SHIFT)
        own = [(first, first + (count << PAGE_SHIFT)) for first, count in self.regions.values()]
        for vma in parse_maps(Path(f"/proc/{process.leader.pid}/maps").read_bytes()):
            if vma.start < end and start < vma.end and not any(a <= vma.start < b for a, b in own):
                raise BackendError(f"at {start:#x} lies what the host backend itself needs: choose another addr")

    def bind(self, process: Servant, name: str, start: int, pages: int, file: str | None) -> None:
        """A region is mapped."""
        self.regions[name], self.backed[name] = (start, pages), file
        pid = process.leader.pid
        self.ends[pid] = max(self.ends.get(pid, 0), start + (pages << PAGE_SHIFT))

    def pipe(self, name: str) -> tuple[int, int]:
        """The two ends of a pipe; the first use makes it."""
        if name not in self.pipes:
            self.pipes[name] = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        return self.pipes[name]

    def memory(self, reader: Servant, whose: Servant) -> int:
        """An open /proc/PID/mem of ``whose``, for ``reader``. Raises OSError if there is none any more."""
        key = (self.crew.table_of(reader), whose.leader.pid)
        if key not in self.memories:
            self.memories[key] = self.crew.open(reader, f"/proc/{whose.leader.pid}/mem", os.O_RDWR)
        return self.memories[key]

    def drop_rings(self, process: Servant) -> None:
        """A process has ended, and with it what it had registered."""
        for name, (owner, fd) in list(self.rings.items()):
            if owner.leader is process:
                self.crew.close_file(owner, fd)
                del self.rings[name]

    def close(self) -> None:
        """Close whatever this run opened here."""
        shared = [fd for (table, _), fd in self.memories.items() if table == 0]
        own = [fd for servant, fd in self.rings.values() if self.crew.table_of(servant) == 0]
        ends = [fd for pair in self.pipes.values() for fd in pair]
        for fd in (*self.pagemaps.values(), *shared, *own, *ends):
            os.close(fd)
        for file in self.files.values():
            file.close()
