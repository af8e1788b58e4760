"""Exported symbols, and the modules that need them.

Source: kernel/module.c, resolve_symbol (2.6.39).
"""

from __future__ import annotations

from dataclasses import dataclass

from .eras import Era
from .errno import Errno

GPL_COMPATIBLE = frozenset(
    {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}
)
"""Licences whose modules may use symbols exported with EXPORT_SYMBOL_GPL."""
ADDED_BY_THE_EXPORT = frozenset({"__get_user_pages"})
"""What the commit of early 2011 exported; before it, no module could link to it."""


@dataclass(frozen=True, slots=True)
class ModuleLoad:
    """How a load ended: 0 or -ENOENT, and the symbols that could not be resolved."""

    ret: int | Errno
    unknown: tuple[str, ...] = ()


def load_module(era: Era, needs: list[str], license: str = "GPL", before_export: bool = False) -> ModuleLoad:
    """Resolve the symbols a module needs, as insmod would.

    ``before_export``: on the kernel just before the export was made. A symbol exported to GPL modules only is
    unknown to any other.

    >>> from gupkit.kernel.eras import V2_6_39
    >>> load_module(V2_6_39, ["__get_user_pages"], before_export=True)
    ModuleLoad(ret=-ENOENT, unknown=('__get_user_pages',))
    >>> load_module(V2_6_39, ["__get_user_pages"]).ret
    0
    """
    gpl = license in GPL_COMPATIBLE
    unknown = tuple(
        name
        for name in needs
        if name not in era.exports
        or (era.exports[name] and not gpl)
        or (before_export and name in ADDED_BY_THE_EXPORT)
    )
    return ModuleLoad(Errno.ENOENT if unknown else 0, unknown)
