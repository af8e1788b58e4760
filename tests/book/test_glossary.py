"""The glossary: short entries, each used, each linked from its first use on a page and nowhere else."""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from tests.book.looks import pages, parsed
from tools.book.executed import lectures
from tools.book.terms import Entry, entries, finder, of_code, uses

FENCED = re.compile(r"^[#>].*?$|```.*?```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


def used(path: Path) -> set[Entry]:
    """The entries that a lecture's texts use."""
    cells = nbformat.read(path, as_version=4).cells
    text = FENCED.sub("", "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown"))
    seen = {found for code in CODE.findall(text) if (found := of_code(code))}
    list(uses(" ".join(CODE.sub(" ", text).split()), seen))
    return seen


def test_every_entry_is_used() -> None:
    """Each term, in one of its forms, stands in the text of at least one lecture."""
    unused = set(entries()).difference(*map(used, lectures()))
    assert {entry.term for entry in unused} == set()


def test_entries_are_short_and_in_order() -> None:
    """One to three sentences each, in the order of the alphabet, and no form belongs to two."""
    terms = [entry.term.lower() for entry in entries()]
    assert terms == sorted(terms)
    sentences = {entry.term: len(re.findall(r"[.!?](?=\s|$)", entry.says)) for entry in entries()}
    assert {term: n for term, n in sentences.items() if not 1 <= n <= 3} == {}
    for forms_of in (lambda entry: {word.lower() for word in entry.words}, lambda entry: set(entry.codes)):
        forms = Counter(form for entry in entries() for form in forms_of(entry))
        assert [form for form, n in forms.items() if n > 1] == []
    assert len({entry.place for entry in entries()}) == len(entries())


def test_the_longest_form_is_found() -> None:
    """In *page table* the term is the table; parts of longer words, and words with a hyphen, are no uses."""
    text = "A page table is not a pageful, nor a page-aligned frame."
    found = [entry.term for _, entry in uses(text, set()) if entry]
    assert found == ["page table", "frame"]
    assert finder()[1]["vmas"].term == "region"
    assert of_code("mmap_sem").term == "mmap_sem"


def link_faults(page: Path) -> list[str]:
    """What is wrong with a page's links to the glossary."""
    links = parsed(page).select("a.gk-term")
    places = Counter(str(link["href"]) for link in links)
    faults = [f"{page.name}: {place} is linked {n} times" for place, n in places.items() if n > 1]
    apart = ["h1", "h2", "h3", "pre", "svg", "blockquote"]
    wrong = [link for link in links if link.find_parent(apart) or not link.get("title")]
    return [*faults, *(f"{page.name}: {link}" for link in wrong)]


@pytest.mark.xdist_group("book")
@pytest.mark.notebooks
def test_first_uses_are_linked(sample_book: Path) -> None:
    """The first lecture links each term once, with its explanation at hand; no heading or block of code has a link."""
    page = sample_book / "lectures" / "00-start-here.html"
    linked = {str(link["href"]).partition("#")[2] for link in parsed(page).select("a.gk-term")}
    assert linked == {entry.place for entry in used(lectures()[0])}
    assert link_faults(page) == []


@pytest.mark.prove
@pytest.mark.notebooks
def test_every_entry_is_linked(whole_book: Path) -> None:
    """In the whole book some page leads to each entry, and no page does so twice."""
    found = pages(whole_book / "lectures")
    linked = {str(link["href"]).partition("#")[2] for page in found for link in parsed(page).select("a.gk-term")}
    assert linked == {entry.place for entry in entries()}
    assert [fault for page in found for fault in link_faults(page)] == []
