"""Two pictures as one."""

from gupkit import run
from gupkit.draw import Text, page_map, side_by_side
from tests.draw.test_geometry import check


def test_two_kernels_side_by_side() -> None:
    """Every shape of both is there, nothing meets, the names stand above, and the words tell which is which."""
    old, new = (page_map(run("read-pin-write", era)[-1], width=600) for era in ("2.6.39", "6.18"))
    both = side_by_side(old, new, ("Linux 2.6.39", "Linux 6.18"))
    check(both)
    assert len(both.shapes) == len(old.shapes) + len(new.shapes) + 2
    assert both.width >= old.width + new.width
    assert [s.text for s in both.shapes if isinstance(s, Text) and s.role == "side"] == ["Linux 2.6.39", "Linux 6.18"]
    assert both.description == f"Linux 2.6.39: {old.description} Linux 6.18: {new.description}"
    key = next(shape.key for shape in old.shapes if shape.key.startswith("pte:"))
    assert len(both.of(key)) == len(old.of(key)) + len(new.of(key))


def test_without_names_there_is_no_heading() -> None:
    """Names are optional, and then take no room."""
    scene = page_map(run("leak")[-1])
    both = side_by_side(scene, scene)
    assert both.height == scene.height
    assert not [s for s in both.shapes if s.role == "side"]
