"""The page map: who maps, caches, swaps and pins what, and every count written out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

import gupkit as gk
from gupkit.draw import Line, Rect, Scene, frames, page_map, page_map_graph, page_table
from gupkit.draw.states import refcount_words
from gupkit.errors import GupkitError
from gupkit.trace.runs import Run, RunTable
from gupkit.trace.snapshot import Frame, Pin, Process, Pte, Snapshot, Vma
from tests.draw.machines import BUF, HEAP, cached, change, flat, million, put, small


def edges(graph: Any, kind: str) -> set[tuple[str, str]]:
    """The edges of one kind."""
    return {(one, other) for one, other, data in graph.edges(data=True) if data["kind"] == kind}


def test_every_relation_is_an_edge_of_its_kind() -> None:
    """The machine with everything has exactly these relations."""
    graph = page_map_graph(small())
    assert edges(graph, "maps") == {
        ("pte:P:0x400000", "frame:20"), ("pte:P:0x401000", "frame:21"), ("pte:P:0x402000", "frame:22"),
        (f"pte:P:{BUF:#x}", "frame:12"), (f"pte:P:{BUF + 0x1000:#x}", "frame:13"),
        (f"pte:P:{BUF + 0x3000:#x}", "frame:0"), (f"pte:Q:{BUF + 0x1000:#x}", "frame:13"),
    }  # fmt: skip
    assert edges(graph, "caches") == {(f"file:disk.txt:{i}", f"frame:{20 + i}") for i in range(4)}
    assert edges(graph, "swaps") == {(f"pte:P:{BUF + 0x2000:#x}", "swap:3"), ("swap:3", "frame:24")}
    assert edges(graph, "pins") == {
        ("pin:pins[0]", "frame:12"), ("pin:pins[1]", "frame:22"), ("pin:pins[2]", "frame:30"), ("pin:late", "frame:77"),
    }
    assert len(edges(graph, "belongs")) == 4 + 6 + 6


def test_absent_pages_are_there_as_holes() -> None:
    """Every page of every VMA is a node; those without an entry are holes."""
    graph = page_map_graph(small())
    holes = [n for n, data in graph.nodes(data=True) if data["state"] == "hole"]
    assert len(holes) == 1 + 2 + 5
    assert graph.nodes["pte:P:0x403000"]["words"] == "nothing mapped"


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame(1, "file", 3, 1, 1), "3 = 1 map + 1 cache + 1 pin"),
        (Frame(1, "anon", 4, 2, 1, swap=5), "4 = 2 maps + 1 swap cache + 1 pin"),
        (Frame(1, "anon", 1, 1, 2), "1 ≠ 1 map + 2 pins"),
        (Frame(1, "anon", 1025, 1, 1), "1025 = 1 map + 1 FOLL_PIN (1024)"),
        (Frame(1, "file", 2051, 1, 3), "2051 = 1 map + 1 cache + 1 pin + 2 FOLL_PIN (2048)"),
        (Frame(1, "anon", 1026, 1, 1), "1026 ≠ 1 map + 1 pin"),
        (Frame(1, "anon", 1024, 1, 0), "1024 ≠ 1 map"),
        (Frame(1, "anon", 0, 0, 0), "0 = 0"),
        (Frame(1, "anon", None, 1, 1), "1 map + 1 pin"),
        (Frame(1, "zero", 1, 0, 0), "not counted"),
        (Frame(1, "zero", 1, 0, 2), "2 pins, else not counted"),
    ],
)
def test_reference_counts_are_taken_apart(frame: Frame, words: str) -> None:
    """The count is mappings, cache, swap cache, pins, and 1024 for each FOLL_PIN, and a mismatch is told."""
    assert refcount_words(frame) == words
    assert page_map_graph(Snapshot(frames={1: frame})).nodes["frame:1"]["words"] == words


def test_a_freed_frame_that_a_pin_points_at_is_drawn() -> None:
    """A pin on a frame that is not in use, or that nobody counts any more, shows it as freed."""
    data = page_map_graph(small()).nodes["frame:77"]
    assert (data["state"], data["words"]) == ("freed", "free: nobody counted")
    wild = Snapshot(frames={5: Frame(5, "anon", 0, 0, 1)})
    assert page_map_graph(wild).nodes["frame:5"]["state"] == "freed"
    assert "Pin late holds page frame 77, which is free." in page_map(small()).description


def test_the_huge_page_of_zeros_is_no_freed_page() -> None:
    """Its 512 frames are nobody's and not counted: one box of zeros to which every entry leads that maps them."""
    k = gk.Kernel("6.18")
    p = k.spawn("P")
    for _ in range(2):
        a = k.mmap(p, pages=512)
        k.madvise(p, a, 512 * gk.PAGE_SIZE, "HUGEPAGE")
        k.load(p, a)
    graph = page_map_graph(gk.take_snapshot(k), fold=True)
    boxes = {n: d for n, d in graph.nodes(data=True) if d["kind"] == "frame" and d["count"] == 512}
    assert [(data["state"], data["words"]) for data in boxes.values()] == [("zero", "not counted")]
    assert graph.in_degree(next(iter(boxes))) == 2
    assert "freed" not in page_map(gk.take_snapshot(k)).svg()


