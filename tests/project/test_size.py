"""One idea a file, small functions, shallow nesting: the house's measures, taken."""

import ast
from statistics import median, quantiles

from tests.project.source import Function, modules

BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def functions() -> list[tuple[str, Function]]:
    """Every function of the package as (module and name, syntax)."""
    nodes = ((m.name, node) for m in modules() for node in ast.walk(m.tree))
    return [(f"{name}.{node.name}", node) for name, node in nodes if isinstance(node, Function)]


def code_lines(function: Function) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    first, lines = function.body[0], function.end_lineno - function.lineno + 1
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= first.end_lineno - first.lineno + 1
    return lines


def depth(node: ast.AST) -> int:
    """How many blocks lie in each other below ``node``; an ``elif`` is no deeper than its ``if``."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, Function):
                continue
            same = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If)
            deepest = max(deepest, depth(child) + (isinstance(child, BLOCKS) and not same))
    return deepest


def test_modules_are_short() -> None:
    """Half of the modules have at most 150 lines, and none has more than 500."""
    lines = {m.name: m.lines for m in modules()}
    assert median(lines.values()) <= 150
    assert {name: n for name, n in lines.items() if n > 500} == {}


def test_functions_are_short() -> None:
    """Half of the functions have at most 12 lines, and nine of ten at most 35."""
    lines = [code_lines(f) for _, f in functions()]
    assert median(lines) <= 12
    assert quantiles(lines, n=10)[-1] <= 35


def test_functions_are_shallow() -> None:
    """No function nests more than four blocks."""
    assert {name: depth(f) for name, f in functions() if depth(f) > 4} == {}


def test_depth_counts_blocks() -> None:
    """The measure of nesting counts blocks in blocks, and a chain of elif once."""
    chain = ast.parse("def f():\n if a: pass\n elif b: pass\n elif c: pass")
    nest = ast.parse("def f():\n for x in y:\n  if x:\n   while x: pass")
    assert (depth(chain.body[0]), depth(nest.body[0])) == (1, 3)
