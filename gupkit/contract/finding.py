"""What a check found: places in a trace, and the verdict they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload

from .clauses import BROKEN, EXERCISED, NOT_REACHED, VERDICTS, Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One moment at which a clause was put to the test.

    ``event`` is an index into ``trace.events``, so ``trace[snapshot]`` is the machine right after it. ``cause`` is
    the event at which the matter began (the pin of a page that is never put), or None. ``step`` is the index of
    the scenario's step, or None outside of one. ``address`` and ``process`` say which page of whose memory, ``pfn``
    which frame, ``pin`` under which name it is held; None where that has no meaning.
    """

    verdict: str
    text: str
    event: int
    cause: int | None = None
    step: int | None = None
    process: str | None = None
    address: int | None = None
    pfn: int | None = None
    pin: str | None = None

    @property
    def snapshot(self) -> int:
        """The index of the snapshot right after the event."""
        return self.event + 1

    def within(self, first: int, last: int) -> bool:
        """Whether it happened, or began, at one of the events from ``first`` up to but not including ``last``."""
        return first <= self.event < last or (self.cause is not None and first <= self.cause < last)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; what has no meaning here is left out."""
        data = {key: value for key, value in asdict(self).items() if value is not None}
        return data | {"snapshot": self.snapshot}


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one clause: its verdict, and all places that were looked at.

    ``kept``, ``broken``; for a non-promise ``exercised`` (the surprise came) or ``not exercised`` (it could have
    come); ``not reached`` if the run never came to it.
    """

    clause: Clause
    places: tuple[Place, ...] = ()

    @property
    def kind(self) -> str:
        """promise, duty or non-promise."""
        return self.clause.kind

    @property
    def verdict(self) -> str:
        """The loudest verdict among the places."""
        seen = {place.verdict for place in self.places}
        return next((verdict for verdict in VERDICTS[self.kind] if verdict in seen), NOT_REACHED)

    @property
    def where(self) -> tuple[Place, ...]:
        """The places that the verdict rests on, in order."""
        return tuple(place for place in self.places if place.verdict == self.verdict)

    @property
    def reported(self) -> bool:
        """Broken, or exercised."""
        return self.verdict in (BROKEN, EXERCISED)

    @property
    def sentence(self) -> str:
        """What happened at the first such place; or what the clause says, if the run never came to it."""
        return self.where[0].text if self.where else self.clause.text

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {
            "clause": self.clause.name, "kind": self.kind, "title": self.clause.title, "verdict": self.verdict,
            "sentence": self.sentence, "where": [place.to_dict() for place in self.where],
        }  # fmt: skip


class Findings(Sequence[Finding]):
    """One :class:`Finding` for each clause, C1 to C21; ``findings["C8"]`` is the one of a clause.

    >>> from gupkit.contract import CLAUSES
    >>> nothing = Findings([Finding(clause) for clause in CLAUSES.values()])
    >>> nothing["C8"].verdict, len(nothing), nothing.broken
    ('not reached', 21, ())
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = tuple(findings)
        self._by_name = {finding.clause.name: finding for finding in findings}

    @overload
    def __getitem__(self, key: int | str) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Finding]: ...
    def __getitem__(self, key: int | str | slice) -> Finding | Sequence[Finding]:
        return self._by_name[key] if isinstance(key, str) else self._findings[key]

    def __len__(self) -> int:
        return len(self._findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    @property
    def broken(self) -> tuple[Finding, ...]:
        """Promises and duties that were broken."""
        return tuple(finding for finding in self if finding.verdict == BROKEN)

    @property
    def exercised(self) -> tuple[Finding, ...]:
        """Non-promises whose surprise came."""
        return tuple(finding for finding in self if finding.verdict == EXERCISED)

    def reported(self, clause: str, first: int, last: int) -> bool:
        """Whether the clause was broken, or exercised, within the events from ``first`` up to but not ``last``."""
        finding = self[clause]
        return finding.reported and any(place.within(first, last) for place in finding.where)

    def __str__(self) -> str:
        from .report import table  # stands on this module

        return "\n".join(table(self))

    def __repr__(self) -> str:
        told = ", ".join(f"{f.clause.name} {f.verdict}" for f in self if f.reported)
        return f"<findings: {told or 'nothing broken or exercised'}>"
