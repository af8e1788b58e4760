"""The kinds of arguments an op takes: what a file may write for each, and what a step holds then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..trace.snapshot import PAGE_SIZE
from . import vocabulary as words
from .address import MAX_PAGE, USER_SPACE, BadPlace, Target, parse_pin, parse_target

NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
FILE_NAME = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
MAX_FILE_BYTES = USER_SPACE
"""What a file may be truncated to: nothing is stored for pages that nobody wrote."""
MAX_DATA = 64 << 20
"""Bytes that one call may move; they pass through the memory of the machine that simulates."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of argument: its JSON schema, its name in messages, and how a value becomes what a step holds."""

    name: str
    schema: Mapping[str, Any]
    parse: Callable[[Any], Any]
    """May raise BadPlace, whose message says what is wrong."""


def _same(value: Any) -> Any:
    return value


def _here(text: str | int) -> Target:
    target = parse_target(text)
    if target.process is not None:
        raise BadPlace(f"{str(target)!r}: in an op the process is said by 'by' or 'of', so write {_bare(target)!r}")
    return target


def _bare(target: Target) -> str:
    return str(target).partition(":")[2]


def _address(value: str | int) -> int:
    address = int(value, 16) if isinstance(value, str) else value
    if address % PAGE_SIZE or not 0 <= address < USER_SPACE:
        raise BadPlace(f"addr {address:#x} must be a multiple of {PAGE_SIZE} below {USER_SPACE:#x}")
    return address


def _iov(value: list[Any]) -> tuple[tuple[Target, int], ...]:
    return tuple((_here(at), length) for at, length in value)


def integer(low: int | None = None, high: int | None = None) -> Kind:
    """A whole number, both bounds included.

    >>> integer(0, 255).schema
    {'type': 'integer', 'minimum': 0, 'maximum': 255}
    """
    schema: dict[str, Any] = {"type": "integer"}
    if low is not None:
        schema["minimum"] = low
    if high is not None:
        schema["maximum"] = high
    return Kind("a whole number", schema, _same)


def choice(values: tuple[str, ...]) -> Kind:
    """One of some words."""
    return Kind("one word of a list", {"type": "string", "enum": list(values)}, _same)


def several(values: tuple[str, ...]) -> Kind:
    """Any of some words, each at most once: a tuple in the step."""
    items = {"type": "string", "enum": list(values)}
    return Kind("a list of words", {"type": "array", "items": items, "uniqueItems": True}, tuple)


_PLACE = {"type": ["string", "integer"], "minimum": 0}
_LENGTH = {"type": "integer", "minimum": 0, "maximum": MAX_DATA}

NEW_NAME = Kind("a new name", {"type": "string", "pattern": NAME}, _same)
PROCESS = Kind("a process", {"type": "string", "pattern": NAME}, _same)
PIPE = Kind("a pipe's name", {"type": "string", "pattern": NAME}, _same)
FILE = Kind("a file", {"type": "string", "pattern": FILE_NAME}, _same)
PLACE = Kind("an address", _PLACE, _here)
PIN = Kind("a pin", {"type": "string"}, parse_pin)
ADDRESS = Kind("an address", {"type": ["string", "integer"], "pattern": "^0x[0-9a-fA-F]{1,16}$"}, _address)
BYTE = integer(0, 255)
COUNT = integer(1, MAX_PAGE)
OFFSET = integer(0, MAX_PAGE)
LENGTH = integer(0, MAX_DATA)
FILE_SIZE = integer(0, MAX_FILE_BYTES)
ANY_INTEGER = integer(-(1 << 63), (1 << 63) - 1)
NTH = integer(1, 1 << 31)
YES_NO = Kind("true or false", {"type": "boolean"}, _same)
PROT = choice(words.PROTS)
IOV = Kind(
    "a list of [address, length]",
    {"type": "array", "minItems": 1, "maxItems": 1024,
     "items": {"type": "array", "items": [_PLACE, _LENGTH], "minItems": 2, "maxItems": 2}},
    _iov,
)
SYMBOLS = Kind(
    "a list of symbols",
    {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": NAME}},
    tuple,
)
