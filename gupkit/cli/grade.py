"""``gupkit grade``: grade the submissions of a course."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..errors import GupkitError


@click.command("grade")
@click.option("--course", default=".", metavar="DIR", help="The course: where nbgrader_config.py is. Here by default.")
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student's; may be repeated.")
@click.option("--without-wall", is_flag=True, help="Go on where no wall can be built: your files can be read.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, and nothing else.")
def grade_command(course: str, students: tuple[str, ...], without_wall: bool, as_json: bool) -> int:
    """Grade all submissions through nbgrader, each student's code in a sandbox, on all cores.

    Interrupt it, and it goes on where it was; what has not changed is not graded again. Scores are in nbgrader's
    gradebook. Exits with 0 when all is graded, whatever the scores; with 1 if a submission has a problem that a person
    should look at; with 2 if nothing was graded: there is no course, or no wall can be built around student code here.
    """
    try:
        from ..course.grade import grade_course
    except ImportError as missing:
        raise GupkitError(
            f"grading needs the extra: pip install 'gupkit[grading]' ({missing.name} is missing)"
        ) from None
    rows = grade_course(
        Path(course), students, say=lambda line: click.echo(line, err=True), without_wall=without_wall
    )
    if as_json:
        click.echo(json.dumps({"submissions": rows}))
    else:
        for row in rows:
            click.echo(in_words(row))
    return int(any(row["problem"] for row in rows))


def in_words(row: dict[str, object]) -> str:
    """A row for people."""
    manual = ", an answer waits to be read" if row["needs_manual"] else ""
    problem = f"; look: {row['problem']}" if row["problem"] else ""
    return f"{row['student']} {row['assignment']}: {row['auto_score']:g} of {row['max_auto_score']:g}{manual}{problem}"
