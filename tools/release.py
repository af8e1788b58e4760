"""Make the version of the problem sets that students get: ``release.py EXERCISES INTO``.

nbgrader itself takes out solutions and hidden tests, as the course's ``nbgrader_config.py`` says; no gradebook is
touched, and no secret of the environment gets in. What would give an answer away is looked for in the result, and if
there is any, nothing is released. The builds of the wheel and of the source archive run this; a course uses nbgrader.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TELLS = re.compile(r"BEGIN SOLUTION|END SOLUTION|HIDDEN TESTS|MARK SCHEME|sheet\.hidden\(")
"""What must not be in a released file."""


def release(exercises: Path, into: Path) -> list[Path]:
    """Release every set in ``exercises/source`` into a folder of its name under ``into``; the folders."""
    sets = sorted(path.name for path in (exercises / "source").iterdir() if path.is_dir())
    os.environ.pop("GUPKIT_COURSE_SECRET", None)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["JUPYTER_CONFIG_DIR"] = scratch  # whoever builds may have an nbgrader configuration of their own
        os.chdir(exercises)
        for name in sets:
            release_one(name, into.resolve(), Path(scratch))
    return [into / name for name in sets]


def release_one(name: str, into: Path, scratch: Path) -> None:
    """Let nbgrader generate one set. SystemExit, with its words, if it cannot."""
    from nbgrader.apps import GenerateAssignmentApp

    app = GenerateAssignmentApp()
    app.initialize(
        [
            name, "--force", "--no-db", f"--CourseDirectory.release_directory={into}",
            f"--CourseDirectory.db_url=sqlite:///{scratch / 'gradebook.db'}",
        ]  # fmt: skip
    )
    app.start()


def tells(folder: Path) -> Iterator[str]:
    """``file: text`` for whatever in a folder gives an answer away."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found = TELLS.search(path.read_text(encoding="utf-8", errors="replace"))
        if found:
            yield f"{path.relative_to(folder)}: {found.group()}"


def main(exercises: str, into: str) -> int:
    """Release, look, and return 1 with a line for each thing that must not be there."""
    sys.path.insert(0, str(ROOT))  # the kit that lies here, installed or not
    target = Path(into).resolve()
    release(Path(exercises).resolve(), target)
    given_away = list(tells(target))
    for line in given_away:
        print(f"not released: {line}", file=sys.stderr)
    return int(bool(given_away))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
