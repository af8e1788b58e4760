"""Binder and Colab: what they would run, and buttons that are there only when there is somewhere to lead."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.source import ROOT
from tools.launch import COLAB, README, buttons, setting, with_address, with_buttons

ADDRESS = "https://github.com/someone/something"


def cells() -> list[str]:
    """The code cells of the notebook for Colab."""
    data = json.loads(COLAB.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in data["cells"] if cell["cell_type"] == "code"]


def test_readme_and_notebook_follow_the_setting() -> None:
    """Both are what tools/launch.py would write for the address in pyproject.toml."""
    readme, notebook = README.read_text(encoding="utf-8"), COLAB.read_text(encoding="utf-8")
    assert with_buttons(readme, setting()) == readme
    assert with_address(notebook, setting()) == notebook


def test_without_an_address_there_are_no_buttons() -> None:
    """While the setting is empty, the README shows none."""
    readme = README.read_text(encoding="utf-8")
    assert "<!-- launch -->" in readme
    assert "mybinder" not in with_buttons(readme, "")


def test_with_an_address_each_service_has_one() -> None:
    """Both buttons lead to the repository; the first cell knows where to clone from."""
    assert "/v2/gh/someone/something/HEAD?urlpath=lab%2Ftree%2Fnotebooks%2F00-start-here.ipynb" in buttons(ADDRESS)
    assert "/github/someone/something/blob/HEAD/deploy/colab.ipynb" in buttons(ADDRESS)
    readme = with_buttons(README.read_text(encoding="utf-8"), ADDRESS)
    assert readme.count("Run it on") == 2
    assert with_buttons(readme, "") == with_buttons(README.read_text(encoding="utf-8"), "")
    assert f'REPOSITORY = \\"{ADDRESS}\\"' in with_address(COLAB.read_text(encoding="utf-8"), ADDRESS)


@pytest.mark.parametrize("wrong", ["github.com/a/b", "https://github.com/a", "https://example.org/a/b"])
def test_an_address_of_another_form_is_refused(tmp_path: Path, wrong: str) -> None:
    """What the services could not open is said at once."""
    (tmp_path / "pyproject.toml").write_text(f'[tool.gupkit]\nrepository = "{wrong}"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="is no repository"):
        setting(tmp_path)


def test_without_a_checkout_the_first_cell_says_so(tmp_path: Path) -> None:
    """Outside of a checkout and without an address, the cell ends in words."""
    hidden = "import importlib.util\nimportlib.util.find_spec = lambda name: None\n"
    command = [sys.executable, "-c", hidden + with_no_address()]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "no checkout here" in answer.stderr


def with_no_address() -> str:
    """The first cell as it is while the setting is empty."""
    data = json.loads(with_address(COLAB.read_text(encoding="utf-8"), ""))
    return next("".join(cell["source"]) for cell in data["cells"] if cell["cell_type"] == "code")


@pytest.mark.prove
def test_the_first_cell_installs_from_the_checkout(tmp_path: Path) -> None:
    """In an empty environment the first cell of the Colab notebook installs the kit; its story and postBuild run."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environ["PATH"] = os.pathsep.join([str(python.parent), environ["PATH"]])
    first, story = cells()
    code = f"{first}\nprint(gk.__file__)\n{story}"
    command = [python, "-c", code]
    answer = subprocess.run(command, cwd=COLAB.parent, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert str(tmp_path) in answer.stdout.splitlines()[-1]
    built = subprocess.run([ROOT / "postBuild"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "venv/share/jupyter/lab/settings/overrides.json").exists()
