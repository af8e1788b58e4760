"""A class on a hub: three students fetch, answer, submit and get feedback; an instructor releases, collects, grades."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from tests.hub.answers import SET, solve
from tests.hub.conftest import STUDENTS, Hub, People
from tests.project.answers import given_away
from tests.project.source import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.prove, pytest.mark.xdist_group("browser")]

GRADED = 7
"""Points of the set that a program gives."""


def assignment_list(people: People, student: str) -> Page:
    """A student's JupyterLab with the list of assignments open and read anew."""
    page = people.page(student)
    page.goto(f"{people.hub.base}/hub/spawn")
    page.wait_for_url(f"**/user/{student}/**")
    page.locator("#jp-main-statusbar").wait_for()
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    page.get_by_role("menuitem", name="Assignment List", exact=True).click()
    page.locator("#released_assignments_list").wait_for()
    return page


def formgrader(people: People) -> Page:
    """The instructor's formgrader, at the list of assignments."""
    page = people.page("instructor")
    page.goto(f"{people.hub.base}/services/gup/formgrader/manage_assignments")
    page.locator("td.name", has_text=SET).wait_for()
    return page


def press(page: Page, column: str) -> None:
    """Press the button of the set in a column of the formgrader, and wait until it says that it was done."""
    page.locator("tr", has=page.locator("td.name", has_text=SET)).locator(f"td.{column} a").first.click()
    page.locator("#success-modal, #error-modal").first.wait_for()
    text = page.locator("#success-modal, #error-modal").first.inner_text()
    assert page.locator("#success-modal").count(), text
    page.keyboard.press("Escape")


def test_only_instructors_see_the_formgrader(people: People) -> None:
    """A student who asks for the formgrader is refused; the student's own menu does not offer it."""
    page = people.page("student1")
    answer = page.goto(f"{people.hub.base}/services/gup/formgrader/manage_assignments")
    assert answer is not None
    assert answer.status == 403


def test_the_instructor_releases(people: People, hub: Hub) -> None:
    """The formgrader generates the set and puts it into the exchange, without solutions and hidden tests."""
    press(formgrader(people), "assign")
    press(formgrader(people), "release")
    people.picture("instructor", "formgrader")
    released = hub.state / "exchange/gup/outbound" / SET
    assert {path.name for path in released.iterdir()} == {f"{SET}.ipynb", "examples.txt"}
    assert given_away(released) == []


@pytest.mark.parametrize(("student", "parts"), list(zip(STUDENTS, (3, 1, 0), strict=True)))
def test_a_student_fetches_answers_and_submits(people: People, hub: Hub, student: str, parts: int) -> None:
    """The list offers the set; fetched, it lies in the student's home; answered in part, it is submitted."""
    page = assignment_list(people, student)
    page.locator("#released_assignments_list").get_by_role("button", name="Fetch", exact=True).click()
    submit = page.locator("#fetched_assignments_list").get_by_role("button", name="Submit", exact=True)
    submit.wait_for()
    people.picture(student, f"{student}-fetched")
    solve(hub.home(student) / SET / f"{SET}.ipynb", parts)
    submit.click()
    page.locator("#submitted_assignments_list", has_text=SET).wait_for()
    inbound = hub.state / "exchange/gup/inbound"
    assert [path.name.split("+")[0] for path in inbound.iterdir()].count(student) == 1


def test_the_instructor_collects_and_grades(people: People, hub: Hub) -> None:
    """The formgrader collects all three, gupkit grade grades them, and each has its own score."""
    press(formgrader(people), "collect")
    assert sorted(path.name for path in (hub.course / "submitted").iterdir()) == list(STUDENTS)
    command = [sys.executable, "-m", "gupkit.cli", "grade", "--course", str(hub.course), "--json"]
    answer = subprocess.run(command, env=hub.environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    scores = {row["student"]: row["auto_score"] for row in json.loads(answer.stdout)["submissions"]}
    assert scores == {"student1": GRADED, "student2": 2, "student3": 0}


def test_students_get_feedback(people: People, hub: Hub) -> None:
    """The formgrader generates and releases feedback; a student fetches it, and it does not show hidden tests."""
    press(formgrader(people), "generate-feedback")
    press(formgrader(people), "release-feedback")
    people.picture("instructor", "graded")
    for student in STUDENTS:
        page = assignment_list(people, student)
        page.locator("#submitted_assignments_list").get_by_role("button", name="Fetch Feedback").click()
        page.locator("#submitted_assignments_list").get_by_text("view feedback").first.wait_for()
        (feedback,) = (hub.home(student) / SET / "feedback").rglob("*.html")
        text = feedback.read_text(encoding="utf-8")
        assert "HIDDEN" not in text
        assert "sheet.hidden" not in text
    people.picture("student1", "feedback")
