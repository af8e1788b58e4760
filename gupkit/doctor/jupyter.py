"""Where the notebooks open: JupyterLab, its part of the widgets, a browser, and a directory to work in."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from .finding import Finding

FRONT_ENDS = {"@jupyter-widgets/jupyterlab-manager": "ipywidgets", "anywidget": "anywidget"}
"""Lab extension → the Python package whose widgets it shows."""


def jupyter() -> Iterator[Finding]:
    """What opening a notebook takes."""
    yield lab()
    yield widgets()
    yield browser()
    yield directory()


def lab() -> Finding:
    """JupyterLab, as this Python sees it."""
    try:
        return Finding("JupyterLab", True, metadata.version("jupyterlab"), needed=True)
    except metadata.PackageNotFoundError:
        return Finding("JupyterLab", False, "missing", 'pip install "jupyterlab>=4.2,<5"', needed=True)


def widgets() -> Finding:
    """JupyterLab's half of the widgets: without it an explorer is a line of text."""
    name = "widgets in JupyterLab"
    try:
        from jupyter_core.paths import jupyter_path
        from jupyterlab_server.config import get_page_config
    except ImportError:
        return Finding(name, False, "no JupyterLab", "install JupyterLab first", needed=True)
    page = get_page_config(jupyter_path("labextensions"))
    there = {extension["name"] for extension in page.get("federated_extensions", ())}
    off = there & {disabled.partition(":")[0] for disabled in page.get("disabledExtensions", ())}
    wanted = {front: package for front, package in FRONT_ENDS.items() if _installed(package)}
    if missing := sorted(wanted.keys() - there):
        packages = " ".join("jupyterlab-widgets" if wanted[m] == "ipywidgets" else wanted[m] for m in missing)
        what = f"missing: {', '.join(missing)}; explorers show as text"
        return Finding(name, False, what, f"pip install --force-reinstall {packages}", needed=True)
    if off:
        what = f"switched off: {', '.join(sorted(off))}; explorers show as text"
        return Finding(name, False, what, f"jupyter labextension enable {' '.join(sorted(off))}", needed=True)
    return Finding(name, True, ", ".join(sorted(wanted)), needed=True)


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def browser() -> Finding:
    """Whether a browser can be opened from here; on a server there usually is none."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        mend = "gupkit lab --no-browser prints an address"
        return Finding("browser", False, "none that can be opened from here", mend)
    return Finding("browser", True, getattr(found, "name", "") or "found")


def directory() -> Finding:
    """Whether notebooks can be kept in the working directory."""
    here = Path.cwd()
    mend = "gupkit lab --dir DIR, with a directory of yours"
    writable = os.access(here, os.W_OK | os.X_OK)
    what = f"{here} can be written" if writable else f"{here} cannot be written"
    return Finding("working directory", writable, what, mend, needed=True)
