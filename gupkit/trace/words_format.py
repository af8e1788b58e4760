"""Numbers as a reader of the kernel's source would write them: addresses in hex, flags by name, errors by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntFlag
from functools import cache
from typing import Any

from ..kernel import flags as canon
from ..kernel.errno import Errno
from ..kernel.flags import FAULT_FLAG, VM_FAULT


@cache
def flag_words(kind: type[IntFlag], prefix: str, value: int) -> str:
    """The flags of ``value`` by name, joined as C joins them; ``0`` for none; bits without a name in hex.

    >>> from gupkit.kernel.flags import FOLL
    >>> flag_words(FOLL, "FOLL_", 5), flag_words(FOLL, "FOLL_", 0), flag_words(FOLL, "FOLL_", 0x10001)
    ('FOLL_WRITE|FOLL_GET', '0', 'FOLL_WRITE|0x10000')
    """
    return _joined({f"{prefix}{flag.name}": int(flag) for flag in kind}, value)


def _joined(flags: Mapping[str, int], value: int) -> str:
    names = [name for name, flag in flags.items() if value & flag]
    rest = value & ~sum(flags.values())
    return "|".join([*names, f"{rest:#x}"] if rest else names) or "0"


def foll_words(value: int) -> str:
    """``gup_flags`` by name, those of later kernels among them: inside the simulator each flag has one number.

    >>> foll_words(0x14), foll_words(0x50000)
    ('FOLL_GET|FOLL_FORCE', 'FOLL_LONGTERM|FOLL_PIN')
    """
    return _joined(_BY_NAME, value)


_BY_NAME = dict(sorted(
    ((name, flag) for name, flag in vars(canon).items() if name.startswith("FOLL_")), key=lambda pair: pair[1],
))


def fault_flag_words(value: int) -> str:
    """How ``handle_mm_fault`` was asked, by name.

    >>> fault_flag_words(9)
    'FAULT_FLAG_WRITE|FAULT_FLAG_ALLOW_RETRY'
    """
    return flag_words(FAULT_FLAG, "FAULT_FLAG_", value)


def vm_fault_words(value: int) -> str:
    """What ``handle_mm_fault`` answered, by name; ``0`` is a fault served without a word.

    >>> vm_fault_words(0x404)
    'VM_FAULT_MAJOR|VM_FAULT_RETRY'
    """
    return flag_words(VM_FAULT, "VM_FAULT_", value)


def ret_words(value: int) -> str:
    """A return value: a count, or the error by name.

    >>> ret_words(2), ret_words(-14)
    ('2', '-EFAULT')
    """
    if value >= 0 or value not in set(map(int, Errno)):
        return str(value)
    return f"-{Errno(value).name}"


def span_words(start: int, end: int) -> str:
    """A half-open range of addresses.

    >>> span_words(0x1000, 0x3000)
    '0x1000 to 0x3000'
    """
    return f"{start:#x} to {end:#x}"


def numbers_words(numbers: Iterable[int], what: str) -> str:
    """A noun with its numbers, neighbours as a range; ``no`` and the noun where there are none.

    >>> numbers_words([3], "frame"), numbers_words([0, 1, 2, 5], "page")
    ('frame 3', 'pages 0 to 2 and 5')
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    if not runs:
        return f"no {what}"
    several = len(runs) > 1 or any(len(run) > 1 for run in runs)
    return f"{what}{'s' if several else ''} {listed(shown)}"


def listed(words: Sequence[str]) -> str:
    """Words in a row, the last one after "and".

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def ordinal(number: int) -> str:
    """A number as a rank.

    >>> [ordinal(n) for n in (1, 2, 3, 4, 11, 22)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd']
    """
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


HELD = {"none": "free", "read": "held for reading", "write": "held for writing"}
"""How mmap_sem stands, in words."""


def result_words(result: Any) -> str:
    """What a step or an injected operation answered.

    >>> result_words({"ret": 0, "byte": 66}), result_words({"errno": "EFAULT"}), result_words({"signal": "SIGBUS"})
    ('0, byte 0x42', '-EFAULT', 'SIGBUS')
    """
    answer = result.get("signal", result.get("ret", "nothing"))
    words = f"-{result['errno']}" if "errno" in result else str(answer)
    if "byte" in result:
        words += f", byte {result['byte']:#04x}"
    if result.get("bytes"):
        words += f", bytes {result['bytes']}"
    if result.get("unknown"):
        words += f", unknown: {', '.join(result['unknown'])}"
    return words
