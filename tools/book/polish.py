"""What the theme leaves out for readers who do not see the page: mended in the pages that Sphinx has written."""

from __future__ import annotations

from pathlib import Path

MENDED = (
    # A heading without a level is none; the caption names the list below it well enough.
    ('<p class="caption" role="heading">', '<p class="caption">'),
    # Of two landmarks of a kind each needs a name.
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="Pages">'),
    ('<aside class="toc-drawer">', '<aside class="toc-drawer" aria-label="On this page">'),
    ('<aside class="toc-drawer no-toc">', '<aside class="toc-drawer no-toc" aria-label="On this page">'),
    # Every page has a heading, the one for searching too.
    ('<div id="search-results"></div>', '<h1>Search</h1>\n<div id="search-results"></div>'),
)
"""What stands in a page → what ought to."""


def polish(book: Path) -> None:
    """Mend every page of the book."""
    for page in book.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for found, wanted in MENDED:
            text = text.replace(found, wanted)
        page.write_text(text, encoding="utf-8")
