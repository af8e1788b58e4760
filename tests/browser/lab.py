"""A JupyterLab of one's own, and somebody who sits before it with a real Chromium."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as LostTime

from gupkit.cli.lab import PROMPT
from tests.window import PATIENT

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "browser-tests"
SETTINGS = {
    # Every cell is in the page, also where the reader does not look.
    "notebook-extension/tracker": {"windowingMode": "none"},
    # No question about news on top of what is tested.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}
HOMES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
START_SECONDS = 300
EXPLORERS = [
    "import gupkit as gk",
    "explorer = gk.widgets.Explorer('leak')\nexplorer",
    "snapshot = gk.widgets.Explorer(gk.own_process())\nsnapshot",
    "print('ready')",
]
"""The cells of a notebook of explorers."""


@dataclass
class Lab:
    """A running JupyterLab: its address, and the folder it serves."""

    base: str
    folder: Path

    def kernels(self) -> list[dict[str, Any]]:
        """The kernels that run now; none while the server has no answer to give."""
        try:
            with urllib.request.urlopen(f"{self.base}/api/kernels?token={TOKEN}", timeout=5) as answer:
                return list(json.load(answer))
        except OSError:
            return []

    def stop_kernels(self) -> None:
        """End every kernel, so that the next test starts with none."""
        for kernel in self.kernels():
            url = f"{self.base}/api/kernels/{kernel['id']}?token={TOKEN}"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=20).close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """The server's environment: settings of its own, and this gupkit."""
    homes = {name: str(home / name) for name in HOMES}
    for plugin, value in SETTINGS.items():
        path = home / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, **homes, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def wait_until_up(server: "subprocess.Popen[bytes]", base: str, log: Path) -> None:
    """Return when the server answers; fail with its last words when it ends or takes too long."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{base}/api/status?token={TOKEN}", timeout=2).close()
            return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def serving(folder: Path, home: Path) -> Iterator[Lab]:
    """A JupyterLab that serves ``folder``, with nothing of this machine's settings; ``home`` is for its own."""
    base, log = f"http://127.0.0.1:{free_port()}", home / "server.log"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={base.rpartition(':')[2]}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *PROMPT,
    ]  # fmt: skip
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=environment(home), stdout=output, stderr=output)
        try:
            wait_until_up(server, base, log)
            yield Lab(base, folder)
        finally:
            server.terminate()
            server.wait(30)


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """A notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(notebook, path)


@dataclass
class Reader:
    """Somebody who sits before the browser: the page, what it asked other machines for, where pictures are kept."""

    page: Page
    lab: Lab
    asked: list[str]
    pictures: Path

    def open(self, notebook: str, cells: Sequence[str] = EXPLORERS) -> None:
        """Open a notebook as it came, never run, and wait for its cells; of ``cells`` if the project has none such."""
        if (ROOT / "notebooks" / notebook).exists():
            shutil.copy(ROOT / "notebooks" / notebook, self.lab.folder / notebook)
        else:
            write_notebook(self.lab.folder / notebook, cells)
        self.page.goto(f"{self.lab.base}/lab/tree/{notebook}?reset&token={TOKEN}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=300_000)

    def run_all(self) -> None:
        """Run every cell and wait for the last. A click on Run All before the kernel is connected would be lost."""
        self._wait_for_kernel()
        for _ in range(3):
            self.page.get_by_role("menuitem", name="Run", exact=True).click()
            self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            try:
                self.page.wait_for_function(f"() => {STARTED}", timeout=4_000)
                break
            except LostTime:
                continue
        self.page.wait_for_function(f"() => {FINISHED}", timeout=600_000)

    def _wait_for_kernel(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            ready = any(k["connections"] and k["execution_state"] == "idle" for k in self.lab.kernels())
            if ready and "Idle" in self.page.locator("#jp-main-statusbar").inner_text():
                return
            self.page.wait_for_timeout(100)
        raise RuntimeError("no kernel became ready")

    def errors(self) -> list[str]:
        """What went wrong in cells."""
        return self.page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()

    def picture(self, name: str) -> None:
        """Keep a picture of what is on the screen."""
        self.page.screenshot(path=str(self.pictures / f"{name}.png"))


PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent)"
STARTED = f"{PROMPTS}.some(t => /[*\\d]/.test(t))"
FINISHED = f"{PROMPTS}.every(t => !t.includes('*')) && {PROMPTS}.some(t => /\\d/.test(t))"


@contextmanager
def sat_down(browser: Browser, lab: Lab, artifacts: Path) -> Iterator[Reader]:
    """A fresh browser window; whatever it asks another machine for is refused and written down."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    context.set_default_timeout(PATIENT)
    page = context.new_page()
    asked: list[str] = []

    def away(route: Any) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route(lambda url: url.startswith(("http:", "https:", "ws:", "wss:")) and "//127.0.0.1:" not in url, away)
    try:
        yield Reader(page, lab, asked, artifacts)
    finally:
        context.close()
        lab.stop_kernels()
