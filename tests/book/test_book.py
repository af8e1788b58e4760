"""The book: static pages that ask nobody for anything, and that everybody can read."""

from pathlib import Path

import pytest

from tests.book.looks import Visitor, dead_links, heading_faults, pages, parsed
from tools.book.executed import lectures


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
def test_a_lecture_asks_nobody_and_has_no_barrier(sample_book: Path, visitor: Visitor) -> None:
    """Light and dark: no request to another host, nothing that axe-core objects to, nothing wider than a phone."""
    assert visitor.look(lecture(sample_book)) == []
    assert visitor.look(sample_book / "index.html") == []


@pytest.mark.notebooks
@pytest.mark.browser
def test_a_reader_predicts_first(sample_book: Path, visitor: Visitor) -> None:
    """A question shows its choices and hides its answer, until the reader unfolds it by mouse or by keyboard."""
    visitor.open(lecture(sample_book))
    question = visitor.page.locator(".gk-question")
    answer = question.locator("details p")
    assert question.get_by_role("radio").count() == 2
    assert not answer.is_visible()
    question.get_by_role("radio").first.check()
    question.locator("summary").focus()
    visitor.page.keyboard.press("Enter")
    assert answer.is_visible()
    assert answer.inner_text().startswith("a. The driver wrote into the copy.")


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
def test_every_page_of_the_whole_book(whole_book: Path, visitor: Visitor) -> None:
    """Every page, light and dark: no request, no barrier, nothing wider than a phone."""
    assert [fault for page in pages(whole_book) for fault in visitor.look(page)] == []
