"""Private names of Textual, Rich and watchfiles that we use: each is named here, and each is still there.

Textual is pinned below its next minor version. When this test fails after an update, look at the use of the name.
"""

from __future__ import annotations

import ast
import importlib
from collections import defaultdict
from pathlib import Path

import pytest

import conductor_tui

PACKAGE = Path(conductor_tui.__file__).parent
ATTRIBUTES = {
    "_batch_count": "textual.app",
    "_bgcolor": "rich.style",
    "_close_messages_no_wait": "textual.message_pump",
    "_closed": "textual.message_pump",
    "_color_system": "rich.console",
    "_driver": "textual.app",
    "_exit_renderables": "textual.app",
    "_flush_next_callbacks": "textual.message_pump",
    "_forward_event": "textual.widget",
    "_handle_exception": "textual.app",
    "_heights": "textual.widgets._option_list",
    "_index_to_line": "textual.widgets._option_list",
    "_loop": "textual.driver",
    "_message_queue": "textual.message_pump",
    "_next_callbacks": "textual.message_pump",
    "_parent": "textual.message_pump",
    "_pending_message": "textual.message_pump",
    "_refresh_truecolor_filter": "textual.app",
    "_set_attributes": "rich.style",
    "_sync_available": "textual.app",
    "_writer_thread": "textual.drivers.linux_driver",
}
"""Attributes that we read or call, and the module that has them."""
REPLACED = {
    "_check_bindings": "textual.app",
    "_display": "textual.app",
    "_fatal_error": "textual.app",
    "_run_input_thread": "textual.drivers.linux_driver",
    "_sequence_to_key_events": "textual._xterm_parser",
    "_sigcont_application": "textual.drivers.linux_driver",
    "_filters": "textual.app",
}
"""Names that a class of ours defines in place of its base's."""
MODULES = {
    "textual._compositor": {"ChopsUpdate", "CompositorUpdate", "LayoutUpdate"},
    "textual._xterm_parser": {"XTermParser"},
    "textual.document._document": {"Selection"},
    "textual.document._edit": {"Edit"},
    "watchfiles._rust_notify": {"RustNotify"},
}
"""Private modules and what we take from them."""


def used() -> tuple[set[str], dict[str, set[str]]]:
    """Private attributes that nothing of ours defines, and what is imported from private modules."""
    seen, own, modules = set(), set(), defaultdict[str, set[str]](set)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    own.add(name)
                case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                    own.add(name)
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    own.add(name)
                case ast.Attribute(attr=name) if name.startswith("_") and not name.startswith("__"):
                    seen.add(name)
                case ast.ImportFrom(module=str(module), names=names) if "._" in module:
                    modules[module] |= {alias.name for alias in names}
    return seen - own, modules


def test_no_other_private_names_are_used() -> None:
    attributes, modules = used()
    assert attributes <= {*ATTRIBUTES, *REPLACED}
    assert modules == MODULES


@pytest.mark.parametrize(("name", "module"), sorted((ATTRIBUTES | REPLACED).items()))
def test_a_private_attribute_is_still_there(name: str, module: str) -> None:
    source = importlib.import_module(module).__file__
    assert source is not None
    assert name in Path(source).read_text(encoding="utf-8")


@pytest.mark.parametrize(("module", "names"), sorted(MODULES.items()))
def test_a_private_module_is_still_there(module: str, names: set[str]) -> None:
    assert names <= {*vars(importlib.import_module(module))}
