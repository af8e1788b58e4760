"""The wheel and the source archive, each in an empty environment, used from an empty directory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.built import build
from tests.project.source import ROOT

pytestmark = pytest.mark.prove


@pytest.fixture(params=["wheel", "sdist"])
def gupkit(request: pytest.FixtureRequest, tmp_path: Path):
    """A function that runs the installed command in an empty directory."""
    archive = build(request.param, tmp_path / "dist")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    here = tmp_path / "empty"
    here.mkdir()
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    install = [tmp_path / "venv/bin/python", "-m", "pip", "install", "--quiet", "--constraint"]
    subprocess.run([*install, ROOT / "constraints.txt", archive], cwd=here, env=environ, check=True)

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [tmp_path / "venv/bin/gupkit", *arguments]
        return subprocess.run(command, cwd=here, env=environ, capture_output=True, text=True, check=False)

    return run


def test_a_plain_install_is_enough(gupkit, tmp_path: Path) -> None:
    """Installed by pip alone: scenarios run, recordings are there, the doctor is content, notebooks are handed out."""
    assert gupkit("run", "leak", "invalidate").returncode == 0
    assert gupkit("compare", "--recorded", "5.10", "--json").returncode == 0
    doctor = json.loads(gupkit("doctor", "--json").stdout)
    assert doctor["ready"], doctor
    lab = gupkit("lab", "--no-browser", "--", "--version")
    assert lab.returncode == 0, lab.stderr
    assert "copied to gupkit-notebooks" in lab.stderr
    mine = tmp_path / "empty/gupkit-notebooks"
    (mine / "00-start-here.ipynb").write_text("my work")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert (mine / path.name).exists()
    for path in (ROOT / "exercises/source").iterdir():
        assert (mine / "exercises" / path.name / f"{path.name}.ipynb").exists()
    assert "1 file in gupkit-notebooks kept" in gupkit("lab", "--", "--version").stderr
    assert (mine / "00-start-here.ipynb").read_text() == "my work"
