"""The notebooks and problem sets that come with the package, and how a learner gets a copy of them.

An installed package has them in ``gupkit/shipped``, made when its wheel was built; in a checkout the notebooks lie
beside the package, and the problem sets are the course's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from .errors import GupkitError

PACKAGE = Path(__file__).resolve().parent
SHIPPED = PACKAGE / "shipped"


def checkout() -> Path | None:
    """The checkout that this package lies in; None if it was installed."""
    top = PACKAGE.parent
    return top if not SHIPPED.is_dir() and (top / "notebooks").is_dir() else None


def files() -> Iterator[tuple[Path, Path]]:
    """Each file that a learner gets, and where it belongs in the learner's directory: the notebooks at its top."""
    here = checkout()
    notebooks = here / "notebooks" if here else SHIPPED / "notebooks"
    for folder, target in ((notebooks, Path()), (SHIPPED / "exercises", Path("exercises"))):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(part.startswith((".", "__")) for part in inside.parts):
                yield path, target / inside


def hand_out(directory: Path) -> list[str]:
    """Copy to ``directory`` the files that are not there yet, and return what there is to say about it, in lines.

    A file that is there stays as it is. GupkitError if the directory cannot be made, read or written.
    """
    copied = kept = 0
    try:
        for source, inside in files():
            target = directory / inside
            if target.exists() or target.is_symlink():
                kept += not (target.is_file() and target.read_bytes() == source.read_bytes())
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            copied += 1
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
        raise GupkitError(f"cannot work in {directory}: {reason}; name another directory with --dir") from None
    return [*_copied(copied, directory), *_kept(kept, directory)]


def _copied(count: int, directory: Path) -> Iterator[str]:
    if count:
        yield f"{_files(count)} copied to {directory}"


def _kept(count: int, directory: Path) -> Iterator[str]:
    if count:
        yield (
            f"{_files(count)} in {directory} kept, not as the kit has them: you worked in them, or they are of another "
            "version; for fresh ones name a new directory with --dir"
        )


def _files(count: int) -> str:
    return f"{count} file{'s' if count != 1 else ''}"
