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

from .errors import BackendError, GupkitError, ScenarioError
from .kernel import FOLL, Cell, Errno, Kernel, Signal
from .kernel.dirty import set_page_dirty, set_page_dirty_lock
from .kernel.gup import __get_user_pages
from .kernel.page import get_page, put_page
from .kernel.pgtable import PAGE_SIZE

if TYPE_CHECKING:
    from . import draw, widgets
    from .api import own_process, run, snapshot_of
    from .scenario import Scenario
    from .trace import Recorder, Snapshot, Trace

__version__ = "0.1.0"

_LAZY = {
    "Scenario": "gupkit.scenario",
    "Recorder": "gupkit.trace",
    "Snapshot": "gupkit.trace",
    "Trace": "gupkit.trace",
    "own_process": "gupkit.api",
    "run": "gupkit.api",
    "snapshot_of": "gupkit.api",
}
_ROOMS = ("draw", "widgets")

__all__ = [
    "FOLL", "PAGE_SIZE", "BackendError", "Cell", "Errno", "GupkitError", "Kernel", "Recorder", "Scenario",
    "ScenarioError", "Signal", "Snapshot", "Trace", "__get_user_pages", "draw", "get_page", "own_process",
    "put_page", "run", "set_page_dirty", "set_page_dirty_lock", "snapshot_of", "widgets",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"gupkit.{name}")
    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'gupkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
