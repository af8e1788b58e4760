"""Pyodide's core: the Python that runs in a browser, as its makers publish it on npm.

The npm package has the interpreter and its standard library and no other package; its lock names the versions of many.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

NOT_SERVED = {".map", ".ts", ".html", ".md"}
"""What the package has for developers of Pyodide."""

LOCK = "pyodide-lock.json"


class Unfit(Exception):
    """Something that the build needs is not here; the message says what and how to get it."""


def need_npm() -> None:
    """Unfit where there is no npm: said before anything else is fetched."""
    if shutil.which("npm") is None:
        raise Unfit("the site needs npm, to fetch Pyodide: apt install npm, or see nodejs in your distribution")


def fetch_core(version: str, kept: Path) -> Path:
    """The npm archive of this version of Pyodide, fetched into ``kept`` unless there."""
    archive = kept / f"pyodide-{version}.tgz"
    if archive.exists():
        return archive
    kept.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", "--silent", f"pyodide@{version}", "--pack-destination", str(kept)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode or not archive.exists():
        raise Unfit(f"npm could not fetch pyodide {version}: {' '.join(answer.stderr.split())[-300:]}")
    return archive


def unpack_core(archive: Path, into: Path) -> dict[str, Any]:
    """Unpack what a browser asks for into ``into``, and return the lock that came with it."""
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            name = Path(member.name).name
            content = packed.extractfile(member) if Path(name).suffix not in NOT_SERVED else None
            if content is not None:
                (into / name).write_bytes(content.read())
    lock: dict[str, Any] = json.loads((into / LOCK).read_text(encoding="utf-8"))
    return lock
