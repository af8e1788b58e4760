"""The settings of a course, for ``nbgrader_config.py``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests, Execute, GetGrades

from ...errors import GupkitError
from ..examples import SECRET
from ..sandbox import Sandbox
from .examples import AddExamples
from .judge_cells import JudgeCells
from .restore import RestoreCells
from .rubric import HideRubric, ShowRubric

GRADEBOOK = "GUPKIT_GRADEBOOK"
"""The environment variable with the address of the gradebook's database."""

SHIPPED = "replace this by a long line of your own"
"""The secret that the kit's own course has: everybody knows it."""


def course_config(c: Any, secret: str, hardened: bool = True, without_wall: bool = False) -> None:
    """Set nbgrader's configuration ``c`` for a course of the kit.

    ``secret``: what sheets and hidden inputs are drawn from; an environment variable ``GUPKIT_COURSE_SECRET`` has
    precedence. The gradebook is the database that an environment variable ``GUPKIT_GRADEBOOK`` names, if there is one.
    With ``hardened=False`` nbgrader executes submissions in its own way, unprotected. Where no wall can be built around
    student code, nothing is graded, except ``without_wall``.
    """
    os.environ.setdefault(SECRET, secret)
    # nbgrader starts alembic by its bare name: it is beside this Python, whether the environment is activated or not
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    if address := os.environ.get(GRADEBOOK):
        c.CourseDirectory.db_url = address
    c.GenerateAssignment.preprocessors = [*GenerateAssignment.preprocessors.default_args[0], AddExamples]
    c.GenerateFeedback.preprocessors = [HideRubric, GetGrades, ClearHiddenTests, CSSHTMLHeaderPreprocessor]
    c.OverwriteCells.add_missing_cells = True
    steps = Autograde.autograde_preprocessors.default_args[0]
    if hardened:
        stop_autograde(without_wall)
        c.JudgeCells.without_wall = without_wall
        c.Autograde.sanitize_preprocessors = [RestoreCells, *Autograde.sanitize_preprocessors.default_args[0]]
        steps = [JudgeCells if step is Execute else step for step in steps if step is not ClearMetadataPreprocessor]
    c.Autograde.autograde_preprocessors = [*steps, ShowRubric]


def stop_autograde(without_wall: bool) -> None:
    """End ``nbgrader autograde`` in one line where it would grade nothing, before it touches a submission."""
    if AutogradeApp.initialized():
        try:
            Sandbox(without_wall=without_wall)
        except GupkitError as refused:
            AutogradeApp.instance().fail(str(refused))
