"""What there is to grade: the submissions in a course, each with a digest of all that its score depends on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import GupkitError
from ..examples import SECRET
from ..judge import CONFIG, FOLDER


@dataclass(frozen=True, slots=True, order=True)
class Submission:
    """One student's files for one assignment."""

    assignment: str
    student: str

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.student}/{self.assignment}"


def check_course(course: Path) -> None:
    """GupkitError unless the directory is a course."""
    if not (course / CONFIG).is_file() or not (course / FOLDER).is_dir():
        raise GupkitError(f"{course} is no course: there is no {CONFIG} with a directory {FOLDER} beside it")


def submissions(course: Path, students: tuple[str, ...] = ()) -> list[Submission]:
    """All submissions, or those of some students; GupkitError for a student who handed nothing in."""
    found = sorted(
        Submission(path.name, path.parent.name)
        for path in (course / "submitted").glob("*/*")
        if path.is_dir() and not path.name.startswith(".") and not path.parent.name.startswith(".")
    )
    for student in students:
        if student not in {s.student for s in found}:
            raise GupkitError(f"no submission of {student!r} in {course / 'submitted'}")
    return [s for s in found if not students or s.student in students]


def digest(course: Path, submission: Submission) -> str:
    """One value for all that a score follows from: the files handed in, the problem set, its judges, the secret."""
    total = hashlib.sha256(os.environ.get(SECRET, "").encode())
    name = submission.assignment
    roots = (course / "submitted" / submission.student / name, course / "source" / name, course / FOLDER)
    for root in roots:
        for path in _files(root):
            total.update(f"\0{path.relative_to(course)}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    return iter(sorted(p for p in root.rglob("*") if p.is_file() and not _made(p)))


def _made(path: Path) -> bool:
    return any(part in ("__pycache__", ".ipynb_checkpoints") for part in path.parts)
