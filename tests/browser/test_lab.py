"""The kit in a real browser: JupyterLab opens a notebook, runs it, and the explorer answers mouse and keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.lab import Lab, Reader, sat_down

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PARTS = "button, select, input, svg, table, ol"
TOO_WIDE = f"""(e, right) => [...e.querySelectorAll("{PARTS}")]
    .filter(c => c.checkVisibility() && c.getBoundingClientRect().right > right).map(c => c.outerHTML.slice(0, 200))"""
SCALE = """e => Math.min(...[...e.querySelectorAll('.gk-view svg')].filter(s => s.viewBox.baseVal?.width)
    .map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width).filter(scale => scale))"""
"""How large the smallest picture is drawn, against its own size."""

CHANGED = "([selector, old]) => document.querySelector(selector).innerHTML !== old"
SAY_CALL = ".gk-stage .gk-facts"
MAP = ".gk-stage [data-view=page_map] > svg"


def html(reader: Reader, selector: str) -> str:
    """What an element holds now."""
    return reader.page.locator(selector).first.inner_html()


def test_the_first_notebook_runs_and_a_toggle_changes_the_picture(reader: Reader) -> None:
    """JupyterLab runs the first notebook without an error, and clicking FOLL_WRITE draws another picture."""
    reader.open("00-start-here.ipynb")
    reader.run_all()
    assert reader.errors() == []
    toggle = reader.page.locator(".gk-FOLL_WRITE").first
    toggle.scroll_into_view_if_needed()
    reader.page.wait_for_selector(MAP)
    reader.picture("start-before")
    before, words = html(reader, MAP), toggle.inner_text()
    toggle.click()
    reader.page.wait_for_function(CHANGED, arg=[MAP, before])
    assert toggle.inner_text() != words
    assert {words, toggle.inner_text()} == {"FOLL_WRITE: on", "FOLL_WRITE: off"}
    assert reader.page.locator(MAP).first.get_attribute("role") == "img"
    reader.picture("start-after")
    assert reader.asked == [], "a request left this machine"


@pytest.fixture(scope="module")
def explorers(browser: Browser, lab: Lab, artifacts: Path) -> Iterator[Reader]:
    """A reader before a notebook of two explorers, which has run; its tests meet it in the order of this file."""
    with sat_down(browser, lab, artifacts) as reader:
        reader.open("explorers.ipynb")
        reader.run_all()
        reader.page.keyboard.press("Control+B")
        reader.page.keyboard.press("Escape")
        reader.page.wait_for_selector(MAP)
        yield reader


def test_it_fits_and_axe_finds_nothing(explorers: Reader) -> None:
    """At a laptop's and at half a screen's width nothing is cut off, pictures stay legible, and all can use it."""
    page = explorers.page
    found = Axe().run(page, context=".gk-explorer")
    assert found.violations_count == 0, found.generate_report()
    explorer = page.locator(".gk-explorer").first
    for width in (800, 1200):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(300)
        explorer.evaluate("e => e.querySelectorAll('details').forEach(d => { d.open = true; })")
        right = explorer.bounding_box()["x"] + explorer.bounding_box()["width"]
        assert explorer.evaluate(TOO_WIDE, right + 2) == []
        explorer.evaluate("e => e.querySelectorAll('details').forEach(d => { d.open = false; })")
        assert explorer.evaluate(SCALE) >= 0.8
        explorers.picture(f"width-{width}")


def test_every_control_answers(explorers: Reader) -> None:
    """Each control of the explorer, by mouse and by keyboard: pictures and words follow, the place and focus stay."""
    reader, page = explorers, explorers.page
    assert reader.errors() == []
    explorer = page.locator(".gk-explorer").first
    for name in ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas"):
        _toggled_by_both(reader, name)
    page.click(".gk-more")
    _toggled_by_both(reader, "FOLL_TOUCH")
    _chosen(reader, "base", "hexadecimal", "[data-view=page_table] > svg")
    _chosen(reader, "era", "6.18", ".gk-FOLL_LONGTERM", attribute=True)
    assert page.locator(".gk-FOLL_LONGTERM").is_visible()
    assert not page.locator(".gk-FOLL_MLOCK").is_visible()
    _chosen(reader, "beside", "Linux 2.6.39", ".gk-board")
    page.wait_for_selector("[data-view=page_map] figcaption:has-text('Linux 2.6.39')")
    reader.picture("side-by-side")
    _chosen(reader, "beside", "nothing", ".gk-board")
    _chosen(reader, "rights", "read private", SAY_CALL)
    assert "-EFAULT" in explorer.locator(SAY_CALL).inner_text()
    page.click(".gk-reset")
    page.wait_for_function(f"() => !document.querySelector('{SAY_CALL}').textContent.includes('-EFAULT')")
    _keys_are_the_explorers(reader)
    _strikes_by_slider(reader)
    _question_is_kept(reader)
    _folds_open(reader)
    assert reader.asked == []


def _toggled_by_both(reader: Reader, name: str) -> None:
    """A toggle by mouse and back by Space, which leaves the focus on it; its text tells the state."""
    page, made = reader.page, reader.page.locator(f".gk-{name}").first
    before = made.inner_text()
    made.click()
    page.wait_for_function(f"old => document.querySelector('.gk-{name}').textContent !== old", arg=before)
    page.keyboard.press("Space")
    page.wait_for_function(f"old => document.querySelector('.gk-{name}').textContent === old", arg=before)
    assert page.evaluate(f"() => !!document.activeElement.closest('.gk-{name}')")


def _chosen(reader: Reader, name: str, label: str, follows: str, attribute: bool = False) -> None:
    """An entry of a list is chosen, and something follows: its inside, or (``attribute``) the element itself."""
    look = "outerHTML" if attribute else "innerHTML"
    old = reader.page.evaluate(f"s => document.querySelector(s).{look}", follows)
    reader.page.locator(f".gk-{name} select").first.select_option(label=label)
    reader.page.wait_for_function(
        f"([s, old]) => document.querySelector(s).{look} !== old", arg=[follows, old])


def _keys_are_the_explorers(reader: Reader) -> None:
    """Arrow keys move the reader and not the notebook's selection, and Python is told where that is."""
    page = reader.page
    page.locator(".gk-first").first.click()
    page.focus(".gk-event-forward")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.focus(".gk-slider")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.gk-where').textContent.startsWith('Event 4 ')")
    _asked(page, "explorer.model.place, explorer.model.unit", "pre", "(4, 'event')")


