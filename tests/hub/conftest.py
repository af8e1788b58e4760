"""A real JupyterHub on this machine's loopback, as deploy/jupyterhub/ sets it up, and people with browsers."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import free_port
from tests.hub.postgres import Server, programs, running
from tests.project.source import ROOT
from tools.chromium import in_ci

PASSWORD = "of the tests"
STUDENTS = ("student1", "student2", "student3")
SLOW = 240_000
"""Milliseconds that a server may take to start on a busy machine."""


@dataclass
class Hub:
    """A running hub: its address, the directory in which all of it lies, and its gradebook's address."""

    base: str
    state: Path
    database: str
    environ: dict[str, str] = field(repr=False)

    @property
    def course(self) -> Path:
        """The instructor's course."""
        return self.state / "course"

    def home(self, user: str) -> Path:
        """Where a user's files lie."""
        return self.state / "homes" / user


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the program ``configurable-http-proxy``, from npm unless it is installed."""
    found = shutil.which("configurable-http-proxy")
    if found:
        return Path(found).parent
    if shutil.which("npm") is None:
        (pytest.fail if in_ci() else pytest.skip)("a hub needs configurable-http-proxy, and that npm: apt install npm")
    folder = tmp_path_factory.mktemp("proxy")
    subprocess.run(["npm", "install", "--silent", "configurable-http-proxy"], cwd=folder, check=True)
    return folder / "node_modules/.bin"


@pytest.fixture
def postgresql() -> Iterator[Server]:
    """A PostgreSQL of the tests' own."""
    bin_dir = programs()
    if bin_dir is None:
        (pytest.fail if in_ci() else pytest.skip)("no PostgreSQL here: apt install postgresql")
    with running(bin_dir) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'elsewhere.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.address


@pytest.fixture
def hub(proxy: Path, database: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub that serves the kit's own course to three students and an instructor, with either kind of gradebook."""
    state = tmp_path / "hub"
    shutil.copytree(ROOT / "exercises", state / "course")
    port, formgrader, hub_port, proxy_port = (free_port() for _ in range(4))
    environ = {
        **os.environ, "PATH": os.pathsep.join([str(proxy), os.environ["PATH"]]), "PYTHONPATH": str(ROOT),
        "GUPKIT_HUB": "demo", "GUPKIT_HUB_STATE": str(state), "GUPKIT_PASSWORD": PASSWORD,
        "GUPKIT_STUDENTS": ",".join(STUDENTS), "GUPKIT_COURSE_SECRET": "of the tests", "GUPKIT_GRADEBOOK": database,
        "GUPKIT_FORMGRADER": f"http://127.0.0.1:{formgrader}",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "deploy/jupyterhub/jupyterhub_config.py"),
        f"--JupyterHub.bind_url=http://127.0.0.1:{port}", f"--JupyterHub.hub_port={hub_port}",
        f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy_port}",
    ]  # fmt: skip
    log = state / "hub.log"
    with log.open("wb") as output:
        serving = subprocess.Popen(command, cwd=state, env=environ, stdout=output, stderr=output)
    made = Hub(f"http://127.0.0.1:{port}", state, database, environ)
    try:
        wait_until_up(serving, made, log)
        yield made
    finally:
        serving.send_signal(signal.SIGINT)  # the hub ends its proxy, its service and its users' servers
        serving.wait(120)
        if kept := os.environ.get("GUPKIT_ARTIFACTS"):
            shutil.copy(log, kept)


def wait_until_up(serving: "subprocess.Popen[bytes]", hub: Hub, log: Path) -> None:
    """Return when the hub and its formgrader answer; fail with the last words of the log when they do not."""
    end = time.monotonic() + SLOW / 1000
    while time.monotonic() < end and serving.poll() is None:
        try:
            for path in ("/hub/health", "/services/gup/api"):
                urllib.request.urlopen(hub.base + path, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the hub did not start: {log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


@dataclass
class People:
    """Everybody with a browser of their own."""

    browser: Browser
    hub: Hub
    pictures: Path
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, user: str) -> Page:
        """The window of a user, who logs in the first time."""
        if user not in self.pages:
            page = self.pages[user] = self.browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
            page.set_default_timeout(SLOW)
            page.goto(f"{self.hub.base}/hub/login?next=%2Fhub%2Fhome")
            page.fill("#username_input", user)
            page.fill("#password_input", PASSWORD)
            page.click("#login_submit")
            page.wait_for_url("**/hub/home")
        return self.pages[user]

    def picture(self, user: str, name: str) -> None:
        """Keep a picture of what a user sees."""
        self.pages[user].screenshot(path=str(self.pictures / f"hub-{name}.png"))


@pytest.fixture
def people(browser: Browser, hub: Hub, tmp_path: Path) -> Iterator[People]:
    """A browser in which each user has a profile of their own."""
    everybody = People(browser, hub, Path(os.environ.get("GUPKIT_ARTIFACTS") or tmp_path))
    yield everybody
    for page in everybody.pages.values():
        page.context.close()
