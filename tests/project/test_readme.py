"""What the README shows, works as shown."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import gupkit as gk
from tests.project.source import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def alive(text: str) -> str:
    """The text with the README's process 1234 replaced by the one that runs the tests."""
    return text.replace("1234", str(os.getpid()))


def commands() -> list[str]:
    """Every ``gupkit`` command line of the README, without its comment."""
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith("gupkit ")]
    return [line.partition("#")[0].strip() for line in lines]


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The README's scenario as a file."""
    (text,) = blocks("yaml")
    path = tmp_path / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_scenario_comes_out_as_it_says(story: Path) -> None:
    """Every expectation of the README's scenario holds."""
    trace = gk.run(gk.Scenario.load(story))
    assert trace.ok
    assert len(trace.steps) == 7


def test_the_python_runs() -> None:
    """The README's Python runs from top to bottom, and pins the four pages that it says."""
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(alive(block), "README.md", "exec"), names)
    assert names["n"] == 4


@pytest.mark.parametrize("command", commands())
def test_the_commands_run(command: str, story: Path) -> None:
    """Each command of the README ends well and says something, in a folder of its own: some write files.

    Status 0; a search that finds what it looks for ends with 1, as the README says of what does not come out.
    """
    arguments = shlex.split(alive(command))[1:]
    run = [sys.executable, "-c", "import sys; from gupkit.cli import main; sys.exit(main())", *arguments]
    answer = subprocess.run(run, cwd=story.parent, capture_output=True, text=True, check=False)
    assert answer.returncode == (1 if "race-dirty-cow" in arguments else 0), answer.stderr
    assert answer.stdout


def test_there_are_examples() -> None:
    """The README shows commands, a scenario and Python."""
    assert len(commands()) >= 4
    assert blocks("python")
