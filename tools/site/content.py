"""The files that a reader of the site finds in its file browser: what the kit's wheel ships."""

from __future__ import annotations

import zipfile
from pathlib import Path

NOTEBOOKS = "gupkit/shipped/notebooks/"
EXERCISES = "gupkit/shipped/exercises/"


def gather(wheel: Path, into: Path) -> None:
    """Put the wheel's notebooks into ``into``, and its problem sets, as students get them, into ``into/exercises``."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            for shipped, folder in ((NOTEBOOKS, into), (EXERCISES, into / "exercises")):
                if name.startswith(shipped):
                    target = folder / name.removeprefix(shipped)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(name))
