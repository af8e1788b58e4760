"""What the tests of the contract share: judging a built-in scenario, or one written in a few lines."""

from functools import cache

from gupkit.contract import Findings, check
from gupkit.scenario import Scenario
from gupkit.scenario.runner import run
from gupkit.trace import Trace

COLD = {"cold": {"pages": [0x30, 0x31], "cached": False}}
FILE = {"f1": [0x41, 0x42]}


@cache
def builtin(name: str, era: str | None = None) -> Trace:
    """The run of a built-in scenario, in its own era or another."""
    return run(Scenario.load(name), era)


def trace(*steps: dict, files: dict | None = None, era: str = "2.6.39") -> Trace:
    """The run of these steps."""
    return run(Scenario.load({"title": "t", "era": era, "files": files or {}, "steps": list(steps)}))


def judged(*steps: dict, files: dict | None = None, era: str = "2.6.39") -> Findings:
    """The findings about these steps."""
    return check(trace(*steps, files=files, era=era))


def mapped(pages: int = 1) -> tuple[dict, dict]:
    """Two steps: a region A, its first page written with 0x11."""
    return {"mmap": {"as": "A", "pages": pages}}, {"store": {"at": "A[0]", "byte": 0x11}}


def pinned(*flags: str, at: str = "A[0]", name: str = "pins", **more: object) -> dict:
    """A step: the call, its pages under a name."""
    return {"gup": {"as": name, "at": at, "flags": list(flags), **more}}


def put(pin: str = "pins") -> dict:
    """A step: put_page."""
    return {"put_page": {"pin": pin}}
