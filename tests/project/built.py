"""Building the wheel and the source archive, and looking into them."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from tests.project.source import ROOT


def build(target: str, into: Path, top: Path = ROOT) -> Path:
    """The one file that building ``target`` (wheel, sdist) from ``top`` makes."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)]
    answer = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    (path,) = into.iterdir()
    return path


def unpack(archive: Path, into: Path) -> Path:
    """The content of a wheel, or of a source archive without its top folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(into)
        return into
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")
    (top,) = into.iterdir()
    return top
