"""Pictures that read: nothing overlaps, nothing is cut off, at any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gupkit.draw import Line, Rect, Scene, frames, page_map, page_table, style, timeline, vma_strip
from tests.draw.machines import cached, change, flat, full_tree, label_boxes, million, overlaps, small, trace

SIZES = (0, 1, 2, 3, 7, 15, 40, 100, 121, 200, 341, 400, 511, 513, 1200)


def scenes(entries: int, width: float) -> list[Scene]:
    """Every picture of a machine with so many entries, folded by itself, and the tree unfolded as well."""
    machine, files = flat(entries), cached(min(entries, 300))
    return [
        page_table(machine, width=width), page_table(machine, fold=False, width=width), page_map(machine, width=width),
        page_map(files, width=width), page_map(files, fold=True, width=width), frames(files, width=width),
        page_table(files, fold=True, width=width), timeline(trace(entries + 4), 3, width=width),
        vma_strip(machine, width=width), vma_strip(files, fold=True, width=width),
    ]  # fmt: skip


def check(scene: Scene) -> None:
    """No two labels overlap, every label fits its box, and everything is inside the picture."""
    assert overlaps(label_boxes(scene)) == []
    for shape in scene.shapes:
        if isinstance(shape, Rect):
            assert shape.x >= 0
            assert shape.x + shape.width <= scene.width
            assert shape.y >= 0
            assert shape.y + shape.height <= scene.height
            assert style.text_width(shape.label) <= shape.width
        elif isinstance(shape, Line):
            assert all(0 <= x <= scene.width and 0 <= y <= scene.height for x, y in shape.points)
        else:
            left, top, right, bottom = shape.box
            assert left >= 0
            assert right <= scene.width
            assert top >= 0
            assert bottom <= scene.height


@pytest.mark.parametrize("width", [300, 960, 1600])
@pytest.mark.parametrize("entries", SIZES)
def test_nothing_overlaps_at_any_size(entries: int, width: float) -> None:
    """From nothing to 1,200 entries, on a phone, a page and a projector, no label meets another or the edge."""
    for scene in scenes(entries, width):
        check(scene)


@pytest.mark.parametrize("fold", [None, True, False])
@pytest.mark.parametrize("width", [300, 960, 1600])
def test_nothing_overlaps_in_a_machine_with_everything(width: float, fold: bool | None) -> None:
    """A machine with one thing in each state, changes marked, reads at every width and folding."""
    for changed in (None, change()):
        check(page_table(small(), fold=fold, changed=changed, width=width))
        check(page_map(small(), fold=fold, changed=changed, width=width))
        check(page_map(small(), "Q", fold=fold, changed=changed, width=width))
        check(frames(small(), fold=fold, changed=changed, width=width))
        check(vma_strip(small(), fold=fold, changed=changed, width=width))


@pytest.mark.parametrize("fan", [1, 2, 3, 4])
@pytest.mark.parametrize("base", ["oct", "hex"])
def test_trees_of_every_shape_are_tidy(fan: int, base: str) -> None:
    """Bushy trees of 5 to 341 nodes do not overlap either."""
    check(page_table(full_tree(fan), base=base))
    check(page_table(full_tree(fan), base=base, fold=False, width=1600))


@given(st.integers(1, 400), st.integers(0, 5))
def test_any_mixture_is_tidy(entries: int, seed: int) -> None:
    """Whatever lies side by side, the tree reads."""
    check(page_table(flat(entries, seed)))


def test_a_million_pages_are_tidy() -> None:
    """The pictures of a large process read as well."""
    machine = million()
    check(page_table(machine))
    check(page_table(machine, around=0x7F0000000000 + (700 << 21)))
    check(page_map(machine))
    check(vma_strip(machine))


def test_long_names_are_shortened() -> None:
    """A name as long as a path may be does not push anything out of the picture."""
    from dataclasses import replace

    machine = small()
    name = "x" * 300
    process = machine.processes["P"]
    vmas = tuple(replace(vma, name=name, file=name) for vma in process.vmas)
    pins = (replace(machine.pins[0], name=name),)
    crowded = replace(machine, processes={name: replace(process, name=name, vmas=vmas)}, pins=pins)
    for draw in (page_map, vma_strip, frames):
        check(draw(crowded))


def test_parents_stand_at_the_middle_of_their_children() -> None:
    """In a tidy tree a table is centred on the tables below it."""
    scene = page_table(full_tree(2))
    top = {s.key: s.y + s.height / 2 for s in scene.shapes if isinstance(s, Rect)}
    root, *children = (key for key in top if key.startswith(("table:P:pgd", "table:P:pud")))
    assert top[root] == sum(top[key] for key in children) / len(children)


def test_boxes_stand_in_columns() -> None:
    """Tables of one level share their left edge, and entries stand at a few places only."""
    scene = page_table(flat(100))
    edges = {s.x for s in scene.shapes if isinstance(s, Rect) and s.role == "page"}
    assert len(edges) <= 6
    for level in ("pgd", "pud", "pmd", "pte"):
        assert len({s.x for s in page_table(full_tree(3)).shapes if isinstance(s, Rect) and s.role == level}) == 1
