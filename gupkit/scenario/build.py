"""Values that the schema accepts into a scenario's parts: places parsed, defaults filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .address import BadPlace, PinRef, Place, Target, parse_place
from .ops import OPS, Arg
from .parts import FileSpec, Injection, Prediction, Step
from .schema import BESIDE
from .vocabulary import FIRST_PROCESS
from .where import Path, Where
from .words import hint, quote


def build_files(data: Mapping[str, Any]) -> tuple[FileSpec, ...]:
    """The files of a scenario, from the short form (a list) or the long one (a map).

    >>> build_files({"f1": [97], "m": {"pages": [98], "memfd": True}})[1].memfd
    True
    """
    return tuple(
        FileSpec(name, tuple(spec)) if isinstance(spec, list)
        else FileSpec(name, tuple(spec["pages"]), spec.get("cached", True), spec.get("memfd", False))
        for name, spec in data.items()
    )


def build_steps(steps: list[Any], where: Where, path: Path = ("steps",)) -> tuple[Step, ...]:
    """The steps; ScenarioError for a place or an answer that is none."""
    return tuple(_step(step, where, (*path, index)) for index, step in enumerate(steps))


def _step(data: Mapping[str, Any], where: Where, path: Path) -> Step:
    op = next(key for key in data if key not in BESIDE)
    given = data[op] or {}
    return Step(
        op,
        _args(op, given, where, (*path, op)),
        given.get("by", FIRST_PROCESS),
        build_expect(data.get("expect", {}), where, (*path, "expect")),
        tuple(_injection(race, where, (*path, "race", n)) for n, race in enumerate(data.get("race", ()))),
        data.get("note", ""),
        _prediction(data.get("predict"), where, (*path, "predict")),
        where.line(path),
    )


def _args(op: str, given: Mapping[str, Any], where: Where, path: Path) -> dict[str, Any]:
    args = {arg.name: _arg(arg, given, where, path) for arg in OPS[op].args}
    if op == "gup" and args["lock"] is None:
        args["lock"] = usual_lock(args["api"])
    return args


def usual_lock(api: str) -> str:
    """How mmap_sem is held when a function of the family is called and the step does not say.

    >>> usual_lock("get_user_pages"), usual_lock("get_user_pages_fast")
    ('read', 'none')
    """
    return "none" if api.endswith(("_fast", "_unlocked", "_fast_only")) else "read"


def _arg(arg: Arg, given: Mapping[str, Any], where: Where, path: Path) -> Any:
    if arg.name not in given:
        return arg.default
    return _parsed(arg.kind.parse, given[arg.name], where, (*path, arg.name))


def _parsed(parse: Callable[[Any], Any], value: Any, where: Where, path: Path) -> Any:
    try:
        return parse(value)
    except BadPlace as problem:
        raise where.refuse(path, str(problem)) from None


def _injection(data: Mapping[str, Any], where: Where, path: Path) -> Injection:
    return Injection(data["at"], data.get("nth", 1), build_steps(data["do"], where, (*path, "do")), where.line(path))


def _prediction(data: Mapping[str, Any] | None, where: Where, path: Path) -> Prediction | None:
    if data is None:
        return None
    choices = tuple(str(choice) for choice in data["choices"])
    if str(data["answer"]) not in choices:
        message = f"answer {quote(data['answer'])} is not among the choices{hint(data['answer'], choices)}"
        raise where.refuse((*path, "answer"), message)
    return Prediction(data["question"], choices, str(data["answer"]))


def build_expect(data: Mapping[str, Any], where: Where, path: Path) -> dict[str, Any]:
    """What is expected, places parsed."""
    expect: dict[str, Any] = {}
    for key, value in data.items():
        if key in ("present", "absent", "swapped"):
            expect[key] = _parsed(_range, value, where, (*path, key))
        elif key in ("same_frame", "different_frame"):
            places = enumerate(value)
            expect[key] = tuple(_parsed(parse_place, text, where, (*path, key, n)) for n, text in places)
        elif key in ("refcount", "mapcount"):
            expect[key] = {_parsed(parse_place, text, where, (*path, key, text)): n for text, n in value.items()}
        else:
            expect[key] = value
    return expect


def _range(text: str | int) -> Target:
    place = parse_place(text)
    if not isinstance(place, Target):
        raise BadPlace(f"{str(place)!r} is a page of a file; this expects pages of a region, such as A[0:2]")
    return place


def as_pins(expect: Mapping[str, Any], pins: frozenset[str]) -> dict[str, Any]:
    """The same expectations, with the places that name a pin (and read as a region) turned into pins.

    >>> as_pins({"refcount": {Target("pins", 0, 0): 2}}, frozenset({"pins"}))
    {'refcount': {PinRef(name='pins', index=0): 2}}
    """
    turned = dict(expect)
    for key in ("same_frame", "different_frame"):
        if key in expect:
            turned[key] = tuple(_pin(place, pins) for place in expect[key])
    for key in ("refcount", "mapcount"):
        if key in expect:
            turned[key] = {_pin(place, pins): n for place, n in expect[key].items()}
    return turned


def _pin(place: Place, pins: frozenset[str]) -> Place:
    if not isinstance(place, Target) or place.region not in pins or place.process or place.offset is not None:
        return place
    if place.first is None:
        return PinRef(place.region)
    return PinRef(place.region, place.first) if place.first == place.last and place.first >= 0 else place
