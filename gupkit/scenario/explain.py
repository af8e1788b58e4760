"""What a failed schema check means, in one line a person can act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .ops import OPS
from .schema import BESIDE, BESIDE_INJECTED, validator
from .where import Path, Where
from .words import hint, quote

if TYPE_CHECKING:
    from ..errors import ScenarioError

_TYPES = {"string": "text", "integer": "a whole number", "boolean": "true or false", "array": "a list",
          "object": "a map", "null": "nothing"}


def check_shape(data: Any, where: Where) -> None:
    """Raise ScenarioError if ``data`` is not shaped as the schema says: keys, types, ranges and fixed words."""
    from fastjsonschema import JsonSchemaValueException

    try:
        validator()(data)
    except JsonSchemaValueException as error:
        raise explain(error, data, where) from None


def explain(error: Any, data: Any, where: Where) -> ScenarioError:
    """The ScenarioError for fastjsonschema's exception about ``data``."""
    path = find(error.name.removeprefix("data"), data)
    rule = _RULES.get(error.rule, _other)
    return rule(error, path, where)


def find(name: str, data: Any) -> Path:
    """The path that fastjsonschema spells ``name``; keys may hold any character.

    >>> find(".a[1].b[0]", {"a": [0, {"b[0]": 1}]})
    ('a', 1, 'b[0]')
    """
    path: list[str | int] = []
    while name:
        if isinstance(data, list) and name.startswith("["):
            index, _, name = name[1:].partition("]")
            path.append(int(index))
        else:
            keys = [k for k in data if name.startswith(f".{k}")] if isinstance(data, dict) else []
            if not keys:
                break
            path.append(key := max(keys, key=len))
            name = name[len(key) + 1:]
        data = data[path[-1]]
    return tuple(path)


