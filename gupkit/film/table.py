"""Values that are sent once and named by number afterwards."""

from __future__ import annotations

import json
from typing import Any


class Table:
    """JSON values by number, in the order in which they were first used.

    >>> table = Table()
    >>> [table.number(word) for word in ("a", "b", "a")], table.news(), table.news()
    ([0, 1, 0], ['a', 'b'], [])
    """

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._values: list[Any] = []
        self._told = 0

    def number(self, value: Any) -> int:
        """The number of ``value``; lists and dicts are told apart by what they hold."""
        key = value if isinstance(value, str) else (json.dumps(value),)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._values)
            self._values.append(value)
        return found

    def __len__(self) -> int:
        return len(self._values)

    def news(self) -> list[Any]:
        """The values since the last time this was asked."""
        news = self._values[self._told :]
        self._told = len(self._values)
        return news
