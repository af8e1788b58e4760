"""A term in nbgrader's own commands, as exercises/README.md has them: they work on the course unchanged."""

import csv
from pathlib import Path

import nbformat
import pytest

from tests.course import common, handed_in

pytestmark = pytest.mark.prove


@pytest.fixture
def exchange(tmp_path: Path) -> str:
    """The option that names an exchange of the test's own."""
    folder = tmp_path / "exchange"
    folder.mkdir()
    folder.chmod(0o777)
    return f"--Exchange.root={folder}"


def test_a_term(tmp_path: Path, exchange: str) -> None:
    """Validated, released, fetched, submitted, collected, graded by nbgrader alone, sent back, and exported."""
    course, home = handed_in.make_course(tmp_path / "course"), tmp_path / "home"
    home.mkdir()
    valid = handed_in.run(course, "nbgrader", "validate", "source/ps1/ps1.ipynb")
    assert "Success! Your notebook passes all the tests." in valid.stdout
    handed_in.run(course, "nbgrader", "generate_assignment", "ps1")
    begun = handed_in.run(course, "nbgrader", "validate", "release/ps1/ps1.ipynb")
    assert "✗ split: 0 of 2 examples come out right" in begun.stdout
    handed_in.run(course, "nbgrader", "release_assignment", "ps1", exchange)

    handed_in.run(home, "nbgrader", "fetch_assignment", "ps1", "--course=gup", exchange)
    nbformat.write(handed_in.solved(course), home / "ps1/ps1.ipynb")
    valid = handed_in.run(home / "ps1", "nbgrader", "validate", "ps1.ipynb")
    assert "Success! Your notebook passes all the tests." in valid.stdout
    handed_in.run(home, "nbgrader", "submit", "ps1", "--course=gup", exchange)

    handed_in.run(course, "nbgrader", "collect", "ps1", exchange)
    handed_in.run(course, "nbgrader", "autograde", "ps1")
    handed_in.run(course, "nbgrader", "generate_feedback", "ps1")
    handed_in.run(course, "nbgrader", "release_feedback", "ps1", exchange)
    handed_in.run(home, "nbgrader", "fetch_feedback", "ps1", "--course=gup", exchange)
    (page,) = (home / "ps1/feedback").rglob("*.html")
    assert "✓ right" in page.read_text(encoding="utf-8")
    handed_in.run(course, "nbgrader", "export")
    with (course / "grades.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["assignment"], float(row["score"])) == ("ps1", sum(common.points("ps1").values()))
