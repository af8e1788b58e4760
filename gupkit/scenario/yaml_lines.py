"""YAML text into plain values, with the line of each; whatever is not plain is refused.

Only maps, lists, text, whole numbers, true, false and null come out. Tags, aliases and merge keys do not come
in, nesting is bounded, and a key stands once in its map, so a small file cannot become a large or a live value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from .where import Path, Where
from .words import quote

MAX_DEPTH = 24
"""Levels of nesting: the format itself needs eleven."""

_CORE = "tag:yaml.org,2002:"
_PLAIN = {"str", "int", "bool", "null", "map", "seq"}


def read_yaml(text: str, name: str) -> tuple[Any, Where]:
    r"""The value of one YAML document and where each part of it stands.

    ScenarioError, naming ``name`` and the line, for everything that is not plain YAML.

    >>> value, where = read_yaml("a: 1\nb: [x, 0x10]\n", "f.yaml")
    >>> value, where.line(("b", 1))
    ({'a': 1, 'b': ['x', 16]}, 2)
    """
    from ruamel.yaml.error import YAMLError

    reader = _Reader(name)
    try:
        return reader.document(text), Where(name, reader.lines)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else text[: getattr(error, "position", 0)].count("\n") + 1
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise Where(name, {(): line}).refuse((), f"not YAML: {problem}") from None


class _Reader:
    """Builds values from the parser's events, one document only."""

    def __init__(self, name: str) -> None:
        from ruamel.yaml import YAML, events, nodes

        self.name = name
        self.lines: dict[Path, int] = {}
        self.yaml = YAML(typ="safe", pure=True)
        self.events = events
        self.nodes = nodes
        self.stream: Iterator[Any] = iter(())

    def document(self, text: str) -> Any:
        self.stream = iter(self.yaml.parse(text))
        kinds = self.events
        event = next(self.stream)
        while not isinstance(event, kinds.DocumentStartEvent | kinds.StreamEndEvent):
            event = next(self.stream)
        if isinstance(event, kinds.StreamEndEvent):
            self.fail((), 1, "the file is empty")
        value = self.value(next(self.stream), ())
        next(self.stream)  # the document's end
        after = next(self.stream)
        if isinstance(after, kinds.DocumentStartEvent):
            self.fail((), after.start_mark.line + 1, "a second document begins; a file holds one scenario")
        return value

    def value(self, event: Any, path: Path) -> Any:
        kinds, line = self.events, event.start_mark.line + 1
        self.lines.setdefault(path, line)
        if isinstance(event, kinds.AliasEvent):
            self.fail(path, line, f"alias *{event.anchor}: aliases are not part of the format; write the value again")
        if len(path) > MAX_DEPTH:
            self.fail(path, line, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, kinds.MappingStartEvent):
            self.check_tag(event.tag, "map", path, line)
            return self.mapping(path)
        if isinstance(event, kinds.SequenceStartEvent):
            self.check_tag(event.tag, "seq", path, line)
            return self.sequence(path)
        return self.scalar(event, path, line)

    def sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self.stream), self.events.SequenceEndEvent):
            values.append(self.value(event, (*path, len(values))))
        return values

    def mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self.stream), self.events.MappingEndEvent):
            key, line = self.key(event, path), event.start_mark.line + 1
            if key in values:
                first = self.lines[(*path, key)]
                self.fail(path, line, f"key {quote(key)} stands twice; the first is in line {first}")
            self.lines[(*path, key)] = line
            values[key] = self.value(next(self.stream), (*path, key))
        return values

    def key(self, event: Any, path: Path) -> str:
        line = event.start_mark.line + 1
        if not isinstance(event, self.events.ScalarEvent):
            self.fail(path, line, "a key is a word, not a list, a map or an alias")
        key = self.scalar(event, path, line)
        if not isinstance(key, str):
            self.fail(path, line, f"key {quote(key)} is no text; put it in quotes")
        return key

    def scalar(self, event: Any, path: Path, line: int) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            implicit = event.implicit if tag is None else (False, True)
            tag = str(self.yaml.resolver.resolve(self.nodes.ScalarNode, event.value, implicit))
        kind = tag.removeprefix(_CORE)
        if kind == "float":
            self.fail(path, line, f"{event.value} is a fraction, which the format never has; "
                                  f'if it is text, as a version is, write "{event.value}"')
        if kind == "merge":
            self.fail(path, line, "merge keys (<<) are not part of the format")
        if kind == "timestamp" and event.tag is None:
            return event.value
        self.check_tag(tag, kind, path, line)
        return self.convert(kind, event.value, path, line)

    def convert(self, kind: str, text: str, path: Path, line: int) -> Any:
        if kind == "int":
            if len(text) > 40:
                self.fail(path, line, "a number of more than 40 digits")
            digits = text.replace("_", "")
            try:
                return int(digits, 10 if digits.lstrip("+-").isdigit() else 0)
            except ValueError:
                self.fail(path, line, f"{quote(text)} is no whole number")
        if kind == "bool":
            return text.lower() in ("true", "yes", "on", "y")
        return None if kind == "null" else text

    def check_tag(self, tag: object, kind: str, path: Path, line: int) -> None:
        text = "" if tag is None else str(tag)
        if kind not in _PLAIN or (text not in ("", "!") and text.removeprefix(_CORE) != kind):
            self.fail(path, line, f"tag {quote(text.replace(_CORE, '!!'))}: tags are not part of the format")

    def fail(self, path: Path, line: int, message: str) -> NoReturn:
        raise Where(self.name, {path: line}).refuse(path, message)
