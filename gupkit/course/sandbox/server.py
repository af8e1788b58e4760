"""The server behind the wall: it never runs a line of a student's, it forks those who do.

It reads jobs from standard input and answers on standard output, each a line of JSON. Run as a program by
:mod:`.client`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from ..sets import load, names
from . import job as work
from .rights import FIRST_UID, UIDS, be_unreadable
from .wall import INNER

MOST = 4 << 20
"""Bytes that one job may answer with."""
FAILED = 70
"""The exit status of a child that failed by itself, and not by the student's code, which fails within its cells."""
WARM = (
    "random math itertools functools collections dataclasses enum typing string operator bisect copy re heapq "
    "gupkit.trace.capture"
)
"""What children import all the time: it is in the server already."""


def main() -> None:
    """Serve until standard input ends."""
    number = int(sys.argv[1])
    warm_up()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    if Path(INNER).is_dir():
        os.chroot(INNER)
        os.chdir("/tmp")
    be_unreadable()
    serve(requests, answers, FIRST_UID + number % UIDS)


def warm_up() -> None:
    """Import now what every child would import."""
    for name in WARM.split():
        import_module(name)
    for name in names():
        load(name)


def serve(requests: BinaryIO, answers: BinaryIO, uid: int) -> None:
    """One job after the other."""
    for line in requests:
        answers.write(json.dumps(one_job(json.loads(line), uid, (requests, answers))).encode() + b"\n")
        answers.flush()


def one_job(job: dict[str, Any], uid: int, private: tuple[BinaryIO, BinaryIO]) -> dict[str, Any]:
    """Fork, read what the child writes, end it and all it started."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(read)
            for stream in private:
                os.close(stream.fileno())
            os.setsid()
            work.run(job, write, uid)
            os._exit(0)
        finally:
            os._exit(FAILED)
    os.close(write)
    data, end = collect(read, child, time.monotonic() + job["seconds"] * work.IDLE)
    os.close(read)
    by_itself = not end and ended_soon(child)
    sweep(child)
    status = reap(child)
    return {"end": how(status) if by_itself else end, "lines": data.decode("utf-8", "replace").split("\n")}


def collect(read: int, child: int, limit: float) -> tuple[bytes, str]:
    """What was written until the child ended, and ``time`` or ``flood`` if it did not come to that.

    A process that the child left behind may keep the pipe open: nobody waits for it.
    """
    data = b""
    while len(data) <= MOST:
        if time.monotonic() > limit:
            return data, "time"
        over = ended(child)
        if select.select([read], [], [], 0 if over else 0.05)[0]:
            part = os.read(read, 1 << 16)
            data += part
            over = not part
        if over:
            return data, ""
    return data[:MOST], "flood"


def ended(child: int) -> bool:
    """Whether the child is over; it can still be waited for."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def ended_soon(child: int, seconds: float = 0.5) -> bool:
    """As :func:`ended`, of a child that may be dying: its pipe closes just before it can be waited for."""
    limit = time.monotonic() + seconds
    while not ended(child):
        if time.monotonic() > limit:
            return False
        time.sleep(0.002)
    return True


def sweep(child: int) -> None:
    """End the child and whatever it left running: behind the wall, that is everybody but us."""
    for target in [-1] if os.getpid() == 1 else [-child, child]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(target, signal.SIGKILL)


def reap(child: int) -> int:
    """Wait for the child, and for orphans that became ours; the child's status."""
    status = 0
    try:
        while True:
            done, code = os.waitpid(-1, 0)
            status = code if done == child else status
    except OSError as problem:
        if problem.errno != errno.ECHILD:
            raise
    return status


def how(status: int) -> str:
    """How a child that ended by itself did so, in a word."""
    code = os.waitstatus_to_exitcode(status)
    if not code:
        return ""
    return signal.Signals(-code).name if code < 0 else f"exit status {code}"


if __name__ == "__main__":
    main()
