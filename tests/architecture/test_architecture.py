"""What the linter cannot see: what importing loads, sizes, and that one table feeds keys and help."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import conductor_tui
from conductor_tui.ui.commands.catalogue import COMMANDS, commands_of
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.registry import HANDLERS
from conductor_tui.ui.styles import FILES

PACKAGE = Path(conductor_tui.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_sessions_loads_no_screen() -> None:
    assert not {"textual", "rich", "pygit2"} & loaded_by("import conductor_tui.services.sessions.manager")


def test_settings_and_help_on_the_command_line_load_no_screen() -> None:
    assert not {"textual", "rich"} & loaded_by("import conductor_tui.ui.config_command")
    assert not {"textual", "rich"} & loaded_by("import conductor_tui.ui.help_command")


def test_the_version_costs_next_to_nothing() -> None:
    assert not {"textual", "rich", "pygit2", "msgspec", "asyncio"} & loaded_by("import conductor_tui.cli")


def test_nothing_slow_is_loaded_before_the_first_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = {"pygit2", "pygments", "markdown_it", "watchfiles", "tomlkit", "websockets"}
    assert not slow & loaded_by(
        "import conductor_tui.ui.app, conductor_tui.protocol.server, conductor_tui.git.checkout"
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    slow |= {"tomllib"}  # needed only where there is a file of settings
    assert not slow & loaded_by(
        "from pathlib import Path\nfrom conductor_tui.cli import build_app\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "build_app(folder, str(folder / 'none'), folder, folder, has_repository=True)"
    )


def test_locks_and_atomic_writes_cost_the_start_nothing() -> None:
    heavy = {"asyncio", "tempfile", "random", "hashlib", "msgspec", "logging"}
    assert not heavy & loaded_by("import conductor_tui.fileio.atomic, conductor_tui.fileio.locks")


def test_only_borders_catch_everything() -> None:
    catching = {
        str(p.relative_to(PACKAGE)) for p in MODULES if re.search(r"except Exception\b", p.read_text(encoding="utf-8"))
    }
    assert catching == {
        "protocol/appserver.py", "protocol/decode.py", "protocol/decode_items.py", "protocol/rpc.py",
        "services/workspaces/checkouts.py", "services/sessions/connection.py", "services/sessions/manager.py",
        "ui/output/cell_diff_app.py", "ui/output/driver.py", "ui/window.py",
    }  # fmt: skip


def test_only_fileio_locks_files_and_brings_them_to_the_disk() -> None:
    by_hand = re.compile(r"\bfcntl\.(flock|lockf)\b|\bos\.(fsync|fdatasync|replace)\b")
    users = {p.parent.name for p in MODULES if by_hand.search(p.read_text(encoding="utf-8"))}
    assert users == {"fileio"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_owns_and_is_of_bearable_size(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    if tree.body:
        assert ast.get_docstring(tree)
    assert source.count("\n") <= 460
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            methods = [n for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
            assert len(methods) <= 29, node.name


def test_no_key_means_two_things_in_one_place() -> None:
    for pane in Pane:
        keys = [key for command in (*commands_of(pane),) for key in command.keys]
        assert len(keys) == len(set(keys)), pane


def test_no_command_needs_more_than_a_plain_terminal_has() -> None:
    keys = {command.keys[0] for command in COMMANDS if command.keys}  # others are for those whose terminal has more
    forbidden = {"ctrl+a", "ctrl+b", "ctrl+backslash", "ctrl+z", "ctrl+m", "ctrl+i", "ctrl+h", "ctrl+q"}
    assert not keys & forbidden
    assert not [k for k in keys if k.startswith(("alt+", "f1", "f2", "ctrl+shift")) or k == "shift+enter"]


def test_every_command_is_explained_and_does_something() -> None:
    for command in COMMANDS:
        assert command.title
        assert command.help.endswith(".")
        assert (command.pane is Pane.APP) != bool(command.action), command.id
    assert {c.id for c in commands_of(Pane.APP)} == {*HANDLERS}


def test_styles_use_tokens_only_and_all_files_are_loaded() -> None:
    folder = PACKAGE / "ui" / "styles"
    assert sorted(FILES) == sorted(folder.glob("*.tcss"))
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r":[^;{]*(#[0-9a-fA-F]{3,8}\b|rgb\(|ansi_)", text), path.name


def test_no_widget_keeps_styles_in_its_code() -> None:
    assert not [p for p in MODULES if "DEFAULT_CSS" in p.read_text(encoding="utf-8")]


def test_focus_moves_at_once() -> None:
    """`Widget.focus()` waits in the app's queue, behind the keys of the same packet; `Screen.set_focus` does not."""
    assert not [p for p in MODULES if ".focus()" in p.read_text(encoding="utf-8")]
