"""The file system calls of a scenario, made by this Python: they are by nobody in particular."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...trace.snapshot import PAGE_SHIFT, PAGE_SIZE
from .world import HostWorld

FileAction = Callable[[HostWorld, Any], dict[str, Any]]


def _answered(call: Callable[[HostWorld, Any], dict[str, Any] | int | None]) -> FileAction:
    """The call with its errors turned into results."""

    def action(world: HostWorld, args: Any) -> dict[str, Any]:
        try:
            answer = call(world, args)
        except OSError as problem:
            return {"errno": errno.errorcode.get(problem.errno or 0, "EIO")}
        return answer if isinstance(answer, dict) else {"ret": answer or 0}

    return action


def _fd(world: HostWorld, args: Any) -> int:
    return world.files[args["file"]].fd


def _pread(world: HostWorld, args: Any) -> dict[str, Any]:
    data = os.pread(_fd(world, args), args["length"], args["offset"] << PAGE_SHIFT)
    return {"ret": len(data), "bytes": data[::PAGE_SIZE].hex()}


def _pwrite(world: HostWorld, args: Any) -> int:
    return os.pwrite(_fd(world, args), bytes([args["byte"]]) * args["length"], args["offset"] << PAGE_SHIFT)


def _ftruncate(world: HostWorld, args: Any) -> None:
    os.ftruncate(_fd(world, args), args["length"])


def _fsync(world: HostWorld, args: Any) -> None:
    os.fsync(_fd(world, args))


def _fadvise(world: HostWorld, args: Any) -> None:
    os.posix_fadvise(_fd(world, args), args["offset"] << PAGE_SHIFT, args["length"], os.POSIX_FADV_DONTNEED)


def _drop_caches(world: HostWorld, args: Any) -> None:
    """Not a setting: the kernel drops what it can once, and forgets that it was asked."""
    Path("/proc/sys/vm/drop_caches").write_text("1", encoding="ascii")


FILE_ACTIONS: dict[str, FileAction] = {
    "pread": _answered(_pread),
    "pwrite": _answered(_pwrite),
    "ftruncate": _answered(_ftruncate),
    "fsync": _answered(_fsync),
    "fadvise_dontneed": _answered(_fadvise),
    "drop_caches": _answered(_drop_caches),
}
"""Every op on a file."""
