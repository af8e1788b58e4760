"""The notebooks after one run each, for the book and for the slides; what has not changed is not run again.

A run is kept in ``build/executed/`` under a digest of everything that its outputs could depend on: the notebook, the
package, these tools and the versions of all installed packages. Any change of one of them is a fresh run.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import distributions
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
KEPT = ROOT / "build" / "executed"
SECONDS = 300
"""More than a cell may take on a machine that does something else as well."""

WARNINGS = "error,ignore::PendingDeprecationWarning:ipykernel.kernelbase"
"""Warnings are errors, but for one of ipykernel's about itself, as it shuts down."""

IN_THE_RUN = ("executed.py", "pages.py", "question.py", "explorer.py", "live.py")
"""The files beside this one that take part in a run."""

WIDGET = "application/vnd.jupyter.widget-view+json"
"""The type of an output that needs a running Python; :mod:`tools.book.pages` puts a form beside it that does not."""


def lectures() -> list[Path]:
    """Every lecture, in reading order."""
    return sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def executed(paths: Sequence[Path], at_once: int = 2) -> dict[Path, Any]:
    """Each notebook with its outputs, run from a clean kernel, ``at_once`` at a time.

    CellExecutionError if one does not run to its end.
    """
    todo = [path for path in paths if not kept_at(path, _base()).exists()]
    if todo:
        names = ", ".join(path.stem for path in todo)
        print(f"running {names} ...", file=sys.stderr)
        with ProcessPoolExecutor(min(at_once, len(todo)), mp_context=get_context("spawn")) as pool:
            list(pool.map(run, todo))
    return {path: _for_pages(kept(path)) for path in paths}


def kept(path: Path) -> Any:
    """The notebook after the run that was kept, with all its outputs and its metadata ``run``; None without one."""
    there = kept_at(path, _base())
    return nbformat.read(there, as_version=4) if there.exists() else None


def run(path: Path, by: str = "") -> None:
    """Run one notebook and keep it in the place of its earlier runs; metadata ``run``: processor seconds, and ``by``.

    CellExecutionError if it does not run to its end.
    """
    notebook, start = nbformat.read(path, as_version=4), _used()
    # What whoever builds the book has answered and got wrong is none of its readers' business.
    answers = KEPT / f"no-answers-{os.getpid()}.jsonl"
    own = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": WARNINGS, "GUPKIT_PROGRESS": str(answers)}
    NotebookClient(
        notebook, timeout=SECONDS, resources={"metadata": {"path": path.parent}}, store_widget_state=False,
        extra_arguments=["--ext=tools.book.pages", "--log-level=ERROR"],
    ).execute(env={**os.environ, **own})  # fmt: skip
    notebook.metadata["run"] = {"seconds": _used() - start, "by": by}
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.glob(f"{path.stem}-*.ipynb"):
        old.unlink(missing_ok=True)
    there = kept_at(path, _base())
    made = there.with_suffix(f".{os.getpid()}")
    nbformat.write(notebook, made)
    made.replace(there)


def _used() -> float:
    """Processor seconds of the kernels that this process has run so far; what else the machine does is not in them."""
    times = os.times()
    return times.children_user + times.children_system


def kept_at(path: Path, base: str) -> Path:
    """Where the run of a notebook is kept."""
    digest = hashlib.sha256(base.encode() + path.read_bytes()).hexdigest()
    return KEPT / f"{path.stem}-{digest[:16]}.ipynb"


def _for_pages(notebook: Any) -> Any:
    """The notebook without what a page cannot show."""
    del notebook.metadata["run"]
    for cell in notebook.cells:
        cell.get("outputs", [])[:] = [_without_widget(out) for out in cell.get("outputs", []) if not _is_noise(out)]
    return notebook


def _is_noise(output: Any) -> bool:
    """ipykernel says at each start that it listens on localhost without encryption: nothing for a reader."""
    return output.output_type == "stream" and output.name == "stderr" and "TCP without encryption" in output.text


def _without_widget(output: Any) -> Any:
    """An output without its form for a running Python."""
    if "data" in output:
        output.data.pop(WIDGET, None)
    return output


@cache
def _base() -> str:
    """A digest of what every run depends on."""
    total = hashlib.sha256()
    for path in [*_package(), *(Path(__file__).with_name(name) for name in IN_THE_RUN)]:
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    installed = sorted({f"{found.name}=={found.version}" for found in distributions()})
    total.update("\n".join([sys.version, *installed]).encode())
    return total.hexdigest()


def _package() -> list[Path]:
    """Every file of gupkit, data included."""
    return sorted(path for path in (ROOT / "gupkit").rglob("*") if path.is_file() and path.suffix != ".pyc")
