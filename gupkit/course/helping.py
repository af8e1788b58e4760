"""Hints that open one by one, and solutions."""

from __future__ import annotations

import inspect
from importlib import import_module

from ..errors import GupkitError
from .model import ProblemSet

WARNING = """\
This shows a whole solution for the kernel's own rule. Your sheet asks for another rule, but once you have read it, you
can no longer find out for yourself. If you want it all the same: sheet.solution("{name}", anyway=True)"""


class Help:
    """What a learner has asked for so far in this notebook."""

    def __init__(self, problem_set: ProblemSet) -> None:
        self.set = problem_set
        self.opened: dict[str, int] = {}
        self.functions_passed: set[str] = set()

    def passed(self, check: str) -> None:
        """A check came out right: its functions' solutions may be read."""
        self.functions_passed.update(self.set.check(check).needs)

    def hint(self, check: str) -> str:
        """The next hint, or all of them again when there is no further one."""
        hints = self.set.check(check).hints
        opened = self.opened[check] = min(self.opened.get(check, 0) + 1, len(hints))
        rest = len(hints) - opened
        return f"hint {opened} of {len(hints)}: {hints[opened - 1]}" + ("" if rest else "\n(this is the last one)")

    def solution(self, function: str, anyway: bool) -> str:
        """The commented solution and the kernel's own way, or the warning."""
        if function not in self.set.solutions:
            there = ", ".join(self.set.solutions)
            raise GupkitError(f"no solution for {function!r}: there is one for {there}")
        if not anyway and function not in self.functions_passed:
            return WARNING.format(name=function)
        text, own = self.set.solutions[function]
        module, name = own.split(":")
        source = inspect.getsource(getattr(import_module(module), name))
        return f"{text.strip()}\n\n# The simulated kernel's own way ({module.replace('.', '/')}.py):\n\n{source}"
