"""What a scenario is made of, as immutable values: files, steps, injections and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .vocabulary import FIRST_PROCESS


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file of the scenario: one byte value per page, which fills the page.

    ``cached``: it is in the page cache at the start (else it must be read from disk first); ``memfd``: it
    lives in memory only.
    """

    name: str
    fills: tuple[int, ...]
    cached: bool = True
    memfd: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question shown before a step runs: its choices as text, and which one is right."""

    question: str
    choices: tuple[str, ...]
    answer: str

    def to_dict(self) -> dict[str, Any]:
        """As the file has it.

        >>> Prediction("Why?", ("a", "b"), "a").to_dict()
        {'question': 'Why?', 'choices': ['a', 'b'], 'answer': 'a'}
        """
        return {"question": self.question, "choices": list(self.choices), "answer": self.answer}


@dataclass(frozen=True, slots=True)
class Injection:
    """Ops that fire inside a step: at the ``nth`` passing (from 1) of schedule point ``at``, or at ``any``."""

    at: str
    nth: int
    do: tuple[Step, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One op: who does it, with which arguments, and what should come of it.

    ``args`` has every argument of the op, defaults filled in, places parsed (:class:`Target`,
    :class:`PinRef`); ``expect`` likewise (``present`` a Target, ``same_frame`` a tuple of places, ``refcount``
    a map from place to number). ``line`` is 0 if the step was not read from a file.
    """

    op: str
    args: Mapping[str, Any] = field(default_factory=dict)
    by: str = FIRST_PROCESS
    expect: Mapping[str, Any] = field(default_factory=dict)
    race: tuple[Injection, ...] = ()
    note: str = ""
    predict: Prediction | None = None
    line: int = 0

    @property
    def injected(self) -> tuple[Step, ...]:
        """The ops that its injections do, in order.

        >>> step = Step("gup", race=(Injection("follow_page", 1, (Step("fork"), Step("exit"))),))
        >>> [inner.op for inner in step.injected]
        ['fork', 'exit']
        """
        return tuple(inner for injection in self.race for inner in injection.do)