def test_one_process_shows_what_concerns_it() -> None:
    """Asked for one process, frames, pins and swap slots of nobody else are left out."""
    graph = page_map_graph(small(), "Q")
    assert {n for n in graph if n.startswith(("frame:", "pin:", "swap:", "file:"))} == {"frame:13"}
    mine = page_map_graph(small(), "P")
    assert "pin:late" not in mine
    assert "frame:23" in mine, "the page cache of a file that P maps belongs to the picture"


def test_a_wrong_process_is_named() -> None:
    """A process that there is not is refused with the names of those that there are."""
    with pytest.raises(GupkitError) as wrong:
        page_map(small(), "R")
    assert "'R'" in str(wrong.value)


def test_changes_are_marked_and_the_gone_are_told() -> None:
    """What a difference names is marked in the picture, and what is gone is in its words."""
    scene = page_map(small(), changed=change())
    marked = {shape.key for shape in scene.shapes if shape.changed and isinstance(shape, Rect)}
    expected = {f"pte:P:{BUF:#x}", f"pte:P:{BUF + 0x4000:#x}", "frame:12", f"vma:P:{BUF:#x}", "file:disk.txt:1"}
    assert marked == expected | {"swap:3", "pin:pins[0]"}
    assert [shape.key for shape in scene.shapes if shape.changed and shape.role == "lock"] == ["lock:P"]
    assert "Gone in this step: frame:99, file:disk.txt:5, swap:4, pin:pins[9]." in scene.description


def test_like_neighbours_fold_in_all_columns() -> None:
    """A mapped and cached file of 64 pages is one page node, one frame node and one cache node, of 64 each."""
    graph = page_map_graph(cached(64), fold=True)
    counts = {data["kind"]: data["count"] for _, data in graph.nodes(data=True) if data["kind"] != "vma"}
    assert counts == {"page": 64, "frame": 64, "cache": 64}
    assert len(graph) == 4
    assert edges(graph, "caches") == {("file:f:0+64", "frame:0+64")}


def test_folding_stops_at_a_pin_and_at_a_change() -> None:
    """A pinned frame and a changed page keep nodes of their own among their like."""
    from gupkit.trace.diff import Diff

    machine = replace(cached(10), pins=(Pin("p", 3),))
    graph = page_map_graph(machine, fold=True, changed=Diff(frozenset({("P", HEAP + 0x7000)})))
    pages = [data["count"] for _, data in graph.nodes(data=True) if data["kind"] == "page"]
    assert pages == [3, 1, 3, 1, 2]
    assert "frame:3" in graph


@pytest.mark.parametrize(("pages", "vmas"), [(1, 1), (4, 2), (64, 64)])
def test_coarse_folds_count_every_page(pages: int, vmas: int) -> None:
    """However few nodes are allowed, the tallies tell every page of every VMA."""
    machine = million(20)
    graph = page_map_graph(machine, most_pages=pages, most_vmas=vmas)
    nodes = [data for _, data in graph.nodes(data=True)]
    told = sum(sum(d["tally"].values()) or d["count"] for d in nodes if d["kind"] == "page")
    assert told == 20 * 500
    assert sum(d["count"] for d in nodes if d["kind"] == "vma") == 20
    assert len([d for d in nodes if d["kind"] == "vma"]) <= vmas


