"""Small pieces of Markdown for the pages that the kit writes about itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def code(text: object) -> str:
    """A piece of code; nothing for nothing.

    >>> code("a | b"), code("")
    ('`a | b`', '')
    """
    return f"`{text}`" if str(text) else ""


def plain(text: str) -> str:
    r"""A text without markup, of which nothing becomes markup.

    >>> print(plain("*nonblocking and pages[]"))
    \*nonblocking and pages\[\]
    """
    return re.sub(r"([*_\[\]`<])", r"\\\1", text)


def sentence(text: str) -> str:
    """A text with a capital at its beginning.

    >>> sentence("map memory")
    'Map memory'
    """
    return text[:1].upper() + text[1:]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""A table; what would end a cell is escaped.

    >>> print(table(["op", "does"], [["`load`", "a | b"]]))
    | op | does |
    | --- | --- |
    | `load` | a \| b |
    """
    return "\n".join([_line(heads), _line(["---"] * len(heads)), *map(_line, rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def paragraphs(text: str) -> str:
    r"""A text whose lines are broken anywhere, one line a paragraph.

    >>> paragraphs("One\nline.\n\nAnother.")
    'One line.\n\nAnother.'
    """
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
