"""The pictures in sentences: what a screen reader says, and the tooltip of each node."""

from __future__ import annotations

from typing import Any

from gupkit.draw import style
from gupkit.draw.states import count
from gupkit.draw.tables import table_counts
from gupkit.trace.snapshot import SHIFTS, Snapshot

LISTED = 12
"""So many entries are told one by one; beyond, only counted."""


def page_table(graph: Any, snapshot: Snapshot) -> str:
    """What the page-table picture shows: how many tables and entries, then the entries or runs one by one."""
    process = graph.graph["process"]
    tables = table_counts(snapshot.processes[process].pgd)
    counted = ", ".join(count(n, f"{level} table") for level, n in tables.items())
    root = next(data for _, data in graph.nodes(data=True))
    about = [snapshot.about] if snapshot.about else []
    sentences = [*about, f"Process {process} has {counted}.", _tally(root)]
    shown = [n for n, data in graph.nodes(data=True) if data["level"] == "page"]
    sentences += [f"{node(graph, n).rstrip('.')}." for n in shown[:LISTED]]
    if len(shown) > LISTED:
        sentences.append(f"{len(shown) - LISTED:,} more are drawn.")
    sentences += _changes(graph)
    return " ".join(sentences)


def _tally(root: dict[str, Any]) -> str:
    if not root["pages"]:
        return "No entry is in use."
    parts = [style.counted(pages, state) for state, pages in root["tally"].items()]
    return f"{count(root['pages'], 'entry is', 'entries are')} in use: {'; '.join(parts)}."


def _changes(graph: Any) -> list[str]:
    changed = [n for n, data in graph.nodes(data=True) if data["changed"]]
    return [f"Changed in this step: {', '.join(where(graph.nodes[n]) for n in changed[:LISTED])}."] if changed else []


def where(data: dict[str, Any]) -> str:
    """The address of a node, or its range where it covers several things."""
    if data["level"] == "page" and data["count"] == 1:
        return f"{data['address']:#x}"
    return f"{data['address']:#x} to {data['end']:#x}"


def split(address: int) -> str:
    """The four indices and the offset of an address, in octal as the hardware splits it: 9, 9, 9, 9 and 12 bits.

    >>> split(0x7f0000001234)
    '376:000:000:001+1064'
    """
    return ":".join(f"{address >> shift & 511:03o}" for shift in SHIFTS) + f"+{address & 4095:04o}"


def node(graph: Any, key: str) -> str:
    """One node of a page-table graph in words."""
    data = graph.nodes[key]
    return _entry(data) if data["level"] == "page" else _table(data)


def _table(data: dict[str, Any]) -> str:
    what = f"{data['level']} table" if data["count"] == 1 else f"{data['count']:,} {data['level']} tables"
    like = {"group": " drawn as one", "table": " that are alike" if data["count"] > 1 else ""}[data["kind"]]
    place = f" at index {data['index']}" if data["depth"] else ""
    if data["last"] != data["index"]:
        place = f" at indices {data['index']} to {data['last']}"
    return f"{what}{like}{place}, {where(data)}: {count(data['pages'], 'entry', 'entries')} below{_kinds(data)}"


def _kinds(data: dict[str, Any]) -> str:
    if not data["tally"]:
        return ""
    return " (" + ", ".join(style.counted(pages, state) for state, pages in data["tally"].items()) + ")"


def _entry(data: dict[str, Any]) -> str:
    if data["kind"] == "group":
        return f"{where(data)}: {count(data['pages'], 'entry', 'entries')} drawn as one{_kinds(data)}"
    if data["kind"] == "run":
        per = f", in each of {data['pages'] // data['count']:,} tables" if data["pages"] > data["count"] else ""
        return f"{where(data)}: {data['count']:,} entries alike{per}: {data['words']}{_in_vma(data)}"
    frame = "" if data["pfn"] is None or not data["present"] else f", page frame {data['pfn']}"
    counts = "" if data["refcount"] is None else f", reference count {data['refcount']}"
    pins = f", {count(data['pins'], 'pin')}" if data["pins"] else ""
    octal = f"{where(data)} (octal {split(data['address'])})"
    return f"{octal}: {data['words']}{frame}{counts}{pins}{_in_vma(data)}"


def _in_vma(data: dict[str, Any]) -> str:
    return f", in {data['vma']}" if data["vma"] else ""

