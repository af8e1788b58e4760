"""The kit in a real browser: JupyterLab opens a notebook, runs it, and the explorer answers mouse and keyboard."""

import pytest

from tests.browser.conftest import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PARTS = "button, select, input, svg, table, ol"
TOO_WIDE = f"""(e, right) => [...e.querySelectorAll("{PARTS}")].filter(c => c.getBoundingClientRect().right > right)
    .map(c => c.outerHTML.slice(0, 200))"""
SCALE = """e => Math.min(...[...e.querySelectorAll('.gk-view svg')].filter(s => s.viewBox.baseVal?.width)
    .map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width).filter(scale => scale))"""
"""How large the smallest picture is drawn, against its own size."""

CHANGED = "([selector, old]) => document.querySelector(selector).innerHTML !== old"
MAP = ".gk-stage [data-view=page_map] > svg"
SAY = ".gk-stage .gk-line"


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
    reader.page.wait_for_selector(MAP, timeout=20_000)
    reader.picture("start-before")
    before, words = html(reader, MAP), toggle.inner_text()
    toggle.click()
    reader.page.wait_for_function(CHANGED, arg=[MAP, before], timeout=20_000)
    assert toggle.inner_text() != words
    assert {words, toggle.inner_text()} == {"FOLL_WRITE: on", "FOLL_WRITE: off"}
    assert reader.page.locator(MAP).first.get_attribute("role") == "img"
    reader.picture("start-after")
    assert reader.asked == [], "a request left this machine"


def test_the_keyboard_is_enough(reader: Reader) -> None:
    """Tab reaches the toggles and the steps, Space works them, and the words follow; the focus stays where it was."""
    reader.open("one-explorer.ipynb")
    reader.run_all()
    assert reader.errors() == []
    page = reader.page
    page.wait_for_selector(MAP, timeout=20_000)
    page.keyboard.press("Escape")
    tab_to(reader, "gk-FOLL_WRITE")
    before = html(reader, MAP)
    page.keyboard.press("Space")
    page.wait_for_function(CHANGED, arg=[MAP, before], timeout=20_000)
    assert page.evaluate("() => document.activeElement.textContent") == "FOLL_WRITE: off"
    tab_to(reader, "gk-event-back")
    for name in ("gk-event-back", "gk-event-forward"):
        if not page.evaluate(f"() => !!document.activeElement.closest('.{name}')"):
            tab_to(reader, name)
        said = html(reader, SAY)
        page.keyboard.press("Space")
        page.wait_for_function(CHANGED, arg=[SAY, said], timeout=20_000)
        assert page.evaluate(f"() => !!document.activeElement.closest('.{name}')")
    assert "Event " in page.locator(SAY).inner_text()
    reader.picture("keyboard")
    assert reader.asked == []


@pytest.mark.parametrize("width", [1200, 800])
def test_it_fits_the_page(reader: Reader, width: int) -> None:
    """At a laptop's and at half a screen's width nothing is cut off at the right, and pictures stay legible."""
    reader.page.set_viewport_size({"width": width, "height": 1000})
    reader.open("one-explorer.ipynb")
    reader.run_all()
    reader.page.keyboard.press("Control+B")
    reader.page.wait_for_selector(MAP, timeout=20_000)
    explorer = reader.page.locator(".gk-explorer")
    right = explorer.bounding_box()["x"] + explorer.bounding_box()["width"]
    assert not explorer.evaluate(TOO_WIDE, right + 2)
    assert explorer.evaluate(SCALE) >= 0.8
    reader.picture(f"width-{width}")
