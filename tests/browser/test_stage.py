"""The page's side of the explorer, in a page that needs nobody: every control by mouse and by keyboard."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from gupkit import run
from gupkit.film.call import calls_of
from gupkit.film.film import Film
from gupkit.film.page import html
from gupkit.scenario import Scenario
from tests.browser.long_run import LONG
from tests.window import PATIENT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SAY = ".gk-line"
MAP = "[data-view=page_map] > svg"


PIN = replace(
    Scenario.load("fork-pin"), steps=tuple(replace(step, predict=None) for step in Scenario.load("fork-pin").steps)
)
"""A run that asks nothing."""


def film(source: Any, era: str | None = None) -> Film:
    """The film of a scenario, with its call told."""
    scenario = Scenario.load(source)
    trace = run(scenario, era)
    return Film(trace, call_at=calls_of(trace, {i: step.args for i, step in enumerate(scenario.steps)}))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of pages: one scenario with a question, one without, a long one, two kernels side by side."""
    folder = tmp_path_factory.mktemp("pages")
    made = {
        "leak": html([film("leak")]),
        "pin": html([film(PIN)]),
        "long": html([film(LONG)]),
        "two": html([film("leak", era) for era in ("2.6.39", "6.18")], ("Linux 2.6.39", "Linux 6.18")),
    }
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window in which no script may fail and nothing may be asked of the network."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(PATIENT)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


NAME = """() => {
    const e = document.activeElement, labels = [...(e.labels || [])].map((label) => label.textContent);
    return (e.textContent || e.ariaLabel || labels.join("")).trim();
}"""
"""What the control that has the focus is called."""

SCRUB = """async () => {
    const slider = document.querySelector(".gk-slider"), seen = [];
    const frame = () => new Promise(requestAnimationFrame);
    const entries = () => document.querySelectorAll("[data-view=page_map] [data-key^=pte]").length;
    for (let i = 0; i <= 1000; i += 1) {
        slider.value = i;
        slider.dispatchEvent(new Event("input"));
        if (i % 50) continue;
        await frame(); await frame();
        seen.push([i, document.querySelector(".gk-where").textContent, entries()]);
    }
    return seen;
}"""
"""Drags the slider over a thousand places and looks at every fiftieth."""


def place(page: Page) -> int:
    """Where the reader stands."""
    return int(page.locator(".gk-slider").input_value())


def said(page: Page) -> str:
    """What the line about the place says."""
    return page.locator(SAY).inner_text()


def keys(page: Page, view: str, mark: str) -> list[str]:
    """Keys of the shapes of a view that carry a mark; lines between two things are left out."""
    page.wait_for_selector(".gk-stage:not([data-drawing])")
    found = page.locator(f"[data-view={view}] > svg [{mark}]")
    return sorted({key for key in found.evaluate_all("all => all.map(e => e.dataset.key)") if "->" not in key})


