"""A class that hands in: source notebooks, stubs and wrong answers, mixed by a seed, in a course of their own."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.course import common, handed_in

Notebook = dict[str, Any]


def make_course(folder: Path, hardened: bool) -> Path:
    """A copy of the kit's course, protected or not."""
    config = handed_in.make_course(folder) / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("hardened=True", f"hardened={hardened}"), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Handed:
    """Who handed in which set, and in what state it was: ``right``, ``begun``, or the file of the mistake in it."""

    student: str
    assignment: str
    state: str | Path


def hand_in(course: Path, count: int, seed: int = 0) -> list[Handed]:
    """``count`` submissions of all sets in turn."""
    chance = random.Random(seed)
    sets = sorted(path.name for path in (course / "source").iterdir())
    crowd = [Handed(f"s{n:03}", name := sets[n % len(sets)], state(name, chance)) for n in range(count)]
    for handed in crowd:
        folder = course / "submitted" / handed.student / handed.assignment
        folder.mkdir(parents=True)
        text = json.dumps(notebook(course, handed))
        (folder / f"{handed.assignment}.ipynb").write_text(text, encoding="utf-8")
    return crowd


def state(name: str, chance: random.Random) -> str | Path:
    """How far somebody may have come with a set in the end: it is right, has a mistake, or is hardly begun."""
    mistakes = common.answers("wrong", name)
    states: list[str | Path] = ["right", *[chance.choice(mistakes)] * 3, "begun"]
    return chance.choice(states)


def notebook(course: Path, handed: Handed) -> Notebook:
    """The source notebook of the set, brought into that state."""
    path = course / "source" / handed.assignment / f"{handed.assignment}.ipynb"
    made: Notebook = json.loads(path.read_text(encoding="utf-8"))
    if handed.state == "begun":
        for cell in made["cells"]:
            cell["source"] = common.stub("".join(cell["source"]))
    if isinstance(handed.state, Path):
        solutions = [c for c in made["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
        cell = [c for c in solutions if c["cell_type"] == "code"][-1]
        cell["source"] = f"{''.join(cell['source'])}\n\n\n{handed.state.read_text(encoding='utf-8')}"
    return made
