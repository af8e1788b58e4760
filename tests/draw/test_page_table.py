"""The page-table picture: its folding, its labels and its words; frames and timeline too."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gupkit.api import run
from gupkit.draw import Rect, Scene, frames, page_map, page_table, page_table_graph, timeline
from gupkit.errors import GupkitError
from gupkit.trace.snapshot import Frame, Process, Pte, Snapshot
from tests.draw.machines import BUF, HEAP, cached, change, flat, million, put, small, trace

ROOT = Path(__file__).parents[2]


def labels(scene: Scene) -> list[str]:
    """What stands in the boxes."""
    return [s.label for s in scene.shapes if isinstance(s, Rect)]


def test_a_picture_folds_itself_above_400_shapes() -> None:
    """Few entries are drawn one by one; many fold to at most 400 shapes; fold=False draws them all the same."""
    assert len(page_table(flat(100)).of(f"pte:P:{HEAP + 0x7000:#x}")) == 1
    for entries in (400, 513, 3000):
        assert len(page_table(flat(entries)).shapes) <= 400
    nodes = [s for s in page_table(flat(600), fold=False).shapes if getattr(s, "role", "") == "page"]
    assert len(nodes) == 600


def test_fold_true_folds_the_few_as_well() -> None:
    """``fold=True`` makes one box of like neighbours at any size, and says how many."""
    scene = page_table(cached(12), fold=True)
    assert "F 12 × P-??\n0–11 0o000–0o013" in labels(scene)
    assert any(isinstance(s, Rect) and s.many for s in scene.shapes)


def test_every_node_of_the_graph_is_a_box() -> None:
    """The picture has one box for each node of the graph, under its key."""
    keys = [s.key for s in page_table(small()).shapes if isinstance(s, Rect) and s.role not in ("legend", "pinned")]
    assert keys == list(page_table_graph(small()))


@pytest.mark.parametrize(("base", "label"), [("oct", "A 359 0o547\nPWDA pfn 12"), ("hex", "A 359 0x167\nPWDA pfn 12")])
def test_indices_are_split_as_a_reader_would(base: str, label: str) -> None:
    """An entry's index stands there in decimal and in the base asked for."""
    assert label in labels(page_table(small(), base=base))


def test_an_unknown_base_is_refused() -> None:
    """A base that there is not is answered with those that there are."""
    with pytest.raises(GupkitError) as wrong:
        page_table(small(), base="bin")
    assert str(wrong.value) == "no base 'bin' for the indices of a page table: take oct or hex"


def test_headings_tell_the_address_bits() -> None:
    """Each column says which bits of the address chose what stands in it."""
    texts = [s.text for s in page_table(small()).shapes if s.role == "heading"]
    assert texts[::2] == ["pgd", "pud", "pmd", "pte", "page"]
    assert texts[1::2] == ["root", "bits 47–39", "bits 38–30", "bits 29–21", "bits 20–12"]


def test_the_legend_explains_what_is_used_and_nothing_else() -> None:
    """Each state in the picture is explained once, in words; others are not."""
    scene = page_table(small())
    used = {s.style for s in scene.shapes if isinstance(s, Rect) and s.role != "legend"}
    assert {s.style for s in scene.shapes if isinstance(s, Rect) and s.role == "legend"} == used


def test_the_description_tells_the_facts() -> None:
    """Tables, entries, addresses in octal, frames, pins and regions are in the words."""
    words = page_table(small(), changed=change()).description
    assert "Process P has 1 pgd table, 2 pud tables, 2 pmd tables, 2 pte tables." in words
    assert "7 entries are in use" in words
    assert f"{BUF:#x} (octal 376:110:642:547+0000): present, writable, dirty, accessed, page frame 12" in words
    assert "1 pin, in buf." in words
    assert f"Changed in this step: {BUF:#x}, {BUF + 0x4000:#x}." in words
    assert "No entry is in use." in page_table(Snapshot(processes={"P": Process("P")})).description


def test_the_description_of_many_is_short() -> None:
    """Of hundreds of entries a dozen are told, and how many more there are."""
    words = page_table(flat(300)).description
    assert "more are drawn." in words
    assert len(words) < 3_000


def test_runs_of_like_tables_tell_their_number() -> None:
    """Seven full tables are one box and their entries another, which say so in words as well."""
    pgd: dict[int, Any] = {}
    for i in range(512 * 7):
        put(pgd, i << 12, Pte(present=True, write=True))
    scene = page_table(Snapshot(processes={"P": Process("P", pgd=pgd)}))
    assert "7 tables alike\n0–6 0o000–0o006" in labels(scene)
    assert "P 512 × PW??\n0–511 0o000–0o777" in labels(scene)
    assert "512 entries alike, in each of 7 tables: present, writable" in scene.description


