"""The border: what a student's function gives back becomes plain data, or a note that it was not.

Types are asked for exactly, so that no object with an ``__eq__`` of its own ever reaches a comparison.
"""

from __future__ import annotations

from typing import Any

from ..kernel.errno import Errno
from ..kernel.page import Page

DEEPEST = 12
LONGEST = 10_000
BITS = 4096


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` in JSON's types; a page as its frame number; anything else as the name of its type.

    >>> plain((1, None, Errno.EFAULT))
    [1, None, {'errno': 'EFAULT'}]
    >>> plain(1.5)
    {'a': 'float'}
    """
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if value.bit_length() <= BITS else {"a": "number of many digits"}
    if kind is str:
        return value[:LONGEST]
    if kind is Errno:
        return {"errno": value.name}
    if kind is Page:
        return {"page": str(value.pfn)}
    if kind not in (list, tuple, dict) or depth == DEEPEST or len(value) > LONGEST:
        return {"a": str(kind.__name__)[:80]}
    if kind is dict:
        return {_key(k): plain(v, depth + 1) for k, v in value.items()}
    return [plain(v, depth + 1) for v in value]


def in_a_line(text: str, most: int) -> str:
    r"""So much of a stranger's text, with a space for all that begins a line or steers a terminal.

    >>> in_a_line("no\n\x1b[2K✓ right", 9)
    'no  [2K✓ '
    """
    return "".join(letter if letter.isprintable() else " " for letter in text[:most])


def returned(value: Any) -> Any:
    """What a kernel function returned: a plain negative number is the error that it stands for.

    >>> returned(-14) == returned(Errno.EFAULT)
    True
    """
    return plain(Errno(value) if type(value) is int and value in _ERRNOS else value)


_ERRNOS = frozenset(int(e) for e in Errno)


def _key(key: Any) -> str:
    return str(key) if type(key) in (str, int) else f"a {type(key).__name__}"
