"""Whatever is clicked in whichever order and however quickly: the page shows what Python has."""

import json
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import Lab, sat_down

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CELL = '''
import json, re
from dataclasses import replace
from html import escape, unescape
import ipywidgets
import gupkit as gk
from gupkit.scenario import Scenario

asking = Scenario.load("invalidate")
explorer = gk.widgets.Explorer(replace(asking, steps=tuple(replace(step, predict=None) for step in asking.steps)))
look, seen = ipywidgets.Button(description="look"), ipywidgets.HTML()
look.add_class("look"); seen.add_class("seen")
looks = 0

def key(markup):
    found = re.match(r'<[a-z]+[^>]* data-key="([^"]*)"', markup)
    return unescape(found[1]) if found else ""

def expected(model):
    """What a film that nobody has told before has of the reader's place."""
    film = model.films()[0]
    values = film.head()["values"]
    batch = film.shots(model.place, 1)
    values += batch["values"]
    (shot,) = batch["shots"]
    shapes = {lens.view: batch["pictures"][str(number)]["shapes"][::3] if number >= 0 else []
              for lens, number in zip(film.lenses, shot["views"]) if lens.process in ("", film.processes[0])}
    return {
        "drawing": False,
        "place": f"Event {model.place} of {len(model.trace) - 1}.",
        "views": {view: [key(values[number]) for number in numbers] for view, numbers in shapes.items()},
        "facts": [" ".join([head, *lines]) for head, lines in values[shot["facts"]]],
        "toggles": sorted(name for name in model.toggles if model.is_on(name)),
    }

def tell(_):
    global looks
    looks += 1
    told = {"looks": looks, **expected(explorer.model)}
    seen.value = f"<pre>{escape(json.dumps(told))}</pre>"

look.on_click(tell)
ipywidgets.VBox([ipywidgets.HBox([look, seen]), explorer])
'''
"""An explorer, and a button that tells what it should show."""

SHOWN = """() => {
    const one = (selector) => document.querySelector(selector);
    const all = (selector, from = document) => [...from.querySelectorAll(selector)];
    const keys = (name) => all(".gk-svg > *", one(`[data-view=${name}]`)).map((e) => e.dataset.key || "");
    const lines = (cell) => all("li", cell).map((li) => li.textContent).join(" ") || cell.textContent;
    const on = (button) => button.checkVisibility() && button.classList.contains("mod-active");
    const toggle = (button) => [...button.classList].find((name) => name.startsWith("gk-")).slice(3);
    return {
        drawing: Boolean(one(".gk-stage[data-drawing]") || one(".gk-waiting").textContent),
        place: one(".gk-where").textContent.match(/^Event .* of .*?[.]/)[0],
        views: Object.fromEntries(["page_map", "page_table", "vma_strip", "frames"].map((name) => [name, keys(name)])),
        facts: all("tr", one(".gk-stage .gk-facts")).map((row) => [...row.children].map(lines).join(" ")),
        toggles: all(".gk-explorer .widget-toggle-button:not(.gk-more)").filter(on).map(toggle).sort(),
    };
}"""

CLICK = "selector => document.querySelector(selector).click()"
CHOOSE = """([selector, share]) => {
    const found = document.querySelector(selector);
    found.selectedIndex = Math.floor(share * found.options.length);
    found.dispatchEvent(new Event("change", { bubbles: true }));
}"""
SCRUB = """share => {
    const slider = document.querySelector(".gk-slider");
    slider.value = String(Math.floor(share * slider.max));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""
TOGGLES = ("FOLL_WRITE", "FOLL_FORCE", "nonblocking", "vmas", "FOLL_TOUCH", "FOLL_NOWAIT")
MOVES = ("first", "step-back", "event-back", "event-forward", "step-forward", "last")
LISTS = ("era", "rights", "meanwhile", "beside", "base")


def do_anything(page: Page, chance: random.Random) -> str:
    """One thing that a reader could do; what it was."""
    kind = chance.choices(("toggle", "move", "list", "scrub", "reset"), (10, 6, 3, 3, 1))[0]
    if kind == "toggle":
        what = f".gk-{chance.choice(TOGGLES)}"
        page.evaluate(CLICK, what)
    elif kind == "move":
        what = f".gk-stage .gk-{chance.choice(MOVES)}"
        page.evaluate(CLICK, what)
    elif kind == "list":
        what = f".gk-{chance.choice(LISTS)} select"
        page.evaluate(CHOOSE, [what, chance.random()])
    elif kind == "scrub":
        what = "scrub"
        page.evaluate(SCRUB, chance.random())
    else:
        what = ".gk-reset"
        page.evaluate(CLICK, what)
    return what


def asked(page: Page, looks: int) -> dict[str, Any]:
    """What Python says that the page should show."""
    page.evaluate(CLICK, ".look")
    page.wait_for_function(
        f"() => document.querySelector('.seen').textContent.startsWith('{{\"looks\": {looks},')", timeout=30_000)
    return dict(json.loads(page.locator(".seen pre").text_content()))


def agreed(page: Page, looks: Iterator[int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Python has and what the page shows, as soon as they are the same; in the end as they are."""
    for _ in range(40):
        page.wait_for_timeout(250)
        told, shown = asked(page, next(looks)), page.evaluate(SHOWN)
        if all(told[part] == shown[part] for part in shown):
            break
    return {part: told[part] for part in shown}, shown


@pytest.mark.parametrize("bursts", [8, pytest.param(150, marks=pytest.mark.prove)])
def test_the_page_shows_what_python_has(browser: Browser, lab: Lab, artifacts: Path, bursts: int) -> None:
    """Bursts of clicks with pauses of any length between them; after each, all that is shown is right."""
    chance = random.Random(bursts)
    looks = count(1)
    with sat_down(browser, lab, artifacts) as reader:
        wrong: list[str] = []
        page = reader.page
        page.on("pageerror", lambda error: wrong.append(str(error)))
        reader.open("any-clicks.ipynb", [CELL])
        reader.run_all()
        page.wait_for_selector(".gk-stage .gk-svg")
        page.evaluate(CLICK, ".gk-more")
        page.wait_for_selector(".gk-FOLL_TOUCH")
        for burst in range(bursts):
            done = []
            for _ in range(chance.randint(1, 8)):
                done.append(do_anything(page, chance))
                page.wait_for_timeout(chance.choice((0, 0, 30, 120, 500, 1_200)))
            told, shown = agreed(page, looks)
            differs = {part: (told[part], shown[part]) for part in told if told[part] != shown[part]}
            assert differs == {}, (burst, done)
        assert wrong == []
