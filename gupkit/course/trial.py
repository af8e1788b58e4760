"""One trial of a check, wherever it runs: in the notebook, in the judge, in the sandbox."""

from __future__ import annotations

import traceback
from typing import Any

from .model import Answers, Check, Rule
from .verdict import RAISED

OURS = "cell "
"""What the file names of a student's cells begin with in the sandbox."""
KERNEL = "ipykernel_"
"""What is in the file name of a cell in a notebook."""


def perform(check: Check, world: Any, answers: Answers) -> Any:
    """What came of calling the answers in a world: plain data; an exception of theirs is data too."""
    missing = [name for name in check.needs if not callable(answers.get(name))]
    if missing:
        return {RAISED: f"no function {missing[0]}: it is not defined, or its cell stopped before"}
    try:
        return check.act(world, answers)
    except BaseException as problem:  # SystemExit and its kind are answers too
        return {RAISED: one_line(problem)}


def worth(check: Check, rule: Rule, inputs: Any, result: Any) -> Any:
    """A result, or what comes of trying it, if the check is one that tries."""
    return result if check.weigh is None else check.weigh(rule, inputs, result)


def one_line(problem: BaseException) -> str:
    """An exception as a reader needs it: what, and in which line of the student's own code."""
    try:
        text = " ".join(str(problem).split())[:200]
    except BaseException:  # a __str__ of the student's
        text = ""
    kind = type(problem).__name__[:60]
    frames = traceback.extract_tb(problem.__traceback__)
    lines = [f.lineno for f in frames if f.filename.startswith(OURS) or KERNEL in f.filename]
    place = f" (line {lines[-1]} of the cell)" if lines else ""
    return f"{kind}: {text}{place}" if text else f"{kind}{place}"
