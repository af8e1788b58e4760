"""What a reader waits for, in a real Chromium: a toggle's new picture in JupyterLab, and a step of a long run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import gupkit as gk
from gupkit.errors import GupkitError
from gupkit.film.film import Film
from gupkit.film.page import html
from tests.browser.lab import Lab, Reader, sat_down, serving
from tests.browser.long_run import LONG
from tests.window import chromium
from tools.chromium import ADVICE, find_chromium

from .row import Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = 117
"""Four tables and so many entries are 121 nodes."""
CALLED = {
    "title": "many pages",
    "steps": [{"mmap": {"as": "A", "pages": PAGES}}, {"gup": {"as": "pins", "at": "A", "flags": ["WRITE"]}}],
}
OTHERS = ("FOLL_FORCE", "nonblocking", "vmas")
"""Toggles that are set differently before each measured one, so that it is always a run that nobody has made yet."""
ROUNDS = 3
FRAME = 1000 / 60

TOGGLE = """number => new Promise((done) => {
    const explorer = document.querySelectorAll(".gk-explorer")[number];
    const start = performance.now();
    const watch = new MutationObserver(() => {
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    });
    watch.observe(explorer.querySelector("[data-view=page_table] > svg"), { childList: true, subtree: true });
    explorer.querySelector(".gk-FOLL_WRITE").click();
})"""
"""Milliseconds from the click to the frame that shows the new page table."""

SCRUB = """async () => {
    const stage = document.querySelector(".gk-stage"), took = [];
    for (let i = 0; i < 1000; i += 1) {
        const start = performance.now();
        stage.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        took.push(performance.now() - start);
    }
    return [took, document.querySelector(".gk-slider").value];
}"""
"""Milliseconds from each of a thousand keys to the frame that shows the next place, and the last place."""


def path_of_chromium() -> str:
    """Where there is one. GupkitError if there is none."""
    path = find_chromium()
    if path is None:
        raise GupkitError(ADVICE)
    return path


def toggles(browser: Browser, lab: Lab, folder: Path) -> list[float]:
    """Milliseconds of each toggle of FOLL_WRITE."""
    show = f"import gupkit as gk\ngk.widgets.Explorer({json.dumps(CALLED)})"
    with sat_down(browser, lab, folder) as reader:
        reader.open("toggles.ipynb", [show] * ROUNDS)
        reader.run_all()
        reader.page.wait_for_timeout(3_000)
        return [time for number in range(ROUNDS) for time in one_explorer(reader, number)]


def one_explorer(reader: Reader, number: int) -> Iterator[float]:
    """Every way to set the others; in each, FOLL_WRITE is switched once."""
    page = reader.page
    explorer = page.locator(".gk-explorer").nth(number)
    explorer.scroll_into_view_if_needed()
    for setting in range(1, 1 << len(OTHERS)):
        changed = setting ^ setting >> 1 ^ (setting - 1) ^ (setting - 1) >> 1
        explorer.locator(f".gk-{OTHERS[changed.bit_length() - 1]}").click()
        page.wait_for_timeout(500)
        yield page.evaluate(TOGGLE, number)
        page.wait_for_timeout(500)


def keys(page: Page, folder: Path) -> list[float]:
    """Milliseconds of each of a thousand steps."""
    path = folder / "long.html"
    path.write_text(html([Film(gk.run(LONG))]), encoding="utf-8")
    page.goto(path.as_uri())
    page.locator(".gk-slider").fill("0")
    page.wait_for_timeout(500)
    took, place = page.evaluate(SCRUB)
    assert int(place) >= 1000
    return list(took)


def rows() -> Iterator[Row]:
    """Two for the toggle, one for the keys."""
    with tempfile.TemporaryDirectory() as made, chromium(path_of_chromium()) as browser:
        notebooks, home = Path(made, "notebooks"), Path(made, "home")
        notebooks.mkdir()
        home.mkdir()
        with serving(notebooks, home) as lab:
            toggled = toggles(browser, lab, Path(made))
        pressed = keys(browser.new_page(), Path(made))
    yield _row("toggle, picture of 121 nodes, median", "a click in JupyterLab", median(toggled), 100, toggled)
    yield _row("toggle, picture of 121 nodes, p95", "a click in JupyterLab", quantiles(toggled, n=20)[-1], 150, toggled)
    yield _row("a step of a thousand, p95", "its key, two frames", quantiles(pressed, n=20)[-1], 2 * FRAME, pressed)


def _row(what: str, against: str, measured: float, bound: float, all_of_them: list[Any]) -> Row:
    detail = f"{len(all_of_them)} of them, {min(all_of_them):.0f} to {max(all_of_them):.0f} ms"
    return Row(what, against, measured, "<=", bound, unit="ms", detail=detail)
