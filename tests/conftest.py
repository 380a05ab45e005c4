"""Every test runs in a world of its own: no test reads or writes the user's home, settings, Codex or git identity."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from conductor_tui.terminals.inheritance import disinherit
from tests import idle

_OUTSIDE = (
    "CODEX_",
    "COLORTERM",
    "COLUMNS",
    "CONDUCTOR_",
    "FORCE_COLOR",
    "GIT_",
    "LC_",
    "LINES",
    "NO_COLOR",
    "OPENAI_",
    "SSH_",
    "STY",
    "TEXTUAL",
    "TMUX",
    "XDG_",
)
"""Beginnings of variables that change how the app behaves or looks."""
_KEPT = frozenset({"CONDUCTOR_TUI_TEST_CODEX", "GIT_SSL_CAINFO", "TEXTUAL_SNAPSHOT_TEMPDIR"})

_GIT_SETTINGS = """\
[user]
    name = Test
    email = test@example.invalid
[init]
    defaultBranch = main
[commit]
    gpgsign = false
"""

for _name in list(os.environ):  # before anything imports Textual, which reads some of them only then
    if _name.startswith(_OUTSIDE) and _name not in _KEPT:
        del os.environ[_name]
disinherit(os.environ)  # the app does this at its start; tests start programs, too


def pytest_configure(config: pytest.Config) -> None:
    """Snapshots are compared on every Python, but drawn on one: their text must not depend on who drew them."""
    if config.getoption("update_snapshots", default=False) and sys.version_info[:2] != (3, 11):
        raise pytest.UsageError("--snapshot-update needs Python 3.11: make clean, then put python3.11 first")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory, and an environment that is the same on every machine."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(_GIT_SETTINGS, encoding="utf-8")
    for name, folder in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
        ("CODEX_HOME", ".codex"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return home


@pytest.fixture(autouse=True)
def pilots_wait_for_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot goes on as soon as the app is idle."""
    idle.use_for_pilots(monkeypatch)
