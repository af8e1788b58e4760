"""The machine code that servants run, and what lies where in the slot through which they are told what to do.

A servant waits for a command, does exactly one thing (a system call, a load, a store, a fork) between two calls of
getrusage, and answers. It has no other memory that could fault, so the difference of the two is what that thing
cost. SIGSEGV and SIGBUS are caught in machine code, which goes on behind the instruction that failed: a handler
written in Python could only run that instruction again.

The code is read from ``stub.lst``, a listing that shows each instruction beside its bytes.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

COMMAND, REPLY, PARENT, OP, RESULT, SIGNAL, SIGCODE, SIGADDR, NUMBER, ARGS = range(10)
"""Words (8 bytes each) of a slot: the eventfd that wakes its servant, the one that answers, the parent's process
number, what to do, what came, the signal and its details, the system call's number, and the first of six arguments."""
TOUCH, TOUCH_PAGES, _WOKEN, ONE = 15, 16, 17, 18
"""Where the buffer lies and how many pages of it are needed; a word to read into; a word that is 1, to write."""
USAGE_BEFORE, USAGE_AFTER = 32, 64
MIN_FLT, MAJ_FLT = 8, 9
"""Words of a struct rusage (64-bit Linux)."""
SLOT_BYTES = 0x10000
STACK_TOP = 0x8000
"""A slot's first page is the words, the seven after it the stack."""
BLIND = 256
"""What a peek tells of an address that may not be read."""


class Ops:
    """What the word ``OP`` may ask for."""

    SYSCALL, LOAD, STORE, PEEK, FORK = range(5)


class Stub(NamedTuple):
    """Machine code, and the offset of each label in it."""

    code: bytes
    labels: dict[str, int]


_LINE = re.compile(r"([0-9a-f]{4})  ((?:[0-9a-f]{2})+) ")
_LABEL = re.compile(r"(\w+):")


def parse_listing(text: str) -> Stub:
    r"""The code of a listing: lines of offset, bytes and instruction; ``label:`` names the next offset.

    Raises ValueError for an offset that does not follow from the lines before it.

    >>> parse_listing("0000  c3     ret\nnext:\n0001  90     nop\n")
    Stub(code=b'\xc3\x90', labels={'next': 1})
    """
    code = bytearray()
    labels: dict[str, int] = {}
    for line in text.splitlines():
        if label := _LABEL.match(line):
            labels[label[1]] = len(code)
        elif found := _LINE.match(line):
            if int(found[1], 16) != len(code):
                raise ValueError(f"offset {found[1]} in the listing should be {len(code):04x}")
            code += bytes.fromhex(found[2])
    return Stub(bytes(code), labels)


@cache
def stub() -> Stub:
    """The servants' machine code (x86-64)."""
    return parse_listing(files(__package__).joinpath("stub.lst").read_text(encoding="utf-8"))
