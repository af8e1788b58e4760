"""The nearest right word for a wrong one, and short quotes of what a person wrote."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: object, choices: Iterable[str]) -> str | None:
    """The choice that looks most like ``word``, or None when none does; upper and lower case count the same.

    >>> nearest("madvize", ["mmap", "madvise"])
    'madvise'
    >>> nearest("write", ["WRITE", "TOUCH"])
    'WRITE'
    >>> nearest("qqq", ["WRITE"]) is None
    True
    """
    folded = {choice.casefold(): choice for choice in choices}
    close = get_close_matches(str(word).casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def hint(word: object, choices: Iterable[str], most: int = 8) -> str:
    """What to write instead, as the tail of a message: the nearest word, or all the choices when they are few.

    >>> hint("madvize", ["mmap", "madvise"])
    "; nearest right word: 'madvise'"
    >>> hint("qqq", ["GPL", "MIT"])
    "; one of 'GPL', 'MIT'"
    """
    choices = list(choices)
    found = nearest(word, choices)
    if found is not None:
        return f"; nearest right word: {found!r}"
    if 0 < len(choices) <= most:
        return f"; one of {', '.join(map(repr, choices))}"
    return ""


def quote(value: object, most: int = 60) -> str:
    """``repr`` on one line, cut in the middle when long.

    >>> quote("a" * 100, 20)
    "'aaaaaaa … aaaaaaa'"
    """
    text = repr(value)
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[:half]} … {text[-half:]}"
