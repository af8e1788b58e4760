"""In the place of nbgrader's ``Execute``: the student's cells run in the sandbox, the graded cells are judged."""

from __future__ import annotations

import atexit
import os
from functools import cache
from pathlib import Path
from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Float, Integer

from ..examples import SECRET
from ..grading import Graded, grade
from ..judge import Judge
from ..sandbox import Sandbox
from .asked import asked
from .restore import NOTES


class JudgeCells(NbGraderPreprocessor):
    """Grade a notebook without executing its test cells, nor any cell of the student's in this process."""

    seconds = Integer(10, help="Processor seconds of a submission; ten times that on the clock.").tag(config=True)
    check_seconds = Float(2, help="Processor seconds of one check; ten times that on the clock.").tag(config=True)
    memory = Integer(1024, help="Address space that a submission may use, in MiB.").tag(config=True)
    without_wall = Bool(False, help="Go on where no wall can be built: your files can be read.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Run the student's cells, judge the graded ones, and write the verdicts where outputs go."""
        where = resources["nbgrader"]
        judge = Judge(Path.cwd(), where["notebook"], os.environ.get(SECRET, ""))
        questions = {
            cell.metadata.nbgrader["grade_id"]: asked(cell.source, cell.metadata.nbgrader["grade_id"])
            for cell in nb.cells
            if is_test(cell)
        }
        students = [cell for cell in nb.cells if cell.cell_type == "code" and not is_test(cell)]
        box = sandbox(self.seconds, self.check_seconds, self.memory, self.without_wall)
        if box.warning:
            self.log.warning(box.warning)
        graded = grade(judge, where["student"], [cell.source for cell in students], questions, box)
        write_outputs(nb, students, graded)
        if graded.problem:
            nb.metadata.setdefault(NOTES, {}).setdefault("notes", []).append(graded.problem)
            self.log.warning("%s of %s: %s", where["assignment"], where["student"], graded.problem)
        return nb, resources


def is_test(cell: Any) -> bool:
    """A graded cell of tests, not an answer that a person grades."""
    return bool(cell.cell_type == "code" and is_grade(cell) and not is_solution(cell))


@cache
def sandbox(seconds: int, check_seconds: float, memory: int, without_wall: bool) -> Sandbox:
    """The one sandbox of this process."""
    box = Sandbox(seconds=seconds, check_seconds=check_seconds, memory=memory, without_wall=without_wall)
    atexit.register(box.close)
    return box


def write_outputs(nb: Any, students: list[Any], graded: Graded) -> None:
    """Outputs as a notebook shows them: a line for what is right, an error of one paragraph for what is not."""
    for cell, problem in zip(students, graded.cells, strict=True):
        cell.outputs = [error(problem)] if problem else []
    for number, cell in enumerate((c for c in nb.cells if c.cell_type == "code"), 1):
        cell.execution_count = number
        if is_test(cell):
            wrong = graded.wrong[cell.metadata.nbgrader["grade_id"]]
            cell.outputs = [error(wrong)] if wrong else [new_output("stream", name="stdout", text="✓ right\n")]


def error(text: str) -> Any:
    """An output that nbgrader takes for a failed test, and a reader for a sentence."""
    return new_output("error", ename="CheckFailed", evalue=text.split("\n")[0], traceback=[f"✗ {text}"])
