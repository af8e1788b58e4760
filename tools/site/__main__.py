"""``make site``: the kit as a static site, a JupyterLite that runs in the reader's browser and asks no other host.

``python -m tools.site [DIR]`` builds ``site/``, or DIR, from the notebooks and the package as they lie here, and keeps
what it fetched in ``build/site/`` for the next time. Exit 1 with one line where something is missing.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from tools.site.content import gather
from tools.site.landing import add_book, write_landing
from tools.site.lite import KERNEL, build, kernel_wheels
from tools.site.lock import write_lock
from tools.site.pyodide import Unfit, fetch_core, unpack_core
from tools.site.wheels import Wheel, build_wheel, closure

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ROOT / "build" / "site"
RUN = "run"
"""The part of the site that is a JupyterLite."""

BOOK = ROOT / "book"
"""Where the rendered book lies, if it has been made."""


def main(arguments: list[str]) -> int:
    """Build the site. Return 1, after one line on standard error, where something is missing."""
    site = Path(arguments[0]) if arguments else ROOT / "site"
    try:
        with tempfile.TemporaryDirectory() as scratch:
            make(Path(scratch), site)
    except Unfit as lack:
        print(f"make site: {lack}", file=sys.stderr)
        return 1
    print(f"{site.name}/ is ready for any web server. To see it on this machine:")
    print(f"python3 -m http.server --bind 127.0.0.1 --directory {shlex.quote(str(site))}")
    return 0


def make(lite: Path, site: Path) -> None:
    """Lay out in ``lite`` all that the site is built from, and build it."""
    if site.exists() and any(site.iterdir()) and not (site / RUN / "jupyter-lite.json").exists():
        raise Unfit(f"{site} holds something that is no site: name another directory")
    runtime = lite / "static" / "pyodide"
    lock = unpack_core(fetch_core(FETCHED), runtime)
    kit = build_wheel(ROOT, lite / "wheel")
    own = [kit, *(Wheel(path) for path in kernel_wheels())]
    fetched = [name for name in KERNEL if name not in {wheel.name for wheel in own}]
    write_lock(lock, closure(own, fetched, lock, FETCHED), runtime)
    gather(kit.path, lite / "content")
    shutil.rmtree(site, ignore_errors=True)
    build(lite, site / RUN)
    add_book(BOOK, site)
    write_landing(site, lite / "content", kit.version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
