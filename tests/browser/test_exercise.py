"""A problem set from both sides: a student in JupyterLab, the exchange, the instructor, and the feedback page."""

from pathlib import Path

import nbformat
import pytest

from tests.browser.lab import TOKEN, Reader
from tests.course import common, handed_in

pytestmark = [pytest.mark.browser, pytest.mark.prove, pytest.mark.xdist_group("browser")]

SPLIT = next(cell for cell in common.student_cells("ps1") if cell.startswith("def split_address"))


def into_cell(reader: Reader, text: str) -> None:
    """Put the cursor into the cell that has ``text``."""
    cell = reader.page.locator(".jp-CodeCell", has_text=text).first
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()


def outputs(reader: Reader, text: str) -> str:
    """What stands below the cell that has ``text``."""
    return reader.page.locator(".jp-CodeCell", has_text=text).first.locator(".jp-OutputArea").inner_text()


def write_answer(reader: Reader) -> None:
    """Replace the first stub, run it, and run the check below it."""
    into_cell(reader, "def split_address(address)")
    reader.page.keyboard.press("Control+A")
    reader.page.keyboard.insert_text(SPLIT)
    reader.page.keyboard.press("Control+Enter")
    into_cell(reader, 'sheet.check("split", split_address)')
    reader.page.keyboard.press("Control+Enter")
    reader.page.locator(".jp-OutputArea", has_text="✓ split: 2 examples of 2 come out right").wait_for()


def test_a_problem_set_from_release_to_feedback(reader: Reader, tmp_path: Path) -> None:
    """Fetched, run, answered, checked, submitted; collected, graded; the page that comes back says what was right."""
    course, exchange = handed_in.make_course(tmp_path / "course"), tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    there = f"--Exchange.root={exchange}"
    handed_in.run(course, "nbgrader", "generate_assignment", "ps1")
    handed_in.run(course, "nbgrader", "release_assignment", "ps1", there)
    home = reader.lab.folder / "student"
    home.mkdir()
    handed_in.run(home, "nbgrader", "fetch_assignment", "ps1", "--course=gup", there)

    reader.page.goto(f"{reader.lab.base}/lab/tree/student/ps1/ps1.ipynb?reset&token={TOKEN}")
    reader.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    reader.run_all()
    assert "the sheet of" in outputs(reader, "sheet = course.sheet")
    assert "0 of 2 examples come out right" in outputs(reader, 'sheet.check("split", split_address)')
    reader.picture("exercise-begun")
    write_answer(reader)
    reader.picture("exercise-answered")
    reader.page.keyboard.press("Control+S")
    saved = home / "ps1" / "ps1.ipynb"
    for _ in range(1200):
        if SPLIT in [cell.source for cell in nbformat.read(saved, as_version=4).cells]:
            break
        reader.page.wait_for_timeout(100)

    handed_in.run(home, "nbgrader", "submit", "ps1", "--course=gup", there)
    handed_in.run(course, "nbgrader", "collect", "ps1", there)
    (student,) = (path.name for path in (course / "submitted").iterdir())
    done = handed_in.run(course, "gupkit", "grade")
    assert done.stdout == f"{student} ps1: 2 of 7\n"
    handed_in.run(course, "nbgrader", "generate_feedback", "ps1")
    page = course / "feedback" / student / "ps1" / "ps1.html"
    reader.page.goto(page.as_uri())
    assert "✓ right" in reader.page.inner_text("body")
    assert "sheet.hidden" not in reader.page.inner_text("body")
    reader.picture("exercise-feedback")
