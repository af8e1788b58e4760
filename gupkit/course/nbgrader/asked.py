"""What a graded cell asks, read from its text: the cell itself is never executed."""

from __future__ import annotations

import ast

from ...errors import GupkitError

KINDS = ("check", "hidden")


def asked(source: str, cell: str) -> list[tuple[str, str]]:
    """The calls in a graded cell, in order, as (``check`` or ``hidden``, name of the check).

    GupkitError for a cell that has anything else: it would be graded by nobody.

    >>> asked('sheet.check("walk", walk)', "c1")
    [('check', 'walk')]
    """
    calls = []
    for statement in ast.parse(source).body:
        match statement:
            case ast.Expr(ast.Call(ast.Attribute(attr=kind), [ast.Constant(str() as name), *_])) if kind in KINDS:
                calls.append((kind, name))
            case _:
                raise GupkitError(
                    f"graded cell {cell!r}, line {statement.lineno}: the judge reads only sheet.check(…) and "
                    "sheet.hidden(…); put other code into a cell that is not graded"
                )
    if not calls:
        raise GupkitError(f"graded cell {cell!r} asks for no check: write sheet.check(…) or sheet.hidden(…)")
    return calls
