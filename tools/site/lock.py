"""The lock that the browser's Python reads: it knows our wheels and no other, so nothing is ever asked of another host.

A package of the lock is loaded when a cell first imports it. That is why ``import gupkit`` needs no ``%pip install``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tools.site.pyodide import LOCK
from tools.site.wheels import Wheel


def entry(wheel: Wheel) -> dict[str, Any]:
    """What the lock says of a wheel that lies beside it."""
    return {
        "name": wheel.name, "version": wheel.version, "file_name": wheel.path.name, "sha256": wheel.sha256,
        "imports": wheel.imports, "depends": wheel.depends, "install_dir": "site", "package_type": "package",
        "unvendored_tests": False,
    }  # fmt: skip


def write_lock(lock: Mapping[str, Any], wheels: Iterable[Wheel], into: Path) -> None:
    """Copy the wheels into ``into`` and write a lock of just these there."""
    packages = {}
    for wheel in wheels:
        shutil.copy(wheel.path, into)
        packages[wheel.name] = entry(wheel)
    made = {**lock, "packages": packages}
    (into / LOCK).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
