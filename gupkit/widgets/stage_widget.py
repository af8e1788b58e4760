"""The widget that carries the page's side of a film."""

from __future__ import annotations

import anywidget
import traitlets


class StageWidget(anywidget.AnyWidget):
    """A place in a film, kept the same here and in the page; films and wishes go as messages."""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    place = traitlets.Int(0).tag(sync=True)
    """Number of the snapshot that is shown."""
    unit = traitlets.Unicode("step").tag(sync=True)
    """How the reader came there: by an ``event`` or a ``step``."""
