"""``make site``: the kit as a static site, a JupyterLite that runs in the reader's browser and asks no other host.

``python -m tools.site [--constraint FILE] [DIR]`` builds ``site/``, or DIR, from the notebooks and the package as they
lie here, and keeps what it fetched in ``build/site/`` for the next time. JupyterLite itself is installed there, in the
versions of FILE. Exit 1 with one line where something is missing.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from tools.site.content import gather
from tools.site.landing import add_book, write_landing
from tools.site.lite import KERNEL, build, kernel_wheels
from tools.site.lock import write_lock
from tools.site.pyodide import Unfit, fetch_core, need_npm, unpack_core
from tools.site.tooling import install_tools
from tools.site.wheels import Wheel, build_wheel, closure

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ROOT / "build" / "site"
RUN = "run"
"""The part of the site that is a JupyterLite."""

BOOK = ROOT / "book"
"""Where the rendered book lies, if it has been made."""


def main(arguments: list[str]) -> int:
    """Build the site. Return 1, after one line on standard error, where something is missing."""
    parser = argparse.ArgumentParser("tools.site")
    parser.add_argument("--constraint", type=Path, metavar="FILE")
    parser.add_argument("site", type=Path, nargs="?", default=ROOT / "site", metavar="DIR")
    given = parser.parse_args(arguments)
    site: Path = given.site
    try:
        with tempfile.TemporaryDirectory() as scratch:
            make(Path(scratch), site, given.constraint)
    except Unfit as lack:
        print(f"make site: {lack}", file=sys.stderr)
        return 1
    print(f"{site.name}/ is ready for any web server. To see it on this machine:")
    print(f"python3 -m http.server --bind 127.0.0.1 --directory {shlex.quote(str(site))}")
    return 0


def make(lite: Path, site: Path, constraint: Path | None) -> None:
    """Lay out in ``lite`` all that the site is built from, and build it."""
    if site.exists() and any(site.iterdir()) and not (site / RUN / "jupyter-lite.json").exists():
        raise Unfit(f"{site} holds something that is no site: name another directory")
    need_npm()
    tools = install_tools(ROOT, FETCHED / "tools", constraint)
    runtime = lite / "static" / "pyodide"
    lock = unpack_core(fetch_core(tools.pyodide_version(), FETCHED), runtime)
    python = lock["info"]["python"]
    kit = build_wheel(ROOT, lite / "wheel", python)
    own = [kit, *(Wheel(path, python) for path in kernel_wheels(tools))]
    fetched = [name for name in KERNEL if name not in {wheel.name for wheel in own}]
    write_lock(lock, closure(own, fetched, lock, FETCHED), runtime)
    gather(kit.path, lite / "content")
    shutil.rmtree(site, ignore_errors=True)
    build(tools, lite, site / RUN)
    shutil.copy(site / RUN / "lab" / "favicon.ico", site)  # browsers ask a host for it there
    add_book(BOOK, site)
    write_landing(site, lite / "content", kit.version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
