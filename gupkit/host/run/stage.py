"""The memory that this Python shares with its servants: their code, a slot for each, and one buffer for data."""

from __future__ import annotations

import ctypes
from types import TracebackType
from typing import Any, Self

from ...errors import BackendError
from . import numbers as n
from .stub import ARGS, SLOT_BYTES, stub

SLOTS = 1024
"""Servants that can live at once, the first one included."""
BUFFER = 65 << 20
"""Bytes of the buffer; nothing is stored for pages that nobody touched."""
STRUCTS = 5 << 12
"""The buffer's first pages hold what system calls are told by address (1024 iovecs and a few more)."""

_CODE_BYTES = 1 << 16
_BYTES = _CODE_BYTES + SLOTS * SLOT_BYTES + BUFFER
_PLACES = range(0x2000_0000_0000, 0x2100_0000_0000, 1 << 32)
"""Where it may lie: far from where scenarios map, and free in an ordinary process."""


def _libc() -> Any:
    """The C library, with the argument types of what is called here."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return libc


class Stage:
    """One mapping: code, then slots, then the buffer. A context manager; nothing of it stays.

    ``runs_code`` is False where this system forbids memory that is both ours and executable; raises BackendError
    where the memory cannot be had at all.
    """

    def __init__(self, *, code: bool = True) -> None:
        self._libc = _libc()
        self.base = self._map()
        self.slots = self.base + _CODE_BYTES
        self.buffer = self.slots + SLOTS * SLOT_BYTES
        self.data = self.buffer + STRUCTS
        self.room = BUFFER - STRUCTS
        self.runs_code = code and self._write_code()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Unmap it all; servants that still live lose nothing."""
        if self.base:
            self._libc.munmap(self.base, _BYTES)
            self.base = 0

    @property
    def spans(self) -> tuple[int, int]:
        """The first byte and the end of the whole mapping."""
        return self.slots - _CODE_BYTES, self.slots - _CODE_BYTES + _BYTES

    def words(self, number: int) -> Any:
        """The words of slot ``number``: an array of unsigned 64-bit numbers."""
        return (ctypes.c_uint64 * (ARGS + 119)).from_address(self.slot(number))

    def slot(self, number: int) -> int:
        """The address of slot ``number``."""
        return self.slots + number * SLOT_BYTES

    def put(self, address: int, data: bytes) -> None:
        """Write ``data`` at an address of the buffer. Raises BackendError for more than fits."""
        if address + len(data) > self.buffer + BUFFER:
            raise BackendError(f"one call can move {self.room:,} bytes on the host, and {len(data):,} are asked for")
        ctypes.memmove(address, data, len(data))

    def get(self, address: int, length: int) -> bytes:
        """``length`` bytes at an address of the buffer."""
        return ctypes.string_at(address, length)

    def label(self, name: str) -> int:
        """The address of a label of the machine code."""
        return self.spans[0] + stub().labels[name]

    def _map(self) -> int:
        flags = n.MAP_SHARED | n.MAP_ANONYMOUS | n.MAP_NORESERVE | n.MAP_FIXED_NOREPLACE
        for place in _PLACES:
            got = self._libc.mmap(place, _BYTES, n.PROT["r"] | n.PROT["w"], flags, -1, 0)
            if got == place:
                return place
            if got not in (None, ctypes.c_void_p(-1).value):
                self._libc.munmap(got, _BYTES)  # a kernel before 4.17, which takes the address as a wish
        raise BackendError("this process has no room for the memory that the host backend shares with its children")

    def _write_code(self) -> bool:
        code = stub().code
        ctypes.memmove(self.base, code, len(code))
        return bool(self._libc.mprotect(self.base, _CODE_BYTES, n.PROT["r"] | n.PROT["x"]) == 0)
