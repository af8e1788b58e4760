"""What ``import gupkit`` costs, against three modules of the standard library."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .measure import Timed, side_by_side
from .row import Row

ROOT = Path(__file__).resolve().parents[1]
CODE = "from time import perf_counter as now; start = now(); import {names}; print(now() - start)"
PLAIN = "json, dataclasses, enum"


def fresh(names: str) -> Timed:
    """Seconds that the import statement takes in a new interpreter; the interpreter's own start is left out."""
    command = [sys.executable, "-c", CODE.format(names=names)]

    def run() -> float:
        return float(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)

    return run


def rows() -> Iterator[Row]:
    """One row: the median of pairs of fresh interpreters."""
    pair = side_by_side(fresh("gupkit"), fresh(PLAIN), 21)
    yield Row(
        "import gupkit", f"import {PLAIN}", pair.ratio, "<=", 3,
        detail=f"{pair.first * 1e3:.1f} and {pair.second * 1e3:.1f} ms",
    )
