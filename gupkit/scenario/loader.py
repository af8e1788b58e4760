"""A file, a built-in name, a text or a dict into a scenario's parts; everything wrong is refused here.

The order: read the text, check its YAML, its shape (the schema), its places, its names. Nothing has run yet.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from .build import as_pins, build_files, build_steps
from .explain import check_shape
from .names import check_names
from .parts import Step
from .vocabulary import ERAS
from .where import Where
from .words import hint
from .yaml_lines import MAX_DEPTH, read_yaml

MAX_FILE = 1 << 20
"""Bytes in a scenario file, at most."""


@cache
def builtin_names() -> tuple[str, ...]:
    """The names of the scenarios that come with the kit, in alphabetical order.

    >>> "invalidate" in builtin_names()
    True
    """
    files = resources.files(__package__).joinpath("builtin").iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in files if f.name.endswith(".yaml")))


def read_source(source: str | Path) -> tuple[str, str, Path | None]:
    """The text of a built-in scenario or of a file, the name messages give it, and the file's path.

    A built-in name wins over a file of that name; write ``./name`` for the file.
    """
    if isinstance(source, str) and source in builtin_names():
        return builtin_text(source), f"{source}.yaml", None
    path = Path(source)
    return read_text(path), str(source), path


def builtin_text(name: str) -> str:
    """The text of the built-in scenario ``name``, which must be one of :func:`builtin_names`."""
    return resources.files(__package__).joinpath("builtin", f"{name}.yaml").read_text(encoding="utf-8")


def read_text(path: Path) -> str:
    """The text of a file that can be a scenario; ScenarioError if it cannot."""
    where = Where(_one_line(str(path)))
    try:
        if path.is_dir():
            raise where.refuse((), "this is a directory; name a scenario file in it")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise where.refuse((), f"no such file, and no built-in scenario{hint(str(path), builtin_names())}") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise where.refuse((), f"cannot be read: {reason}") from None
    if len(data) > MAX_FILE:
        raise where.refuse((), f"larger than {MAX_FILE >> 20} MiB, which no scenario is")
    return _decoded(data, where)


def _one_line(name: str) -> str:
    return name.encode("unicode_escape").decode() if not name.isprintable() else name


def _decoded(data: bytes, where: Where) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise Where(where.name, {(): line}).refuse((), f"not UTF-8 text: byte {data[problem.start]:#04x}") from None


def parts_of_text(text: str, name: str) -> dict[str, Any]:
    """The fields of a Scenario, read from YAML text; ``name`` is what messages call it."""
    data, where = read_yaml(text, _one_line(name))
    return parts_of(data, where)


def parts_of_dict(data: Any) -> dict[str, Any]:
    """The fields of a Scenario, read from plain Python values."""
    where = Where("scenario")
    return parts_of(_plain(data, where, ()), where)


def parts_of(data: Any, where: Where) -> dict[str, Any]:
    """Check plain values and make the parts of them."""
    check_shape(data, where)
    files = build_files(data.get("files", {}))
    steps = build_steps(data["steps"], where)
    pins = check_names(steps, files, where)
    return {
        "title": data["title"], "about": data.get("about", ""), "era": data.get("era", ERAS[0]), "files": files,
        "needs": tuple(data.get("needs", ())), "steps": tuple(_with_pins(step, pins) for step in steps),
        "source": where.name,
    }


def _with_pins(step: Step, pins: frozenset[str]) -> Step:
    return replace(step, expect=as_pins(step.expect, pins)) if step.expect else step


def _plain(value: Any, where: Where, path: tuple[str | int, ...]) -> Any:
    """A copy made of maps, lists and scalars only; tuples count as lists."""
    if len(path) > MAX_DEPTH:
        raise where.refuse(path[:4], f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise where.refuse(path, f"key {key!r} is no text")
        return {key: _plain(item, where, (*path, key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where, (*path, index)) for index, item in enumerate(value)]
    if value is None or isinstance(value, str | bool | int):
        return value
    raise where.refuse(path, f"a {type(value).__name__} is nothing a scenario holds")


