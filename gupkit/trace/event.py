"""One thing the kernel did: the name of a trace point and what was true there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A trace point that was passed.

    ``name`` is the kernel function or schedule point; ``task`` who ran; ``clock`` virtual time in ticks;
    ``depth`` how many operations were interrupted to run this one (0: none); ``where`` the simulator's own
    line, ``kernel/gup.py:67`` seen from the package (of a caller outside of it, the bare file name); ``fields`` plain
    values (numbers, strings, lists of them), named as the kernel names them.

    >>> Event(0, "put_page", "P", 3, fields={"pfn": 7})["pfn"]
    7
    """

    seq: int
    name: str
    task: str
    clock: int
    depth: int = 0
    where: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.fields[key]

    def to_dict(self) -> dict[str, Any]:
        """The event as plain JSON values."""
        return {
            "seq": self.seq, "name": self.name, "task": self.task, "clock": self.clock,
            "depth": self.depth, "where": self.where, "fields": dict(self.fields),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Event:
        """The inverse of :meth:`to_dict`."""
        return cls(**data)
