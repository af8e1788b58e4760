"""One step of a scenario as it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """What a step asked, what came, and which snapshots belong to it.

    ``t[first]`` is the machine before the step, ``t[last]`` after it. ``result`` is as the scenario format
    says; ``faults`` the minor and major faults it added to the acting task (empty where that is not told);
    ``unmet`` and ``unobservable`` are sentences about expectations; ``pages`` every page that is present or
    swapped afterwards. ``since`` is the kernel version that brought the operation, if that is later than the era.
    """

    index: int
    op: str
    by: str
    text: str = ""
    note: str = ""
    predict: Mapping[str, Any] | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, int] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()
    unobservable: tuple[str, ...] = ()
    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    since: str | None = None

    def to_result(self) -> dict[str, Any]:
        """The step as ``gupkit run --json`` prints it."""
        out: dict[str, Any] = {"op": self.op, "by": self.by, "result": dict(self.result)}
        if self.faults:
            out["faults"] = dict(self.faults)
        out |= {"unmet": list(self.unmet), "unobservable": list(self.unobservable), "pages": dict(self.pages)}
        if self.since:
            out["since"] = self.since
        return out

    def to_dict(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Step:
        """The inverse of :meth:`to_dict`."""
        return cls(**{**data, "unmet": tuple(data["unmet"]), "unobservable": tuple(data["unobservable"])})
