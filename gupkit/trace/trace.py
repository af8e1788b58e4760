"""A trace: everything that happened in one run, as a sequence of immutable snapshots and the events between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from .delta import Delta, apply, joined
from .event import Event
from .snapshot import Snapshot
from .step import Step


class Made(Sequence[Any]):
    """A sequence whose items are made of plain facts when they are first asked for, and kept.

    ``start`` is one that has the same first ``same`` items: what was made of them there is not made again.

    >>> list(Made([1, 2], str))
    ['1', '2']
    """

    def __init__(
        self, facts: list[Any], make: Callable[[Any], Any], start: Sequence[Any] | None = None, same: int = 0
    ) -> None:
        self.facts = facts
        self.make = make
        known = start.made[:same] if isinstance(start, Made) else []
        self.made: list[Any] = [*known, *[None] * (len(facts) - len(known))]

    def __len__(self) -> int:
        return len(self.facts)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        made = self.made[index]
        if made is None:
            made = self.made[index] = self.make(self.facts[index])
        return made


class Trace(Sequence[Snapshot]):
    """``t[0]`` is the machine before anything; ``t[i + 1]`` right after ``t.events[i]``; ``t[-1]`` the end.

    Snapshots are made when they are first asked for; each shares with the one before whatever did not change.
    ``start`` is a trace whose first ``same`` events are those of this one.

    >>> t = Trace(Snapshot())
    >>> len(t), t[0] is t[-1]
    (1, True)
    """

    def __init__(
        self, base: Snapshot, events: Sequence[Event] = (), deltas: Sequence[Delta] = (), steps: Sequence[Step] = (),
        *, title: str = "", about: str = "", era: str = "", backend: str = "sim", problem: str = "",
        start: Trace | None = None, same: int = 0,
    ) -> None:  # fmt: skip
        self.events = events
        self.steps = tuple(steps)
        self.title = title
        self.about = about
        self.era = era
        self.backend = backend
        self.problem = problem
        """Why the run ended early (a deadlock), or empty."""
        self.deltas = deltas
        known = start._made if start is not None else {0: base}
        self._made: dict[int, Snapshot] = {index: made for index, made in known.items() if index <= same}

    def __len__(self) -> int:
        return len(self.deltas) + 1

    @overload
    def __getitem__(self, index: int) -> Snapshot: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Snapshot]: ...
    def __getitem__(self, index: int | slice) -> Snapshot | Sequence[Snapshot]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"snapshot {index} of {len(self)}")
        index %= len(self)
        if index not in self._made:
            self._make(index)
        return self._made[index]

    def _make(self, index: int) -> None:
        """A snapshot and the one before it, which it is often compared with; those between are left out."""
        known = next(i for i in range(index - 1, -1, -1) if i in self._made)
        snapshot = self._made[known]
        for delta in joined(self.deltas[known : index - 1]):
            snapshot = apply(snapshot, delta)
        self._made[index - 1] = snapshot
        self._made[index] = apply(snapshot, self.deltas[index - 1])

    def __iter__(self) -> Iterator[Snapshot]:
        return (self[i] for i in range(len(self)))

    @property
    def ok(self) -> bool:
        """Every expectation that could be observed held, and the run came to its end."""
        return not self.problem and not any(step.unmet for step in self.steps)

    def step_at(self, index: int) -> Step | None:
        """The step that snapshot ``index`` belongs to; None before the first."""
        return next((s for s in self.steps if s.first < index <= s.last), None)

    def to_result(self) -> dict[str, Any]:
        """The run as ``gupkit run --json`` prints it."""
        out: dict[str, Any] = {"title": self.title, "backend": self.backend, "era": self.era, "ok": self.ok}
        if self.problem:
            out["problem"] = self.problem
        return out | {"steps": [step.to_result() for step in self.steps]}

    def __repr__(self) -> str:
        return f"<trace of {self.title!r}: {len(self.steps)} steps, {len(self)} snapshots>"
