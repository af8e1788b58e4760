"""Find a Chromium for the browser tests.

``python tools/chromium.py`` prints its path; ``--select`` prints instead the pytest marker expression to use:
nothing where there is a Chromium, ``not browser`` where there is none. Where ``CI`` is set, having none is an error.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ADVICE = (
    "No Chromium found, and the browser tests need one. Debian: apt install chromium; Fedora: dnf install chromium; "
    "elsewhere: .venv/bin/playwright install chromium, or set GUPKIT_CHROMIUM to the path of one."
)


def find_chromium(environ: Mapping[str, str] = os.environ) -> str | None:
    """The path of a Chromium or Chrome, or None.

    Looks at ``GUPKIT_CHROMIUM``, then at ``PATH``, then where macOS and Playwright put theirs.
    """
    if named := environ.get("GUPKIT_CHROMIUM"):
        return named if os.access(named, os.X_OK) else None
    found = (shutil.which(name, path=environ.get("PATH")) for name in NAMES)
    places = (str(p) for p in (*map(Path, PLACES), *_downloaded(environ)) if os.access(p, os.X_OK))
    return next((path for path in (*found, *places) if path), None)


def _downloaded(environ: Mapping[str, str]) -> list[Path]:
    """What ``playwright install chromium`` left behind, newest first."""
    cache = Path(environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path(environ.get("HOME", "~")) / ".cache/ms-playwright")
    return sorted(cache.glob("chromium-*/chrome-linux*/chrome"), reverse=True)


def in_ci(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether ``CI`` is set to anything but a no."""
    return environ.get("CI", "").lower() not in ("", "0", "false", "no")


def main(arguments: list[str]) -> int:
    """Print what was asked for. Exit 1 if there is no Chromium and there ought to be one."""
    path, select = find_chromium(), "--select" in arguments
    if path is None:
        print(ADVICE, file=sys.stderr)
        if not select or in_ci():
            return 1
        print("The browser tests are left out of this run.", file=sys.stderr)
    print(path if not select else "" if path else "not browser")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
