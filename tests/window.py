"""The Chromium of tests and of measurements: one without a window, which asks nobody for anything by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autofill-server-url=http://127.0.0.1:9/"
).split()
"""The last: Chromium would ask its makers what to fill into each form."""


PATIENT = 120_000
"""Milliseconds that a test waits for what will come, on however busy a machine."""


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """The browser at ``path``, started; a process can have but one Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
