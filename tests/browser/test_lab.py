"""The kit in a real browser: JupyterLab opens a notebook, runs it, and the explorer answers mouse and keyboard."""

import pytest

from tests.browser.conftest import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PARTS = "button, select, input, svg, table, ol"
RIGHT_EDGES = f"e => [...e.querySelectorAll('{PARTS}')].map(c => c.getBoundingClientRect().right)"
SCALE = """e => Math.min(...[...e.querySelectorAll('svg')]
    .map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width))"""
"""How large the smallest picture is drawn, against its own size."""

CHANGED = "([selector, old]) => document.querySelector(selector).innerHTML !== old"


def html(reader: Reader, selector: str) -> str:
    """What an element holds now."""
    return reader.page.locator(selector).first.inner_html()


def tab_to(reader: Reader, name: str) -> int:
    """Press Tab until the control with class ``name`` has the focus; how often."""
    inside = f"() => !!document.activeElement.closest('.{name}')"
    for pressed in range(1, 120):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate(inside):
            return pressed
    return pytest.fail(f"Tab never reaches .{name}")


def test_the_first_notebook_runs_and_a_toggle_changes_the_picture(reader: Reader) -> None:
    """JupyterLab runs the first notebook without an error, and clicking FOLL_WRITE draws another picture."""
    reader.open("00-start-here.ipynb")
    reader.run_all()
    assert reader.errors() == []
    toggle = reader.page.locator(".gk-FOLL_WRITE").first
    toggle.scroll_into_view_if_needed()
    reader.picture("start-before")
    before, words = html(reader, ".gk-page-map"), toggle.inner_text()
    toggle.click()
    reader.page.wait_for_function(CHANGED, arg=[".gk-page-map", before], timeout=20_000)
    assert toggle.inner_text() != words
    assert {words, toggle.inner_text()} == {"FOLL_WRITE: on", "FOLL_WRITE: off"}
    assert 'role="img"' in html(reader, ".gk-page-map")
    reader.picture("start-after")
    assert reader.asked == [], "a request left this machine"


def test_the_keyboard_is_enough(reader: Reader) -> None:
    """Tab reaches the toggles and the steps, Space works them, and the words follow; the focus stays where it was."""
    reader.open("one-explorer.ipynb")
    reader.run_all()
    assert reader.errors() == []
    page = reader.page
    page.wait_for_selector(".gk-explorer .gk-line", timeout=20_000)
    page.keyboard.press("Escape")
    tab_to(reader, "gk-FOLL_WRITE")
    before = html(reader, ".gk-page-map")
    page.keyboard.press("Space")
    page.wait_for_function(CHANGED, arg=[".gk-page-map", before], timeout=20_000)
    assert page.evaluate("() => document.activeElement.textContent") == "FOLL_WRITE: off"
    tab_to(reader, "gk-event-back")
    for name in ("gk-event-back", "gk-event-forward"):
        said = html(reader, ".gk-say")
        page.keyboard.press("Space")
        page.wait_for_function(CHANGED, arg=[".gk-say", said], timeout=20_000)
        assert page.evaluate(f"() => !!document.activeElement.closest('.{name}')")
        page.keyboard.press("Tab")
    assert "Event " in page.locator(".gk-say").inner_text()
    reader.picture("keyboard")
    assert reader.asked == []


@pytest.mark.parametrize("width", [1200, 800])
def test_it_fits_the_page(reader: Reader, width: int) -> None:
    """At a laptop's and at half a screen's width nothing is cut off at the right, and pictures stay legible."""
    reader.page.set_viewport_size({"width": width, "height": 1000})
    reader.open("one-explorer.ipynb")
    reader.run_all()
    reader.page.keyboard.press("Control+B")
    reader.page.wait_for_selector(".gk-explorer svg", timeout=20_000)
    explorer = reader.page.locator(".gk-explorer")
    right = explorer.bounding_box()["x"] + explorer.bounding_box()["width"]
    assert max(explorer.evaluate(RIGHT_EDGES)) <= right + 2
    assert explorer.evaluate(SCALE) >= 0.8
    reader.picture(f"width-{width}")
