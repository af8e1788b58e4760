"""What is built from this directory, and what is in it."""

import configparser
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.project.source import PACKAGE, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as an installer would build it."""
    return built("wheel", tmp_path_factory.mktemp("wheel"))


def built(target: str, into: Path) -> Path:
    """The one file that building ``target`` (wheel, sdist) makes."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    (path,) = into.iterdir()
    return path


def package_files() -> set[str]:
    """Every file of the package as it lies here, code and data, without what Python makes of them."""
    return {p.relative_to(ROOT).as_posix() for p in PACKAGE.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_the_wheel_is_for_every_platform(wheel: Path) -> None:
    """The wheel installs wherever Python 3 runs, the browser's included."""
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_has_the_whole_package(wheel: Path) -> None:
    """Every file of the package is in the wheel, scenarios and recordings too, and nothing else but metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == package_files()
    assert any(name.endswith(".yaml") for name in names)


def test_the_wheel_brings_the_command_and_the_licence(wheel: Path) -> None:
    """Installing the wheel makes the command ``gupkit``; the licence is in it."""
    with zipfile.ZipFile(wheel) as archive:
        inside = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
        points = configparser.ConfigParser()
        points.read_string(archive.read(inside["entry_points.txt"]).decode())
        assert "MIT License" in archive.read(inside["LICENSE"]).decode()
    assert points["console_scripts"]["gupkit"] == "gupkit.cli:main"


def test_the_source_archive_can_be_worked_with(tmp_path: Path) -> None:
    """The source archive has the Makefile, the tests and the notebooks, and nothing that tools left behind."""
    with tarfile.open(built("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "constraints.txt", "tests/project/test_wheel.py", "notebooks/00-start-here.ipynb"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(".venv")]
