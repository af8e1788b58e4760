"""A JupyterLab of one's own and a real Chromium to look at it with.

Screenshots go to the folder named by ``GUPKIT_ARTIFACTS``, else to a temporary one that pytest keeps; so does one of
the page at which a test failed.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.lab import ROOT, Lab, Reader, sat_down, serving


@pytest.fixture(scope="session")
def lab(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab that serves copies of the notebooks."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(ROOT / "notebooks", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with serving(folder, tmp_path_factory.mktemp("home")) as lab:
        yield lab


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept."""
    folder = Path(os.environ.get("GUPKIT_ARTIFACTS") or tmp_path_factory.mktemp("artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep what was on the screen when a test failed."""
    report = yield
    given = getattr(item, "funcargs", {})
    page = next((one.page for one in given.values() if isinstance(one, Reader)), given.get("page"))
    if call.when == "call" and report.failed and page is not None:
        page.screenshot(path=str(given["artifacts"] / f"failed-{item.name}.png"))
    return report


@pytest.fixture
def reader(browser: Browser, lab: Lab, artifacts: Path) -> Iterator[Reader]:
    """Somebody who has just sat down."""
    with sat_down(browser, lab, artifacts) as reader:
        yield reader
