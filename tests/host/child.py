"""Children that map known memory and wait: the real processes which the tests of this room read."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PRELUDE = """
import ctypes, json, os, sys
P = 4096
NONE, R, RW = 0, 1, 3
SHARED, PRIVATE, ANON, NORESERVE, POPULATE = 1, 2, 0x20, 0x4000, 0x8000
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
def mmap(pages, prot=RW, flags=PRIVATE | ANON, fd=-1, offset=0):
    address = libc.mmap(None, pages * P, prot, flags, fd, offset * P)
    assert address != ctypes.c_void_p(-1).value, os.strerror(ctypes.get_errno())
    return address
def read(address): return ctypes.c_char.from_address(address).value
def write(address): ctypes.c_char.from_address(address).value = b"w"
def tell(**what):
    print(json.dumps(what), flush=True)
    sys.stdin.read()
"""


@contextmanager
def child(program: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """A running child and what it told; it lives until the block ends."""
    command = [sys.executable, "-c", PRELUDE + program, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def sees_frames() -> bool:
    """Whether this process may see frame numbers (CAP_SYS_ADMIN): its own first present page has one."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    spans = [line.split("-")[0] for line in lines]
    fd = os.open("/proc/self/pagemap", os.O_RDONLY)
    words = [int.from_bytes(os.pread(fd, 8, int(start, 16) >> 9), "little") for start in spans[:20]]
    os.close(fd)
    return any(word & (1 << 55) - 1 for word in words)
