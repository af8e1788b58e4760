"""What can be seen and done with the real kernel under this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..errors import GupkitError
from .finding import Finding

ROOT = "as root, outside a container"
POWERS = {
    "frames": ("page frames in /proc", "frame numbers and map counts can be seen", ROOT),
    "swap": ("swap", "pages can be swapped out for real", "as root: swapon; needed by the swap stories alone"),
    "io_uring": ("io_uring", "buffers can be registered", "the machine's owner may allow it: kernel.io_uring_disabled"),
    "process_vm": ("process_vm_readv", "one process can read another", "the machine's owner may allow it: seccomp"),
    "drop_caches": ("drop_caches", "the page cache can be dropped", ROOT),
    "code": ("fault counts", "machine code of ours runs in the processes that are watched", "on x86-64 only"),
}  # fmt: skip
"""A power of the host backend → its name, what it is good for, and how to get it."""


def linux() -> Iterator[Finding]:
    """A row for reading processes, one for performing scenarios, and one for each power that is not everywhere."""
    yield reading()
    yield from performing()


def reading() -> Finding:
    """Whether this process can read its own memory map."""
    from ..host.live import snapshot_of

    try:
        snapshot_of(os.getpid())
    except (GupkitError, ImportError, OSError) as problem:
        return Finding("processes in /proc", False, f"{problem}", "on Linux; elsewhere the notebooks show a recording")
    return Finding("processes in /proc", True, "mappings and present pages of your own processes can be read")


def performing() -> Iterator[Finding]:
    """Whether scenarios run on this Linux, and what of them can be seen."""
    name = "gupkit run --on host"
    try:
        from ..host.run.probe import probe

        powers = probe()
    except (GupkitError, ImportError, OSError) as problem:
        yield Finding(name, False, f"{problem}", "on Linux 5.3 or later; the simulated kernel runs everywhere")
        return
    yield Finding(name, True, f"on Linux {powers.release}")
    for power, (title, good, mend) in POWERS.items():
        here = bool(getattr(powers, power))
        yield Finding(title, here, good if here else f"missing; with it {good}", mend)