def test_around_opens_a_large_table() -> None:
    """The entries near an address are drawn one by one in an otherwise folded picture."""
    address = 0x7F0000000000 + (700 << 21) + 0x14000
    scene = page_table(million(), around=address)
    assert len(scene.of(f"pte:big:{address:#x}")) == 1
    assert len(scene.shapes) <= 400


def test_one_key_for_one_thing_in_every_picture() -> None:
    """A page, a frame and a pin have the same key wherever they are drawn."""
    tree, pages, grid = (
        {s.key for s in scene.shapes if isinstance(s, Rect)}
        for scene in (page_table(small()), page_map(small()), frames(small()))
    )
    assert {f"pte:P:{BUF:#x}", f"pte:P:{BUF + 0x1000:#x}"} <= tree & pages
    assert {"frame:0", "frame:12", "frame:77"} <= pages & grid


def test_a_million_pages_are_few_shapes() -> None:
    """Tree and map of a process with 2,000 VMAs and a million pages: at most 400 shapes."""
    machine = million()
    for draw in (page_table, page_map):
        scene = draw(machine)
        assert len(scene.shapes) <= 400
        assert "1,000,000" in scene.description or "pages present" in scene.description


def test_drawing_svg_loads_neither_matplotlib_nor_numpy() -> None:
    """SVG pictures need networkx at most, and importing the room not even that."""
    code = (
        "import sys, gupkit.draw as d; from gupkit.trace.snapshot import Process, Snapshot\n"
        "assert 'networkx' not in sys.modules\n"
        "d.page_table(Snapshot(processes={'P': Process('P')})).svg(); d.page_map(Snapshot()).svg()\n"
        "print([m for m in ('matplotlib', 'numpy', 'ipywidgets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_frames_show_every_frame_and_its_count() -> None:
    """The grid has each frame in use with its count taken apart, freed ones that are pinned, and the free."""
    scene = frames(small(), changed=change())
    assert {"A pfn 12: count 2", "D pfn 21: count 3 ≠", "! pfn 77: free"} <= set(labels(scene))
    assert "Frame 12: anonymous page, references 2 = 1 map + 1 pin." in scene.description
    assert "Frame 77: freed, yet pointed at: free, yet held by late." in scene.description
    assert [s.text for s in scene.shapes if s.role == "free"] == ["100 frames free"]
    assert [s.key for s in scene.shapes if isinstance(s, Rect) and s.changed] == ["frame:12"]
    assert "Changed in this step: 12." in scene.description


def test_frames_fold_their_like() -> None:
    """A thousand frames alike are one box; a thousand that alternate are still at most 400 shapes."""
    alike = Snapshot(frames={i: Frame(i, "anon", 1, 1) for i in range(1000)})
    assert "A 1,000 frames 0–999, each count 1" in labels(frames(alike))
    mixed = Snapshot(frames={i: Frame(i, "anon", 1 + i % 2, 1, i % 2) for i in range(1000)})
    scene = frames(mixed)
    assert len(scene.shapes) <= 400
    assert [s.label for s in frames(mixed, fold=False).of("frame:7")] == ["A pfn 7: count 2"]


def test_the_timeline_has_each_event_in_the_column_of_its_task() -> None:
    """Events stand in order from top to bottom, each task's in one column, interrupting ones moved right."""
    scene = timeline(trace(30), at=12)
    boxes = [s for s in scene.shapes if isinstance(s, Rect) and s.role == "event"]
    assert [b.key for b in boxes] == [f"event:{i}" for i in range(30)]
    assert [b.y for b in boxes] == sorted(b.y for b in boxes)
    assert len({b.x for b in boxes}) == 2
    assert [b.key for b in boxes if b.changed] == ["event:11"]
    assert {b.style for b in boxes if b.key in ("event:0", "event:11")} == {"injected"}
    assert "Marked: follow_page by Q at clock 3." in scene.description
    assert [s.text for s in scene.shapes if s.role == "step"] == ["1. P: mmap make a region", "2. P: gup"]


def test_the_timeline_names_an_op_once() -> None:
    """The text of a scenario's step begins with its op, and so the heading is that text alone."""
    scene = timeline(run("invalidate"))
    assert [s.text for s in scene.shapes if s.role == "step"][2] == "3. P: gup pins A[0]"
    assert "Step 3, P: gup pins A[0], " in scene.description


@pytest.mark.parametrize("events", [300, 2_000, 20_000])
def test_a_long_timeline_folds(events: int) -> None:
    """Thousands of events are at most 400 shapes, and every event is in one of the boxes."""
    scene = timeline(trace(events), at=5)
    assert len(scene.shapes) <= 400
    keys = [s.key.removeprefix("event:") for s in scene.shapes if isinstance(s, Rect) and s.role == "event"]
    assert sum(int(key.partition("+")[2] or 1) for key in keys) == events


def test_repeated_events_fold_first() -> None:
    """``fold=True`` makes one box of an event that repeats, with its number."""
    assert "2 × follow_page" in labels(timeline(trace(12), fold=True))
