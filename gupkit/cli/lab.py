"""``gupkit lab``: the notebooks and problem sets in JupyterLab."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ..handout import checkout, hand_out

FIRST = "00-start-here.ipynb"
COPY = Path("gupkit-notebooks")
"""Where the notebooks are copied to if the learner names no place."""

PROMPT = ("--ServerApp.kernel_websocket_connection_class=gupkit.cli.prompt.PromptConnection",)
"""What the server is told, so that a click in an explorer is answered at once."""


@click.command("lab")
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path), metavar="DIR",
    help="Work in this directory: the notebooks are copied to it.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- JUPYTER ARGUMENTS]")
def lab_command(directory: Path | None, no_browser: bool, arguments: tuple[str, ...]) -> int:
    """Open the notebooks in JupyterLab.

    They are copied to DIR, ./gupkit-notebooks by default, and what is there already is left as it is: a file that
    you have worked in is yours. In a checkout of the project, and without --dir, its own notebooks are opened.
    Exits as JupyterLab does, or with 2 if DIR cannot be used.
    """
    import subprocess

    here = checkout()
    if directory is None and here is not None:
        return subprocess.call(lab_arguments(here / "notebooks", no_browser, arguments))
    directory = directory or COPY
    for line in hand_out(directory):
        click.echo(line, err=True)
    return subprocess.call(lab_arguments(directory, no_browser, arguments))


def lab_arguments(directory: Path, no_browser: bool, arguments: tuple[str, ...]) -> list[str]:
    """The command that starts JupyterLab on ``directory``, at the first notebook if it lies there."""
    first = directory / FIRST
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={directory.resolve()}", *PROMPT]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # who is root here, as in a container, has decided that
    if no_browser:
        command.append("--no-browser")
    return [*command, *arguments, *([str(first.resolve())] if first.exists() else [])]
