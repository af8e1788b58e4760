"""The glossary as data: its entries, and where in a text a term is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "glossary.yaml"


@dataclass(frozen=True)
class Entry:
    """A term, what it says, the words it goes by in texts, those it goes by in code, and its kernel names."""

    term: str
    says: str
    words: tuple[str, ...]
    codes: tuple[str, ...]
    kernel: tuple[str, ...]

    @property
    def place(self) -> str:
        """Its anchor on the glossary's page.

        >>> entry({"term": "Direct I/O", "says": ""}).place
        'term-direct-i-o'
        """
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.term.lower())


def entry(fields: Mapping[str, Any]) -> Entry:
    """One entry of the file."""
    forms = [fields["term"], *fields.get("forms", ())]
    words = tuple(form for form in forms if not form.startswith("`"))
    codes = tuple(form.strip("`") for form in forms if form.startswith("`"))
    return Entry(fields["term"], " ".join(fields["says"].split()), words, codes, tuple(fields.get("kernel", ())))


@cache
def entries() -> tuple[Entry, ...]:
    """Every entry, as the file has them."""
    return tuple(map(entry, YAML(typ="safe", pure=True).load(GLOSSARY)))


@cache
def finder() -> tuple[re.Pattern[str], Mapping[str, Entry]]:
    """A pattern that finds any word of any term, the longest first; and which entry each is of, in small letters."""
    owners = {word.lower(): each for each in entries() for word in each.words}
    longest = sorted(owners, key=lambda word: (-len(word), word))
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]") for word in longest)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE), owners


def uses(text: str, seen: set[Entry]) -> Iterator[tuple[str, Entry | None]]:
    """The text in pieces, each with the entry it is the first use of, or None; ``seen`` grows.

    >>> [(piece, entry and entry.term) for piece, entry in uses("Two VMAs share a frame.", set())]
    [('Two ', None), ('VMAs', 'region'), (' share a ', None), ('frame', 'frame'), ('.', None)]
    """
    pattern, owners = finder()
    end = 0
    for found in pattern.finditer(text):
        owner = owners[" ".join(found[0].lower().replace("’", "'").split())]
        if owner in seen:
            continue
        seen.add(owner)
        if text[end : found.start()]:
            yield text[end : found.start()], None
        yield found[0], owner
        end = found.end()
    if text[end:]:
        yield text[end:], None


def of_code(text: str) -> Entry | None:
    """The entry that goes by this piece of code."""
    return next((each for each in entries() if text in each.codes), None)


def page(listed: Sequence[Entry]) -> str:
    """The glossary's page, in Markdown."""
    parts = ["# Glossary", "The words of the lectures, each linked from its first use on a page."]
    for each in sorted(listed, key=lambda each: each.term.lower()):
        where = f"\n  In the kernel: {', '.join(f'`{name}`' for name in each.kernel)}." if each.kernel else ""
        parts.append(f"({each.place})=\n{each.term}\n: {each.says}{where}")
    return "\n\n".join(parts) + "\n"
