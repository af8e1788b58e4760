"""A class that hands in: source notebooks, stubs and wrong answers, mixed by a seed, in a course of their own."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)
Notebook = dict[str, Any]


def make_course(folder: Path, hardened: bool) -> Path:
    """A copy of the kit's course, protected or not."""
    folder.mkdir(parents=True)
    for name in ("source", "judge"):
        shutil.copytree(ROOT / "exercises" / name, folder / name)
    config = (ROOT / "exercises" / "nbgrader_config.py").read_text(encoding="utf-8")
    config = config.replace("hardened=True", f"hardened={hardened}")
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    return folder


def hand_in(course: Path, count: int, seed: int = 0) -> list[str]:
    """``count`` submissions of all sets in turn; the sets that were handed in."""
    chance = random.Random(seed)
    sets = sorted(path.name for path in (course / "source").iterdir())
    for number in range(count):
        name = sets[number % len(sets)]
        text = json.dumps(submission(course, name, chance))
        folder = course / "submitted" / f"s{number:03}" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    return sets[:count]


def submission(course: Path, name: str, chance: random.Random) -> Notebook:
    """The source notebook of a set, as somebody may have it in the end: right, with a mistake, or hardly begun."""
    notebook: Notebook = json.loads((course / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    kind = chance.choice(("right", "wrong", "wrong", "wrong", "begun"))
    if kind == "begun":
        for cell in notebook["cells"]:
            cell["source"] = SOLUTION.sub(r"\1raise NotImplementedError()", "".join(cell["source"]))
    if kind == "wrong":
        mistake = chance.choice(sorted((ROOT / "tests" / "course" / "wrong" / name).glob("*.py")))
        solutions = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("solution")]
        cell = [c for c in solutions if c["cell_type"] == "code"][-1]
        cell["source"] = f"{''.join(cell['source'])}\n\n\n{mistake.read_text(encoding='utf-8')}"
    return notebook
