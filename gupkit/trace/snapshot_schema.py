"""What a snapshot file must look like: a JSON Schema (draft 7), checked before anything is built from it."""

from __future__ import annotations

from typing import Any

FORMAT = "gupkit snapshot"
VERSION = 1

_COUNT = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL = {"type": ["integer", "null"], "minimum": 0}
_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_TRUTH = {"type": "boolean"}
_TRUTH_OR_NULL = {"type": ["boolean", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}
_NUMBERS = {"type": "array", "items": _COUNT_OR_NULL}
_PAIR = {"type": "array", "items": [_COUNT, _COUNT], "minItems": 2, "maxItems": 2}
_BYTE_PAIR = {"type": "array", "items": [_COUNT, {**_COUNT, "maximum": 255}], "minItems": 2, "maxItems": 2}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


def _table(below: str) -> dict[str, Any]:
    """A page table as an object: index (0 to 511, as text) → the table below it."""
    index = "^([0-9]|[1-9][0-9]|[1-4][0-9][0-9]|50[0-9]|51[01])$"
    return {"type": "object", "patternProperties": {index: {"$ref": f"#/definitions/{below}"}},
            "additionalProperties": False}


_NUMBER_RUN = {"oneOf": [_COUNT, {"type": "null"}, _NUMBERS]}
_RUN = {"type": "array", "items": [_COUNT, _COUNT, _COUNT, _NUMBER_RUN, _NUMBER_RUN], "minItems": 3, "maxItems": 5}

_LEAF = _object(("kind", "pfn"), kind=_COUNT, pfn=_COUNT_OR_NULL)

_PTE = _object(
    (), present=_TRUTH, write=_TRUTH_OR_NULL, dirty=_TRUTH_OR_NULL, young=_TRUTH_OR_NULL, protnone=_TRUTH,
    zero=_TRUTH, huge=_TRUTH, swapped=_TRUTH, poisoned=_TRUTH, file=_TRUTH_OR_NULL, exclusive=_TRUTH_OR_NULL,
)
_VMA = _object(
    ("start", "end"), start=_COUNT, end=_COUNT, flags=_TEXTS, name=_TEXT, file=_TEXT_OR_NULL, pgoff=_COUNT,
)
_LOCK = _object((), readers=_TEXTS, writer=_TEXT_OR_NULL, waiters=_TEXTS)
_PROCESS = _object(
    ("name", "vmas", "pgd"), name=_TEXT, pid=_COUNT, vmas={"type": "array", "items": _VMA},
    pgd={"$ref": "#/definitions/pgd"}, min_flt=_COUNT, maj_flt=_COUNT, mmap_sem=_LOCK, alive=_TRUTH,
)
_FRAME = _object(
    ("kind",), kind=_TEXT, refcount=_COUNT_OR_NULL, mapcount=_COUNT_OR_NULL, pins=_COUNT, file=_TEXT_OR_NULL,
    swap=_COUNT_OR_NULL, head=_COUNT_OR_NULL, flags=_TEXTS, byte={**_COUNT_OR_NULL, "maximum": 255},
)
_FILE = _object(
    ("name", "pages"), name=_TEXT, pages=_COUNT, memfd=_TRUTH,
    cache={"type": "array", "items": _PAIR}, disk={"type": "array", "items": _BYTE_PAIR},
)
_PIN = _object(
    ("name", "pfn"), name=_TEXT, pfn=_COUNT, process=_TEXT_OR_NULL, address=_COUNT_OR_NULL, write=_TRUTH,
)
_FRAME_ROW = {"type": "array", "items": [_COUNT, _COUNT, _COUNT], "minItems": 2, "maxItems": 3}

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "definitions": {
        "pgd": _table("pud"), "pud": _table("pmd"), "pmd": _table("pte"), "pte": {**_LEAF, "type": ["array",
        "object"], "items": _RUN},
    },
    **_object(
        ("format", "version", "processes"),
        format={"const": FORMAT}, version={"const": VERSION}, clock=_COUNT, origin=_TEXT, about=_TEXT,
        free=_COUNT_OR_NULL, ptes={"type": "array", "items": _PTE},
        processes={"type": "object", "additionalProperties": _PROCESS},
        likes={"type": "array", "items": _FRAME}, frames={"type": "array", "items": _FRAME_ROW},
        files={"type": "object", "additionalProperties": _FILE}, swap={"type": "array", "items": _BYTE_PAIR},
        pins={"type": "array", "items": _PIN},
    ),
}
"""``ptes`` and ``likes`` hold each kind of entry and frame once; runs ``[first, count, kind, pfns, slots]`` and
frames ``[pfn, kind, index]`` refer to them by position. A number for ``pfns`` or ``slots`` is the first of a
series that grows by one, a list gives each, null none. A huge entry stands in its pmd as ``{kind, pfn}``."""
