"""Where things go: the small means that the pictures' order comes from."""

from itertools import pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from gupkit.draw import layout, style

WIDTHS = st.lists(st.integers(1, 300).map(float), min_size=1, max_size=60)


def test_a_tall_parent_pushes_what_follows_down() -> None:
    """A node taller than its children starts where it may, its children at its middle, the next below it."""
    children = {"root": ["tall", "next"], "tall": ["a"], "next": []}
    heights = {"root": 10.0, "tall": 100.0, "a": 10.0, "next": 10.0}
    tops, bottom = layout.tree_rows(children, "root", heights, 5, 20)
    assert (tops["tall"], tops["a"], tops["next"], bottom) == (20, 65, 125, 135)


def test_trees_may_stand_at_the_top() -> None:
    """Not centred, a parent begins where its first child begins."""
    children = {"root": ["a", "b"]}
    tops, _ = layout.tree_rows(children, "root", dict.fromkeys(("root", "a", "b"), 10.0), 5, 0, centred=False)
    assert tops == {"a": 0, "b": 15, "root": 0}


@given(WIDTHS)
def test_flows_keep_order_and_room(widths: list[float]) -> None:
    """Boxes stay in order, within the room unless one alone is wider, in line, and apart."""
    placed = layout.flow(widths, 500, 40, 5)
    assert all((row, x) < (later, x2) for (row, x), (later, x2) in pairwise(placed))
    for width, (_, x) in zip(widths, placed, strict=True):
        assert x == 0 or x + width <= 500
        assert x % 45 == 0
    for (width, (row, x)), (_, (later, x2)) in pairwise(zip(widths, placed, strict=True)):
        assert later > row or x2 >= x + width + 5


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 50)), max_size=40))
def test_settled_boxes_never_meet(wishes: list[tuple[int, int]]) -> None:
    """Whatever is wished for, boxes of a column are apart by the gap, and none is above the top."""
    tops, bottom = layout.settle([(i, float(y), float(h)) for i, (y, h) in enumerate(wishes)], 3, 10)
    boxes = sorted((tops[i], tops[i] + h) for i, (_, h) in enumerate(wishes))
    assert all(after - end >= 3 - 1e-9 for (_, end), (after, _) in pairwise(boxes))
    assert bottom == (boxes[-1][1] if boxes else 10)
    assert all(top >= 10 for top, _ in boxes)


def test_who_has_no_wish_goes_to_the_end() -> None:
    """Boxes without a wish follow the others, as they came."""
    tops, _ = layout.settle([("x", inf, 10.0), ("y", inf, 10.0), ("a", 50.0, 10.0)], 0, 0)
    assert tops == {"a": 45, "x": 55, "y": 65}


@given(st.text(alphabet="ab ", max_size=80), st.integers(1, 200))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    """Lines are no wider than the room, as long as a character fits, and hold every letter in order."""
    lines = layout.wrap(text, room, 10)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(style.text_width(line, 10, mono=False) <= max(room, 7) for line in lines)


@given(st.text(min_size=1, max_size=80), st.integers(1, 200))
def test_shortened_text_fits_and_keeps_its_ends(text: str, room: int) -> None:
    """What does not fit is cut in the middle; what fits stays as it is."""
    short = layout.shorten(text, room, 10)
    assert len(short) == 1 or style.text_width(short, 10) <= room + 1e-9
    assert short == text or len(short) < len(text)
    assert short[0] == text[0]
