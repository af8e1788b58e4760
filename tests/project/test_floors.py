"""Data flows one way through the house: no import goes up, no circle."""

from graphlib import TopologicalSorter

import pytest

from tests.project.source import Module, modules, within

MODULES = modules()
NAMES = {m.name for m in MODULES}

BELOW = {
    "errors": set(),
    "kernel": set(),
    "trace": {"kernel"},
    "contract": {"trace"},
    "draw": {"trace"},
    "film": {"draw", "trace", "kernel"},
    "scenario": {"kernel", "trace", "contract"},
    "host": {"scenario", "trace"},
    "interleave": {"scenario", "kernel", "trace", "contract"},
    "cluster": {"interleave", "scenario", "kernel"},
    "api": {"host", "interleave", "cluster", "scenario", "kernel", "trace"},
    "widgets": {"api", "film", "draw", "contract", "scenario", "kernel", "trace", "host"},
    "course": {"api", "draw", "contract", "scenario", "kernel", "trace"},
    "handout": set(),
    "doctor": {"api", "course", "handout", "host", "scenario"},
    "cli": {
        "doctor", "handout", "api", "interleave", "film", "draw", "contract", "course", "scenario", "trace", "kernel",
    },
}
"""Room → the rooms it may import besides itself and ``errors``."""


def room_imports(module: Module) -> set[str]:
    """The rooms that a module imports from, anywhere in it; ``""`` is gupkit itself, the face."""
    inside = {i for i in module.imports() if i == "gupkit" or i.startswith("gupkit.")}
    return {i.split(".")[1] if "." in i else "" for i in inside}


@pytest.mark.parametrize("module", [m for m in MODULES if m.room], ids=lambda m: m.name)
def test_a_room_imports_only_from_the_floors_below(module: Module) -> None:
    """A module imports from its own room and from rooms below it, even inside functions."""
    assert module.room in BELOW, f"{module.room} is a new room: give it its place in BELOW"
    above = room_imports(module) - BELOW[module.room] - {module.room, "errors"}
    assert not above, f"{module.name} imports from {sorted(above)}"


def test_no_import_circle() -> None:
    """The modules of the package can be put in an order in which each imports only earlier ones."""
    graph = {m.name: {within(i, NAMES) for i in m.imports(at_import_time=True)} - {None, m.name} for m in MODULES}
    order = list(TopologicalSorter(graph).static_order())
    assert set(order) == NAMES


def test_a_circle_would_be_seen(tmp_path) -> None:
    """The reading behind these tests sees relative imports and leaves out what only a function imports."""
    path = tmp_path / "b.py"
    path.write_text("from . import c\nfrom .d import e\nimport json\ndef f():\n    from ..x import y\n")
    module = Module("a.b", path)
    assert module.imports(at_import_time=True) == {"a.c", "a.d.e", "json"}
    assert module.imports() == {"a.c", "a.d.e", "json", "x.y"}
