"""gupkit: a teaching kit about one Linux kernel function, ``__get_user_pages``, and all it stands on.

This module is the face: the names a notebook uses. Rooms with heavy furniture (pictures, widgets, files in
YAML) are entered when they are first named.

>>> import gupkit as gk
>>> k = gk.Kernel(era="2.6.39")
>>> p = k.spawn("P")
>>> a = k.mmap(p, pages=2)
>>> pages = []
>>> with p.mm.mmap_sem.read():
...     gk.__get_user_pages(p, p.mm, a, 2, gk.FOLL.WRITE | gk.FOLL.GET, pages, None, None)
2
>>> for page in pages:
...     gk.put_page(page)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import contract, draw, widgets
    from .api import explore, own_process, run, snapshot_of
    from .errors import BackendError, GupkitError, ScenarioError
    from .kernel import FOLL, Cell, Errno, Kernel, Signal
    from .kernel.dirty import set_page_dirty, set_page_dirty_lock
    from .kernel.eras import Era, ForcedWrite
    from .kernel.eras import find_era as era
    from .kernel.gup import __get_user_pages
    from .kernel.page import get_page, put_page
    from .kernel.pgtable import PAGE_SIZE
    from .scenario import Scenario
    from .trace import Recorder, Snapshot, Trace, take_snapshot
    from .widgets.claim import claim
    from .widgets.predict import predict
    from .widgets.progress import progress

__version__ = "0.1.0"

_FROM = {
    "api": ("explore", "own_process", "run", "snapshot_of"),
    "errors": ("BackendError", "GupkitError", "ScenarioError"),
    "kernel": ("FOLL", "Cell", "Errno", "Kernel", "Signal"),
    "kernel.eras": ("Era", "ForcedWrite", "era"),
    "kernel.dirty": ("set_page_dirty", "set_page_dirty_lock"),
    "kernel.gup": ("__get_user_pages",),
    "kernel.page": ("get_page", "put_page"),
    "kernel.pgtable": ("PAGE_SIZE",),
    "scenario": ("Scenario",),
    "trace": ("Recorder", "Snapshot", "Trace", "take_snapshot"),
    "widgets.claim": ("claim",),
    "widgets.predict": ("predict",),
    "widgets.progress": ("progress",),
}
"""Module → the names it gives to the face."""
_WHERE = {name: module for module, names in _FROM.items() for name in names}
_CALLED = {"era": "find_era"}
"""Names that the face shortens."""
_ROOMS = ("contract", "draw", "widgets")

__all__ = [
    "FOLL", "PAGE_SIZE", "BackendError", "Cell", "Era", "Errno", "ForcedWrite", "GupkitError", "Kernel", "Recorder",
    "Scenario", "ScenarioError", "Signal", "Snapshot", "Trace", "__get_user_pages", "claim", "contract", "draw", "era",
    "explore", "get_page", "own_process", "predict", "progress", "put_page", "run", "set_page_dirty",
    "set_page_dirty_lock", "snapshot_of", "take_snapshot", "widgets",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"gupkit.{name}")
    if name not in _WHERE:
        raise AttributeError(f"module 'gupkit' has no attribute {name!r}")
    module = import_module(f"gupkit.{_WHERE[name]}")
    value = globals()[name] = getattr(module, _CALLED.get(name, name))
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
