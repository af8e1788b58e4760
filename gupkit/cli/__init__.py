"""The command line: ``gupkit run | explore | export | compare | record | contract | catalogue | eras | maps | lab |
doctor | grade | schema``.

Exit status: 0 all well, 1 an expectation did not hold, 2 the input is bad. Whatever a person got wrong is one
line on standard error; a traceback is a bug of gupkit's.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from .catalogue import catalogue_command
from .compare import compare_command
from .contract import contract_command
from .doctor import doctor_command
from .eras import eras_command
from .explore import explore_command
from .export import export_command
from .grade import grade_command
from .group import OneLineGroup
from .lab import lab_command
from .maps import maps_command
from .record import record_command
from .run import run_command


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"gupkit {sys.modules['gupkit'].__version__}")
        context.exit(0)


@click.group(cls=OneLineGroup, invoke_without_command=True)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Run, watch and break Linux's __get_user_pages on a simulated kernel."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@click.command("schema")
def schema_command() -> int:
    """Print the JSON schema of the scenario format, for editors and other tools."""
    from ..scenario.schema import to_json

    click.echo(to_json(), nl=False)
    return 0


for _command in (
    run_command, explore_command, export_command, compare_command, record_command, contract_command, catalogue_command,
    eras_command, maps_command, lab_command, doctor_command, grade_command, schema_command,
):  # fmt: skip
    cli.add_command(_command)


def main() -> NoReturn:
    """What the ``gupkit`` command runs."""
    cli.main()
