"""What has been graded already: a line for each submission, written when its score is in the gradebook.

A line that was cut short by a crash counts for nothing: the submission is graded again, and nbgrader replaces its
scores.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .plan import Submission

LEDGER = "grading.jsonl"


class Ledger:
    """The file ``grading.jsonl`` of a course."""

    def __init__(self, course: Path) -> None:
        self.path = course / LEDGER
        self.rows: dict[Submission, dict[str, Any]] = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._read(line)

    def _read(self, line: str) -> None:
        try:
            row = json.loads(line)
            self.rows[Submission(row["assignment"], row["student"])] = row
        except (ValueError, KeyError, TypeError):
            return

    def done(self, submission: Submission, digest: str) -> bool:
        """Graded, in just this state."""
        return self.rows.get(submission, {}).get("digest") == digest

    def add(self, submission: Submission, digest: str, problem: str | None) -> None:
        """Note a submission as graded, safely on disk."""
        row = {"student": submission.student, "assignment": submission.assignment, "digest": digest, "problem": problem}
        self.rows[submission] = row
        begun = self.path.exists() and not self.path.read_bytes().endswith(b"\n") and self.path.stat().st_size > 0
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("\n" if begun else "") + json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def problem(self, submission: Submission) -> str | None:
        """What was to be said about it."""
        found: str | None = self.rows.get(submission, {}).get("problem")
        return found
