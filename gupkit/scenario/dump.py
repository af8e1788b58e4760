"""A scenario back into plain values and YAML text: only what differs from the defaults is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .address import FileRef, PinRef, Target
from .build import usual_lock
from .ops import OPS
from .parts import FileSpec, Injection, Step
from .vocabulary import FIRST_PROCESS


def dump_files(files: Iterable[FileSpec]) -> dict[str, Any]:
    """The ``files`` map, in the short form where it says all.

    >>> dump_files([FileSpec("f1", (97,)), FileSpec("cold", (48,), cached=False)])
    {'f1': [97], 'cold': {'pages': [48], 'cached': False}}
    """
    return {file.name: _file(file) for file in files}


def _file(file: FileSpec) -> Any:
    if file.cached and not file.memfd:
        return list(file.fills)
    spec: dict[str, Any] = {"pages": list(file.fills)}
    if not file.cached:
        spec["cached"] = False
    if file.memfd:
        spec["memfd"] = True
    return spec


def dump_step(step: Step) -> dict[str, Any]:
    """A step as the file has it.

    >>> dump_step(Step("load", {"at": Target("A", 0, 0)}, expect={"byte": 1}))
    {'load': {'at': 'A[0]'}, 'expect': {'byte': 1}}
    """
    by = {} if step.by == FIRST_PROCESS else {"by": step.by}
    data: dict[str, Any] = {step.op: {**by, **_args(step)}}
    if step.race:
        data["race"] = [_injection(injection) for injection in step.race]
    if step.expect:
        data["expect"] = {key: _value(value) for key, value in step.expect.items()}
    if step.predict:
        data["predict"] = step.predict.to_dict()
    if step.note:
        data["note"] = step.note
    return data


def describe(step: Step) -> str:
    """The op and its arguments on one short line, for a person.

    >>> describe(Step("store", {"at": Target("A", 0, 0), "byte": 66}, "T2"))
    'T2: store A[0] byte=0x42'
    """
    words = [f"{step.by}: {step.op}" if step.by != FIRST_PROCESS else step.op]
    for key, value in _args(step).items():
        words.append(str(value) if key in ("at", "as", "pin") else f"{key}={_short(key, value)}")
    return " ".join(words)


def _short(key: str, value: Any) -> str:
    if isinstance(value, list):
        return "+".join(" ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value) or "none"
    if key in ("byte", "addr") and isinstance(value, int):
        return f"{value:#x}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value == "" else str(value)


def _args(step: Step) -> dict[str, Any]:
    given = {}
    for arg in OPS[step.op].args:
        value = step.args.get(arg.name, arg.default)
        usual = usual_lock(step.args["api"]) if arg.name == "lock" else arg.default
        if value != usual:
            given[arg.name] = _value(value)
    return given


def _injection(injection: Injection) -> dict[str, Any]:
    nth = {} if injection.nth == 1 else {"nth": injection.nth}
    return {"at": injection.at, **nth, "do": [dump_step(step) for step in injection.do]}


def _value(value: Any) -> Any:
    if isinstance(value, Target | PinRef | FileRef):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_value(key)): _value(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    return value


def to_yaml(data: Mapping[str, Any]) -> str:
    """Plain values as YAML text that reads back as the same values."""
    from io import StringIO

    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        """Text of several lines as such, between its own line breaks."""

        def represent_str(self, data: str) -> Any:
            return self.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)

    Representer.add_representer(str, Representer.represent_str)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = Representer
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    text = StringIO()
    yaml.dump(dict(data), text)
    return text.getvalue()