def test_frames_of_one_state_fold_when_it_must_be_coarse() -> None:
    """With many frames that differ, all of one state are one node, and pinned ones stay apart."""
    graph = page_map_graph(small(), most_pages=1)
    anonymous = [d for _, d in graph.nodes(data=True) if d["kind"] == "frame" and d["state"] == "anon"]
    assert [d["pfns"] for d in anonymous] == [(12,), (13, 24)]


def test_pages_stand_in_address_order_and_frames_beside_them() -> None:
    """A VMA's pages go down by address, and a frame stands no higher than its first page allows."""
    boxes = {s.key: s for s in page_map(cached(6)).shapes if isinstance(s, Rect)}
    pages = [boxes[f"pte:P:{HEAP + (i << 12):#x}"].y for i in range(6)]
    middle = [boxes[f"frame:{i}"].y for i in range(6)]
    assert pages == sorted(pages)
    assert all(one < other for one, other in pairwise(middle))


def test_pins_are_drawn_at_the_frame_with_their_number() -> None:
    """A pinned frame has a bar at its foot whose tooltip counts the pins, and a line from each pin."""
    scene = page_map(small())
    bars = [s for s in scene.of("frame:12") if isinstance(s, Rect) and s.style == "pin"]
    assert [bar.tooltip for bar in bars] == ["pinned: 1 reference"]
    assert [line.style for line in scene.of("pin:pins[0]->frame:12")] == ["pins"]


def test_the_lock_is_told() -> None:
    """Who holds mmap_sem and who waits stands beside the process."""
    from gupkit.trace.snapshot import Lock

    held = Process("P", mmap_sem=Lock(writer="T2", waiters=("P",)))
    scene = page_map(Snapshot(processes={"P": held}))
    assert [s.text for s in scene.shapes if s.role == "lock"] == ["mmap_sem: held for writing by T2; P waits"]
    assert "mmap_sem held for writing by T2; P waits" in scene.description


def test_nobody_knows_the_lock_of_a_real_process() -> None:
    """/proc does not tell who holds a lock, so the picture of a live process does not call it free."""
    scene = page_map(Snapshot(processes={"P": Process("P")}, origin="live"))
    assert [s for s in scene.shapes if s.role == "lock"] == []
    assert "mmap_sem" not in scene.description


def test_a_page_in_a_slot_that_is_not_known_has_no_line() -> None:
    """A live process's swapped page, whose slot is not observable, is shown without a line."""
    pgd: dict[int, Any] = {}
    put(pgd, 0x1000, Pte(swapped=True))
    machine = Snapshot(processes={"P": Process("P", vmas=(Vma(0x1000, 0x2000),), pgd=pgd)})
    graph = page_map_graph(machine)
    assert edges(graph, "swaps") == set()
    assert graph.nodes["pte:P:0x1000"]["state"] == "swap"


def test_descriptions_count_and_name() -> None:
    """The words of the picture have the numbers, the names and the counts."""
    words = page_map(small()).description
    assert "3 VMAs, 10 page frames, 4 page cache slots, 1 swap slot, 4 pins." in words
    assert f"VMA buf of P, {BUF:#x} to {BUF + 0x6000:#x}: rw- private, 3 of 6 pages present." in words
    assert "Page frame 12: anonymous page, references 2 = 1 map + 1 pin" in words
    assert "100 frames free." in words
    assert "Nothing is mapped." in page_map(Snapshot()).description


@pytest.mark.parametrize("entries", [401, 500, 1200])
def test_folded_maps_tell_how_many(entries: int) -> None:
    """Above 400 shapes a map folds: at most 400, and the labels still count the pages."""
    scene = page_map(flat(entries))
    assert len(scene.shapes) <= 400
    assert f"of {entries:,} pages present" in scene.description


def test_a_map_that_is_small_but_crowded_folds_as_well() -> None:
    """Few pages with many lines are still too many shapes, and fold."""
    scene = page_map(cached(150))
    assert len(scene.shapes) <= 400
    assert any(isinstance(s, Rect) and s.many for s in scene.shapes)


