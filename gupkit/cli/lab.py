"""``gupkit lab``: the lectures in JupyterLab."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("lab")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Open this directory instead of notebooks/.")
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening a browser.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- JUPYTER ARGUMENTS]")
def lab_command(directory: Path | None, no_browser: bool, arguments: tuple[str, ...]) -> int:
    """Open the lectures in JupyterLab."""
    import subprocess

    command = lab_arguments(directory or _notebooks(), no_browser, arguments)
    return subprocess.call(command)


def lab_arguments(directory: Path, no_browser: bool, arguments: tuple[str, ...]) -> list[str]:
    """The command that starts JupyterLab on ``directory``, at the first lecture if it lies there."""
    if not directory.is_dir():
        raise click.UsageError(f"{directory} is no directory; --dir names the one with the notebooks")
    first = directory / "00-start-here.ipynb"
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={directory.resolve()}"]
    if no_browser:
        command.append("--no-browser")
    return [*command, *arguments, *([str(first.resolve())] if first.exists() else [])]


def _notebooks() -> Path:
    """The notebooks of the checkout that this package lies in, or of the working directory."""
    beside = Path(__file__).resolve().parents[2] / "notebooks"
    return beside if beside.is_dir() else Path("notebooks")
