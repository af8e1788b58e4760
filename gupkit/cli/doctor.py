"""``gupkit doctor``: what this machine can do, on one page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..doctor import Finding

_NAME = 22
_MARGIN = " " * (6 + _NAME)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, and nothing else.")
def doctor_command(as_json: bool) -> int:
    """Say what this machine can do for the kit, and how to mend what is missing. Changes nothing.

    Exits with 0 if all is here that the notebooks need, with 1 if some of that is missing; what is only missing for
    more, such as root's view of page frames, does not count.
    """
    from ..doctor import examine

    findings = examine()
    ready = all(finding.here for finding in findings if finding.needed)
    if as_json:
        click.echo(json.dumps({"ready": ready, "findings": [finding.to_dict() for finding in findings]}))
    else:
        for line in page(findings, ready):
            click.echo(line)
    return 0 if ready else 1


def page(findings: Sequence[Finding], ready: bool) -> Iterator[str]:
    """The findings for people: needed things first, then what more can be done here."""
    yield "The notebooks need"
    for finding in findings:
        if finding.needed:
            yield from entry(finding)
    yield ""
    yield "With these there is more"
    for finding in findings:
        if not finding.needed:
            yield from entry(finding)
    yield ""
    yield "All that the notebooks need is here: gupkit lab" if ready else "What the notebooks need is not all here."


def entry(finding: Finding) -> Iterator[str]:
    """One finding, in a line or a few."""
    mark = "yes" if finding.here else "NO" if finding.needed else "no"
    what = textwrap.wrap(finding.what, 110 - len(_MARGIN)) or [""]
    yield f"  {mark:4}{finding.name:{_NAME}}{what[0]}".rstrip()
    yield from (_MARGIN + more for more in what[1:])
    if not finding.here and finding.mend:
        yield from (_MARGIN + line for line in textwrap.wrap(f"to mend: {finding.mend}", 110 - len(_MARGIN)))
