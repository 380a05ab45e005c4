"""Where files are: settings, state, log, Codex's home. Pure functions of the environment."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "conductor-tui"
LOG_NAME = "conductor-tui.log"
"""In the state folder."""


def config_file() -> Path:
    """The user's settings file; CONDUCTOR_TUI_CONFIG names another."""
    named = os.environ.get("CONDUCTOR_TUI_CONFIG")
    return Path(named) if named else platformdirs.user_config_path(APP) / "config.toml"


def state_dir() -> Path:
    """The folder for drafts, logs and pid files."""
    return platformdirs.user_state_path(APP)


def codex_home() -> Path:
    """CODEX_HOME, else `~/.codex`; absolute, links kept."""
    named = os.environ.get("CODEX_HOME")
    return Path(os.path.abspath(Path(named).expanduser())) if named else Path.home() / ".codex"  # noqa: PTH100