def _what(path: Path) -> str:
    """The thing at the end of the path, as a message names it."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return "the file"
    if len(names) > 1 and names[-2] in OPS:
        return f"{names[-2]}: {names[-1]}"
    return "a step" if path[-1] != names[-1] and names[-1] in ("steps", "do") else str(names[-1])


def _inside(path: Path) -> str:
    return "at the top" if not path else f"in {_what(path)}"


def _unknown_keys(error: Any, path: Path, where: Where) -> ScenarioError | None:
    known = error.definition.get("properties", {})
    unknown = [key for key in error.value if key not in known] if isinstance(error.value, dict) else []
    if not unknown:
        return None
    place = (*path, unknown[0])
    return where.refuse(place, f"unknown key {quote(unknown[0])} {_inside(path)}{hint(unknown[0], known)}")


def _keys(error: Any, path: Path, where: Where) -> ScenarioError:
    if error.rule == "additionalProperties" and error.definition.get("oneOf") and path[-2:-1] in (("steps",), ("do",)):
        return _beside(error.value, path, where)
    found = _unknown_keys(error, path, where)
    if found is not None:
        return found
    missing = [key for key in error.definition.get("required", ()) if key not in error.value]
    return where.refuse(path, f"{_what(path)} needs {' and '.join(map(repr, missing))}")


def _beside(step: dict[str, Any], path: Path, where: Where) -> ScenarioError:
    allowed = BESIDE_INJECTED if "race" in path else BESIDE
    extra = next(key for key in step if key not in OPS and key not in allowed)
    if extra in BESIDE:
        return where.refuse((*path, extra), f"an injected op takes no {extra!r}; put it beside the step")
    if extra == "by":
        return where.refuse((*path, extra), f"'by' belongs inside the op: {_op_of(step)}: {{by: …}}")
    return where.refuse((*path, extra), f"unknown key {quote(extra)} beside an op{hint(extra, (*BESIDE, *OPS))}")


def _op_of(step: dict[str, Any]) -> str:
    return next(key for key in step if key in OPS)


def _one_of(error: Any, path: Path, where: Where) -> ScenarioError:
    if path and path[-1] in OPS:
        names = OPS[str(path[-1])].one_of
        given = [name for name in names if name in error.value]
        both = f"not both {' and '.join(given)}" if given else "one is missing"
        return where.refuse(path, f"{path[-1]} takes {' or '.join(names)}: {both}")
    ops = [key for key in error.value if key in OPS]
    if ops:
        return where.refuse((*path, ops[1]), f"a step has one op; this one has {' and '.join(ops)}")
    unknown = [key for key in error.value if key not in BESIDE]
    if not unknown:
        return where.refuse(path, "a step without an op, such as mmap or load")
    return where.unknown((*path, unknown[0]), "op", unknown[0], tuple(OPS))


def _type(error: Any, path: Path, where: Where) -> ScenarioError:
    wanted = error.rule_definition if isinstance(error.rule_definition, list) else [error.rule_definition]
    words = " or ".join(_TYPES[t] for t in wanted if t != "null")
    tail = hint(error.value, tuple(OPS)) if _what(path) == "a step" and isinstance(error.value, str) else ""
    return where.refuse(path, f"{_what(path)} must be {words}, not {_kind(error.value)}{tail}")


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a map" if isinstance(value, dict) else "a list"
    return quote(value)


def _enum(error: Any, path: Path, where: Where) -> ScenarioError:
    message = f"{_what(path)}: unknown word {quote(error.value)}{hint(error.value, error.rule_definition)}"
    return where.refuse(path, message)


def _bound(error: Any, path: Path, where: Where) -> ScenarioError:
    low, high = error.definition.get("minimum"), error.definition.get("maximum")
    if low is None or high is None:
        limits = f"at least {low}" if high is None else f"at most {high}"
    else:
        limits = f"from {low} to {high}"
    return where.refuse(path, f"{_what(path)} is {quote(error.value)}; it must be {limits}")


def _length(error: Any, path: Path, where: Where) -> ScenarioError:
    if path[-2:-1] == ("iov",):
        return where.refuse(path, "each entry of iov is [address, length]")
    size = {"minItems": "at least", "minProperties": "at least", "minLength": "at least", "maxItems": "at most"}
    unit = {"minProperties": "entry", "minLength": "letter"}.get(error.rule, "entry")
    return where.refuse(path, f"{_what(path)} needs {size[error.rule]} {error.rule_definition} "
                              f"{unit if error.rule_definition == 1 else 'entries'}")


def _pattern(error: Any, path: Path, where: Where) -> ScenarioError:
    if _what(path) == "bytes":
        return where.refuse(path, f"bytes {quote(error.value)}: write hexadecimal digits in small letters, two a byte")
    if str(path[-1]) == "addr":
        return where.refuse(path, f"addr {quote(error.value)} is no address; write 0x7f0000000000")
    return where.refuse(path, f"{quote(error.value)} is no name; use letters, digits and _")


def _name(error: Any, path: Path, where: Where) -> ScenarioError:
    import re

    bad = next(key for key in error.value if not re.fullmatch(error.rule_definition["pattern"], key))
    return where.refuse((*path, bad), f"{quote(bad)} is no name for a file; use letters, digits, '_', '-' and '.'")


def _unique(error: Any, path: Path, where: Where) -> ScenarioError:
    return where.refuse(path, f"{_what(path)} says the same thing twice")


def _other(error: Any, path: Path, where: Where) -> ScenarioError:
    return where.refuse(path, str(error.message).removeprefix("data."))


_RULES: dict[str, Callable[[Any, Path, Where], ScenarioError]] = {
    "additionalProperties": _keys, "required": _keys, "oneOf": _one_of, "type": _type, "enum": _enum,
    "minimum": _bound, "maximum": _bound, "minItems": _length, "maxItems": _length, "minLength": _length,
    "minProperties": _length, "pattern": _pattern, "propertyNames": _name, "uniqueItems": _unique,
}
