"""The child's life: worlds, knives, then the student's code, then one fork for each check."""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ...errors import NotHere
from ..model import Check, ProblemSet
from ..sets import load
from ..trial import OURS, one_line, perform
from .cut import Silent, cut_functions, cut_modules
from .rights import become_nobody, limit_cpu, set_limits

Job = Mapping[str, Any]
"""``set``, ``rule``, ``cells`` (sources), ``checks`` (name → inputs), ``seconds``, ``check_seconds``, ``memory``."""


IDLE = 10
"""Wall clock that a run may use, as a multiple of its processor time: a busy machine is nobody's fault. Only who sleeps
is ended by it; who works is ended by the processor's clock."""


class Stand:
    """What ``course.sheet()`` gives a student's code here: the real rule, and checks that say nothing."""

    def __init__(self, rule: Mapping[str, Any]) -> None:
        self.rule = rule

    def __getitem__(self, name: str) -> Any:
        return self.rule[name]

    def check(self, *_: Any) -> None:
        """Nothing: the judge will ask."""

    hidden = hint = solution = check

    def example(self, *_: Any) -> Any:
        """Nothing to look at: nobody looks."""
        return Silent()


def run(job: Job, out: int, uid: int) -> None:
    """Do the whole job, writing a line of JSON to the file descriptor ``out`` for what happened to each check."""
    problem_set = load(job["set"])
    worlds = {
        name: [problem_set.check(name).build(job["rule"], inputs) for inputs in cases]
        for name, cases in job["checks"].items()
    }  # fmt: skip
    checks = {name: problem_set.check(name) for name in worlds}
    prepare(problem_set, job["rule"])
    become_nobody(uid)
    set_limits(job["seconds"], job["memory"])
    names, problems = execute(job["cells"])
    write(out, {"loaded": True, "problems": problems})
    for name, check in checks.items():
        write(out, {"ended": name, "how": in_a_fork(check, worlds[name], names, out, job["check_seconds"])})


def prepare(problem_set: ProblemSet, rule: Mapping[str, Any]) -> None:
    """Make the kit what a student's code may see of it."""
    cut_functions(problem_set.cut)
    gupkit: Any = sys.modules["gupkit"]
    cut_modules(gupkit)
    course: Any = ModuleType("gupkit.course")
    course.sheet = lambda *args, **kwargs: Stand(rule)
    sys.modules["gupkit.course"] = course
    gupkit.course = course


def execute(cells: list[str]) -> tuple[dict[str, Any], dict[int, str]]:
    """Run the cells in order in one namespace, as a notebook does: one that fails does not stop the next."""
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins, "display": Silent()}
    problems = {}
    for number, source in enumerate(cells, 1):
        try:
            exec(compile(without_magic(source), f"{OURS}{number}", "exec"), names)
        except NotHere:
            continue  # a cell that shows the kit's own function: no mistake of the student's
        except BaseException as problem:
            problems[number] = one_line(problem)
    return names, problems


def without_magic(source: str) -> str:
    """A cell without the lines that are IPython's and not Python's."""
    lines = source.split("\n")
    if lines[0].startswith("%%"):
        return ""
    return "\n".join("pass" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)


def in_a_fork(check: Check, worlds: list[Any], names: dict[str, Any], out: int, seconds: float) -> str:
    """Try a check in a fork, which writes what came of each world; how the fork ended."""
    child = os.fork()
    if not child:
        limit_cpu(seconds)
        try:
            answers = {name: names.get(name) for name in check.needs}
            write(out, {"check": check.name, "results": [perform(check, w, answers) for w in worlds]})  # type: ignore[arg-type]
        finally:
            os._exit(0)
    return wait(child, seconds * IDLE)


def wait(child: int, seconds: float) -> str:
    """How a fork ended: ``done``, ``time`` (it was killed), or in other words."""
    limit = time.monotonic() + seconds
    pause = 0.0005
    while time.monotonic() < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return "done" if not code else f"exit status {code}" if code > 0 else signal.Signals(-code).name
        time.sleep(pause)
        pause = min(pause * 2, 0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "time"


def write(out: int, message: Mapping[str, Any]) -> None:
    """One line to the judge."""
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(out, data) :]
