"""No text from outside is read as Textual markup: what is shown is a constant or a `Content`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import conductor_tui

UI = Path(conductor_tui.__file__).parent / "ui"
MODULES = sorted(UI.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
SET = frozenset({"border_title", "border_subtitle", "label", "title", "sub_title", "tooltip"})
"""Attributes of widgets that Textual reads as markup where they are plain strings."""
SHOWN_BY = frozenset({"Static", "Label", "Option", "Button", "Hit", "DiscoveryHit"})
"""What shows its first argument, or a later one."""
TYPES = frozenset({"Content", "reactive[Content]"})
MAKERS = {
    node.name
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None
    and ast.unparse(node.returns) in TYPES
}  # fmt: skip
"""Functions that return a `Content`, by their name."""

FIELDS = {
    node.target.id
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and ast.unparse(node.annotation) in TYPES
}  # fmt: skip
"""Fields that hold one."""


def contents_of(tree: ast.Module) -> set[str]:
    """Names and attributes of a module that hold a `Content`, by annotation or by what is assigned."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None and ast.unparse(node.annotation) in TYPES:
            found |= {node.arg, f"self._{node.arg}"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and is_safe(node.value, found) and not isinstance(node.value, ast.Constant):
            found |= {ast.unparse(target) for target in node.targets}
    return found


def is_safe(value: ast.expr | None, known: set[str]) -> bool:
    match value:
        case None | ast.Constant():
            return True
        case ast.IfExp(body=body, orelse=other):
            return is_safe(body, known) and is_safe(other, known)
        case ast.Call(func=ast.Name(id="Hanging"), args=[inner]):
            return is_safe(inner, known)
        case ast.Call(func=ast.Name(id=name)):
            return name == "Content" or name in MAKERS
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            is_method = name in {"join", "truncate", "stylize", "append"} and is_safe(inner, known)
            is_text = isinstance(inner, ast.Constant)
            return not is_text and (
                is_method or name in MAKERS or (ast.unparse(inner) == "Content" and name != "from_markup")
            )
        case ast.Name() | ast.Attribute():
            return ast.unparse(value) in known or (isinstance(value, ast.Attribute) and value.attr in FIELDS)
    return False


def shown(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """What a module gives Textual to show, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name in SET:
                yield node.lineno, value
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr="placeholder")], value=value):
                yield node.lineno, value
            case ast.Call(func=ast.Name(id=name), args=args) if name in SHOWN_BY and args:
                yield node.lineno, args[0]
            case ast.Call(func=ast.Attribute(attr="notify"), args=[first, *_]):
                yield node.lineno, first
            case ast.Call(func=ast.Attribute(value=target, attr="update"), args=[first], keywords=[]):
                if not ast.unparse(target).endswith(("session", "hits", "classes")):
                    yield node.lineno, first


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(UI)))
def test_what_is_shown_is_a_constant_or_content(path: Path) -> None:
    tree = TREES[path]
    known = contents_of(tree)
    assert not [f"{path.name}:{at}: {ast.unparse(value)}" for at, value in shown(tree) if not is_safe(value, known)]


def test_markup_is_parsed_nowhere() -> None:
    assert not [path.name for path in MODULES if "from_markup" in path.read_text(encoding="utf-8")]
