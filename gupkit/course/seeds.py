"""Chance that can be repeated: every number here follows from words."""

from __future__ import annotations

import hashlib
import random

SELF_STUDY = "self-study"
"""The course key of a notebook that no course released."""


def number(*words: str) -> int:
    """A number of 64 bits that depends on every word.

    >>> number("a", "b") == number("a", "b"), number("a", "b") == number("ab", "")
    (True, False)
    """
    text = "\0".join(word.replace("\0", " ") for word in words)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def chance(*words: str) -> random.Random:
    """A generator whose draws depend on every word."""
    return random.Random(number(*words))


def course_key(secret: str) -> str:
    """What may be told of the course's secret: enough to draw the sheets, not the hidden inputs."""
    return f"{number('sheets of', secret):016x}"


def sheet_number(key: str, problem_set: str, student: str, count: int) -> int:
    """Which of ``count`` rules a student's sheet has."""
    return number(key, problem_set, student.strip()) % count
