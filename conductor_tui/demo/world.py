"""The demo's world: a throw-away repository with a bug, a private CODEX_HOME, and the scripted model.

Everything is in one folder that no other demo shares and that is removed at the end; what a crashed demo left is
removed by the next. The user's own CODEX_HOME and git settings are never touched. The folder must not be under the
temp directory: Codex's sandbox may write there, and Codex makes no helper links in such a home.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import tomli_w

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.shop import SHOP_FILES
from conductor_tui.demo.story import OPENING_PROMPT, demo_script
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.fileio.locks import Lock, try_lock, wait_for_lock

EndServer: TypeAlias = Callable[[Path, Path], object]
"""Ends the app-server of a CODEX_HOME whose records are in a state directory."""


def codex_config(
    base_url: str, trusted: Sequence[Path], *, model: str = "gpt-5.5", extra: Mapping[str, Any] | None = None
) -> str:
    """A config.toml that sends Codex to a scripted model and nowhere else; `extra` adds or replaces top-level keys."""
    provider = {
        "name": "Scripted model",
        "base_url": base_url,
        "wire_api": "responses",
        "stream_max_retries": 2,
        "request_max_retries": 1,
    }
    config = {
        "model": model,
        "model_provider": "scripted",
        "approval_policy": "on-request",
        "sandbox_mode": "workspace-write",
        "allow_login_shell": False,
        "check_for_update_on_startup": False,
        "suppress_unstable_features_warning": True,
        "analytics": {"enabled": False},
        "tools": {"update_plan": {"enabled": True}},
        "model_providers": {"scripted": provider},
        "projects": {str(path): {"trust_level": "trusted"} for path in trusted},
        **(extra or {}),
    }
    return tomli_w.dumps(config)


class DemoWorld:
    """`with DemoWorld(state_dir, end_server) as world:` then point Codex at `world.codex_home`."""

    opening_prompt = OPENING_PROMPT

    def __init__(self, state_dir: Path, end_server: EndServer) -> None:
        self._all = state_dir.resolve() / "demo"
        self._end_server = end_server
        self._all.mkdir(parents=True, exist_ok=True, mode=0o700)
        with wait_for_lock(self._all / "lock"):  # nobody takes a world away that is just being made
            self._remove_leftovers()
            self.folder = Path(tempfile.mkdtemp(prefix="world-", dir=self._all))
            self._lock = try_lock(self.folder / "lock")
        self.repository = self.folder / "shop"
        self.codex_home = self.folder / "codex-home"
        self.workspaces = self.folder / "workspaces"
        """Where workspaces made in the demo stand, which end with it."""
        self.server_state = self.folder / "state"
        """Where the app-server's process id and log go."""
        try:
            make_repository(self.repository, SHOP_FILES)
            self.codex_home.mkdir(mode=0o700)
            self.server_state.mkdir(mode=0o700)
            self.model = ScriptedModel(demo_script)
        except BaseException:
            self._remove(self.folder, self._lock)
            raise
        config = codex_config(self.model.base_url, [self.repository])
        (self.codex_home / "config.toml").write_text(config, encoding="utf-8")

    def close(self) -> None:
        """Ends the model and the demo's app-server, and removes everything."""
        self.model.close()
        self._remove(self.folder, self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _remove_leftovers(self) -> None:
        for folder in self._all.glob("world-*"):
            lock = try_lock(folder / "lock")
            if lock is not None:
                self._remove(folder, lock)

    def _remove(self, folder: Path, lock: Lock | None) -> None:
        self._end_server(folder / "codex-home", folder / "state")
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            lock.release()


def make_repository(path: Path, files: Mapping[str, str]) -> None:
    """A git repository with one commit of these files and an identity of its own; the user's settings play no part.

    Raises:
        RepositoryError: git is missing or failed.
    """
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TEMPLATE_DIR": ""}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | quiet
    for command in (
        ["init", "-q"],
        ["symbolic-ref", "HEAD", "refs/heads/main"],
        ["config", "user.name", "Demo"],
        ["config", "user.email", "demo@example.invalid"],
        ["config", "commit.gpgsign", "false"],
        ["add", "."],
        ["commit", "-q", "-m", "Invoices with several lines"],
    ):
        try:
            subprocess.run(["git", *command], cwd=path, env=environment, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            trouble = Trouble("git is not installed", "The demo makes a small git repository.", ("Install git.",))
            raise RepositoryError(trouble) from error
        except subprocess.CalledProcessError as error:
            cause = f"git {command[0]}: {error.stderr.strip()}"
            raise RepositoryError(Trouble("The demo's repository cannot be made", cause)) from error
