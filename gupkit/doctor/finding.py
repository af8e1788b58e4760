"""One line of the doctor's page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that this machine has or lacks. ``mend`` says what to do about it where it is missing."""

    name: str
    here: bool
    what: str
    """What was found, or what is missing for."""
    mend: str = ""
    needed: bool = False
    """Without it the notebooks cannot be opened or run."""

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain data."""
        return asdict(self)
