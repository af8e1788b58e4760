"""Timing two things against each other on a machine that does other things as well."""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

Timed = Callable[[], float]
"""Does the work once and answers how many seconds the part that counts took."""


class Pair(NamedTuple):
    """The ratio of the two, and the seconds of each side."""

    ratio: float
    first: float
    second: float


def side_by_side(first: Timed, second: Timed, rounds: int = 15) -> Pair:
    """Time the two in turn, A B A B, and compare each A with its neighbour B.

    What the machine does besides slows both of a pair alike, so the median of the pairs' ratios holds still where the
    seconds do not.

    >>> side_by_side(lambda: 3.0, lambda: 2.0, rounds=1).ratio
    1.5
    """
    firsts, seconds = in_turn(first, second, rounds)
    ratios = [a / b for a, b in zip(firsts, seconds, strict=True)]
    return Pair(median(ratios), median(firsts), median(seconds))


def tails(first: Timed, second: Timed, rounds: int = 60) -> Pair:
    """As :func:`side_by_side`, but of the slow ones: the 95th percentile of each side, and their ratio.

    >>> tails(lambda: 3.0, lambda: 2.0, rounds=2).ratio
    1.5
    """
    slow = [quantiles(times, n=20)[-1] for times in in_turn(first, second, rounds)]
    return Pair(slow[0] / slow[1], *slow)


def in_turn(first: Timed, second: Timed, rounds: int) -> tuple[list[float], list[float]]:
    """The seconds of each, timed A B A B after one unmeasured round of both."""
    first()
    second()
    firsts, seconds = [], []
    for _ in range(rounds):
        firsts.append(_clean(first))
        seconds.append(_clean(second))
    return firsts, seconds


def timed(work: Callable[[], object], repeat: int = 1) -> Timed:
    """``work`` done ``repeat`` times, as something that can be timed: seconds for one."""

    def run() -> float:
        start = perf_counter()
        for _ in range(repeat):
            work()
        return (perf_counter() - start) / repeat

    return run


def _clean(work: Timed) -> float:
    """Run it without the rubbish of the run before; the collector stays on, since it is on for users."""
    gc.collect()
    return work()
