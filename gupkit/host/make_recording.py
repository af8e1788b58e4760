"""Make the recording that ships with gupkit: ``python -m gupkit.host.make_recording FILE``, as root, on Linux.

A child Python maps memory of each kind a reader should meet, and is read while it waits.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from gupkit.errors import GupkitError
from gupkit.host.live import snapshot_of
from gupkit.host.proc import HostError
from gupkit.trace.snapshot import Snapshot
from gupkit.trace.store import save_snapshot, snapshot_from_dict, snapshot_to_dict

PROGRAM = """
import mmap, os, sys
P = 4096
private = mmap.mmap(-1, 16 * P, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for page in range(4): private[page * P] = 1          # written: a frame of its own
for page in range(4, 6): private[page * P]           # read only: the zero page
shared = mmap.mmap(-1, 8 * P)                        # shared anonymous
shared[0] = shared[P] = 1
reserved = mmap.mmap(-1, 32 * P, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0)
ready = mmap.mmap(-1, 8 * P, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
with open(os.__file__, "rb") as file:
    copied = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
copied[0] = 1                                        # a private copy of the file's page
copied[P]                                            # the page cache's own page
print(flush=True)
sys.stdin.read()
"""
"""What the recorded process does before it waits to be read."""

_PUBLIC = ("/usr/", "/lib", "/etc/", "/dev/", "/memfd:", "/SYSV")


def record(python: str = sys.executable) -> Snapshot:
    """A snapshot of a child that runs :data:`PROGRAM` in the interpreter ``python``, without personal paths.

    Raises :class:`~gupkit.host.proc.HostError` where no live process can be read, or the child fails.
    """
    command = [python, "-I", "-S", "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            if child.stdout is None or not child.stdout.readline():
                raise HostError(f"{python} did not run the program to be recorded: give a Python of 3.11 or later")
            live = snapshot_of(child.pid, name="python")
        finally:
            child.kill()
    return without_paths(replace(live, about=f"A recording. {live.about}"))


def without_paths(snapshot: Snapshot) -> Snapshot:
    """``snapshot`` with every file that is not the system's own moved to /home/learner, its name kept."""
    data = snapshot_to_dict(snapshot)
    vmas = [vma for process in data["processes"].values() for vma in process["vmas"]]
    for item in (*vmas, *data["likes"]):
        _move(item)
    return snapshot_from_dict(data)


def _move(item: dict[str, Any]) -> None:
    file = item.get("file")
    if file and file.startswith("/") and not file.startswith(_PUBLIC):
        item["file"] = f"/home/learner/{PurePosixPath(file).name}"


def main(arguments: Sequence[str]) -> int:
    """Write a recording to the one file named in ``arguments``; the exit status (2: a line on stderr says why)."""
    if len(arguments) != 1:
        print("usage: python -m gupkit.host.make_recording FILE", file=sys.stderr)
        return 2
    try:
        save_snapshot(record(), arguments[0])
    except GupkitError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
