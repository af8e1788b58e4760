"""The set-up says what is missing, in words, and fails where it must."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gupkit.cli.lab import PROMPT
from tests.project.source import ROOT
from tools import chromium, make_venv


@pytest.fixture
def browser(tmp_path: Path) -> str:
    """An executable file by the name of a browser, alone in its directory."""
    path = tmp_path / "chromium"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def make(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run make in the project's directory without what an outer make left in the environment."""
    clean = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**clean, **environ}, capture_output=True, text=True, check=False)


def test_chromium_is_found(browser: str, tmp_path: Path) -> None:
    """A browser on PATH is found, and the one that GUPKIT_CHROMIUM names comes first."""
    assert chromium.find_chromium({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == browser
    other = tmp_path / "mine"
    other.write_text("")
    other.chmod(0o755)
    assert chromium.find_chromium({"PATH": str(tmp_path), "GUPKIT_CHROMIUM": str(other)}) == str(other)
    assert chromium.find_chromium({"PATH": str(tmp_path), "GUPKIT_CHROMIUM": "/nowhere"}) is None


def test_a_browser_that_playwright_brought_is_found(tmp_path: Path) -> None:
    """What ``playwright install chromium`` leaves in the home directory serves as well."""
    path = tmp_path / ".cache/ms-playwright/chromium-1200/chrome-linux/chrome"
    path.parent.mkdir(parents=True)
    path.write_text("")
    path.chmod(0o755)
    assert chromium.find_chromium({"PATH": "", "HOME": str(tmp_path)}) == str(path)


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0), ("false", 0)])
def test_without_chromium(tmp_path: Path, ci: str, status: int) -> None:
    """Where there is none the advice says how to get it; with CI set that is an error, else the tests are left out."""
    environ = {"PATH": "", "HOME": str(tmp_path), "CI": ci}
    command = [sys.executable, str(ROOT / "tools/chromium.py"), "--select"]
    answer = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == status
    assert "apt install chromium" in answer.stderr
    assert answer.stdout == ("" if status else "not browser\n")


def test_this_python_will_do() -> None:
    """The Python that runs the tests lacks nothing that the set-up needs."""
    assert make_venv.missing() == ""


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python before 3.11 gets one line that names what is needed and how to choose another."""
    monkeypatch.setattr(make_venv, "LEAST", (9, 0))
    assert "needs Python 9.0" in make_venv.missing()
    assert "PYTHON=" in make_venv.missing()


def test_a_missing_venv_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where Debian's python3-venv is not installed the line names the package, and nothing is made."""
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert make_venv.main("/nowhere/at/all", "-") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "apt install python3." in line
    assert "-venv" in line


def test_a_missing_python_is_told_so(tmp_path: Path) -> None:
    """make names the Python that it did not find, and what to install."""
    answer = make("lab", "PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert answer.returncode != 0
    assert "no no-such-python here" in answer.stderr
    assert "python3-venv" in answer.stderr


def test_make_alone_says_what_there_is() -> None:
    """``make`` without a target names every target."""
    answer = make()
    assert answer.returncode == 0
    for target in ("lab", "test", "lint", "bench", "clean"):
        assert f"make {target}" in answer.stdout


def test_make_lab_opens_the_first_notebook(tmp_path: Path) -> None:
    """``make lab`` starts JupyterLab on the first notebook and passes ARGS on."""
    stamps = tmp_path / "venv"
    stamps.mkdir()
    (stamps / ".installed-kit").touch()
    answer = make("--dry-run", "lab", f"VENV={stamps}", "ARGS=--no-browser")
    (line,) = answer.stdout.splitlines()
    assert "jupyter-lab" in line
    assert all(told in line for told in PROMPT)
    assert line.endswith("/lab/tree/notebooks/00-start-here.ipynb --no-browser")
    assert (ROOT / "notebooks/00-start-here.ipynb").exists()
