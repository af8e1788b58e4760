"""What a reader waits for, in a real Chromium: a toggle's new picture in JupyterLab, and a step of a long run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
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
from .toggle import called

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OTHERS = ("FOLL_FORCE", "nonblocking", "vmas", "FOLL_TOUCH")
"""Toggles that are set differently before each measured one, so that it is always a run that nobody has seen yet."""
LOOKS = 500
"""Milliseconds that the reader looks at a picture before the next click."""
FRAME = 1000 / 60

BARE = """
import ipywidgets
bare, word = ipywidgets.ToggleButton(description="bare"), ipywidgets.HTML("off")
bare.add_class("bare"); word.add_class("word")
bare.observe(lambda change: setattr(word, "value", f"<b>{change['new']}</b>"), "value")
ipywidgets.HBox([bare, word])
"""
"""What any toggle costs here: a button of the library and one word that Python changes."""

TOGGLE = """([control, around, shown, chosen]) => new Promise((done) => {
    const start = performance.now();
    const watch = new MutationObserver((changes) => {
        if (!changes.some(({ target }) => target.closest(shown))) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
    });
    watch.observe(document.querySelector(around), { childList: true, subtree: true });
    const found = document.querySelector(control);
    if (chosen === undefined) return found.click();
    found.selectedIndex = chosen;
    found.dispatchEvent(new Event("change", { bubbles: true }));
})"""
"""Milliseconds from the click, or from another entry of a list, to the frame in which the window shows what came of it.
"""
OURS, STOCK = (".gk-FOLL_WRITE", ".gk-pictures", "svg"), (".bare", ".word", "*")
RIGHTS = ".gk-rights select", ".gk-pictures", "svg"
"""What no explorer prepares."""

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


def toggles(browser: Browser, lab: Lab, folder: Path) -> tuple[list[tuple[float, float]], list[float]]:
    """Milliseconds of each toggle of FOLL_WRITE, and of a bare one after it; then of other rights in the region."""
    show = f"import gupkit as gk\ngk.widgets.Explorer({json.dumps(called(121))})"
    with sat_down(browser, lab, folder) as reader:
        reader.open("toggles.ipynb", [show, BARE])
        reader.run_all()
        reader.page.wait_for_timeout(3_000)
        return list(one_explorer(reader)), list(other_rights(reader.page))


def one_explorer(reader: Reader) -> Iterator[tuple[float, float]]:
    """Every way to set the others; in each, FOLL_WRITE is switched once, and then the bare one."""
    page = reader.page
    explorer = page.locator(".gk-explorer")
    explorer.locator(".gk-more").click()
    explorer.evaluate("e => e.scrollIntoView()")  # the toggles on top, the pictures below
    for setting in range(1, 1 << len(OTHERS)):
        changed = setting ^ setting >> 1 ^ (setting - 1) ^ (setting - 1) >> 1
        explorer.locator(f".gk-{OTHERS[changed.bit_length() - 1]}").click()
        page.wait_for_timeout(LOOKS)
        ours = page.evaluate(TOGGLE, OURS)
        page.wait_for_timeout(LOOKS)
        yield ours, page.evaluate(TOGGLE, STOCK)


def other_rights(page: Page) -> Iterator[float]:
    """Everything else that can be chosen to be allowed in the region, one after the other."""
    for entry in range(1, page.locator(f"{RIGHTS[0]} option").count()):
        page.wait_for_timeout(LOOKS)
        yield page.evaluate(TOGGLE, [*RIGHTS, entry])


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
    """Two for the toggle, one for what is not prepared, one for the keys."""
    with tempfile.TemporaryDirectory() as made, chromium(path_of_chromium()) as browser:
        notebooks, home = Path(made, "notebooks"), Path(made, "home")
        notebooks.mkdir()
        home.mkdir()
        with serving(notebooks, home) as lab:
            clicks, rights = toggles(browser, lab, Path(made))
        toggled, bare = zip(*clicks, strict=True)
        pressed = keys(browser.new_page(), Path(made))
    against = f"a click (a bare button: {median(bare):.0f} ms)"
    yield _row("toggle, picture of 121 nodes, median", against, median(toggled), 100, toggled)
    yield _row("toggle, picture of 121 nodes, p95", against, quantiles(toggled, n=20)[-1], 150, toggled)
    # not prepared: as much slower as a run and its message are
    yield _row("other rights, median", against, median(rights), 150, rights)
    yield _row("a step of a thousand, p95", "its key, two frames", quantiles(pressed, n=20)[-1], 2 * FRAME, pressed)


def _row(what: str, against: str, measured: float, bound: float, all_of_them: Sequence[Any]) -> Row:
    detail = f"{len(all_of_them)} of them, {min(all_of_them):.0f} to {max(all_of_them):.0f} ms"
    return Row(what, against, measured, "<=", bound, unit="ms", detail=detail)
