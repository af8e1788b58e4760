"""One line of the table: a promise and what was measured."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Row:
    """``measured`` compared with ``bound`` in ``unit`` (``x``: a ratio; ``B``: bytes of Python memory; ``s``, ``ms``).

    >>> Row("a pin", "a look-up", 11.0, "<=", 12).ok
    True
    """

    what: str
    against: str
    measured: float
    sense: Literal["<=", ">="]
    bound: float
    unit: str = "x"
    detail: str = ""
    """The two absolute numbers behind the ratio, in words."""

    @property
    def ok(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.bound if self.sense == "<=" else self.measured >= self.bound

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON values."""
        return {**asdict(self), "ok": self.ok}


HEADINGS = ("what", "against", "measured", "bound", "ok", "in absolute terms")


def table(rows: list[Row]) -> str:
    """The rows as aligned columns of text.

    >>> print(table([Row("a pin", "a look-up", 13.25, "<=", 12)]))
    what   against    measured  bound    ok  in absolute terms
    a pin  a look-up  13.25 x   <= 12 x  NO
    """
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]
    texts = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(text.rstrip() for text in texts)


def _cells(row: Row) -> tuple[str, ...]:
    measured, bound = f"{row.measured:.2f} {row.unit}", f"{row.sense} {row.bound:g} {row.unit}"
    return row.what, row.against, measured, bound, "yes" if row.ok else "NO", row.detail
