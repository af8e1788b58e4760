"""The scenario: one story about memory, checked and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from ..errors import GupkitError
from .dump import dump_files, dump_step, to_yaml
from .loader import builtin_names, parts_of_dict, parts_of_text, read_source
from .outcomes import expectations, replace_expectations
from .parts import FileSpec, Injection, Prediction, Step
from .vocabulary import ERAS


@dataclass(frozen=True)
class Scenario:
    """What processes, the kernel and the disk do, in order, and what should come of it.

    ``era`` is the kernel it was written for; ``needs`` what a backend must offer; ``source`` what messages call
    it; ``path`` the file it came from, if it came from one; ``builtin`` its name, if it came with the kit. Edit with
    ``dataclasses.replace`` and :meth:`checked`.

    >>> s = Scenario.load({"title": "one touch", "steps": [{"mmap": {"as": "A", "pages": 1}}, {"load": {"at": "A"}}]})
    >>> [step.op for step in s.steps]
    ['mmap', 'load']
    """

    title: str
    about: str = ""
    era: str = ERAS[0]
    files: tuple[FileSpec, ...] = ()
    needs: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    source: str = "scenario"
    path: Path | None = None
    builtin: str = ""

    @classmethod
    def load(cls, source: str | Path | Mapping[str, Any] | Scenario) -> Self:
        """The scenario of a built-in name, a path or a dict; ScenarioError, in one line, if it cannot be run.

        A Scenario comes back as it is: see :meth:`checked`.
        """
        if isinstance(source, cls):
            return source
        if isinstance(source, Mapping):
            return cls(**parts_of_dict(dict(source)))
        if not isinstance(source, str | Path):
            raise GupkitError(f"a scenario is a built-in name, a path or a dict, not a {type(source).__name__}")
        text, name, path = read_source(source)
        return cls(**parts_of_text(text, name), path=path, builtin="" if path else str(source))

    @classmethod
    def from_text(cls, text: str, name: str = "scenario") -> Self:
        r"""The scenario written in YAML ``text``; messages call it ``name``.

        >>> Scenario.from_text("title: t\nsteps: [{fork: }]", "mine").steps[0].args
        {'as': 'C'}
        """
        return cls(**parts_of_text(text, name))

    def checked(self) -> Self:
        """The same scenario read again from its own values: ScenarioError if an edit made it wrong."""
        return type(self).load(self.to_dict())

    def in_era(self, era: str) -> Self:
        """The same scenario with the expectations of ``era``, where the catalogue has other ones for it.

        >>> Scenario.load("vmsplice-leak").in_era("5.8").steps[6].expect
        {'bytes': '11'}
        """
        instead = expectations(self.builtin, era) if self.builtin else None
        if not instead:
            return self
        data = self.to_dict()
        for index, expect in instead.items():
            replace_expectations(data["steps"][index], expect)
        return replace(self, steps=type(self).load(data).steps)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that load as an equal scenario (lines and source aside)."""
        data: dict[str, Any] = {"title": self.title}
        if self.about:
            data["about"] = self.about
        data["era"] = self.era
        if self.files:
            data["files"] = dump_files(self.files)
        if self.needs:
            data["needs"] = list(self.needs)
        data["steps"] = [dump_step(step) for step in self.steps]
        return data

    def to_yaml(self) -> str:
        """YAML text that loads as an equal scenario."""
        return to_yaml(self.to_dict())


__all__ = ["FileSpec", "Injection", "Prediction", "Scenario", "Step", "builtin_names"]
