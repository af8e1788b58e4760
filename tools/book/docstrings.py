"""A Sphinx extension: docstrings speak of FOLL_ and VM_ flags, and mean no links by that."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

PREFIX = re.compile(r"(?<![\w`])([A-Z][A-Z_]*)_(?![\w`])")


def escape(*event: Any) -> None:
    """Escape the last underscore of a prefix, which would make a link of it; the event's last argument is the lines."""
    lines: list[str] = event[-1]
    lines[:] = [PREFIX.sub(r"\1\_", line) for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", escape)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
