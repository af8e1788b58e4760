"""What lies in the repository: no traces of one machine, no outputs in notebooks, no dead links."""

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.project.source import ROOT

TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".json", ".txt", ".ipynb", ".css", ".js", ".svg", "", ".cfg"}
NOT_OURS = set(".git .venv __pycache__ .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist".split())
LIST = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]

# Spelled in pieces, so that this file does not name what it looks for.
MACHINE = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"(?:work|root)/",
            r"/tmp/" + r"(?:v|plan|h\d)\b",
            r"/home/" + r"(?!user\b|learner\b|jovyan\b)\w+/",
            r"/" + r"Users/\w+/",
            r"/opt/" + r"pypi",
        ]
    )
)
HOSTS = re.compile("|".join([r"pypi\." + "org", "python" + "hosted", "jsdelivr" + r"\.net", "unpkg" + r"\.com"]))


@cache
def tracked() -> list[Path]:
    """Files that git knows or would add; where there is no git, all files but what tools made."""
    listing = subprocess.run(LIST, cwd=ROOT, capture_output=True, check=False) if shutil.which("git") else None
    if listing and listing.returncode == 0:
        files = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    else:
        files = [p for p in ROOT.rglob("*") if not NOT_OURS & set(p.relative_to(ROOT).parts)]
    return sorted(p for p in files if p.is_file())


def text_files() -> list[Path]:
    """Tracked files that are text by their name."""
    return [p for p in tracked() if p.suffix in TEXT]


def found(pattern: re.Pattern[str]) -> list[str]:
    """``file:line: text`` of every match in a tracked text file."""
    hits = []
    for path in text_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            hits += [f"{path.relative_to(ROOT)}:{number}: {m.group()}" for m in pattern.finditer(line)]
    return hits


def test_no_machine_paths() -> None:
    """No tracked file names a directory of the machine that it was written on."""
    assert found(MACHINE) == []


def test_no_registry_hosts() -> None:
    """No tracked file names a package registry or a content network: where to install from is the user's setting."""
    assert found(HOSTS) == []


def test_a_machine_path_would_be_seen() -> None:
    """The pattern finds such a path, and leaves alone what is the same everywhere."""
    assert MACHINE.search("see /wor" + "k/main/x")
    assert MACHINE.search('"/ro' + 'ot/.cache"')
    assert not MACHINE.search("/usr/lib/python3.11 and /proc/self/maps and fieldwork/notes")


def test_no_large_files() -> None:
    """No tracked file is larger than a mebibyte."""
    assert [p.name for p in tracked() if p.stat().st_size > 1 << 20] == []


def test_notebooks_carry_no_outputs() -> None:
    """A notebook is kept as it is before it runs: no outputs, no execution counts."""
    notebooks = [p for p in tracked() if p.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        assert not any(c["outputs"] or c["execution_count"] for c in cells), path.name


def test_notebooks_name_their_kernel() -> None:
    """A notebook says that Python 3 runs it, so that JupyterLab starts it without a question."""
    notebooks = [p for p in tracked() if p.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        assert json.loads(path.read_text(encoding="utf-8"))["metadata"]["kernelspec"]["name"] == "python3", path.name


@pytest.mark.parametrize("path", [p for p in tracked() if p.suffix == ".md"], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_point_at_files(path: Path) -> None:
    """Each relative link of a Markdown file, and each file in backquotes by its path, exists; NAME is any name."""
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    paths = re.findall(r"`((?:gupkit|notebooks|tests|benchmarks|tools)/[\w./-]+\.\w+)`", text)
    missing = [name for name in links if not (path.parent / name).exists()]
    missing += [name for name in paths if not re.search("NAME|psN", name) and not (ROOT / name).exists()]
    assert missing == []


def test_the_first_screen_has_the_two_commands() -> None:
    """Both commands of the set-up stand within the README's first 30 lines."""
    first = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:30])
    assert "make lab" in first
    assert "make test" in first
