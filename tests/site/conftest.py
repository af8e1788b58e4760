"""The site, built and served on this machine alone, and a browser for which there is no other host."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import FINISHED
from tests.project.source import ROOT
from tests.site.elsewhere import refusing

IDLE = "() => document.querySelector('#jp-main-statusbar')?.innerText.includes('Idle')"
START = 300_000
"""Milliseconds for Python to start in a browser on a busy machine."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, as ``make site`` makes it."""
    into = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, "-m", "tools.site", "--constraint", str(ROOT / "constraints.txt"), str(into)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    keep_every_cell(into / "run" / "jupyter-lite.json")
    return into


def keep_every_cell(settings: Path) -> None:
    """Let the page hold every cell, also where the reader does not look: a test reads them all."""
    values = json.loads(settings.read_text(encoding="utf-8"))
    overrides = values["jupyter-config-data"].setdefault("settingsOverrides", {})
    overrides["@jupyterlab/notebook-extension:tracker"] = {"windowingMode": "none"}
    settings.write_text(json.dumps(values), encoding="utf-8")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Python's own file server, as the last line of ``make site`` starts it, without its log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    """The address at which the site is served."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@dataclass
class Visitor:
    """Somebody who opens the site: the page, its address, what was asked of other hosts, where pictures are kept.

    ``errors`` is what the browser's console shows in red.
    """

    page: Page
    base: str
    asked: list[str]
    pictures: Path
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to the page from its beginning."""
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, notebook: str) -> None:
        """Open a notebook and wait until its Python has started."""
        self.page.goto(f"{self.base}/run/lab/index.html?path={notebook}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START)
        self.page.wait_for_function(IDLE, timeout=START)

    def run(self, code: str) -> None:
        """Put this code into the first cell in the place of its own, run it, and wait until it has run."""
        cell = self.page.locator(".jp-CodeCell").first
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(f"() => {FINISHED}", timeout=600_000)

    def run_all(self) -> None:
        """Run every cell and wait for the last."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(f"() => {FINISHED}", timeout=600_000)

    def said(self, kind: str) -> list[str]:
        """The texts of all outputs of one kind: ``error``, ``stderr`` or ``stdout``."""
        return self.page.locator(f'[data-mime-type="application/vnd.jupyter.{kind}"]').all_inner_texts()

    def picture(self, name: str) -> None:
        """Keep a picture of what is on the screen."""
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))


@pytest.fixture
def visitor(browser: Browser, base: str, tmp_path: Path) -> Iterator[Visitor]:
    """A fresh browser profile, for which every host but this machine is one that writes down and refuses."""
    pictures = Path(os.environ.get("GUPKIT_ARTIFACTS") or tmp_path)
    pictures.mkdir(parents=True, exist_ok=True)
    with refusing() as (proxy, asked):
        way_out = {"server": proxy, "bypass": "127.0.0.1"}
        context = browser.new_context(viewport={"width": 1200, "height": 1000}, proxy=way_out)
        yield Visitor(context.new_page(), base, asked, pictures)
        context.close()
