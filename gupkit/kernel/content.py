"""What a page or a disk block holds, kept sparse: one fill byte and the few bytes that differ from it.

Contents are immutable values, so copying a page copies a reference and two equal pages cost one object.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

PAGE_SIZE = 4096


class Content(NamedTuple):
    """4096 bytes: ``fill`` everywhere but at the offsets in ``patches`` (sorted pairs of offset and byte)."""

    fill: int
    patches: tuple[tuple[int, int], ...] = ()

    def read(self, offset: int, length: int = 1) -> bytes:
        """``length`` bytes from ``offset``.

        >>> filled(0x61).write(1, b"z").read(0, 3)
        b'aza'
        """
        out = bytearray([self.fill]) * length
        for at, byte in self.patches:
            if offset <= at < offset + length:
                out[at - offset] = byte
        return bytes(out)

    def write(self, offset: int, data: bytes) -> Content:
        """The content after ``data`` was written at ``offset``."""
        if len(data) == PAGE_SIZE and data.count(data[:1]) == PAGE_SIZE:
            return filled(data[0])
        patches = dict(self.patches)
        for at, byte in enumerate(data, offset):
            patches[at] = byte
        fill = self.fill
        return _content(fill, tuple(sorted((at, b) for at, b in patches.items() if b != fill)))

    @property
    def byte(self) -> int:
        """The first byte."""
        patches = self.patches
        return patches[0][1] if patches and patches[0][0] == 0 else self.fill


@lru_cache(maxsize=4096)
def _content(fill: int, patches: tuple[tuple[int, int], ...]) -> Content:
    return Content(fill, patches)


def filled(byte: int) -> Content:
    """A page of one byte value.

    >>> filled(7).byte
    7
    """
    return _content(byte, ())


ZEROS = filled(0)
POISON = filled(0xAA)
"""What a freed frame is overwritten with under the debug layer (as CONFIG_PAGE_POISONING does)."""