def _asked(page: Page, code: str, element: str, says: str) -> None:
    """Ask Python in the notebook's last cell, again and again until it answers so.

    What a widget tells goes to another thread of the kernel than what a cell asks, and may come later.
    """
    page.locator(".jp-CodeCell").nth(3).locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(code)
    answer = page.locator(f".jp-OutputArea-output {element}", has_text=says)
    for _ in range(40):
        page.keyboard.press("Control+Enter")
        page.wait_for_timeout(500)
        if answer.count():
            return
    pytest.fail(f"{code} never came to {says}")


def _strikes_by_slider(reader: Reader) -> None:
    """What strikes is chosen from a list, when on the timeline itself: by arrow keys, from moment to moment."""
    page = reader.page
    page.locator(".gk-meanwhile select").first.select_option(label="munmap")
    page.wait_for_selector(".gk-strike:visible")
    slider = page.locator(".gk-strike").first
    where = slider.get_attribute("aria-valuetext")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "old => document.querySelector('.gk-strike').getAttribute('aria-valuetext') !== old", arg=where)
    page.wait_for_function("() => document.querySelector('.gk-sign[data-kind=waits]')")
    reader.picture("strikes")
    page.click(".gk-reset")
    page.wait_for_selector(".gk-strike", state="hidden")


def _question_is_kept(reader: Reader) -> None:
    """The answer to a step's question is in the learner's file, and the notebook shows it as progress."""
    page = reader.page
    page.locator(".gk-last").first.click()
    page.locator(".gk-ask .gk-choice").nth(1).click()
    page.locator(".gk-go-on").click()
    _asked(page, "gk.progress()", ".gupkit-progress", "1 right at the first guess")


def _folds_open(reader: Reader) -> None:
    """In a process's own memory a folded box opens by its button and by a double click, and folds again."""
    page = reader.page
    own = page.locator(".gk-explorer").nth(1)
    own.scroll_into_view_if_needed()
    folded = own.locator("[data-view=page_table] svg [data-key^='pte:'][data-key*='+']").first
    folded.click()
    own.locator(".gk-open:not([data-off])").wait_for()
    shapes = "document.querySelectorAll('.gk-explorer')[1].querySelectorAll('[data-view=page_table] svg > g').length"
    before = page.evaluate(f"() => {shapes}")
    own.locator(".gk-open").click()
    page.wait_for_function(f"old => {shapes} > old", arg=before)
    reader.picture("opened")
    own.locator("button.gk-fold").click()
    page.wait_for_function(f"old => {shapes} === old", arg=before)
