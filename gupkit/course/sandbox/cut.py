"""Cutting out of the kit what would answer for the student."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any

KEPT = ("gupkit.kernel", "gupkit.trace", "gupkit.errors")
"""What of gupkit a student's code can still import, as far as it is loaded."""


class Silent:
    """Stands in for pictures, widgets and examples: takes everything, shows nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Silent:
        """Itself again."""
        return self

    def __getitem__(self, key: Any) -> Silent:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __getattr__(self, name: str) -> Silent:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self


def refused(*args: Any, **kwargs: Any) -> Any:
    """What a function that was cut out does."""
    from gupkit.errors import NotHere  # names of this module are not seen from where this code will stand

    raise NotHere("this function of the kit is not here while your answer is tried: write your own")


def cut_functions(names: Iterable[str]) -> None:
    """Take the code out of the named functions (``module:name``): whoever still holds one holds an empty shell."""
    for name in names:
        module, function = name.split(":")
        found: Any = import_module(module)
        for part in function.split("."):
            found = getattr(found, part)
        assert isinstance(found, FunctionType)
        found.__code__ = _same_shape(refused.__code__, found.__code__)
        found.__kwdefaults__, found.__defaults__ = None, None


def _same_shape(stub: CodeType, old: CodeType) -> CodeType:
    return stub.replace(co_freevars=old.co_freevars, co_name=old.co_name)


def cut_modules(face: ModuleType) -> None:
    """Forget every module of gupkit but the machine; pictures, widgets and searches become silent."""
    for name in [n for n in sys.modules if n.startswith("gupkit.") and not n.startswith(KEPT)]:
        del sys.modules[name]
    for room in face._ROOMS:
        silent: Any = ModuleType(f"gupkit.{room}")
        silent.__getattr__ = lambda name: Silent()
        sys.modules[f"gupkit.{room}"] = silent
        setattr(face, room, silent)
    for name, module in face._WHERE.items():
        if not f"gupkit.{module}".startswith(KEPT):
            setattr(face, name, Silent())
