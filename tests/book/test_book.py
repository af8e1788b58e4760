"""The book: static pages that ask nobody for anything, and that everybody can read."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.book.looks import Visitor, dead_links, heading_faults, pages, parsed
from tools.book.executed import lectures

pytestmark = pytest.mark.xdist_group("book")  # one worker builds it


def lecture(book: Path) -> Path:
    """The page of the first lecture."""
    return book / "lectures" / "00-start-here.html"


@pytest.mark.notebooks
def test_links_lead_somewhere(sample_book: Path) -> None:
    """Each link of each page leads to a file of the book and to a place in it."""
    assert dead_links(sample_book) == []


@pytest.mark.notebooks
def test_headings_form_a_tree(sample_book: Path) -> None:
    """Each page has one first heading, and no heading skips a level."""
    assert [fault for page in pages(sample_book) for fault in heading_faults(page)] == []


@pytest.mark.notebooks
def test_the_pictures_are_in(sample_book: Path) -> None:
    """The lecture's page has its pictures, each with a sentence for those who do not see it, and no dead widget."""
    page = parsed(lecture(sample_book))
    drawn = page.find_all("svg", class_="gk-svg")
    assert drawn
    assert all(svg["role"] == "img" and len(str(svg["aria-label"])) > 40 for svg in drawn)
    assert "widget-view" not in str(page)


@pytest.mark.notebooks
@pytest.mark.browser
def test_a_lecture_asks_nobody_and_has_no_barrier(sample_book: Path, by_day_and_night: Visitor) -> None:
    """Light and dark: no request to another host, nothing that axe-core objects to."""
    assert by_day_and_night.look(lecture(sample_book)) == []


@pytest.mark.notebooks
@pytest.mark.browser
def test_a_lecture_fits_every_screen(sample_book: Path, visitor: Visitor) -> None:
    """From a phone's to a desk's, nothing is wider than the screen."""
    assert visitor.cut_off(lecture(sample_book)) == []
    assert visitor.look(sample_book / "index.html") == []


@pytest.mark.notebooks
@pytest.mark.browser
def test_a_reader_predicts_first(sample_book: Path, visitor: Visitor) -> None:
    """A question shows its choices and hides its answer, until the reader unfolds it by mouse or by keyboard."""
    visitor.open(lecture(sample_book))
    question = visitor.page.locator(".gk-predict")
    answer = question.locator("details p")
    assert question.get_by_role("radio").count() == 2
    assert not answer.is_visible()
    question.get_by_role("radio").first.check()
    question.locator("summary").focus()
    visitor.page.keyboard.press("Enter")
    assert answer.is_visible()
    assert answer.inner_text().startswith("a. The driver wrote into the copy.")


@pytest.mark.notebooks
@pytest.mark.browser
def test_an_explorer_is_live_on_a_page_without_python(sample_book: Path, visitor: Visitor) -> None:
    """The first explorer steps back, and its toggle FOLL_WRITE brings the frame of the copy, at the same place."""
    visitor.open(lecture(sample_book))
    explorer = visitor.page.locator(".gk-film").first
    line = explorer.locator(".gk-line")
    assert "Step 3 of 3" in line.inner_text()
    explorer.get_by_role("button", name="Step back").click()
    assert "Step 2 of 3" in line.inner_text()
    explorer.get_by_role("button", name="Step forward").click()
    before = explorer.locator(".gk-view[data-view=page_map] svg").first.inner_html()
    explorer.get_by_label("FOLL_WRITE: on").check()
    assert "Step 3 of 3" in line.inner_text()
    assert explorer.locator(".gk-view[data-view=page_map] svg").first.inner_html() != before
    assert "FOLL_WRITE" in explorer.locator("table.gk-call").inner_text()
    assert visitor.wrong == []


@pytest.mark.notebooks
@pytest.mark.browser
def test_an_explorer_without_scripts_has_its_steps(sample_book: Path, browser: Browser) -> None:
    """Where no script runs, every step of the story is a fold with its pictures, and one is open."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(lecture(sample_book).as_uri())
    steps = page.locator(".gk-film details[name]")
    assert [step.get_attribute("open") is not None for step in steps.all()] == [False, False, True]
    assert steps.last.locator("svg").first.is_visible()
    context.close()


@pytest.mark.prove
@pytest.mark.notebooks
def test_every_link_and_heading_of_the_whole_book(whole_book: Path) -> None:
    """The same of every page: lectures, reference, glossary."""
    assert {page.stem for page in pages(whole_book / "lectures")} == {path.stem for path in lectures()}
    assert dead_links(whole_book) == []
    assert [fault for page in pages(whole_book) for fault in heading_faults(page)] == []


@pytest.mark.prove
@pytest.mark.notebooks
@pytest.mark.browser
def test_every_page_of_the_whole_book(whole_book: Path, by_day_and_night: Visitor) -> None:
    """Every page, light and dark: no request, no barrier."""
    assert [fault for page in pages(whole_book) for fault in by_day_and_night.look(page)] == []


@pytest.mark.prove
@pytest.mark.notebooks
@pytest.mark.browser
def test_every_page_of_the_whole_book_fits_every_screen(whole_book: Path, visitor: Visitor) -> None:
    """From a phone's to a desk's, no page is wider than the screen."""
    assert [fault for page in pages(whole_book) for fault in visitor.cut_off(page)] == []
