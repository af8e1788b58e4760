"""Folded boxes open: what was one becomes its parts, and nothing is lost or told twice."""

import pytest

from gupkit.draw import Rect, Scene, frames, page_map, page_table, page_table_graph, vma_strip
from gupkit.draw.opened import ONE_BY_ONE, PARTS, Box, boxes
from gupkit.trace.snapshot import Frame, Snapshot
from tests.draw.machines import cached, flat, million
from tests.draw.test_geometry import check


def folded(scene: Scene, kind: str) -> list[Rect]:
    """The boxes of a kind that stand for several things."""
    return [s for s in scene.shapes if isinstance(s, Rect) and s.many and s.key.startswith(kind)]


def spans(scene: Scene, kind: str) -> list[tuple[int, int]]:
    """First number and how many, of every box of a kind."""
    found = []
    for shape in scene.shapes:
        if isinstance(shape, Rect) and shape.key.startswith(kind) and shape.role != "pinned":
            first, _, many = shape.key.rpartition(":")[2].partition("+")
            found.append((int(first, 0), int(many or 1)))
    return sorted(set(found))


def test_a_run_opens_into_entries() -> None:
    """300 like entries are one box; opened they are sixteen or so; a part of those opened is single entries."""
    machine = cached(300)
    (run,) = folded(page_table(machine, fold=True), "pte:")
    parts = folded(page_table(machine, fold=True, opened=[run.key]), "pte:")
    assert PARTS / 2 <= len(parts) <= PARTS + 1
    assert sum(int(p.key.partition("+")[2]) for p in parts) == 300
    again = page_table(machine, fold=True, opened=[run.key, parts[3].key])
    assert len(folded(again, "pte:")) == len(parts) - 1
    check(again)
    start, many = int(parts[3].key.split(":")[2].partition("+")[0], 0), int(parts[3].key.partition("+")[2])
    assert many <= ONE_BY_ONE
    assert all(again.of(f"pte:P:{start + i * 4096:#x}") for i in range(many))


def test_a_group_of_tables_opens_into_tables() -> None:
    """Of a large process a box of many tables opens into parts, down to one table with its runs."""
    machine = million()
    opened: list[str] = []
    seen = [len(page_table(machine).shapes)]
    for _ in range(4):
        scene = page_table(machine, opened=opened)
        check(scene)
        groups = folded(scene, "table:big:pte")
        if not groups:
            break
        opened.append(max(groups, key=lambda g: int(g.key.partition("+")[2])).key)
        seen.append(len(page_table(machine, opened=opened).shapes))
    assert seen[-1] > seen[0]
    graph = page_table_graph(machine, fold=True, most=4, opened=["table:big:pte:0x7f0000000000+16"])
    apart = [n for n, d in graph.nodes(data=True) if d["level"] == "pte" and d["count"] == 1]
    assert {f"table:big:pte:{0x7F0000000000 + (i << 21):#x}" for i in range(16)} <= set(apart)


@pytest.mark.parametrize("draw", [vma_strip, page_map])
def test_a_group_of_vmas_opens_into_vmas(draw: object) -> None:
    """A box of many VMAs opens into parts; every VMA is still in exactly one box."""
    machine = million(600, 8)
    before = draw(machine)
    group = max(folded(before, "vma:") or [b for b in before.shapes if "vma:" in b.key and "+" in b.key],
                key=lambda b: int(b.key.partition("+")[2]))
    after = draw(machine, opened=[group.key])
    check(after)
    assert len(spans(after, "vma:")) > len(spans(before, "vma:"))
    assert sum(many for _, many in spans(after, "vma:")) == 600


@pytest.mark.parametrize("draw", [vma_strip, page_map])
def test_a_run_of_pages_opens(draw: object) -> None:
    """Twenty like pages that are one cell are twenty cells when opened, and neighbours stay folded."""
    scene = draw(cached(300), fold=True, opened=["pte:P:0x7f1200010000+20"])
    check(scene)
    found = spans(scene, "pte:")
    assert [many for first, many in found if 0x7F1200010000 <= first < 0x7F1200024000] == [1] * 20
    assert sum(many for _, many in found) == 300


def test_frames_open() -> None:
    """A thousand frames alike are one box, then sixteen or so, then single ones."""
    machine = Snapshot(frames={i: Frame(i, "anon", 1, 1) for i in range(1000)})
    assert spans(frames(machine), "frame:") == [(0, 1000)]
    parts = spans(frames(machine, opened=["frame:0+1000"]), "frame:")
    assert sum(many for _, many in parts) == 1000
    assert len(parts) == PARTS
    opened = ["frame:0+1000", "frame:63+20"]
    assert spans(frames(machine, opened=opened), "frame:").count((70, 1)) == 1
    check(frames(machine, opened=opened))


def test_what_cannot_be_opened_opens_nothing() -> None:
    """Keys of single things, of other processes and of nothing at all change no picture."""
    machine = flat(1_200)
    wrong = ["pte:P:0x7f1200000000", "pte:Q:0x7f1200000000+9", "pin:a+3", "", "rubbish+7", "vma:P:0x1+4", "frame:9+9"]
    for draw in (page_table, vma_strip, page_map, frames):
        assert draw(machine, opened=wrong).shapes == draw(machine).shapes
    assert [box.kind for box in boxes(wrong)] == ["pte", "vma", "frame"]
    assert Box("frame", "", "", 0, 33).part == 3
