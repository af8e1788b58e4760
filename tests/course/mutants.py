"""Mutants: the solution of a source notebook with one small fault, as a stand-in for what students get wrong."""

import ast
import copy
from collections.abc import Iterator

SWAPPED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
"""Operator → the one that takes its place."""
STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign, ast.Break, ast.Continue, ast.Raise)


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Each mutant of a cell as (what was done, in which line; the new source)."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for what, change in changes(node):
            copied = copy.deepcopy(tree)
            change(next(n for i, n in enumerate(ast.walk(copied)) if i == number))
            text = ast.unparse(ast.fix_missing_locations(copied))
            yield f"line {getattr(node, 'lineno', 0)}: {what}", text


def changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """The faults that one node can have: a name, and a function that makes it in a copy of the node."""
    shown = ast.unparse(node)[:60] if not isinstance(node, ast.Module | ast.operator | ast.cmpop | ast.boolop) else ""
    for field in ("op", "ops"):
        operator = getattr(node, field, None)
        operator = operator[0] if isinstance(operator, list) else operator
        if type(operator) in SWAPPED:
            yield f"{shown} with {SWAPPED[type(operator)].__name__}", swap(field, SWAPPED[type(operator)])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"{shown} without not", put("op", ast.UAdd())
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield f"{shown} + 1", put("value", node.value + 1)
        yield f"{shown} - 1", put("value", node.value - 1)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield f"not {shown}", put("value", not node.value)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield f"never {ast.unparse(node.test)[:60]}", put("test", ast.Constant(False))
        yield f"always {ast.unparse(node.test)[:60]}", put("test", ast.Constant(True))
    if isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
        yield f"{shown} gives None", put("value", ast.Constant(None))
    for field in ("body", "orelse"):
        for i, statement in enumerate(body if isinstance(body := getattr(node, field, None), list) else []):
            if isinstance(statement, STATEMENTS) and not docstring(statement):
                yield f"without {ast.unparse(statement)[:60]}", drop(field, i)


def docstring(statement: ast.stmt) -> bool:
    """A text that stands alone."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def put(field: str, value: object):
    """Set a field."""
    return lambda node: setattr(node, field, value)


def swap(field: str, operator: type):
    """Put in another operator."""
    return lambda node: setattr(node, field, [operator(), *node.ops[1:]] if field == "ops" else operator())


def drop(field: str, index: int):
    """Leave a statement out."""
    return lambda node: getattr(node, field).__setitem__(index, ast.Pass())
