"""JupyterLite: which of its parts the site has, how they are set, and the call that builds it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tools.site.pyodide import Unfit
from tools.site.tooling import Tools

LABEXTENSIONS = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
FRONT_ENDS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
"""The kit's lab extensions that the site needs besides its kernel's. Others here, nbgrader's among them, need a server.
"""

KERNEL = ("micropip", "piplite", "ipykernel", "pyodide-kernel", "ipython", "jedi", "comm")
"""What JupyterLite's kernel loads at its start."""

PRELOADED = (*KERNEL, "gupkit", "ipywidgets")
"""Fetched together while Python starts, instead of one after the other when they are imported."""

SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "gupkit",
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"packages": list(PRELOADED)},
            }
        },
    },
}


def kernel_wheels(tools: Tools) -> list[Path]:
    """The wheels of JupyterLite's own kernel, which come with its lab extension."""
    folder = tools.kernel_extension / "static" / "pypi"
    return [path for name in ("piplite", "pyodide_kernel", "ipykernel") for path in folder.glob(f"{name}-*.whl")]


def build(tools: Tools, lite: Path, into: Path) -> None:
    """Let JupyterLite make ``into`` of what lies in ``lite``: the files in ``content``, Pyodide in ``static``."""
    extensions = [tools.kernel_extension, *(LABEXTENSIONS / name for name in FRONT_ENDS)]
    config = {
        "lite_dir": str(lite), "output_dir": str(into.resolve()), "contents": [str(lite / "content")], "apps": ["lab"],
        "no_sourcemaps": True, "ignore_sys_prefix": True,
        "federated_extensions": [str(folder) for folder in extensions],
    }  # fmt: skip
    (lite / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}), encoding="utf-8")
    (lite / "jupyter-lite.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    command = [str(tools.python), "-m", "jupyterlite_core", "build"]
    answer = subprocess.run(command, cwd=lite, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise Unfit(f"JupyterLite could not build the site: {(answer.stdout + answer.stderr)[-600:]}")
