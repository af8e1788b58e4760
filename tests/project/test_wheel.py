"""What is built from this directory, and what is in it."""

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.project.answers import COURSE, MARKERS, given_away, judged, marked, written
from tests.project.built import build, unpack
from tests.project.source import PACKAGE, ROOT

pytestmark = pytest.mark.xdist_group("built")

SETS = sorted(path.name for path in (COURSE / "source").iterdir())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel puts into an environment."""
    return unpack(wheel, tmp_path_factory.mktemp("installed"))


def files(top: Path) -> set[str]:
    """The name of every file below ``top``, without what Python makes."""
    return {p.relative_to(top).as_posix() for p in top.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_the_wheel_is_for_every_platform(wheel: Path) -> None:
    """The wheel installs wherever Python 3 runs, the browser's included."""
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_has_the_whole_package(installed: Path) -> None:
    """Every file of the package is in the wheel, scenarios and recordings too; besides there is what is shipped."""
    package = {name for name in files(installed) if name.startswith("gupkit/")}
    assert {name for name in package if not name.startswith("gupkit/shipped/")} == {
        f"gupkit/{name}" for name in files(PACKAGE)
    }
    assert {name.partition("/")[0] for name in files(installed) - package} == {
        path.name for path in installed.glob("*.dist-info")
    }


def test_the_wheel_ships_the_notebooks(installed: Path) -> None:
    """Each notebook is in the wheel as it lies here, but that its links lead to the problem sets that are shipped."""
    shipped = installed / "gupkit/shipped"
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        text = (shipped / "notebooks" / path.name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\((exercises/[^)]*)\)", text):
            assert (shipped / link).is_file()
        text = text.replace("exercises/ps1/ps1.ipynb", "../exercises/README.md") if path.name.startswith("12") else text
        text = re.sub(r"\]\(exercises/ps", "](../exercises/source/ps", text)
        assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETS)
def test_a_problem_set_is_shipped_as_students_get_it(installed: Path, archive: Path, name: str) -> None:
    """Every graded and every answer cell is there, the latter empty; wheel and source archive have the same files."""
    released, source = installed / "gupkit/shipped/exercises" / name, COURSE / "source" / name
    mine, theirs = (nbformat.read(folder / f"{name}.ipynb", as_version=4).cells for folder in (released, source))
    assert [grade_id(cell) for cell in mine] == [grade_id(cell) for cell in theirs]
    for cell in mine:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            assert "NotImplementedError" in cell.source or "YOUR ANSWER HERE" in cell.source
    assert json.loads((released / "examples.txt").read_text())["set"] == name
    assert files(released) == files(archive / "exercises/release" / name)


def grade_id(cell: nbformat.NotebookNode) -> str:
    """nbgrader's name of a cell, empty for others."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def test_nothing_that_is_built_gives_an_answer_away(installed: Path, archive: Path) -> None:
    """Neither has a solution, a hidden test, a model answer, a judge or a wrong answer: no line of them, no marker."""
    assert given_away(installed) == []
    assert given_away(archive) == []
    course = {name for name in files(archive) if name.startswith("exercises/")}
    assert {name for name in course if not name.startswith("exercises/release/")} == set()


def test_what_gives_an_answer_away_would_be_seen(tmp_path: Path) -> None:
    """The search knows solutions, hidden tests, model answers and judges of every set, in a notebook as in text."""
    assert marked()
    assert written()
    assert judged()
    for name in SETS:
        shutil.copytree(COURSE / "source" / name, tmp_path / name)
        seen = {line.partition(": ")[2] for line in given_away(tmp_path / name)}
        assert seen & marked()
        assert set(MARKERS) <= seen
    (tmp_path / "judge.py").write_text(next(iter(judged())), encoding="utf-8")
    assert "judge.py" in {line.partition(": ")[0] for line in given_away(tmp_path)}


@pytest.mark.prove
def test_a_wheel_of_the_checkout_is_the_same(wheel: Path, installed: Path, tmp_path: Path) -> None:
    """Built without a source archive between, as ``pip install .`` does, the wheel has the same files, byte by byte."""
    again = build("wheel", tmp_path / "dist")
    assert again.name == wheel.name
    direct = unpack(again, tmp_path / "again")
    assert files(direct) == files(installed)
    assert [name for name in files(direct) if (direct / name).read_bytes() != (installed / name).read_bytes()] == []


@pytest.mark.prove
def test_a_release_that_tells_is_refused(tmp_path: Path) -> None:
    """If nbgrader left something standing, the build stops and names it."""
    course = tmp_path / "course"
    (course / "source/ps1").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.GenerateAssignment.preprocessors = []\n")
    shutil.copy(COURSE / "source/ps1/ps1.ipynb", course / "source/ps1")
    command = [sys.executable, str(ROOT / "tools/release.py"), str(course), str(tmp_path / "out")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "not released: ps1/ps1.ipynb" in answer.stderr


def test_the_wheel_brings_the_command_and_the_licence(installed: Path) -> None:
    """Installing the wheel makes the command ``gupkit``; the licence is in it."""
    (info,) = installed.glob("*.dist-info")
    points = configparser.ConfigParser()
    points.read_string((info / "entry_points.txt").read_text())
    assert "MIT License" in (info / "licenses/LICENSE").read_text()
    assert points["console_scripts"]["gupkit"] == "gupkit.cli:main"


def test_the_source_archive_can_be_worked_with(archive: Path) -> None:
    """The source archive has the Makefile, tests and notebooks, and nothing that tools left behind."""
    names = files(archive)
    assert {"Makefile", "constraints.txt", "tests/project/test_wheel.py", "notebooks/00-start-here.ipynb"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", "site", "build"))]
