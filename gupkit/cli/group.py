"""A command line that speaks to people: one line on standard error, an exit status, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from ..errors import GupkitError
from ..scenario.where import one_line as clean
from ..scenario.words import hint

BAD_INPUT = 2
INTERRUPTED = 130
BROKEN_PIPE = 141


class OneLineGroup(click.Group):
    """A click group that says what went wrong in one line, without the usage text, and never in a traceback."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **more: Any) -> NoReturn:
        """Run, then leave the process with the exit status: 2 for bad input, 130 and 141 as shells have them."""
        more["standalone_mode"] = False
        try:
            status = super().main(args, *rest, **more)
        except (GupkitError, click.ClickException) as error:
            click.echo(one_line(error), err=True)
            status = BAD_INPUT
        except (click.Abort, KeyboardInterrupt):
            status = INTERRUPTED
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, context: click.Context) -> Any:
        """Run the command and hand on all it printed; output that cannot be written is no traceback either."""
        try:
            status = super().invoke(context)
            sys.stdout.flush()
        except BrokenPipeError:
            return _give_up_output(BROKEN_PIPE)
        except OSError as error:
            click.echo(f"gupkit: {error.strerror}{f': {error.filename}' if error.filename else ''}", err=True)
            return _give_up_output(BAD_INPUT)
        return status

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command meant by the first argument; for an unknown one, an error with the nearest right word."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(f"unknown command {args[0]!r}{hint(args[0], self.commands, most=20)}")
        return super().resolve_command(context, args)


def one_line(error: Exception) -> str:
    """What an error says, on one line; errors of the command line itself begin with ``gupkit:``."""
    if isinstance(error, click.ClickException):
        return clean(f"gupkit: {' '.join(error.format_message().split())}")
    return clean(str(error))


def check_new(path: Path) -> None:
    """Raise click's UsageError unless ``path`` can be written without overwriting anything."""
    if path.exists():
        raise click.UsageError(f"{path} exists already; name a new file")
    if not path.parent.is_dir():
        raise click.UsageError(f"{path.parent} is no directory")


def _give_up_output(status: int) -> int:
    """Nobody takes our output: send what is left nowhere, so that Python's own flush at exit is silent."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return status
