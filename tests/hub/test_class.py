"""A class on a hub: three students fetch, answer, submit and get feedback; an instructor releases, collects, grades."""

import json
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Page

from tests.hub.answers import SET, WRITTEN, solve
from tests.hub.conftest import STUDENTS, Hub, People
from tests.project.answers import given_away
from tests.project.source import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.prove, pytest.mark.xdist_group("browser")]

PARTS = dict(zip(STUDENTS, (3, 1, 0), strict=True))
"""Who answers how many of the three parts."""

POINTS = dict(zip(STUDENTS, (7, 2, 0), strict=True))
"""What a program gives for that."""

BY_HAND = 2
"""What the instructor gives for a written answer."""


def test_a_term(people: People, hub: Hub) -> None:
    """From the formgrader to the feedback page: everybody gets what is theirs, and nobody sees what is not."""
    student_is_refused(people, "student1")
    instructor_releases(people, hub)
    for student in STUDENTS:
        student_hands_in(people, hub, student)
    instructor_collects(people, hub)
    grade(hub)
    instructor_reads_the_answers(people, hub)
    instructor_gives_feedback(people)
    for student in STUDENTS:
        student_gets_feedback(people, hub, student)


def student_is_refused(people: People, student: str) -> None:
    """A student who asks for the formgrader does not get it."""
    page = people.page(student)
    answer = page.goto(f"{people.hub.base}/services/gup/formgrader/manage_assignments")
    assert answer is not None
    assert answer.status == 403


def instructor_releases(people: People, hub: Hub) -> None:
    """The formgrader generates the set and puts it into the exchange, without solutions and hidden tests."""
    press(formgrader(people), "assign")
    press(formgrader(people), "release")
    people.picture("instructor", "formgrader")
    released = hub.state / "exchange/gup/outbound" / SET
    assert {path.name for path in released.iterdir()} == {f"{SET}.ipynb", "examples.txt"}
    assert given_away(released) == []


def student_hands_in(people: People, hub: Hub, student: str) -> None:
    """The list offers the set; fetched, it lies in the student's home; answered in part, it is submitted."""
    page = assignment_list(people, student)
    page.locator("#released_assignments_list").get_by_role("button", name="Fetch", exact=True).click()
    submit = page.locator("#fetched_assignments_list").get_by_role("button", name="Submit", exact=True)
    submit.wait_for()
    people.picture(student, f"{student}-fetched")
    solve(hub.home(student) / SET / f"{SET}.ipynb", PARTS[student])
    submit.click()
    page.locator("#submitted_assignments_list", has_text=SET).wait_for()
    inbound = hub.state / "exchange/gup/inbound"
    assert [path.name.split("+")[0] for path in inbound.iterdir()].count(student) == 1


def instructor_collects(people: People, hub: Hub) -> None:
    """The formgrader collects all three."""
    press(formgrader(people), "collect")
    assert sorted(path.name for path in (hub.course / "submitted").iterdir()) == list(STUDENTS)


def grade(hub: Hub) -> None:
    """The command grades all three into the gradebook that the formgrader shows, and each has its own score."""
    command = [sys.executable, "-m", "gupkit.cli", "grade", "--course", str(hub.course), "--json"]
    answer = subprocess.run(command, env=hub.environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    rows = json.loads(answer.stdout)["submissions"]
    assert {row["student"]: row["auto_score"] for row in rows} == POINTS
    assert not (hub.course / "gradebook.db").exists()


def instructor_reads_the_answers(people: People, hub: Hub) -> None:
    """Each written answer is shown with the rubric below it; points given in the formgrader are in the gradebook."""
    for student in STUDENTS:
        with Gradebook(hub.database) as gradebook:
            place = gradebook.find_submission_notebook(SET, SET, student).id
        page = people.page("instructor")
        # points that are typed before the page has fetched the old ones are lost
        page.goto(f"{people.hub.base}/services/gup/formgrader/submissions/{place}/", wait_until="networkidle")
        page.get_by_text(WRITTEN).first.wait_for()
        page.get_by_text("Rubric, one point each").wait_for()
        points = page.locator("input.score").last
        points.fill(str(BY_HAND))
        with page.expect_response(lambda answer: "/formgrader/api/grade/" in answer.url and answer.ok):
            points.press("Tab")
    page.get_by_text("Rubric, one point each").scroll_into_view_if_needed()
    people.picture("instructor", "rubric")
    with Gradebook(hub.database) as gradebook:
        total = {student: gradebook.find_submission(SET, student).score for student in STUDENTS}
    assert total == {student: points + BY_HAND for student, points in POINTS.items()}


def instructor_gives_feedback(people: People) -> None:
    """The formgrader generates and releases it."""
    press(formgrader(people), "generate-feedback")
    press(formgrader(people), "release-feedback")
    people.picture("instructor", "graded")


def student_gets_feedback(people: People, hub: Hub, student: str) -> None:
    """The list offers the page, which has the points and the student's words, and no hidden test and no rubric."""
    page = assignment_list(people, student)
    page.locator("#submitted_assignments_list").get_by_role("button", name="Fetch Feedback").click()
    page.locator("#submitted_assignments_list").get_by_text("view feedback").first.wait_for()
    people.picture(student, f"{student}-feedback")
    (feedback,) = (hub.home(student) / SET / "feedback").rglob("*.html")
    page.goto(feedback.as_uri())
    text = page.inner_text("body")
    assert f"Score: {POINTS[student] + BY_HAND}.0 / 10.0" in text
    assert WRITTEN in text
    assert not [secret for secret in ("HIDDEN", "sheet.hidden", "Rubric") if secret in page.content()]
    people.picture(student, f"{student}-page")


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
