"""Make a tree of page tables small enough to look at: like tables as one, then at most so many things a table."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby

from gupkit.draw.opened import Cuts, parted
from gupkit.draw.tables import FACTS, LEAF, Node

NOWHERE = Cuts()


def alike(node: Node, cuts: Cuts = NOWHERE) -> None:
    """Below ``node``, neighbouring tables with the same entries become one table that counts them.

    Their child entries are then those of the first, and the entries' ``pages`` count every one of the tables. Nothing
    is joined across ``cuts``.
    """
    for child in node.children:
        alike(child, cuts)
    if node.depth < LEAF:
        node.children = [_one(group) for group in _like_neighbours(node.children, cuts)]


def _like_neighbours(nodes: Sequence[Node], cuts: Cuts) -> list[list[Node]]:
    marked = enumerate(nodes)  # index minus position is constant as long as the indices follow each other
    groups = groupby(
        marked, key=lambda pair: (pair[1].index - pair[0], cuts.at(pair[1].depth).part(pair[1].address), shape(pair[1]))
    )
    return [[node for _, node in group] for _, group in groups]


def shape(node: Node) -> Hashable:
    """What makes two tables alike: the same places, counts and facts all the way down, nothing changed in them."""
    below = tuple(shape(child) if child.children else _fact(child) for child in node.children)
    own = (node.address if node.touched else None, node.count, node.kind)
    return own, tuple(child.index for child in node.children), below


def _fact(node: Node) -> Hashable:
    facts = FACTS(node.pte) if node.pte is not None else None
    return node.kind, node.index, node.count, node.state, facts, node.address if node.changed else None


def _one(nodes: list[Node]) -> Node:
    first = nodes[0]
    if len(nodes) > 1:
        first.count, first.last = len(nodes), nodes[-1].last
        _multiply(first, len(nodes))
    return first


def _multiply(node: Node, factor: int) -> None:
    node.pages *= factor
    node.tally = {state: pages * factor for state, pages in node.tally.items()}
    for child in node.children:
        _multiply(child, factor)


def limit(node: Node, entries: int, tables: int, cuts: Cuts = NOWHERE) -> None:
    """Below ``node``, a pte table shows at most ``entries`` things and any other at most ``tables``.

    What ``cuts`` keep apart, and the way to it, comes on top of that.
    """
    node.children = _grouped(node.children, entries if node.depth == LEAF else tables, cuts)
    for child in node.children:
        if child.children:
            limit(child, entries, tables, cuts)


def _grouped(nodes: list[Node], most: int, cuts: Cuts) -> list[Node]:
    if len(nodes) <= most:
        return nodes
    borders = cuts.at(nodes[0].depth)
    return [_group(part) for part in parted(nodes, lambda node: node.address, borders, most)]


def _group(nodes: list[Node]) -> Node:
    first, last = nodes[0], nodes[-1]
    if len(nodes) == 1:
        return first
    tally: dict[str, int] = {}
    for node in nodes:
        for state, pages in node.tally.items():
            tally[state] = tally.get(state, 0) + pages
    return Node(
        "group", first.depth, first.index, first.address, next(iter(tally)) if len(tally) == 1 else "group",
        sum(node.count for node in nodes), last.last, sum(tally.values()), tally,
        changed=any(node.touched for node in nodes), touched=any(node.touched for node in nodes),
    )
