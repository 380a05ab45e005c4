"""Puts the use cases of workspaces together with the layers below them: git, settings, terminals."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conductor_tui.domain.copied_files import CopiedFiles
    from conductor_tui.domain.problems import Trouble
    from conductor_tui.domain.repository_settings import EnvironmentFile, EnvironmentFileContent, RepositorySettings
    from conductor_tui.services.interfaces import Clock
    from conductor_tui.services.scripts.runner import ScriptRunner
    from conductor_tui.services.workspaces.workspaces import Workspaces
    from conductor_tui.storage.database import Store

_GITHUB_SECONDS = 5.0
"""How long `gh` may take to say who is signed in."""


def open_workspaces(store: Store, folder: str | Path, state_dir: Path, clock: Clock = time.time) -> Workspaces:
    """The workspaces of this user. `folder`: where new ones are made, as the settings have it."""
    from conductor_tui.git.context_folder import bring_context, keep_context, prepare_context
    from conductor_tui.git.worktrees import open_worktrees
    from conductor_tui.github.pull_requests import GitHubRequests
    from conductor_tui.services.scripts.free_ports import is_port_busy
    from conductor_tui.services.scripts.runner import ScriptRunner
    from conductor_tui.services.scripts.runner_registry import ScriptRunners
    from conductor_tui.services.scripts.trust import ScriptTrust
    from conductor_tui.services.workspaces.dependencies import WorkspaceTools
    from conductor_tui.services.workspaces.workspaces import Workspaces
    from conductor_tui.storage.workspaces import WorkspaceStore
    from conductor_tui.terminals.pty import open_terminal

    def make(root: Path) -> ScriptRunner:
        return ScriptRunner(open_terminal, ScriptTrust(root, store, clock), clock, os.environ)

    tools = WorkspaceTools(
        folder=Path(folder).expanduser(),
        state_dir=state_dir,
        open_worktrees=open_worktrees,
        read_settings=_read_settings,
        read_environment_files=_read_environment_files,
        copy_files=_copy_files,
        prepare_context=prepare_context,
        keep_context=keep_context,
        bring_context=bring_context,
        github_user=github_user,
        pull_requests=GitHubRequests(),
        is_port_busy=is_port_busy,
        runner=ScriptRunners(make),
        clock=clock,
    )
    return Workspaces(WorkspaceStore(store), tools)


def _read_settings(root: Path, checkout: Path | None) -> tuple[RepositorySettings, list[Trouble]]:
    from conductor_tui.settings.conductor import load_repository_settings

    return load_repository_settings(root, Path.home(), checkout)


def _read_environment_files(
    files: Sequence[EnvironmentFile], workspace: Path, root: Path
) -> tuple[list[EnvironmentFileContent], list[Trouble]]:
    from conductor_tui.git.tracked import is_tracked
    from conductor_tui.settings.environment_files import read_environment_files

    return read_environment_files(files, workspace, root, is_tracked)


async def _copy_files(source: Path, target: Path, globs: str | None) -> CopiedFiles:
    from conductor_tui.git.copy import copy_files
    from conductor_tui.git.files_to_copy import copy_patterns, files_to_copy

    patterns = await asyncio.to_thread(copy_patterns, source, globs)
    found = await files_to_copy(source, patterns)
    return await asyncio.to_thread(copy_files, source, target, found)


async def github_user() -> str:
    """The login that `gh` is signed in with on github.com, as its own files have it; empty: none, or no `gh`."""
    try:
        process = await asyncio.create_subprocess_exec(
            "gh", "config", "get", "-h", "github.com", "user",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return ""
    try:
        out, _ = await asyncio.wait_for(process.communicate(), _GITHUB_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return ""
    return out.decode("utf-8", "replace").strip() if process.returncode == 0 else ""
