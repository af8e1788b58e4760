"""The explorer: one widget for a scenario, a trace or a snapshot."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ..errors import GupkitError
from ..trace.snapshot import Snapshot
from .looker import Looker
from .model import ExplorerModel
from .snapshot_model import SnapshotModel
from .source import Source, read_source
from .stepper import Stepper


class Explorer(widgets.VBox):
    """Look at memory, change one thing, and see what the kernel does then.

    ``source``: a scenario (built-in name, path, dict or Scenario), a Trace, or a Snapshot such as ``gk.own_process()``
    or ``gk.snapshot_of(pid)``. ``era`` is the kernel that runs a scenario (None: the scenario's own); ``process``
    the one whose page tables are drawn (None: the first alive). ``model`` is the explorer without its widgets,
    ``controls`` every control by name. Raises GupkitError, in one line, for what cannot be opened or run.

    >>> explorer = Explorer("leak")
    >>> explorer.controls["FOLL_WRITE"].description
    'FOLL_WRITE: on'
    """

    def __init__(self, source: Source, *, era: str | None = None, process: str | None = None, **kwargs: Any) -> None:
        panel = _panel(read_source(source), era, process)
        self.panel = panel
        self.model = panel.model
        self.controls = panel.controls
        self.texts = panel.texts
        super().__init__(panel.children, **kwargs)
        self.add_class("gk-explorer")


def _panel(source: Source, era: str | None, process: str | None) -> Stepper | Looker:
    if not isinstance(source, Snapshot):
        return Stepper(ExplorerModel(source, era, process))
    if era is not None:
        raise GupkitError("a snapshot is not run, so it takes no era: leave era out")
    return Looker(SnapshotModel(source, process))
