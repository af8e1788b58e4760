"""Every public name says what it is."""

import ast
from collections.abc import Iterator

import pytest

from tests.project.source import ROOT, Function, Module, modules


def public(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Public classes, functions and methods of a body, and of the classes in it."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not hidden(node):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


def hidden(node: Function | ast.ClassDef) -> bool:
    """Private by its name, a special method, an overload, or the setter of a property that is described already.

    ``__get_user_pages`` and its like are the kernel's spelling and public.
    """
    if any(ast.unparse(d).endswith((".setter", "overload")) for d in node.decorator_list):
        return True
    private = node.name.startswith("_") and not node.name.startswith("__get_user")
    return private or (node.name.startswith("__") and node.name.endswith("__"))


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.name)
def test_public_names_have_docstrings(module: Module) -> None:
    """The module and each public class, function, method and property of it has a docstring."""
    missing = [name for name, node in public(module.tree.body, "") if not ast.get_docstring(node)]
    assert ast.get_docstring(module.tree), f"{module.name} has no docstring"
    assert not missing, f"{module.name}: {missing}"


def scripts() -> list[Module]:
    """Every test module as a :class:`Module`."""
    return [Module(p.stem, p) for p in sorted((ROOT / "tests").rglob("test_*.py"))]


@pytest.mark.parametrize("module", scripts(), ids=lambda m: m.name)
def test_tests_state_their_claim(module: Module) -> None:
    """Each test function's docstring states, in one line or a few, what it claims."""
    functions = [node for node in ast.walk(module.tree) if isinstance(node, Function)]
    silent = [f.name for f in functions if f.name.startswith("test_") and not ast.get_docstring(f)]
    assert not silent, f"{module.path}: {silent}"
