"""The judge's end of the sandbox: it starts the server, hands it jobs, and reads what comes as a stranger's text."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import GupkitError
from ..plain import in_a_line
from .job import IDLE
from .wall import NO_WALL, PACKAGE, REFUSED, bare, clean_environment, walled, why_no_wall

SERVER = ["-m", "gupkit.course.sandbox.server"]
WORDS = {
    "time": "ran longer than it may, and was stopped",
    "flood": "wrote more than anybody reads, and was stopped",
    "lost": "ended the process that it ran in",
    "SIGXCPU": "used more processor time than it may, and was stopped",
    "SIGKILL": "used more processor time than it may, and was stopped",
    "SIGSEGV": "crashed Python itself",
}
"""How a run can end, for people."""
HOW = re.compile(r"time|exit status [0-9]{1,3}|SIG[A-Z0-9]{2,10}")
"""How a check can end before it is done."""
NUMBERS = frozenset(map(str, range(1, 1000)))
DEEPEST = 32
"""Lists and dicts within each other, in a message: no check has more, and whoever shows them need not go deeper."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a submission's code did.

    ``results``: check → what came of each of its cases, only for checks that came to their end; ``ends``: check → why
    it did not; ``problems``: cell (from 1) → why it stopped; ``end``: why the whole run stopped, or "".
    """

    results: Mapping[str, list[Any]] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)
    end: str = ""

    def why_missing(self, check: str) -> str:
        """Why there is no result for a check."""
        return self.ends.get(check) or (f"your code {self.end}" if self.end else "no answer came back")


class Sandbox:
    """A server and its line; ``number`` tells the servers of one grader apart. Use it in a ``with``.

    GupkitError where no wall can be built, unless somebody says that it shall be ``without_wall``.
    """

    def __init__(
        self, number: int = 0, seconds: int = 10, check_seconds: float = 2, memory: int = 1024,
        without_wall: bool = False,
    ) -> None:  # fmt: skip
        if os.name != "posix":
            raise GupkitError("grading needs Linux or macOS: there are no limits for a process here")
        if not without_wall and (why := why_no_wall()):
            raise GupkitError(REFUSED.format(why=why))
        self.bounds = {"seconds": seconds, "check_seconds": check_seconds, "memory": memory}
        self.number = number
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def warning(self) -> str | None:
        """What is missing from the wall on this machine, or None."""
        why = why_no_wall()
        return None if why is None else NO_WALL.format(why=why)

    def run(self, problem_set: str, rule: Mapping[str, Any], cells: list[str], checks: Mapping[str, Any]) -> Outcome:
        """Run a submission's cells, then try each check on its inputs."""
        job = {"set": problem_set, "rule": rule, "cells": cells, "checks": checks, **self.bounds}
        answer = self._ask(json.dumps(job).encode() + b"\n")
        if answer is None:
            self.close()
            return Outcome(end=WORDS["lost"])
        return read_outcome(answer, {name: len(cases) for name, cases in checks.items()})

    def _ask(self, line: bytes) -> dict[str, Any] | None:
        """One answer of the server, or None if it fell silent or died."""
        server = self._started()
        assert server.stdin is not None
        assert server.stdout is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            server.stdin.write(line)
            server.stdin.flush()
            if select.select([server.stdout], [], [], self.bounds["seconds"] * IDLE + 15)[0]:
                answer: dict[str, Any] = json.loads(server.stdout.readline())
                return answer
        return None

    def _started(self) -> subprocess.Popen[bytes]:
        if self.server is None or self.server.poll() is not None:
            make = bare if why_no_wall() else walled
            self.server = subprocess.Popen(
                make([*SERVER, str(os.getpid() * 7 + self.number)]), env=self._environment(), cwd="/",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        return self.server

    def _environment(self) -> dict[str, str]:
        return clean_environment() | ({"PYTHONPATH": str(PACKAGE.parent)} if why_no_wall() else {})

    def close(self) -> None:
        """End the server."""
        if self.server is not None:
            for pipe in (self.server.stdin, self.server.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            self.server.kill()
            self.server.wait()
            self.server = None


def read_outcome(answer: Mapping[str, Any], asked: Mapping[str, int]) -> Outcome:
    """Believe of the answer only what has the form of one: the first result for each check that was asked."""
    results: dict[str, list[Any]] = {}
    ends: dict[str, str] = {}
    problems: dict[int, str] = {}
    for line in answer["lines"]:
        message = parse(line)
        name = message.get("check")
        if type(name) is str and name in asked and name not in results:
            came = message.get("results")
            if type(came) is list and len(came) == asked[name]:
                results[name] = came
        ended, why = message.get("ended"), message.get("how")
        if type(ended) is str and ended in asked and type(why) is str and HOW.fullmatch(why):
            ends.setdefault(ended, f"your code {WORDS.get(why, f'ended its process ({why})')}")
        stopped = message.get("problems")
        if not problems and type(stopped) is dict:
            problems = {int(n): in_a_line(p, 300) for n, p in stopped.items() if type(p) is str and n in NUMBERS}
    end = answer["end"]
    return Outcome(results, ends, problems, WORDS.get(end, f"ended its process ({end})") if end else "")


def parse(line: str) -> dict[str, Any]:
    """One line as a dict; an empty one if it is none."""
    try:
        message = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {}
    return message if type(message) is dict and not is_deep(message) else {}


def is_deep(value: Any, left: int = DEEPEST) -> bool:
    """Whether there are more than ``left`` lists and dicts within each other."""
    if type(value) not in (list, dict):
        return False
    return not left or any(is_deep(inner, left - 1) for inner in (value if type(value) is list else value.values()))


def _refuse(word: str) -> Any:
    raise ValueError(word)
