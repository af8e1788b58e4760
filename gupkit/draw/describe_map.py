"""The page map in sentences, and the tooltip of each of its nodes."""

from __future__ import annotations

from typing import Any

from gupkit.draw import style
from gupkit.draw.describe import LISTED, split
from gupkit.draw.states import count
from gupkit.trace.snapshot import Lock, Snapshot

KINDS = (
    ("vma", "VMA", "VMAs"), ("frame", "page frame", "page frames"), ("cache", "page cache slot", "page cache slots"),
    ("swap", "swap slot", "swap slots"), ("pin", "pin", "pins"),
)


def page_map(graph: Any, snapshot: Snapshot) -> str:
    """What the page map shows: the numbers, then each VMA, pin and frame, the first dozen of each in full."""
    found = {kind: [n for n, d in graph.nodes(data=True) if d["kind"] == kind] for kind, _, _ in KINDS}
    totals = [
        count(sum(graph.nodes[n]["count"] for n in found[kind]), one, many) for kind, one, many in KINDS if found[kind]
    ]
    processes = ", ".join(graph.graph["processes"]) or "none"
    about = [snapshot.about] if snapshot.about else []
    sentences = [*about, f"Processes: {processes}.", f"{', '.join(totals)}." if totals else "Nothing is mapped."]
    for kind in ("vma", "frame", "pin"):
        sentences += [f"{node(graph, n)}." for n in found[kind][:LISTED]]
        if len(found[kind]) > LISTED:
            sentences.append(f"{len(found[kind]) - LISTED:,} more of these are drawn.")
    for name in graph.graph["processes"]:
        process = snapshot.processes[name]
        faults = f"{count(process.min_flt, 'minor fault')}, {count(process.maj_flt, 'major fault')}"
        held = f"mmap_sem {lock(process.mmap_sem)}; " if snapshot.locks_known else ""
        sentences.append(f"{name}: {held}{faults}.")
    changed = [n for n, data in graph.nodes(data=True) if data["changed"]]
    if changed:
        sentences.append(f"Changed in this step: {', '.join(changed[:LISTED])}.")
    if graph.graph["gone"]:
        sentences.append(f"Gone in this step: {', '.join(graph.graph['gone'][:LISTED])}.")
    if snapshot.free is not None:
        sentences.append(f"{count(snapshot.free, 'frame')} free.")
    return " ".join(sentences)


def lock(held: Lock) -> str:
    """Who holds an mmap_sem and who waits.

    >>> lock(Lock(readers=("P",), waiters=("Q",)))
    'held for reading by P; Q waits'
    """
    if held.writer is not None:
        words = f"held for writing by {held.writer}"
    else:
        words = f"held for reading by {', '.join(held.readers)}" if held.readers else "free"
    return f"{words}; {', '.join(held.waiters)} waits" if held.waiters else words


def node(graph: Any, key: str) -> str:
    """One node of a page-map graph in words."""
    data = graph.nodes[key]
    tell = {"vma": _vma, "page": _page, "frame": _frame, "cache": _cache, "swap": _swap, "pin": _pin}
    return tell[data["kind"]](graph, key, data)


def _vma(graph: Any, key: str, data: dict[str, Any]) -> str:
    pages = [graph.nodes[page] for page, _ in graph.in_edges(key)]
    present = sum(_present(page) for page in pages)
    what = f"VMA {data['name']}" if data["count"] == 1 else f"{data['count']:,} VMAs from {data['name']}"
    backing = f", {data['file']} from page {data['pgoff']}" if data["file"] and data["count"] == 1 else ""
    sharing = "shared" if data["shared"] else "private"
    how = f"{data['prot']} {sharing}, " if data["count"] == 1 else ""
    return (
        f"{what} of {data['process']}, {data['start']:#x} to {data['end']:#x}: {how}{present:,} of "
        f"{count(data['pages'], 'page')} present{backing}"
    )


def _present(page: dict[str, Any]) -> int:
    if page["tally"]:
        return sum(n for state, n in page["tally"].items() if state not in ("hole", "swap"))
    return 0 if page["state"] in ("hole", "swap") else int(page["count"])


def _page(graph: Any, key: str, data: dict[str, Any]) -> str:
    if data["tally"]:
        kinds = ", ".join(style.counted(pages, state) for state, pages in data["tally"].items())
        return f"{data['process']} {data['address']:#x} to {data['end']:#x}: {kinds}"
    if data["count"] > 1:
        return f"{data['process']} {data['address']:#x} to {data['end']:#x}: {data['count']:,} pages: {data['words']}"
    frame = "" if data["pfn"] is None else f", page frame {data['pfn']}"
    return f"{data['process']} {data['address']:#x} (octal {split(data['address'])}): {data['words']}{frame}"


def _frame(graph: Any, key: str, data: dict[str, Any]) -> str:
    words = style.STYLES[data["state"]].words
    if data["count"] > 1:
        return f"{count(data['count'], 'page frame')} from {data['pfn']}, each: {words}, references {data['words']}"
    flags = f", flags {' '.join(data['flags'])}" if data["flags"] else ""
    byte = "" if data["byte"] is None else f", first byte {data['byte']}"
    return f"Page frame {data['pfn']}: {words}, references {data['words']}{flags}{byte}"


def _cache(graph: Any, key: str, data: dict[str, Any]) -> str:
    last = f" to {data['index'] + data['count'] - 1}" if data["count"] > 1 else ""
    return f"Page cache of {data['file']}, page {data['index']}{last}: {style.STYLES[data['state']].words}"


def _swap(graph: Any, key: str, data: dict[str, Any]) -> str:
    if data["count"] > 1:
        return f"{data['count']:,} swap slots from {data['slot']} on"
    return f"Swap slot {data['slot']}, first byte {data['byte']}"


def _pin(graph: Any, key: str, data: dict[str, Any]) -> str:
    if data["count"] > 1:
        return f"Pin {data['name']} and {data['count'] - 1:,} more hold {count(data['count'], 'page frame')}"
    freed = ", which is free" if any(graph.nodes[f]["state"] == "freed" for f in graph.successors(key)) else ""
    why = " for writing" if data["write"] else ""
    by = f" of {data['process']}" if data["process"] else ""
    return f"Pin {data['name']}{by} holds page frame {data['pfn']}{why}{freed}"
