"""What every test has in common, and the one browser of a test run: a process can have but one Playwright."""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import window
from tests.project.built import build, unpack
from tools.chromium import ADVICE, find_chromium, in_ci

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No test may touch the answers that the person at this machine has given.
ANSWERS = tempfile.TemporaryDirectory(prefix="gupkit-tests-")
atexit.register(ANSWERS.cleanup)
os.environ["GUPKIT_PROGRESS"] = str(Path(ANSWERS.name) / "progress.jsonl")

# The same examples on every machine and every run: a test that fails, fails for everybody.
settings.register_profile("gupkit", derandomize=True, deadline=None, database=None)
settings.load_profile("gupkit")

@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Without one: a failure where CI is set, else the test is left out, with what to do."""
    path = find_chromium()
    if path is None:
        (pytest.fail if in_ci() else pytest.skip)(ADVICE)
    return str(path)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium without a window."""
    with window.chromium(chromium) as opened:
        yield opened


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, unpacked. Who takes this or the wheel belongs to the group ``built``: one worker builds."""
    return unpack(build("sdist", tmp_path_factory.mktemp("sdist")), tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="session")
def wheel(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built of the source archive, as it is for a release."""
    return build("wheel", tmp_path_factory.mktemp("wheel"), top=archive)
