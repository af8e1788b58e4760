"""What a reader answered, kept in a small local file: one line of JSON for each answer, only ever added to.

The file is ``progress.jsonl`` in the user's data directory, or the one that the environment variable
``GUPKIT_PROGRESS`` names. Where nothing can be kept (a browser's Python, a disk that refuses, a file that is not
ours) answers are remembered until Python ends, and :attr:`Score.problem` says why in one line.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import GupkitError

VARIABLE = "GUPKIT_PROGRESS"
IN_BROWSER = "Python runs in the browser here, where no file lasts: answers are kept until the page is closed."


@dataclass(frozen=True, slots=True)
class Answer:
    """One guess: the question, what was said, what the kernel did, and when (ISO 8601)."""

    question: str
    guess: str
    answer: str
    when: str = ""

    @property
    def right(self) -> bool:
        """Whether the guess was what the kernel did."""
        return self.guess == self.answer


class Score:
    """The answers so far. ``path`` is the file, None where there can be none; ``problem`` is empty, or says in one
    line why answers are not kept.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem = "" if path else IN_BROWSER
        self._now: list[Answer] = []
        """Given since Python started and not in the file."""
        self._refused = ""

    def add(self, question: str, guess: str, answer: str) -> None:
        """Note an answer: at the end of the file, or in memory where that cannot be."""
        given = Answer(question, guess, answer, datetime.now(UTC).isoformat(timespec="seconds"))
        if not self._append(given):
            self._now.append(given)

    def answers(self) -> list[Answer]:
        """All answers, in the order in which they were given."""
        return [*self._kept(), *self._now]

    def clear(self) -> None:
        """Forget every answer. GupkitError, and nothing is touched, if the file holds something else."""
        self._refused = ""
        self._kept()
        if self.problem and self.path is not None:
            raise GupkitError(f"nothing was cleared: {self.problem}")
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self._now.clear()

    def _append(self, given: Answer) -> bool:
        self._kept()
        if self.path is None or self.problem:
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(given), ensure_ascii=False) + "\n")
        except OSError as error:
            self._refused = f"answers cannot be kept in {self.path}: {error.strerror}; set {VARIABLE} to another file"
            return False
        return True

    def _kept(self) -> list[Answer]:
        """What the file holds; a file that cannot be read as answers is left alone, and ``problem`` says so."""
        if self.path is None:
            return []
        self.problem = self._refused
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
            return list(_parsed(lines))
        except OSError as error:
            why = error.strerror
        except (ValueError, TypeError) as error:
            why = str(error)
        kept = f"{self.path} is left as it is, and new answers are not kept: {why}"
        self.problem = f"{kept}; set {VARIABLE} to another file"
        return []


def _parsed(lines: Iterable[str]) -> Iterable[Answer]:
    for number, line in enumerate(lines, 1):
        try:
            yield Answer(**json.loads(line))
        except (ValueError, TypeError):
            raise ValueError(f"line {number} is no answer") from None


def default_path() -> Path | None:
    """Where answers are kept: see the top of this module."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    if sys.platform == "emscripten":
        return None
    from platformdirs import user_data_path

    return user_data_path("gupkit", appauthor=False) / "progress.jsonl"


_SCORES: dict[Path | None, Score] = {}


def score() -> Score:
    """The reader's score: one for each file, so that what could not be written is not forgotten at once."""
    path = default_path()
    return _SCORES.setdefault(path, Score(path))