def test_what_is_out_of_sight_comes_after_what_is_in_sight(browser: Browser, tmp_path: Path) -> None:
    """In a low window the first frame has a part of a tall picture, and soon all of it, also where one goes on."""
    steps = [{"mmap": {"as": "A", "pages": 117}}, {"gup": {"as": "pins", "at": "A", "flags": ["WRITE"]}}]
    tall = film({"title": "tall", "steps": steps})
    (tmp_path / "tall.html").write_text(html([tall]), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 500})
    page.goto((tmp_path / "tall.html").as_uri())
    page.locator("[data-view=page_table]").scroll_into_view_if_needed()
    page.wait_for_selector(".gk-stage:not([data-drawing])")
    counts = page.evaluate("""async () => {
        const shapes = (view) => document.querySelectorAll(`[data-view=${view}] > svg > *`).length;
        const count = () => ["page_table", "vma_strip"].map(shapes);
        const frame = () => new Promise(requestAnimationFrame);
        document.querySelector(".gk-first").click(); await frame();
        document.querySelector(".gk-last").click(); await frame();
        const first = count();
        while (document.querySelector(".gk-stage[data-drawing]")) await frame();
        return [first, count()];
    }""")
    drawn = Film(tall.trace).shots(len(tall.trace) - 1)
    numbers = dict(zip((lens.view for lens in tall.lenses), drawn["shots"][0]["views"], strict=True))
    whole = [len(drawn["pictures"][str(numbers[view])]["shapes"]) // 3 for view in ("page_table", "vma_strip")]
    assert counts[1] == whole
    assert counts[0][0] < whole[0]
    page.context.close()


def test_every_button_moves_as_it_says(page: Page, pages: dict[str, str], artifacts: Path) -> None:
    """First, back, forward and last, by event and by step, with the mouse; at the ends they do nothing."""
    page.goto(pages["pin"])
    seen = []
    for name in ("event-back", "event-forward", "event-forward", "event-back", "step-forward", "step-forward",
                 "step-back", "last", "step-forward", "first"):
        page.click(f".gk-{name}", force=True)  # at an end a button says that it is off, and can be pressed
        seen.append(place(page))
        if name == "last":
            shown = page.locator(".gk-goto-step > :checked").inner_text()
    stops = [step.last for step in run(PIN).steps]
    last = len(run(PIN)) - 1
    assert seen == [0, 1, 2, 1, stops[0], stops[1], stops[0], last, last, 0]
    assert shown == "after the last"
    assert page.locator(".gk-goto-step > :checked").inner_text() == "before the first"
    page.click(".gk-step-forward")
    assert f"Event {stops[0]} of {last}. Step 1 of" in said(page)
    page.screenshot(path=str(artifacts / "stage-buttons.png"), full_page=True)


def test_keys_move_and_stay_where_the_focus_is(page: Page, pages: dict[str, str]) -> None:
    """Arrows, Page Up and Down, Home and End move; buttons work with Space and Enter; the focus stays."""
    page.goto(pages["pin"])
    page.focus(".gk-event-forward")
    seen = []
    for key in ("Space", "Enter", "ArrowRight", "ArrowLeft", "PageDown", "PageUp", "End", "Home"):
        page.keyboard.press(key)
        seen.append(place(page))
        assert page.evaluate("() => document.activeElement.classList.contains('gk-event-forward')")
    first = run(PIN).steps[0].last
    assert seen == [1, 2, 3, 2, first, 0, len(run(PIN)) - 1, 0]


def test_tab_reaches_every_control_and_each_has_a_name(page: Page, pages: dict[str, str]) -> None:
    """Tab goes through all buttons, lists, boxes and sliders; whatever takes the focus has a name."""
    page.goto(pages["pin"])
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    wanted = set(page.locator("button:visible, select:visible, input:visible, summary:visible").evaluate_all(
        "all => all.map((e, i) => { e.dataset.nth = i; return i; })"))
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        nth = page.evaluate("() => document.activeElement.dataset.nth")
        if nth is not None:
            reached.add(int(nth))
            assert page.evaluate(NAME)
    assert wanted == reached


def test_the_slider_scrubs_a_thousand_places(page: Page, pages: dict[str, str], artifacts: Path) -> None:
    """With nobody to ask, each place of a long run comes under the slider, with its words and its picture."""
    page.goto(pages["long"])
    trace = run(LONG)
    assert len(trace) > 1_000
    shown = page.evaluate(SCRUB)
    for at, words, entries in shown:
        assert words.startswith(f"Event {at} of {len(trace) - 1}.")
        assert (entries > 0) == bool(trace[at].processes["P"].vmas)
    page.focus(".gk-slider")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelector('.gk-where').textContent.startsWith('Event 999 ')")
    page.screenshot(path=str(artifacts / "stage-long.png"), full_page=True)


def test_play_pauses_at_the_end_and_follows_the_speed(page: Page, pages: dict[str, str]) -> None:
    """Play steps by itself, the button becomes Pause, another speed is heard, and the end stops it."""
    page.goto(pages["pin"])
    page.locator(".gk-row select").first.select_option("16")
    page.click(".gk-play")
    assert "Pause" in page.locator(".gk-play").inner_text()
    page.wait_for_function("() => Number(document.querySelector('.gk-slider').value) > 2")
    page.click(".gk-play")
    assert "Play" in page.locator(".gk-play").inner_text()
    stopped = place(page)
    page.wait_for_timeout(300)
    assert place(page) == stopped
    page.click(".gk-play")
    page.wait_for_function("() => document.querySelector('.gk-play').textContent.includes('Play')")
    assert place(page) == len(run(PIN)) - 1


def test_what_changed_is_marked_forwards_and_backwards(page: Page, pages: dict[str, str]) -> None:
    """An event marks what it changed; going back over it marks the same things, and says that they are undone."""
    page.goto(pages["pin"])
    trace = run(PIN)
    changes = [i for i in range(1, len(trace)) if trace[i].diff(trace[i - 1]).frames]
    at = next(i for i in changes if trace[i].frames.keys() == trace[i - 1].frames.keys())
    page.locator(".gk-slider").fill(str(at - 1))
    page.wait_for_function(f"() => document.querySelector('.gk-where').textContent.startsWith('Event {at - 1} ')")
    page.click(".gk-event-forward")
    forwards = keys(page, "frames", "data-changed")
    assert forwards == sorted(f"frame:{pfn}" for pfn in trace[at].diff(trace[at - 1]).frames)
    page.click(".gk-event-back")
    assert f"Undone is event {at}." in said(page)
    assert keys(page, "frames", "data-changed") == forwards


def test_the_function_and_the_line_of_the_simulator_are_named(page: Page, pages: dict[str, str]) -> None:
    """Each event names its function and file:line within the package; the source shows that line."""
    page.goto(pages["pin"])
    event = run(PIN).events[2]
    page.locator(".gk-slider").fill("3")
    page.wait_for_function("() => document.querySelector('.gk-where').textContent.startsWith('Event 3 ')")
    assert page.locator(".gk-by").inner_text().startswith(f"{event.name} gupkit/{event.where},")
    page.click(".gk-view-options summary")
    page.check(".gk-show-source")
    line = event.where.partition(":")[2]
    assert page.locator(".gk-code b").inner_text().split()[:2] == ["▶", line]


def test_pointing_marks_a_thing_in_every_picture(page: Page, pages: dict[str, str], artifacts: Path) -> None:
    """The pointer over a frame marks it in map and grid, and its page in all of them; a click keeps it; Escape ends."""
    page.goto(pages["pin"])
    page.click(".gk-step-forward")
    page.click(".gk-step-forward")
    page.click(".gk-step-forward")
    where = page.locator(MAP).bounding_box()
    page.locator("[data-view=page_map] [data-key='frame:4096']").first.hover()
    assert page.locator(MAP).bounding_box() == where, "the picture moves away from under the pointer"
    assert keys(page, "page_map", "data-on") == ["frame:4096"]
    assert keys(page, "frames", "data-on") == ["frame:4096"]
    assert "pte:P:0x7f0000000000" in keys(page, "page_map", "data-near")
    assert "pte:P:0x7f0000000000" in keys(page, "page_table", "data-near")
    assert "pte:P:0x7f0000000000" in keys(page, "vma_strip", "data-near")
    assert "Page frame 4096: anonymous page" in page.locator(".gk-pointed").inner_text()
    page.locator("[data-view=vma_strip] [data-key='pte:P:0x7f0000000000']").first.click()
    page.mouse.move(5, 5)
    assert keys(page, "page_table", "data-on") == ["pte:P:0x7f0000000000"]
    assert "table:P:pmd:0x7f0000000000" in keys(page, "page_table", "data-near")
    page.screenshot(path=str(artifacts / "stage-pointing.png"), full_page=True)
    page.focus(".gk-event-back")
    page.keyboard.press("Escape")
    assert keys(page, "page_table", "data-on") == []


def test_pointing_works_without_a_pointer(page: Page, pages: dict[str, str]) -> None:
    """The list names everything in the pictures; choosing marks it, and it stays marked from step to step."""
    page.goto(pages["pin"])
    for _ in range(3):
        page.click(".gk-step-forward")
    page.focus(".gk-point-at")
    offered = page.locator(".gk-point-at option").evaluate_all("all => all.map(o => o.value)")
    assert {"vma:P:0x7f0000000000", "frame:4096", "pte:P:0x7f0000000000", "table:P:pgd:0x0"} <= set(offered)
    page.select_option(".gk-point-at", "frame:4096")
    assert keys(page, "frames", "data-on") == ["frame:4096"]
    page.click(".gk-event-forward")
    assert keys(page, "frames", "data-on") == ["frame:4096"]
    page.click(".gk-first")
    assert page.locator(".gk-pointed").inner_text() == "frame:4096 is not there now."


def test_views_are_shown_and_hidden_by_keyboard(page: Page, pages: dict[str, str], artifacts: Path) -> None:
    """Space on the box of a view hides it and shows it again; the size for a lecture room makes pictures larger."""
    page.goto(pages["pin"])
    page.focus(".gk-view-options summary")
    page.keyboard.press("Enter")
    for name in ("page_map", "page_table", "vma_strip", "frames", "facts", "events"):
        view = page.locator(f".gk-view[data-view={name}]")
        assert view.is_visible()
        page.focus(f".gk-show-{name}")
        page.keyboard.press("Space")
        assert not view.is_visible()
        page.keyboard.press("Space")
        assert view.is_visible()
    small = page.locator(MAP).bounding_box()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.select_option(".gk-size", "1.5")
    large = page.locator(MAP).bounding_box()
    assert small
    assert large
    assert large["width"] > 1.2 * small["width"]
    page.screenshot(path=str(artifacts / "stage-lecture-room.png"))


def test_a_question_comes_before_its_step(page: Page, pages: dict[str, str], artifacts: Path) -> None:
    """No way forward shows the step before its question is answered; the reason is told, and then it comes."""
    page.goto(pages["leak"])
    step = run("leak").steps[4]
    page.click(".gk-last")
    assert place(page) == step.first
    ask = page.locator(".gk-ask")
    assert "How many frames are still held?" in ask.inner_text()
    assert page.evaluate("() => document.activeElement.textContent").endswith("0")
    page.screenshot(path=str(artifacts / "stage-question.png"))
    page.keyboard.press("Space")
    assert "You said 0; the answer is 1." in ask.inner_text()
    page.keyboard.press("Enter")
    assert place(page) == len(run("leak")) - 1
    assert not ask.is_visible()
    page.click(".gk-first")
    page.click(".gk-last")
    assert place(page) == len(run("leak")) - 1


def test_a_question_can_be_passed_by_and_does_not_come_back(page: Page, pages: dict[str, str]) -> None:
    """Who does not want to guess goes on; going back while it is open puts it away, and it comes again later."""
    page.goto(pages["leak"])
    page.click(".gk-last")
    page.click(".gk-first")
    assert not page.locator(".gk-ask").is_visible()
    page.locator(".gk-goto-step").select_option(str(run("leak").steps[4].last))
    assert page.locator(".gk-ask").is_visible()
    page.click(".gk-skip")
    assert place(page) == run("leak").steps[4].last
    page.click(".gk-first")
    page.click(".gk-last")
    assert not page.locator(".gk-ask").is_visible()


def test_two_kernels_go_in_step(page: Page, pages: dict[str, str], artifacts: Path) -> None:
    """Both sides have every picture; the second follows the first; what is not alike is marked on both sides."""
    page.goto(pages["two"])
    page.locator(".gk-goto-step").select_option(label="3: put_page pins[0]")
    sides = page.locator("[data-view=page_map] figcaption").all_inner_texts()
    assert [side.partition(":")[0] for side in sides] == ["Linux 2.6.39", "Linux 6.18"]
    assert "Linux 6.18: " in said(page)
    assert len(page.locator("[data-view=frames] > svg").all()) == 2
    differing = page.locator("[data-differs]").count()
    both = [keys(page, view, "data-differs") for view in ("page_map", "frames")]
    assert (differing > 0) == any(both)
    page.screenshot(path=str(artifacts / "stage-two.png"), full_page=True)


def test_another_process_is_chosen_in_the_page(page: Page, pages: dict[str, str]) -> None:
    """After fork the child's page tables are one choice away; where it is not yet there the picture says so."""
    page.goto(pages["pin"])
    page.click(".gk-last")
    page.select_option(".gk-whose", "C")
    assert page.locator("[data-view=page_table] figcaption").inner_text() == "Page tables of C"
    page.click(".gk-first")
    page.locator("[data-view=page_table] summary").click()
    assert "Not there yet, or no longer." in page.locator("[data-view=page_table] .gk-words").inner_text()


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("leak", "light"), ("two", "dark"), *(
            pytest.param(name, scheme, marks=pytest.mark.prove)
            for name, scheme in (("leak", "dark"), ("two", "light"), ("pin", "light"), ("pin", "dark"))
        ),
    ],
)  # fmt: skip
def test_axe_finds_nothing(page: Page, pages: dict[str, str], name: str, scheme: str, artifacts: Path) -> None:
    """With everything unfolded, a question open and a thing pointed at, axe-core finds nothing, in either theme."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(pages[name])
    page.click(".gk-last")
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.check(".gk-show-source")
    page.focus(".gk-point-at")
    page.select_option(".gk-point-at", index=2)
    found = Axe().run(page)
    page.screenshot(path=str(artifacts / f"axe-{name}-{scheme}.png"), full_page=True)
    assert found.violations_count == 0, found.generate_report()
