"""The reference: every name of the face, every op, era and scenario has its place, and links find it."""

import re
from pathlib import Path

import pytest

import gupkit as gk
from gupkit.contract import CLAUSES
from gupkit.kernel.eras import rows
from gupkit.scenario import builtin_names
from gupkit.scenario.ops import OPS
from gupkit.scenario.outcomes import catalogue
from gupkit.scenario.schema import EXPECT
from tests.book.looks import pages, parsed
from tests.project.source import ROOT
from tools.book import reference
from tools.book.docstrings import escape

ROOMS = {"contract", "draw", "widgets"}


def places(text: str, kind: str) -> list[str]:
    """The names that a Markdown page gives to places of one kind."""
    return re.findall(rf"^\({kind}-(.*)\)=$", text, re.MULTILINE)


def test_the_format_page_has_every_op_and_expectation() -> None:
    """Each op of the format and each thing that can be expected is described, and nothing else."""
    text = reference.format_page()
    assert places(text, "op") == list(OPS)
    assert list(reference.EXPECTED) == list(EXPECT["properties"])
    assert all(f"| `{key}` |" in text for key in reference.EXPECTED)


def test_every_era_rule_scenario_and_clause_has_its_place() -> None:
    """Each rule of the eras, each scenario, each story of the catalogue and each clause is on its page."""
    assert places(reference.eras_page(), "era") == [name for name, *_ in rows()]
    assert places(reference.scenarios_page(), "scenario") == sorted(builtin_names())
    assert places(reference.clauses_page(), "clause") == [name.lower() for name in CLAUSES]
    text = reference.catalogue_page()
    assert [name for name in catalogue().rows if f"[`{name}`](#scenario-{name})" not in text] == []


def test_every_name_of_the_face_is_listed() -> None:
    """Each name that gupkit offers is written on a page of docs/reference, and so is each public name of its rooms."""
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "reference").glob("*.rst"))
    listed = set(re.findall(r"^\.\. (?:auto\w+|py:data):: gupkit\.([\w.]+)$", text, re.MULTILINE))
    wanted = {name for name in gk.__all__ if name not in ROOMS}
    wanted |= {f"draw.{name}" for name in gk.draw.__all__}
    assert wanted - listed == set(), "add it to a page of docs/reference"


def test_a_prefix_is_no_link() -> None:
    """``FOLL_`` in a docstring stays text; a name, and what stands in backquotes, is left alone."""
    lines = ["FOLL_ flags, VM_; FOLL_GET, ``MAP_``"]
    escape(lines)
    assert lines == [r"FOLL\_ flags, VM\_; FOLL_GET, ``MAP_``"]


@pytest.mark.prove
@pytest.mark.notebooks
def test_every_name_is_described(whole_book: Path) -> None:
    """Each name of the face and each public method of the kernel has its place in the reference."""
    there = {str(tag["id"]) for page in pages(whole_book / "reference") for tag in parsed(page).find_all(id=True)}
    names = [name for name in gk.__all__ if name not in ROOMS and name not in gk.contract.__all__]
    assert [name for name in names if f"gupkit.{name}" not in there] == []
    methods = [name for name in dir(gk.Kernel) if not name.startswith("_") and callable(getattr(gk.Kernel, name))]
    assert [name for name in methods if f"gupkit.Kernel.{name}" not in there] == []


@pytest.mark.prove
@pytest.mark.notebooks
def test_lectures_lead_to_the_reference(whole_book: Path) -> None:
    """Lecture 04 leads to its scenarios, to the explorer, and to the file that has the loop."""
    lecture = parsed(whole_book / "lectures" / "04-get-user-pages.html")
    links = {str(link["href"]) for link in lecture.select("article a")}
    assert {
        "../reference/scenarios.html#scenario-leak", "../reference/face.html#gupkit.widgets.Explorer",
        "../reference/source/gup.html#module-gupkit.kernel.gup",
    } <= links  # fmt: skip
