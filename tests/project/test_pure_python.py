"""The rooms that a browser's Python must run import nothing that cannot be installed there.

On Pyodide only wheels for any platform (``py3-none-any``) install without a prepared build, and there are no
processes and no threads.
"""

import ast
import json
import subprocess
import sys
from importlib import metadata

import pytest

from tests.project.source import ROOT, Module, modules

ROOMS = {"", "errors", "kernel", "trace", "scenario", "contract", "interleave", "draw", "film", "widgets", "api"}

LIBRARIES = set(
    "ruamel fastjsonschema pyrsistent click networkx anywidget platformdirs ipywidgets traitlets IPython".split()
)
"""Top-level names that these rooms may import, besides the standard library and gupkit."""

ONLY_FOR_FIGURES = {"gupkit.draw.mpl": {"matplotlib"}, "gupkit.draw.scene": {"matplotlib"}}
"""Module → what it may import inside a function: a lecture's figure may need matplotlib, a live view may not."""

NOT_THERE = set("threading _thread subprocess multiprocessing concurrent fcntl mmap resource socket".split())
NOT_CALLED = {"os.fork", "os.system", "os.popen", "os.posix_spawn"}

SHIPS_BOTH = {
    "pyrsistent": "its C vectors are optional; PyPI has a py3-none-any wheel of each release beside the fast ones",
    "psygnal": "anywidget stands on it; PyPI has a py3-none-any wheel of each release beside the fast ones",
}
"""Distributions of which this machine installed a compiled wheel although a pure one exists, and what is known."""

LIST_LOADED = """
import importlib, json, sys
before = set(sys.modules)
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""

RUNTIME = [m for m in modules() if m.room in ROOMS]


def loaded_by(names: list[str]) -> set[str]:
    """Top-level names that a fresh interpreter has loaded after importing ``names``."""
    command = [sys.executable, "-c", LIST_LOADED, json.dumps(names)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


def is_pure(distribution: str) -> bool:
    """Whether the installed wheel says that it runs on any platform."""
    wheel = metadata.distribution(distribution).read_text("WHEEL") or ""
    tags = [line.removeprefix("Tag: ") for line in wheel.splitlines() if line.startswith("Tag: ")]
    return bool(tags) and all(tag.endswith("-none-any") for tag in tags)


@pytest.mark.parametrize("module", RUNTIME, ids=lambda m: m.name)
def test_imports_are_known_libraries(module: Module) -> None:
    """Each import, even inside a function, is of the standard library, of gupkit, or of a library known to be pure."""
    roots = {name.split(".")[0] for name in module.imports()}
    allowed = LIBRARIES | {"gupkit"} | ONLY_FOR_FIGURES.get(module.name, set())
    assert roots - sys.stdlib_module_names - allowed == set()
    assert not roots & NOT_THERE


@pytest.mark.parametrize("module", RUNTIME, ids=lambda m: m.name)
def test_no_processes(module: Module) -> None:
    """Nothing forks or starts a program."""
    calls = {ast.unparse(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    assert not calls & NOT_CALLED


def test_what_is_loaded_is_pure() -> None:
    """All that importing these rooms loads, at any depth, comes from a pure wheel or from one that has a pure twin."""
    owners = metadata.packages_distributions()
    loaded = loaded_by([m.name for m in RUNTIME])
    distributions = {d for name in loaded for d in owners.get(name, []) if d != "gupkit"}
    assert distributions, "importing these rooms loads libraries: the listing must show them"
    compiled = {d for d in distributions if not is_pure(d)} - SHIPS_BOTH.keys()
    assert compiled == set()
    assert not loaded & {"matplotlib", "numpy"}


def test_a_compiled_wheel_would_be_seen() -> None:
    """The test of purity knows a compiled distribution from a pure one."""
    assert not is_pure("numpy")
    assert is_pure("ruamel.yaml")


def test_import_gupkit_is_light() -> None:
    """``import gupkit`` loads no pictures, graphs, widgets or YAML: these come with the room that needs them."""
    heavy = set("matplotlib numpy networkx ipywidgets IPython ruamel fastjsonschema click".split())
    assert loaded_by(["gupkit"]) & heavy == set()
