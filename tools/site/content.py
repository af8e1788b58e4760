"""The files that a reader of the site finds in its file browser."""

from __future__ import annotations

import shutil
from pathlib import Path

IGNORED = shutil.ignore_patterns(".*", "__pycache__")


def gather(root: Path, into: Path) -> None:
    """Copy the notebooks of the checkout ``root`` into ``into``."""
    shutil.copytree(root / "notebooks", into, ignore=IGNORED)
