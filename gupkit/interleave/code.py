"""Places and arrivals as plain JSON values and back: what a state file holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .expand import Arrival, Ending, Place
from .judge import Problem
from .plan import Inside, Placed
from .switch import Switch


def from_place(place: Place) -> list[Any]:
    """Plain values.

    >>> from_place(Place((Placed(1, (Inside("up_read", 1, (Placed(2),)),)),)))
    [[[1, [['up_read', 1, [[2, []]], None]]]], [], None]
    """
    switches = [[list(s.ops), s.inside, s.at, s.nth, s.before] for s in place.switches]
    return [[_from_placed(placed) for placed in place.entries], switches, place.burst]


def to_place(data: list[Any]) -> Place:
    """The inverse of :func:`from_place`."""
    entries, switches, burst = data
    made = tuple(Switch(tuple(ops), inside, at, nth, before) for ops, inside, at, nth, before in switches)
    return Place(tuple(map(_to_placed, entries)), made, burst)


def _from_placed(placed: Placed) -> list[Any]:
    return [placed.op, [[i.at, i.nth, list(map(_from_placed, i.do)), i.own] for i in placed.inside]]


def _to_placed(data: list[Any]) -> Placed:
    op, inside = data
    return Placed(op, tuple(Inside(at, nth, tuple(map(_to_placed, do)), own) for at, nth, do, own in inside))


def from_arrival(arrival: Arrival) -> list[Any]:
    """Plain values."""
    end = arrival.end and [[asdict(problem) for problem in arrival.end.problems], arrival.end.results]
    return [from_place(arrival.place), arrival.cost, arrival.key, end]


def to_arrival(data: list[Any]) -> Arrival:
    """The inverse of :func:`from_arrival`.

    >>> arrival = Arrival(Place(), 1, "", Ending((Problem("leak", "1"),), "[]"))
    >>> to_arrival(from_arrival(arrival)) == arrival
    True
    """
    place, cost, key, end = data
    ending = None if end is None else Ending(tuple(Problem(**problem) for problem in end[0]), end[1])
    return Arrival(to_place(place), cost, key, ending)
