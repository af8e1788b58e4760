"""matplotlib paints the same shapes, into the axes one gives it, as that ecosystem expects."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from gupkit.draw import Line, Rect, Scene, Text, bands, frames, page_map, page_table, style
from gupkit.errors import GupkitError
from tests.draw.machines import change, flat, full_tree, small

ROOT = Path(__file__).parents[2]


def scenes() -> list[Scene]:
    """Pictures with changes, pins, folds and every kind of line."""
    machine, changed = small(), change()
    return [
        page_table(machine, changed=changed), page_map(machine, changed=changed), frames(machine, changed=changed),
        page_table(flat(600)), page_map(flat(600)),
    ]  # fmt: skip


def painted(ax: Axes, kind: type) -> int:
    """How many outlines the axes' collections of exactly this kind hold."""
    return sum(len(c.get_paths()) for c in ax.collections if type(c) is kind)


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.title)
def test_both_backends_paint_the_same_shapes(scene: Scene) -> None:
    """Boxes with their corners, lines with their bands, and texts: as many as the scene has, in both backends."""
    ax = scene.plot()
    rects = [s for s in scene.shapes if isinstance(s, Rect)]
    patterns = sum(len(bands.segments(style.STYLES[r.style].band, r.x, r.y, r.height)) for r in rects)
    lines = sum(isinstance(s, Line) for s in scene.shapes)
    labels = sum(bool(r.label) for r in rects) + sum(isinstance(s, Text) for s in scene.shapes)
    assert painted(ax, PolyCollection) == len(rects) + sum(r.changed for r in rects)
    assert painted(ax, LineCollection) == lines + patterns + sum(r.many for r in rects)
    assert len(ax.texts) == labels
    svg = scene.svg()
    assert svg.count("<rect ") == len(rects)
    assert svg.count("<polyline ") == lines + sum(r.many for r in rects)


def test_texts_are_the_same_words() -> None:
    """matplotlib writes what the SVG writes."""
    scene = page_map(small())
    texts = [s.label for s in scene.shapes if isinstance(s, Rect) and s.label]
    texts += [s.text for s in scene.shapes if isinstance(s, Text)]
    assert sorted(text.get_text() for text in scene.plot().texts) == sorted(texts)


def test_without_matplotlib_one_line_names_the_svg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where matplotlib is not installed, a figure is refused in words, and the SVG is drawn all the same."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    scene = page_map(small())
    with pytest.raises(GupkitError, match="no matplotlib here"):
        scene.plot()
    assert scene.svg().startswith("<svg")


def test_a_look_is_one_collection() -> None:
    """341 nodes take a few collections, not a patch each."""
    ax = page_table(full_tree(4), fold=False).plot()
    assert len(ax.collections) <= 30
    assert len(ax.patches) == 0


def test_given_axes_are_used_and_returned() -> None:
    """``ax=`` is painted into, with the aspect kept and text scaled to its room."""
    figure = Figure(figsize=(4, 4))
    ax = figure.add_subplot()
    scene = page_table(small())
    assert scene.plot(ax=ax) is ax
    assert ax.get_aspect() == 1.0
    wide = scene.plot()
    assert ax.texts[0].get_fontsize() < wide.texts[0].get_fontsize()


def test_a_new_figure_has_the_size_of_the_picture() -> None:
    """Without axes, 100 px are an inch, and a px of text is 0.72 points."""
    scene = page_table(small())
    ax = scene.plot()
    assert tuple(ax.figure.get_size_inches() * 100) == pytest.approx((scene.width, scene.height))
    assert ax.texts[0].get_fontsize() == pytest.approx(style.SIZE * 0.72)


def test_pyplot_keeps_no_figure() -> None:
    """Outside a notebook, thirty pictures leave no figure open behind them."""
    before = sys.modules.get("matplotlib.pyplot")
    for _ in range(30):
        page_table(small()).plot()
    assert before is not None or "matplotlib.pyplot" not in sys.modules
    if before is not None:
        assert before.get_fignums() == []


def test_a_notebook_shows_the_figure(tmp_path: Path) -> None:
    """Under IPython the figure is pyplot's, which the notebook shows at the end of the cell."""
    code = "from tests.draw.machines import small; import gupkit.draw as d; from matplotlib import pyplot; "
    code += "ax = d.page_table(small()).plot(); print(pyplot.get_fignums() == [ax.figure.number])"
    env = {**os.environ, "IPYTHONDIR": str(tmp_path), "MPLBACKEND": "agg"}
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True"], done.stderr


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_figures_are_exported_as_vectors(kind: str, start: bytes) -> None:
    """A figure is saved as SVG, PDF and PNG."""
    out = io.BytesIO()
    page_map(small(), changed=change()).plot().figure.savefig(out, format=kind)
    assert out.getvalue().startswith(start)


def test_the_dark_theme_is_dark() -> None:
    """``dark=True`` takes the dark paper, and light ink for free text."""
    ax = page_table(small()).plot(dark=True)
    assert ax.figure.get_facecolor() != page_table(small()).plot().figure.get_facecolor()
    assert style.DARK.ink in {text.get_color() for text in ax.texts}
