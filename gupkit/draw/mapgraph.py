"""VMAs, virtual pages, frames, page cache, swap and pins of a snapshot as a networkx graph."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from gupkit.draw.mappages import Frames, Page, chunks
from gupkit.draw.mapread import Reading, read
from gupkit.draw.states import pte_words, vma_name, vma_state
from gupkit.draw.vmagroups import grouped, pages_shown
from gupkit.trace.snapshot import PAGE_SHIFT, Pin, Snapshot, Vma

if TYPE_CHECKING:
    from networkx import DiGraph


_MANY = 1 << 60


def page_map_graph(
    snapshot: Snapshot,
    process: str | None = None,
    fold: bool = False,
    *,
    most_pages: int | None = None,
    most_vmas: int | None = None,
    changed: Any = None,
    opened: Collection[str] = (),
) -> DiGraph[str]:
    """Who maps, caches, swaps and pins what, for one process or (None) all.

    ``fold`` makes one node of like neighbours (pages of a VMA, frames, page cache slots). With ``most_pages`` a VMA
    shows at most that many page nodes, a file as many slots, and so does swap; with ``most_vmas`` a process that many
    VMA nodes, by grouping neighbours that differ; and all frames in one state are one node, and so are the pins that
    hold the same node. ``opened`` are keys of folded nodes whose parts are nodes (see :mod:`gupkit.draw.opened`).
    ``changed`` is a ``Diff`` or None: what it names is marked, and ``fold`` alone leaves it unfolded.

    Nodes are the keys of :mod:`gupkit.draw.scene`; every node has ``kind``, ``state`` (a name in ``style.STYLES``),
    ``count`` (how many things it stands for) and ``changed``, and by kind:

    * ``vma``: ``process``, ``start``, ``end``, ``name``, ``prot``, ``shared``, ``file``, ``pgoff``, ``pages``;
    * ``page`` (virtual): ``process``, ``address``, ``end``, ``letters``, ``words``, ``tally``, ``pfn``, ``swap``;
    * ``frame``: ``pfn``, ``pfns``, ``refcount``, ``mapcount``, ``pins``, ``flags``, ``byte``, ``words`` (the count
      taken apart);
    * ``cache``: ``file``, ``index``; ``swap``: ``slot``, ``byte``; ``pin``: ``name``, ``pfn``, ``process``, ``write``.

    Edges have ``kind``: ``belongs`` (page to its VMA), ``maps`` (page to frame), ``caches`` (cache slot to frame),
    ``swaps`` (page to its slot, slot to the frame in the swap cache), ``pins`` (pin to frame).

    The graph itself has ``processes``, ``changed_locks`` (names of processes) and ``gone``: keys of what changed and
    is there no more (only when all processes are shown).

    Raises :class:`gupkit.errors.GupkitError` for a process that the snapshot does not have.

    >>> from gupkit.trace.snapshot import Frame, Pin, Snapshot
    >>> s = Snapshot(frames={7: Frame(7, "anon", 1, 0, 1)}, pins=(Pin("pins[0]", 7),))
    >>> list(page_map_graph(s).edges(data="kind"))
    [('pin:pins[0]', 'frame:7', 'pins')]
    """
    coarse = most_pages is not None or most_vmas is not None
    return graph_of(read(snapshot, process, fold or coarse, changed, opened=opened), most_pages, most_vmas)


def graph_of(reading: Reading, most_pages: int | None = None, most_vmas: int | None = None) -> DiGraph[str]:
    """The graph of what was read, folded as :func:`page_map_graph` says."""
    import networkx

    about = reading.snapshot.about
    graph: DiGraph[str] = networkx.DiGraph(processes=reading.names, about=about, kind="page map")
    builder = _Builder(reading, graph)
    graph.graph["changed_locks"] = frozenset(getattr(reading.changed, "locks", ()))
    builder.pages(most_pages, most_vmas)
    builder.frames()
    builder.caches()
    builder.swap()
    builder.pins()
    graph.graph["gone"] = builder.gone()
    return graph


class _Builder:
    def __init__(self, reading: Reading, graph: Any) -> None:
        self.reading, self.snapshot, self.names, self.only = reading, reading.snapshot, reading.names, reading.only
        self.fold, self.graph, changed = reading.fold, graph, reading.changed
        self.changed_frames = changed.frames if changed is not None else frozenset()
        self.changed_vmas = changed.vmas if changed is not None else frozenset()
        self.changed_cache = changed.cache if changed is not None else frozenset()
        self.changed_pins = frozenset(_names(changed.pins)) if changed is not None else frozenset()
        self.changed_swap = frozenset(changed.swap) if changed is not None else frozenset()
        self.boxes = Frames(self.snapshot)
        self.most = _MANY
        self.coarse = False
        """Not only what is alike is one node."""
        self.slot_keys: dict[int, str] = {}

    def pages(self, most_pages: int | None, most_vmas: int | None) -> None:
        """VMAs and their pages; decides which frames share a box."""
        vmas, frames = self.reading.vmas, self.snapshot.frames
        self.most = most_pages or _MANY
        self.coarse = most_pages is not None or most_vmas is not None
        self.slot_keys = {slot: key for key, slots in self._slots().items() for slot in slots}
        mapped: dict[int, list[Page]] = {}
        for page in (p for lists in vmas.values() for pages in lists for p in pages):
            pfn = _pfn(page)
            if pfn is not None and (pfn in frames or (frames and not self.reading.thinned)):
                mapped.setdefault(pfn, []).append(page)
        self.boxes.zeros = frozenset(pfn for pfn, by in mapped.items() if any(page.state == "zero" for page in by))
        self._box(mapped)
        for name in vmas:
            for group in grouped(self.reading, name, most_vmas):
                self._add_vmas(name, group, most_pages or _MANY)

    def _box(self, mapped: dict[int, list[Page]]) -> None:
        pins = [pin.pfn for pin in self.snapshot.pins if not self.only or pin.process in self.names]
        pfns = set(mapped) | set(pins)
        if self.only:
            files = {vma.file for name in self.names for vma in self.snapshot.processes[name].vmas}
            pfns |= {f.pfn for f in self.snapshot.frames.values() if f.file in files and f.cached}
        else:
            pfns |= set(self.snapshot.frames)
        if self.coarse:
            self.boxes.by_state(list(pfns), frozenset(pins))
        elif self.fold:
            self.boxes.together(list(pfns), mapped, frozenset(pins) | self.changed_frames)
        else:
            self.boxes.alone(sorted(pfns))

    def _add_vmas(self, name: str, lists: list[list[Page]], most: int) -> None:
        first, last = lists[0][0].vma, lists[-1][0].vma
        key = f"vma:{name}:{first.start:#x}" + (f"+{len(lists)}" if len(lists) > 1 else "")
        pages = [page for pages in lists for page in pages]
        total = sum(page.count for page in pages)
        self.graph.add_node(key, **_vma(name, first, last, len(lists), total), changed=self._vma_changed(name, lists))
        for page in pages_shown(self.reading, lists, most, self._frame_box):
            self._add_page(page, key)
        self._add_page_edges(key, pages)

    def _frame_box(self, page: Page) -> int | None:
        pfn = _pfn(page)
        return None if pfn is None else self.boxes.leader.get(pfn)

    def _vma_changed(self, name: str, lists: list[list[Page]]) -> bool:
        return any((name, pages[0].vma.start) in self.changed_vmas for pages in lists)

    def _add_page(self, page: Page, vma: str) -> None:
        pte = page.pte
        self.graph.add_node(
            page.key, kind="page", state=page.state, count=page.count, changed=page.changed, process=page.process,
            address=page.address, end=page.address + (page.count << PAGE_SHIFT), tally=page.tally,
            letters=pte.letters if pte else "----", words=pte_words(pte, page.count) if pte else "nothing mapped",
            pfn=_pfn(page), swap=pte.swap if pte else None,
        )
        self.graph.add_edge(page.key, vma, kind="belongs", changed=False)

    def _add_page_edges(self, vma: str, pages: list[Page]) -> None:
        """From each page node of ``vma`` to the frames and swap slots of the pages that it stands for."""
        nodes = [(node, self.graph.nodes[node]["end"]) for node, _ in self.graph.in_edges(vma)]
        place = 0
        for page in pages:
            while page.address >= nodes[place][1]:
                place += 1
            key, pfn = nodes[place][0], _pfn(page)
            if pfn in self.boxes.leader:
                self._edge(key, self.boxes.key(pfn), "maps", page.changed)
            slot = page.pte.swap if page.pte is not None and page.state == "swap" else None
            if slot is not None and slot in self.slot_keys:
                self._edge(key, self.slot_keys[slot], "swaps", page.changed)

    def _edge(self, source: str, target: str, kind: str, changed: bool) -> None:
        before = self.graph.has_edge(source, target) and self.graph.edges[source, target]["changed"]
        self.graph.add_edge(source, target, kind=kind, changed=changed or before)

    def frames(self) -> None:
        """A node for each box of frames."""
        for leader, members in self.boxes.members.items():
            frame = self.snapshot.frames.get(leader)
            self.graph.add_node(
                self.boxes.key(leader), kind="frame", state=self.boxes.state(leader), count=len(members),
                changed=any(pfn in self.changed_frames for pfn in members), pfn=leader, pfns=tuple(members),
                refcount=frame.refcount if frame else 0, mapcount=frame.mapcount if frame else 0,
                pins=frame.pins if frame else 0, flags=frame.flags if frame else (),
                byte=frame.byte if frame else None, words=self.boxes.words(leader),
            )

    def caches(self) -> None:
        """The page cache slots of every file whose frames are shown."""
        for file in self.snapshot.files.values():
            slots = [(i, pfn) for i, pfn in sorted(file.cache.items()) if pfn in self.boxes.leader]
            runs = _slot_runs(file.name, slots, self.boxes if self.fold else None, self.changed_cache)
            if len(runs) > self.most:
                runs = chunks(slots, self.most)
            for run in runs:
                self._add_slots(file.name, run)

    def _add_slots(self, file: str, run: list[tuple[int, int]]) -> None:
        index = run[0][0]
        key = f"file:{file}:{index}" + (f"+{len(run)}" if len(run) > 1 else "")
        changed = any((file, i) in self.changed_cache for i, _ in run)
        states = {self.boxes.state(pfn) for _, pfn in run}
        state = states.pop() if len(states) == 1 else "group"
        self.graph.add_node(key, kind="cache", state=state, count=len(run), changed=changed, file=file, index=index)
        for i, pfn in run:
            self._edge(key, self.boxes.key(pfn), "caches", (file, i) in self.changed_cache)

    def swap(self) -> None:
        """The swap slots in use, and the frames in the swap cache."""
        caching = {f.swap: f.pfn for f in self.snapshot.frames.values() if f.swap is not None}
        for key, slots in self._slots().items():
            # An edge from a page may have made the node already; it still lacks its attributes.
            if key in self.graph or not self.only:
                changed, byte = not self.changed_swap.isdisjoint(slots), self.snapshot.swap[slots[0]]
                self.graph.add_node(
                    key, kind="swap", state="swap", count=len(slots), changed=changed, slot=slots[0], byte=byte
                )
                for slot in slots:
                    if caching.get(slot) in self.boxes.leader:
                        self._edge(key, self.boxes.key(caching[slot]), "swaps", slot in self.changed_swap)

    def _slots(self) -> dict[str, list[int]]:
        """The swap slots that share a node, by its key."""
        slots = sorted(self.snapshot.swap)
        parts = chunks(slots, self.most if len(slots) > self.most else _MANY)
        return {f"swap:{part[0]}" + (f"+{len(part)}" if len(part) > 1 else ""): part for part in parts if part}

    def pins(self) -> None:
        """The pins and what they hold."""
        groups: dict[str, list[Pin]] = {}
        for pin in self.snapshot.pins:
            if pin.pfn in self.boxes.leader and (not self.only or pin.process in self.names):
                frame = self.boxes.key(pin.pfn)
                groups.setdefault(frame if self.coarse or "+" in frame else pin.name, []).append(pin)
        for pins in groups.values():
            self._add_pins(pins)

    def _add_pins(self, pins: list[Pin]) -> None:
        """A node for pins that hold frames of the same box; without folding, for one pin."""
        pin = pins[0]
        key = f"pin:{pin.name}" + (f"+{len(pins)}" if len(pins) > 1 else "")
        changed = any(one.name in self.changed_pins for one in pins)
        self.graph.add_node(
            key, kind="pin", state="pin", count=len(pins), changed=changed, name=pin.name, pfn=pin.pfn,
            process=pin.process, write=pin.write,
        )
        self.graph.add_edge(key, self.boxes.key(pin.pfn), kind="pins", changed=changed)

    def gone(self) -> tuple[str, ...]:
        """Keys of what changed and is there no more."""
        if self.reading.changed is None:
            return ()
        keys = [f"frame:{pfn}" for pfn in sorted(self.changed_frames) if pfn not in self.boxes.leader]
        keys += [f"file:{name}:{i}" for name, i in sorted(self.changed_cache) if not self._cached(name, i)]
        keys += [f"swap:{slot}" for slot in sorted(self.changed_swap) if slot not in self.snapshot.swap]
        pins = {pin.name for pin in self.snapshot.pins}
        keys += [f"pin:{name}" for name in sorted(self.changed_pins) if name not in pins]
        return tuple(keys) if not self.only else ()

    def _cached(self, name: str, index: int) -> bool:
        file = self.snapshot.files.get(name)
        return file is not None and index in file.cache


def _pfn(page: Page) -> int | None:
    """The frame that a page's entry points at (a PROT_NONE entry keeps its frame)."""
    pte = page.pte
    return pte.pfn if pte is not None and (pte.present or pte.protnone) else None


def _names(pins: Any) -> list[str]:
    """A ``Diff`` may name changed pins or hold them."""
    return [getattr(pin, "name", pin) for pin in pins]


def _vma(process: str, first: Vma, last: Vma, count: int, pages: int) -> dict[str, Any]:
    return {
        "kind": "vma", "state": vma_state(first), "count": count, "process": process, "start": first.start,
        "end": last.end, "name": vma_name(first), "prot": first.prot, "shared": first.shared, "file": first.file,
        "pgoff": first.pgoff, "pages": pages,
    }


def _slot_runs(
    file: str, slots: list[tuple[int, int]], boxes: Frames | None, changed: frozenset[tuple[str, int]]
) -> list[list[tuple[int, int]]]:
    """Slots as runs: neighbours whose frames share a box, where ``boxes`` are given."""
    runs: list[list[tuple[int, int]]] = []
    for index, pfn in slots:
        last = runs[-1][-1] if runs else None
        joins = (
            boxes is not None and last is not None and last[0] + 1 == index and (file, index) not in changed
            and (file, last[0]) not in changed and boxes.leader[last[1]] == boxes.leader[pfn]
        )
        if joins:
            runs[-1].append((index, pfn))
        else:
            runs.append([(index, pfn)])
    return runs
