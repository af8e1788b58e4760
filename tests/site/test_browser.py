"""The kit in a browser tab, with nothing installed and no other host in reach."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

from gupkit.scenario.model import builtin_names
from tests.project.answers import COURSE, given_away
from tests.project.built import unpack
from tests.project.source import ROOT
from tests.site.conftest import IDLE, START, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.prove, pytest.mark.xdist_group("browser")]

SETS = sorted(path.name for path in (COURSE / "source").iterdir())
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.DOTALL)
RUN_ALL_SCENARIOS = """\
import gupkit as gk
from gupkit.scenario.model import builtin_names
held = [gk.run(name).ok for name in builtin_names()]
print(sum(held), "of", len(held), "held")
"""
CHANGED = "([selector, old]) => document.querySelector(selector).innerHTML !== old"
MAP = ".gk-stage [data-view=page_map] > svg"
ASK_ELSEWHERE = """\
import js
try:
    await js.fetch("http://elsewhere.test/from-the-kernel")
except Exception:
    pass
"""


def test_from_the_first_page_to_another_picture(visitor: Visitor) -> None:
    """The first page leads to the first notebook; it runs, FOLL_WRITE draws another picture, no other host is asked."""
    page = visitor.page
    page.goto(visitor.base)
    visitor.picture("site-first-page")
    page.get_by_role("link", name="Run the first notebook").click()
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START)
    page.wait_for_function(IDLE, timeout=START)
    visitor.run_all()
    assert visitor.said("error") == []
    toggle = page.locator(".gk-FOLL_WRITE").first
    page.wait_for_selector(MAP, timeout=START)
    toggle.scroll_into_view_if_needed()
    before, words = page.locator(MAP).first.inner_html(), toggle.inner_text()
    toggle.click()
    page.wait_for_function(CHANGED, arg=[MAP, before], timeout=START)
    assert {words, toggle.inner_text()} == {"FOLL_WRITE: on", "FOLL_WRITE: off"}
    visitor.picture("site-another-picture")
    assert visitor.asked == []
    assert visitor.errors == []


def test_another_host_would_be_seen(visitor: Visitor) -> None:
    """What Python itself, which runs in a worker, asks another host for is refused and written down."""
    visitor.open(NOTEBOOKS[0])
    assert visitor.asked == []
    visitor.run(ASK_ELSEWHERE)
    assert visitor.asked == ["GET http://elsewhere.test/from-the-kernel"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_lecture_runs_in_a_tab(name: str, visitor: Visitor) -> None:
    """Every cell of every notebook runs in the browser's Python: no error, nor in the console; no other host asked."""
    visitor.open(name)
    visitor.run_all()
    assert visitor.said("error") == []
    assert visitor.said("stderr") == []
    assert visitor.asked == []
    assert visitor.errors == []


def test_every_scenario_holds_in_a_tab(visitor: Visitor) -> None:
    """Every built-in scenario, run by the kernel of its era in the browser, comes out as it says."""
    visitor.open(NOTEBOOKS[0])
    visitor.run(RUN_ALL_SCENARIOS)
    assert visitor.said("error") == []
    assert visitor.said("stdout") == [f"{len(builtin_names())} of {len(builtin_names())} held\n"]


def test_a_figure_is_refused_in_words(visitor: Visitor) -> None:
    """matplotlib is no part of the site: a figure is refused in one line that names the SVG, and no host is asked."""
    visitor.open(NOTEBOOKS[0])
    visitor.run("import gupkit as gk\ngk.draw.page_map(gk.run('leak')[-1]).plot()")
    (error,) = visitor.said("stderr")  # where that kernel shows an error which is one line
    assert error.startswith("✗ no matplotlib here")
    assert "svg" in error
    assert visitor.asked == []


@pytest.mark.parametrize("name", SETS)
def test_an_empty_answer_is_told_so_in_a_tab(name: str, visitor: Visitor) -> None:
    """A problem set as it is handed out shows its sheet and stops at the first check, in words."""
    visitor.open(f"exercises/{name}/{name}.ipynb")
    visitor.run_all()
    wrong = visitor.said("error") + visitor.said("stderr")
    assert len(wrong) == 1
    assert "NotImplementedError" in wrong[0]
    assert visitor.asked == []


@contextmanager
def solved(site: Path, name: str) -> Iterator[nbformat.NotebookNode]:
    """For a while the site serves a problem set with the course's own solutions in it."""
    served = site / f"run/files/exercises/{name}/{name}.ipynb"
    notebook = nbformat.read(COURSE / "source" / name / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = HIDDEN.sub("", cell.source)
    as_it_was = served.read_bytes()
    nbformat.write(notebook, served)
    yield notebook
    served.write_bytes(as_it_was)


@pytest.mark.parametrize("name", SETS)
def test_the_visible_checks_work_in_a_tab(name: str, visitor: Visitor, site: Path) -> None:
    """With the course's own solutions in it, a problem set runs to its end, and every visible check is right."""
    with solved(site, name) as notebook:
        visitor.open(f"exercises/{name}/{name}.ipynb")
        visitor.run_all()
    assert visitor.said("error") + visitor.said("stderr") == []
    checks = sum("sheet.check(" in cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert sum(text.startswith("✓ ") for text in visitor.said("stdout")) == checks
    assert visitor.asked == []


def test_nothing_that_is_served_gives_an_answer_away(site: Path) -> None:
    """No file of the site has a solution, a hidden test, a model answer or a judge; nor has the wheel in it."""
    assert given_away(site) == []
    (kit,) = site.rglob("gupkit-*.whl")
    assert given_away(unpack(kit, site.parent / "kit")) == []
