"""The VMA strip: every mapping in address order, the gaps, each page's cell, and folding."""


import pytest

from gupkit.draw import Rect, Scene, Text, vma_strip
from gupkit.errors import GupkitError
from gupkit.trace.snapshot import Process, Snapshot, Vma
from tests.draw.machines import BUF, cached, change, flat, million, small


def boxes(scene: Scene, role: str) -> list[Rect]:
    """The boxes of a role, in the order of drawing."""
    return [s for s in scene.shapes if isinstance(s, Rect) and s.role == role]


def test_pieces_stand_in_address_order_and_touch() -> None:
    """VMA, gap, VMA: each begins where the one before ends, and each border has its address below it."""
    scene = vma_strip(small())
    pieces = [s for s in scene.shapes if isinstance(s, Rect) and s.role in ("vma", "gap")]
    assert [p.key for p in pieces] == ["vma:P:0x400000", "gap:P:0x404000", f"vma:P:{BUF:#x}"]
    assert [p.x + p.width for p in pieces[:-1]] == [p.x for p in pieces[1:]]
    borders = [s for s in scene.shapes if isinstance(s, Text) and s.role == "border"]
    assert [b.text for b in borders] == ["0x400000", "0x404000", f"{BUF:#x}", f"{BUF + 0x6000:#x}"]
    assert [b.x for b in borders[:3]] == [p.x for p in pieces]


def test_each_page_is_a_cell_with_its_letter() -> None:
    """The letters tell the states in order, absent pages included; keys are the pages'; pins have their bar."""
    scene = vma_strip(small())
    cells = boxes(scene, "page")
    assert "".join(c.label for c in cells) == "FDN-AASZ--"
    assert cells[4].key == f"pte:P:{BUF:#x}"
    assert [b.key for b in boxes(scene, "pinned")] == ["pte:P:0x402000", f"pte:P:{BUF:#x}"]


def test_mappings_that_touch_have_no_gap() -> None:
    """What mprotect split stands side by side: three VMAs and nothing unmapped."""
    parts = tuple(Vma(0x1000 * i, 0x1000 * (i + 1), ("READ",) * (i != 2)) for i in (1, 2, 3))
    scene = vma_strip(Snapshot(processes={"P": Process("P", 1, parts)}))
    assert len(boxes(scene, "vma")) == 3
    assert boxes(scene, "gap") == []


def test_changes_are_marked() -> None:
    """Of a difference the changed VMA and the changed pages are marked, also one that is gone."""
    scene = vma_strip(small(), changed=change())
    marked = [s.key for s in scene.shapes if isinstance(s, Rect) and s.changed]
    assert marked == [f"vma:P:{BUF:#x}", f"pte:P:{BUF:#x}", f"pte:P:{BUF + 0x4000:#x}"]
    assert f"Changed in this step: {BUF:#x}, {BUF:#x}, {BUF + 0x4000:#x}." in scene.description


def test_a_long_mapping_folds_to_runs() -> None:
    """1,200 pages of mixed kinds are at most 400 shapes; pages that are alike are one cell which counts them."""
    assert len(vma_strip(flat(1_200)).shapes) <= 400
    cells = boxes(vma_strip(cached(300), fold=True), "page")
    assert [c.label for c in cells] == ["F × 300"]
    assert cells[0].key == "pte:P:0x7f1200000000+300"


def test_a_million_pages_are_a_small_picture() -> None:
    """2,000 VMAs are grouped, and the picture is not tall."""
    scene = vma_strip(million())
    assert len(scene.shapes) <= 400
    assert scene.height <= 900
    assert sum(int(p.key.partition("+")[2] or 1) for p in boxes(scene, "vma")) == 2_000


def test_parts_of_one_file_are_grouped_first() -> None:
    """Of many VMAs, those of one library are drawn as one before strangers are put together."""
    vmas, address = [], 0x1000
    for number in range(12):
        for _ in range(15):
            vmas.append(Vma(address, address + 0x1000, ("READ",), "", f"lib{number}.so"))
            address += 0x1000
        address += 0x10000
    scene = vma_strip(Snapshot(processes={"P": Process("P", 1, tuple(vmas))}))
    heads = [s.text for s in scene.shapes if isinstance(s, Text) and s.role == "vma" and s.bold]
    assert heads == [f"lib{number}.so" for number in range(12)]


def test_words() -> None:
    """The description tells each VMA, the gap, and what is present."""
    words = vma_strip(small()).description
    assert "Process P has 2 VMAs." in words
    assert "text, 0x400000 to 0x404000: r-- shared, 3 of 4 pages present, disk.txt from page 0" in words
    assert "Then 127.1 TiB are unmapped" in words
    cell = boxes(vma_strip(small()), "page")[4]
    assert cell.tooltip.startswith("P 0x7f1234567000 (octal 376:110:642:547+0000): present, writable, dirty, accessed")


def test_nothing_mapped() -> None:
    """A process without a mapping is a picture that says so; a process that is not there is refused."""
    empty = Snapshot(processes={"P": Process("P", 1)})
    assert "Nothing is mapped." in [s.text for s in vma_strip(empty).shapes if isinstance(s, Text)]
    with pytest.raises(GupkitError, match="no process 'Z'"):
        vma_strip(empty, "Z")
