"""The graph of all schedules: places that go on alike are one node, ways on are edges.

A schedule is a path from the first node to an end. Nodes are looked at in the order of the switches it takes to reach
them, so the first way to a node is one with the fewest, and whatever can be done from there within the bound is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .expand import Arrival, Ending, Place


@dataclass(eq=False, slots=True)
class Node:
    """A place and the ways on from it (switches, where to; None: an end)."""

    place: Place
    edges: list[tuple[int, Node | None]] = field(default_factory=list)

    @property
    def used(self) -> int:
        """The switches up to here."""
        return len(self.place.switches)


@dataclass(frozen=True, slots=True)
class End:
    """A schedule that was run to its end."""

    place: Place
    ending: Ending

    @property
    def rank(self) -> tuple[int, int, int]:
        """Shorter first."""
        return self.place.rank


class Graph:
    """Grows by arrivals. ``ends`` has for each outcome the shortest schedule that was run to it."""

    def __init__(self, max_switches: int) -> None:
        self.max_switches = max_switches
        self.root = Node(Place())
        self.waiting: dict[tuple[int, int], list[Node]] = {(0, 0): [self.root]}
        self.nodes = 1
        self.run = 0
        self.known = 0
        self.ends: dict[Ending, End] = {}
        self._by_key: dict[str, Node] = {}

    def waves(self) -> Iterator[list[Node]]:
        """The nodes to look at next, until there are none: whoever takes a wave adds its arrivals before the next.

        All nodes of a wave are reached by as many switches, and after as many steps: no later one leads to any of them.
        """
        while self.waiting:
            used, steps = min(self.waiting)
            wave = [node for node in self.waiting.pop((used, steps)) if node.used == used]
            if wave:
                yield wave

    def add(self, node: Node, arrivals: Iterable[Arrival]) -> None:
        """Every way on from a node."""
        for arrival in arrivals:
            if arrival.end is not None:
                node.edges.append((arrival.cost, None))
                self._end(End(arrival.place, arrival.end))
            else:
                node.edges.append((arrival.cost, self._node(arrival)))

    def _end(self, end: End) -> None:
        self.run += 1
        best = self.ends.get(end.ending)
        if best is None or end.rank < best.rank:
            self.ends[end.ending] = end

    def _node(self, arrival: Arrival) -> Node:
        node = self._by_key.get(arrival.key) if arrival.key else None
        if node is None:
            node = Node(arrival.place)
            self.nodes += 1
            self._wait(node)
            if arrival.key:
                self._by_key[arrival.key] = node
            return node
        self.known += 1
        if not node.edges and arrival.place.rank < node.place.rank:
            before, node.place = node.used, arrival.place
            if node.used < before:
                self._wait(node)
        return node

    def _wait(self, node: Node) -> None:
        used, _, ops = node.place.rank
        self.waiting.setdefault((used, ops), []).append(node)

    def count(self) -> int:
        """Every schedule within the bound, run or not: the paths from the first node to an end."""
        known: dict[tuple[Node, int], int] = {}

        def paths_from(node: Node, budget: int) -> int:
            key = node, budget
            if key not in known:
                known[key] = sum(
                    1 if to is None else paths_from(to, budget - cost) for cost, to in node.edges if cost <= budget
                )
            return known[key]

        return paths_from(self.root, self.max_switches)
