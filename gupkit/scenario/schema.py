"""The JSON schema (draft-07) of a scenario file, made from the table of ops.

``schema.json`` beside this file is what ``gupkit schema`` prints, for editors and other
tools; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from . import vocabulary as words
from .args import BYTE, FILE_NAME, NAME, NTH, PROCESS
from .ops import OPS, REQUIRED, Arg, Op

_TEXT = {"type": "string"}
_BYTES = {"type": "array", "items": BYTE.schema, "maxItems": 1 << 16}
_INTEGER = {"type": "integer"}
_COUNT = {"type": "integer", "minimum": 0}
_RANGE = {"type": ["string", "integer"], "minimum": 0}
_FRAMES = {"type": "array", "items": _RANGE, "minItems": 2}
_COUNTS = {"type": "object", "additionalProperties": _COUNT, "minProperties": 1}


def _closed(properties: dict[str, Any], required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False, **more}
    if required:
        schema["required"] = list(required)
    return schema


def _arg(arg: Arg) -> dict[str, Any]:
    schema: dict[str, Any] = {**arg.kind.schema, "description": arg.doc}
    if arg.default is not REQUIRED and arg.default is not None:
        schema["default"] = list(arg.default) if isinstance(arg.default, tuple) else arg.default
    return schema


def _op(op: Op) -> dict[str, Any]:
    by = {**PROCESS.schema, "default": words.FIRST_PROCESS, "description": "who acts"}
    properties = {"by": by, **{arg.name: _arg(arg) for arg in op.args}}
    required = tuple(arg.name for arg in op.args if arg.required)
    schema = _closed(properties, required, description=_described(op))
    if not required and not op.one_of:
        schema["type"] = ["object", "null"]
    if op.one_of:
        schema["oneOf"] = [{"required": [name]} for name in op.one_of]
    return schema


def _described(op: Op) -> str:
    text = op.doc
    if op.since:
        text += f" (since Linux {op.since})"
    return f"{text}; simulated kernel only" if op.sim_only else text


EXPECT: dict[str, Any] = _closed({
    "ret": _INTEGER,
    "errno": {"type": "string", "enum": list(words.ERRNOS)},
    "signal": {"type": "string", "enum": list(words.SIGNALS)},
    "byte": BYTE.schema,
    "bytes": {"type": "string", "pattern": "^([0-9a-f]{2})*$", "description": "hexadecimal"},
    "faults": _closed({"minor": _COUNT, "major": _COUNT}, minProperties=1),
    "nonblocking": {"type": "integer", "minimum": 0, "maximum": 1},
    "present": _RANGE, "absent": _RANGE, "swapped": _RANGE,
    "same_frame": _FRAMES, "different_frame": _FRAMES,
    "refcount": _COUNTS, "mapcount": _COUNTS,
    "leaked": _COUNT,
    "clause": {"type": "string", "enum": list(words.CLAUSES)},
}, minProperties=1)
"""What may be expected after a step."""

PREDICT: dict[str, Any] = _closed({
    "question": {**_TEXT, "minLength": 1},
    "choices": {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 2, "uniqueItems": True},
    "answer": {"type": ["string", "integer"]},
}, ("question", "choices", "answer"), description="asked before the step runs; the answer is one of the choices")

FILES: dict[str, Any] = {
    "type": "object",
    "propertyNames": {"pattern": FILE_NAME},
    "additionalProperties": {
        "type": ["array", "object"], "items": BYTE.schema, "maxItems": 1 << 16,
        "properties": {
            "pages": _BYTES,
            "cached": {"type": "boolean", "default": True, "description": "in the page cache at the start"},
            "memfd": {"type": "boolean", "default": False, "description": "tmpfs, which has no disk"},
        },
        "required": ["pages"], "additionalProperties": False,
    },
    "description": "name: one byte value per page",
}


def _step(beside: dict[str, Any]) -> dict[str, Any]:
    ops = {name: {"$ref": f"#/definitions/ops/{name}"} for name in OPS}
    return _closed({**ops, **beside}, oneOf=[{"required": [name]} for name in OPS])


BESIDE = ("expect", "race", "note", "predict")
"""Keys that may stand beside the op of a step."""
BESIDE_INJECTED = ("expect", "race", "note")
"""The same for an op of a race: a reader is asked before a step, not in the middle of one."""


def build_schema() -> dict[str, Any]:
    """The whole schema, as plain JSON values.

    >>> sorted(build_schema()["properties"])
    ['about', 'era', 'files', 'needs', 'steps', 'title']
    """
    race = {"type": "array", "items": {"$ref": "#/definitions/injection"}, "minItems": 1}
    beside = {"expect": EXPECT, "race": race, "note": _TEXT, "predict": PREDICT}
    injection = _closed({
        "at": {**_TEXT, "description": "a schedule point, or any"},
        "nth": {**NTH.schema, "default": 1, "description": "which time it is passed"},
        "do": {"type": "array", "items": {"$ref": "#/definitions/injected"}, "minItems": 1},
    }, ("at", "do"))
    top = {
        "title": {**_TEXT, "minLength": 1},
        "about": _TEXT,
        "era": {"type": "string", "enum": list(words.ERAS), "default": words.ERAS[0]},
        "files": FILES,
        "needs": {"type": "array", "items": {"type": "string", "pattern": NAME}},
        "steps": {"type": "array", "items": {"$ref": "#/definitions/step"}, "minItems": 1},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "gupkit scenario",
        **_closed(top, ("title", "steps")),
        "definitions": {
            "ops": {name: _op(op) for name, op in OPS.items()},
            "step": _step(beside), "injection": injection,
            "injected": _step({key: beside[key] for key in BESIDE_INJECTED}),
        },
    }


@cache
def validator() -> Callable[[Any], Any]:
    """The compiled schema: call it with plain values; it raises fastjsonschema's exception for a bad one."""
    import fastjsonschema

    return fastjsonschema.compile(build_schema(), use_default=False)


def to_json() -> str:
    """The schema as the text of ``schema.json``."""
    import json

    return json.dumps(build_schema(), indent=1, ensure_ascii=False) + "\n"

