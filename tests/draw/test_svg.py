"""SVG: well-formed, the same every time, alone in the world, readable by machines."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from gupkit.draw import Line, Rect, Scene, Text, frames, page_map, page_table, timeline
from gupkit.draw.svg import live
from tests.draw.machines import change, small, trace

SVG = "{http://www.w3.org/2000/svg}"


def pictures() -> list[Scene]:
    """One of each kind, with changes marked."""
    machine, changed = small(), change()
    return [
        page_table(machine, changed=changed), page_map(machine, changed=changed), frames(machine, changed=changed),
        page_map(machine, fold=True), timeline(trace(30), at=12),
    ]  # fmt: skip


def groups(svg: str) -> list[ElementTree.Element]:
    """The groups of a picture, one for each shape."""
    return ElementTree.fromstring(svg).findall(f"{SVG}g")


@pytest.mark.parametrize("scene", pictures(), ids=lambda scene: scene.title)
def test_one_group_for_each_shape(scene: Scene) -> None:
    """The SVG is well-formed XML and has a group with the right key for every shape."""
    assert [g.get("data-key", "") for g in groups(scene.svg())] == [shape.key for shape in scene.shapes]


@pytest.mark.parametrize("scene", pictures(), ids=lambda scene: scene.title)
def test_boxes_have_tooltip_and_role(scene: Scene) -> None:
    """Every box that stands for something says what, in a title and a role, and carries its role's name."""
    for group, shape in zip(groups(scene.svg()), scene.shapes, strict=True):
        if isinstance(shape, Rect):
            assert group.findtext(f"{SVG}title") == shape.tooltip != ""
            assert group.get("role") == "graphics-symbol"
            assert group.get("data-role") == shape.role


@pytest.mark.parametrize("scene", pictures(), ids=lambda scene: scene.title)
def test_the_picture_says_itself_in_words(scene: Scene) -> None:
    """The root is an image whose label has title and description, which is also its desc."""
    root = ElementTree.fromstring(scene.svg())
    assert root.get("role") == "img"
    assert scene.title in (root.get("aria-label") or "")
    assert scene.description in (root.get("aria-label") or "")
    assert root.findtext(f"{SVG}desc") == scene.description


@pytest.mark.parametrize("scene", pictures(), ids=lambda scene: scene.title)
def test_nothing_from_outside_and_no_ids(scene: Scene) -> None:
    """No picture loads anything, runs anything, or has an id that could meet another picture's."""
    svg = scene.svg()
    assert re.findall(r"https?://[^\s\"']+", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"\b(id|href|onload|onclick)=|<script|url\(|@import", svg)


def test_the_same_picture_is_the_same_text() -> None:
    """Two drawings of equal snapshots are equal to the byte."""
    assert [scene.svg() for scene in pictures()] == [scene.svg() for scene in pictures()]


def test_changes_are_marked_beyond_colour() -> None:
    """Each changed box has the attribute, a thick outline and a filled corner; no other has."""
    for scene in pictures():
        for group, shape in zip(groups(scene.svg()), scene.shapes, strict=True):
            if isinstance(shape, Rect):
                corners = [path for path in group.findall(f"{SVG}path") if path.get("class") == "corner"]
                assert len(corners) == int(shape.changed)
                assert (group.get("data-changed") == "true") == shape.changed
                if shape.changed:
                    assert "stroke-width:2.5" in (group.find(f"{SVG}rect").get("style") or "")


def test_markup_in_names_is_only_text() -> None:
    """Angle brackets, quotes and ampersands in a label, key or tooltip stay text."""
    nasty = '</svg><script>"&\'</script>'
    scene = Scene(90, 40, (Rect(1, 1, 80, 20, "anon", nasty, nasty, nasty, nasty), Text(1, 30, nasty)), nasty, nasty)
    root = ElementTree.fromstring(scene.svg())
    assert [element.text for element in root.iter(f"{SVG}text")] == [nasty, nasty]
    assert root.find(f"{SVG}g").get("data-key") == nasty


def test_a_changed_text_is_underlined() -> None:
    """A text that changed is underlined, which survives print."""
    svg = Scene(90, 40, (Text(1, 30, "mmap_sem", changed=True), Text(1, 10, "same")), "T", "D").svg()
    assert svg.count('text-decoration="underline"') == 1


def test_a_scene_shows_itself_in_a_notebook() -> None:
    """Jupyter finds HTML and SVG; both are the picture."""
    scene = pictures()[0]
    assert scene._repr_svg_() == scene.svg()
    assert scene.svg() in scene._repr_html_()


def test_both_themes_are_in_the_picture() -> None:
    """Page colours follow JupyterLab's theme, and the reader's preference where there is none."""
    svg = pictures()[0].svg()
    assert "--jp-layout-color0" in svg
    assert "prefers-color-scheme:dark" in svg


def test_texts_keep_their_anchor() -> None:
    """A text may stand left of, around or right of its point, and its box says so."""
    for anchor, left in (("start", 50.0), ("middle", 50 - 6.82), ("end", 50 - 13.64)):
        text = Text(50, 10, "ab", anchor=anchor, mono=True)
        assert text.box[0] == pytest.approx(left)
        assert (f'text-anchor="{anchor}"' in Scene(90, 20, (text,)).svg()) == (anchor != "start")


def test_names_that_xml_cannot_hold_do_not_break_the_picture() -> None:
    """Control characters and undecodable bytes of a file's name are replaced; the rest is kept."""
    name = "a\x00b\x1bc\udcffd"
    scene = Scene(90, 20, (Rect(0, 0, 80, 20, "file", name, "page", name, name), Text(0, 10, name)), name, name)
    root = ElementTree.fromstring(scene.svg().encode())
    assert {element.text for element in root.iter(f"{SVG}text")} == {"a\ufffdb\ufffdc\ufffdd"}


def test_live_shapes_are_the_same_wherever_they_stand() -> None:
    """Markup for a page does not tell place or change, so equal things have equal markup; the mark is there, hidden."""
    for scene in pictures():
        for shape in scene.shapes:
            markup, x, y = live(shape)
            if isinstance(shape, Line):
                assert (x, y) == shape.points[0]
            else:
                assert (x, y) == (shape.x, shape.y)
                assert live(replace(shape, x=x + 7, y=y + 9, changed=not shape.changed))[0] == markup
            assert "data-changed" not in markup
            assert ElementTree.fromstring(markup).tag == "g"
    assert 'class="corner"' in live(Rect(0, 0, 40, 20, "anon", "A"))[0]
    assert 'class="corner"' not in live(Rect(0, 0, 40, 4, "pin"))[0], "the bar of a pin is too thin for a corner"
