"""``make book``: the lectures, executed, with a reference and a glossary, as a site that asks no other host.

``python -m tools.book [DIR]`` builds ``book/``, or DIR. Exit 1 with one line where a notebook does not run or a page
does not come out right.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbclient.exceptions import CellExecutionError

from tools.book.contents import first_page, read
from tools.book.executed import ROOT, executed, lectures
from tools.book.polish import polish
from tools.book.reference import pages
from tools.book.stage import leave_out, stage
from tools.book.terms import entries, page

DOCS = ROOT / "docs"
MARK = ".buildinfo"
"""A file that only a built book has."""


class Unfit(Exception):
    """Why there is no book."""


def main(arguments: list[str]) -> int:
    """Build the book. Return 1, after one line on standard error, where it cannot be."""
    book = Path(arguments[0]).resolve() if arguments else ROOT / "book"
    try:
        make(book, lectures())
    except (Unfit, CellExecutionError) as lack:
        print(f"make book: {lack}", file=sys.stderr)
        return 1
    print(f"{book / 'index.html'} is the first page")
    return 0


def make(book: Path, paths: Sequence[Path], *, reference: bool = True) -> None:
    """Build the book of these lectures, with the reference or without."""
    if book.exists() and any(book.iterdir()) and not (book / MARK).exists():
        raise Unfit(f"{book} holds something that is no book: name another directory")
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        first = first_page((DOCS / "index.md").read_text(encoding="utf-8"), [read(path) for path in paths])
        made_here = {"index.md": first, "glossary.md": page(entries()), **(pages() if reference else {})}
        stage(DOCS, executed(paths), made_here, source)
        if not reference:
            leave_out("reference", source)
        made = Path(scratch) / "html"
        _sphinx(source, made)
        polish(made)
        if book.exists():
            shutil.rmtree(book)
        shutil.move(made, book)


def _sphinx(source: Path, made: Path) -> None:
    """Run Sphinx with every warning an error; its own words go to standard error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2", str(source), str(made)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if subprocess.run(command, env=environment, check=False).returncode:
        raise Unfit("Sphinx found something wrong, see above")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
