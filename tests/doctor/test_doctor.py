"""The doctor says what is here, what is missing and how to mend it, and counts only what the notebooks need."""

import json
import os
import sys
import webbrowser
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gupkit.cli import cli
from gupkit.doctor import Finding, examine, grading, jupyter, kit, linux
from gupkit.errors import GupkitError


def doctor(*arguments: str) -> Result:
    """Run ``gupkit doctor``."""
    return CliRunner().invoke(cli, ["doctor", *arguments], prog_name="gupkit")


def given(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    """Let the examination find just these."""
    monkeypatch.setattr("gupkit.doctor.examine", lambda: list(findings))


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Let a package look as if it were not installed."""
    real = metadata.version

    def version(name: str) -> str:
        if name == package:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)


def test_this_machine_is_fit() -> None:
    """Where the tests run, all is here that the notebooks need; each row has a name and says something."""
    found = examine()
    assert all(finding.here for finding in found if finding.needed)
    assert all(finding.name and finding.what for finding in found)
    assert len({finding.name for finding in found}) == len(found)
    needed = [finding.needed for finding in found]
    assert needed == sorted(needed, reverse=True)


def test_the_page_and_the_json_say_the_same() -> None:
    """Both have every finding; --json is one object and nothing else."""
    said, data = doctor(), json.loads(doctor("--json").stdout)
    assert said.exit_code == 0
    assert data["ready"]
    for finding in data["findings"]:
        assert finding["name"] in said.stdout


def test_a_missing_need_is_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the notebooks need and is not here makes the status 1, and the page says how to mend it."""
    given(monkeypatch, Finding("JupyterLab", False, "missing", "pip install it", needed=True))
    said = doctor()
    assert said.exit_code == 1
    assert "NO  JupyterLab" in said.stdout
    assert "to mend: pip install it" in said.stdout
    assert "not all here" in said.stdout
    assert not json.loads(doctor("--json").stdout)["ready"]


def test_what_is_only_missing_for_more_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """No root, no swap: the status is 0."""
    given(monkeypatch, Finding("swap", False, "missing", "swapon"))
    assert doctor().exit_code == 0


def test_long_words_fit_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than a terminal of 110 columns."""
    given(monkeypatch, Finding("swap", False, "word " * 60, "word " * 60))
    assert max(map(len, doctor().stdout.splitlines())) <= 110


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, JupyterLab or nbgrader the row says so, and which command brings them."""
    for package, find in (("matplotlib", kit.matplotlib), ("jupyterlab", jupyter.lab)):
        without(monkeypatch, package)
        assert not find().here
        assert "pip install" in find().mend
        monkeypatch.undo()
    without(monkeypatch, "nbgrader")
    (row,) = grading.grading()
    assert not row.here
    assert "gupkit[grading]" in row.mend


def test_a_missing_widgets_manager_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where JupyterLab has no front end for widgets, the row says that explorers show as text."""
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    row = jupyter.widgets()
    assert not row.here
    assert "jupyterlab-widgets" in row.mend


def test_a_manager_that_is_switched_off_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was disabled is named with the command that enables it."""
    name = "@jupyter-widgets/jupyterlab-manager"
    page = {"federated_extensions": [{"name": n} for n in jupyter.FRONT_ENDS], "disabledExtensions": [f"{name}:plugin"]}
    monkeypatch.setattr("jupyterlab_server.config.get_page_config", lambda *_: page)
    assert jupyter.widgets().mend == f"jupyter labextension enable {name}"


def test_without_jupyter_the_widgets_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No JupyterLab, no manager: no traceback."""
    monkeypatch.setitem(sys.modules, "jupyterlab_server.config", None)
    assert not jupyter.widgets().here


def test_a_browser_is_found_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be opened, the address can be printed."""
    monkeypatch.setattr(webbrowser, "get", lambda: type("Firefox", (), {"name": "firefox"})())
    assert jupyter.browser().what == "firefox"

    def none() -> None:
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "get", none)
    assert "--no-browser" in jupyter.browser().mend


def test_a_directory_that_cannot_be_written_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row names the directory and the way round it."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    row = jupyter.directory()
    assert not row.here
    assert str(Path.cwd()) in row.what


def test_elsewhere_than_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be read, one row says so, and one that scenarios run simulated."""

    def not_here(*_: object) -> None:
        raise GupkitError("this is plan9")

    monkeypatch.setattr("gupkit.host.live.snapshot_of", not_here)
    monkeypatch.setattr("gupkit.host.run.probe.probe", not_here)
    reading, performing = linux.linux()
    assert not reading.here
    assert "plan9" in performing.what
    assert "simulated" in performing.mend


def test_a_broken_simulator_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the first run fails, the row says why, and nothing else breaks."""

    def broken(*_: object) -> None:
        raise ImportError("no ruamel here")

    monkeypatch.setattr("gupkit.api.run", broken)
    assert "no ruamel here" in kit.simulator().what
    assert not kit.simulator().here


def test_no_wall_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where student code cannot be walled in, the row gives the reason."""
    monkeypatch.setattr("gupkit.course.sandbox.wall.why_no_wall", lambda: "no bubblewrap")
    assert grading.wall().what == "no bubblewrap"