def test_many_pins_are_one_box_with_their_number() -> None:
    """A thousand pinned pages still make a picture: their pins are one node, with a line to their frames."""
    machine = cached(1000)
    pinned = {pfn: replace(frame, refcount=3, pins=1) for pfn, frame in machine.frames.items()}
    pins = tuple(Pin(f"pins[{i}]", i, "P", HEAP + (i << 12)) for i in range(1000))
    scene = page_map(replace(machine, frames=pinned, pins=pins))
    assert len(scene.shapes) <= 400
    boxes = [s for s in scene.shapes if isinstance(s, Rect) and s.role == "pin"]
    assert [(b.key, b.label) for b in boxes] == [("pin:pins[0]+1000", "pins[0] and 999 more")]
    assert "Pin pins[0] and 999 more hold 1,000 page frames." in scene.description


class Counted(Mapping[int, Frame]):
    """Frames that count how many of them were made."""

    def __init__(self, frames: int) -> None:
        self.frames, self.made = frames, 0

    def __getitem__(self, pfn: int) -> Frame:
        if not 0 <= pfn < self.frames:
            raise KeyError(pfn)
        self.made += 1
        return Frame(pfn, "anon", 1, 1)

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.frames))

    def __len__(self) -> int:
        return self.frames


@pytest.mark.parametrize("draw", [page_table, page_map, frames])
def test_of_very_many_frames_few_are_made(draw: Callable[[Snapshot], Scene]) -> None:
    """Of a live process's frames only the pinned are looked at, and the picture says so."""
    table = RunTable([Run(0, 512, Pte(present=True), pfns=range(512))])
    process = Process("P", vmas=(Vma(0, 512 << 12),), pgd={0: {0: {0: table}}})
    many = Counted(1_000_000)
    scene = draw(Snapshot(processes={"P": process}, frames=many, pins=(Pin("late", 7),)))
    assert many.made == 1
    assert "Of 1,000,000 page frames only pinned and changed ones are looked at." in scene.description
    assert len(scene.shapes) <= 400


def test_a_page_of_a_frame_that_was_left_out_is_not_called_freed() -> None:
    """With very many frames, a mapped page whose frame is not drawn has no line, and no freed frame appears."""
    table = RunTable([Run(0, 512, Pte(present=True), pfns=range(512))])
    process = Process("P", vmas=(Vma(0, 512 << 12),), pgd={0: {0: {0: table}}})
    scene = page_map(Snapshot(processes={"P": process}, frames=Counted(10_000), pins=(Pin("late", 7),)))
    assert {s.style for s in scene.shapes if isinstance(s, Rect)}.isdisjoint({"freed"})
    assert len(scene.of("pin:late->frame:7")) == 1


@pytest.mark.parametrize("count", [300, 4_900])
def test_maps_of_mixed_frames_fold_to_400_shapes(count: int) -> None:
    """Thousands of frames that differ from their neighbours still make a picture of at most 400 shapes."""
    machine = cached(count)
    kinds = {pfn: replace(f, flags=("dirty",) if pfn % 3 else ()) for pfn, f in machine.frames.items()}
    assert len(page_map(replace(machine, frames=kinds)).shapes) <= 400


def test_many_swap_slots_are_few_boxes() -> None:
    """A thousand swapped pages: their slots are a few nodes that count them, and lines lead there."""
    pgd: dict[int, Any] = {}
    for i in range(1000):
        put(pgd, HEAP + (i << 12), Pte(swapped=True, swap=i))
    process = Process("P", vmas=(Vma(HEAP, HEAP + (1000 << 12), name="heap"),), pgd=pgd)
    machine = Snapshot(processes={"P": process}, swap=dict.fromkeys(range(1000), 7), frames={1: Frame(1, "anon", 1, 1)})
    scene = page_map(machine)
    assert len(scene.shapes) <= 400
    boxes = [s for s in scene.shapes if isinstance(s, Rect) and s.role == "swap"]
    assert sum(int(b.key.partition("+")[2] or 1) for b in boxes) == 1000
    assert {line.style for line in scene.shapes if isinstance(line, Line)} == {"swaps"}
    assert page_map(machine, "P").of(boxes[0].key) != ()


def test_many_pins_of_one_frame_are_one_box() -> None:
    """A hundred read pins of the page of zeros do not make the picture a hundred boxes tall."""
    steps = [{"mmap": {"as": "A", "pages": 117}}, {"gup": {"as": "pins", "at": "A"}}]
    scene = page_map(gk.run({"title": "zeros", "steps": steps})[-1])
    assert scene.height < 400
    (pin,) = [shape for shape in scene.shapes if isinstance(shape, Rect) and shape.role == "pin"]
    assert pin.label == "pins[0] and 116 more"
