"""A sample of what a real Linux 6.18 did, recorded once: fixtures for every way of running on the host."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).with_name("linux-6.18.json")


@cache
def recordings() -> list[dict[str, Any]]:
    """Every recording: ``scenario`` as a file has it, ``steps`` as ``gupkit run --json`` prints them. Read-only."""
    recorded: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return recorded


def title(recording: dict[str, Any]) -> str:
    """What a recording is called."""
    return str(recording["scenario"]["title"])


def missing_fields(recorded: list[dict[str, Any]], got: list[dict[str, Any]]) -> list[str]:
    """Fields of pages that the recording tells and the run does not."""
    return [
        f"step {index + 1}: {key} of {name}"
        for index, (one, other) in enumerate(zip(recorded, got, strict=True))
        for name, page in one["pages"].items()
        for key in page
        if name in other["pages"] and key not in other["pages"][name]
    ]
