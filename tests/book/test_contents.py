"""What is said of the lectures as a whole is what the lectures say."""

from pathlib import Path

import nbformat
import pytest

from tools.book import contents
from tools.book.contents import README, Lecture, first_page, read, renewed, renewed_readme, with_sets
from tools.book.executed import ROOT, lectures

RENEW = "run python -m tools.book.contents"


def told() -> list[Lecture]:
    """Every lecture's own words about itself."""
    return [read(path) for path in lectures()]


def test_the_readme_lists_the_lectures() -> None:
    """The README's table has every lecture with its minutes and its question."""
    text = README.read_text(encoding="utf-8")
    assert renewed_readme(text, told()) == text, RENEW
    assert all(f"(notebooks/{path.name})" in text for path in lectures())


@pytest.mark.parametrize("path", lectures(), ids=lambda path: path.stem)
def test_a_notebook_names_what_is_there(path: Path) -> None:
    """The first notebook lists the lectures; a lecture links each problem set that it names and that exists."""
    assert renewed(path, told()) == nbformat.read(path, as_version=4), RENEW


@pytest.mark.parametrize("path", lectures()[1:], ids=lambda path: path.stem)
def test_a_lecture_names_a_problem_set(path: Path) -> None:
    """Whoever has read a lecture is told what to practise with."""
    last = nbformat.read(path, as_version=4).cells[-1].source
    assert contents.SET.search(last) or f"{contents.SETS}/ps" in last or "ps1 to ps8" in last


def test_the_first_page_has_the_ways_to_read() -> None:
    """The book's first page has the table and a way for each of three readers."""
    page = first_page((ROOT / "docs" / "index.md").read_text(encoding="utf-8"), told())
    assert page.count("](lectures/") == len(lectures())
    assert [who for who in ("learn alone", "teach", "in a course") if f"**You {who}.**" not in page
            and f"**You are {who}.**" not in page] == []


def test_a_set_that_is_there_becomes_a_link() -> None:
    """A set's name becomes a link once, in no code, in no range, and only if there is the set."""
    link = "[ps1](../exercises/source/ps1/ps1.ipynb)"
    assert with_sets("See ps1.") == f"See {link}."
    for text in (f"See {link}.", "`ps1`", "ps1 to ps8", "ps99", "https://maps1"):
        assert with_sets(text) == text
