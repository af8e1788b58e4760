"""The book and the slides, built once, and a browser that has them and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Route

from tests.book.looks import Visitor
from tests.ran import ran
from tests.window import PATIENT
from tools.book.__main__ import make as make_book
from tools.book.executed import lectures
from tools.slides.__main__ import make as make_slides

FIRST = lectures()[:1]
"""The sample that make test looks at."""


@pytest.fixture(scope="session")
def sample_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book with the first lecture alone, and without the reference."""
    made = tmp_path_factory.mktemp("sample") / "book"
    ran(FIRST[0])
    make_book(made, FIRST, reference=False)
    return made


@pytest.fixture(scope="session")
def whole_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book with every lecture."""
    made = tmp_path_factory.mktemp("whole") / "book"
    make_book(made, lectures())
    return made


@pytest.fixture(scope="session")
def sample_slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slides of the first lecture."""
    made = tmp_path_factory.mktemp("sample") / "slides"
    ran(FIRST[0])
    make_slides(made, FIRST)
    return made


@pytest.fixture(scope="session")
def all_slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slides of every lecture."""
    made = tmp_path_factory.mktemp("whole") / "slides"
    make_slides(made, lectures())
    return made


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody with a fresh browser window."""
    yield from visit(browser, "light")


@pytest.fixture(params=["light", "dark"])
def by_day_and_night(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """The same with a light screen, and with a dark one."""
    yield from visit(browser, request.param)


def visit(browser: Browser, scheme: Literal["light", "dark"]) -> Iterator[Visitor]:
    """A window; whatever is not a file of this machine is refused and written down."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    context.set_default_timeout(PATIENT)
    visitor = Visitor(context.new_page())

    def refuse(route: Route) -> None:
        visitor.wrong.append(f"asks for {route.request.url}")
        route.abort()

    context.route(lambda url: not url.startswith(("file:", "data:", "blob:")), refuse)
    visitor.page.on("pageerror", lambda error: visitor.wrong.append(f"fails: {error}"))
    yield visitor
    context.close()
