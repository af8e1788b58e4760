"""What is written in the boxes of the page-table picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gupkit.draw import layout, style
from gupkit.draw.states import count
from gupkit.draw.tables import LEAF

BASES: Mapping[str, Callable[[int], str]] = {"oct": lambda i: f"0o{i:03o}", "hex": lambda i: f"0x{i:03x}"}
"""How an index of nine address bits is written next to its decimal form."""

NAME_ROOM = 90.0
"""Room for the name of the process in the pgd's box, in px."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of the nodes of ``graph``; ``compact`` ones are short, and an entry's is one line."""

    graph: Any
    compact: bool
    base: str = "oct"
    """A key of :data:`BASES`."""

    def of(self, node: str) -> str:
        """What stands in the node's box."""
        data = self.graph.nodes[node]
        if data["depth"] == 0:
            return f"{layout.shorten(self.graph.graph['process'], NAME_ROOM)}\n{self._used(node)}"
        lines = self._table(data) if data["depth"] <= LEAF else self._entry(data)
        return " ".join(lines) if self.compact and data["depth"] > LEAF else "\n".join(lines)

    def _used(self, node: str) -> str:
        return f"{sum(self.graph.nodes[child]['count'] for child in self.graph.successors(node))} of 512"

    def _place(self, data: dict[str, Any]) -> str:
        """The index or range of indices in the table above."""
        first, last, digits = data["index"], data["last"], BASES[self.base]
        if first == last:
            return f"{first} {digits(first)}"
        return f"{first}–{last}" if self.compact else f"{first}–{last} {digits(first)}–{digits(last)}"

    def _table(self, data: dict[str, Any]) -> list[str]:
        place = self._place(data)
        if data["kind"] == "group":
            tables, pages = f"{data['count']:,} tables", count(data["pages"], "page")
            return [f"{tables} {place}", pages] if self.compact else [tables, place, pages]
        if data["count"] > 1:
            return [f"{data['count']:,} tables alike", place]
        if self.compact:
            return [place]
        return [place, f"{data['pages']:,} of 512" if data["level"] == "pte" else f"at {data['address']:#x}"]

    def _entry(self, data: dict[str, Any]) -> list[str]:
        letter = style.STYLES[data["state"]].letter
        if data["kind"] == "group":
            return [f"{letter} {self._place(data)}", count(data["pages"], "page")]
        if data["count"] > 1:
            return [f"{letter} {data['count']} × {_flags(data)}", self._place(data)]
        if self.compact:
            return [f"{letter} {BASES[self.base](data['index'])} {_flags(data)}{' 2 MiB' if data['huge'] else ''}"]
        if data["huge"]:
            return [f"{letter} {self._place(data)}, 2 MiB", _second_line(data)]
        return [f"{letter} {self._place(data)}", _second_line(data)]


def _second_line(data: dict[str, Any]) -> str:
    if data["state"] == "swap" and data["swap"] is not None:
        return f"swap {data['swap']}"
    return _flags(data) + ("" if data["pfn"] is None or not data["present"] else f" pfn {data['pfn']}")


def _flags(data: dict[str, Any]) -> str:
    """The flags of an entry that is present; of another, why it is not."""
    if data["present"]:
        return str(data["letters"])
    return {"swap": "swap", "hole": "empty", "protnone": "none"}.get(data["state"], "----")
