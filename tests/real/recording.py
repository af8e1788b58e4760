"""The recording of a real Linux 2.6.39, read once: scenario name → the steps in the order they were taken."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Recorded: TypeAlias = dict[str, Any]
"""One step of the recording: its name (``step``), what was done (``op``) and every value the device saw."""

FIXTURE = Path(__file__).with_name("2.6.39-device.json")


@cache
def scenarios() -> dict[str, list[Recorded]]:
    """Every recorded scenario. Treat it as read-only."""
    recorded: dict[str, list[Recorded]] = json.loads(FIXTURE.read_text(encoding="utf-8"))["scenarios"]
    return recorded
