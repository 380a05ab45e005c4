"""What the use cases of workspaces need from the layers below, handed in by the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from conductor_tui.domain.copied_files import CopiedFiles
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import EnvironmentFile, EnvironmentFileContent, RepositorySettings
from conductor_tui.services.interfaces import Clock, PullRequests, Worktrees
from conductor_tui.services.scripts.runner_registry import ScriptRunners


class CopyFiles(Protocol):
    """Copies what git ignores and the patterns name from one checkout into another; nothing is overwritten."""

    async def __call__(self, source: Path, target: Path, globs: str | None) -> CopiedFiles:
        """Raises RepositoryError. `globs`: the settings' `file_include_globs`."""
        ...


class ReadSettings(Protocol):
    """Reads a repository's own settings, and what is wrong with them. Blocking."""

    def __call__(self, root: Path, checkout: Path | None) -> tuple[RepositorySettings, list[Trouble]]: ...


class ReadEnvironmentFiles(Protocol):
    """Reads environment files, and what is wrong with them. Blocking."""

    def __call__(
        self, files: Sequence[EnvironmentFile], workspace: Path, root: Path
    ) -> tuple[list[EnvironmentFileContent], list[Trouble]]: ...


class WorkspaceTools(Struct, frozen=True):
    """All of it. What is awaited raises RepositoryError."""

    folder: Path
    """Where workspaces are made: `<folder>/<repository's name>/<city>`."""
    state_dir: Path
    """The app's own: locks, the kept `.context` of archived workspaces."""
    open_worktrees: Callable[[Path], Awaitable[Worktrees]]
    """Of the repository that a folder belongs to."""
    read_settings: ReadSettings
    read_environment_files: ReadEnvironmentFiles
    copy_files: CopyFiles
    prepare_context: Callable[[Path], Awaitable[Path]]
    """Makes `.context` in a workspace; its folder."""
    keep_context: Callable[[Path, Path], Awaitable[CopiedFiles]]
    """Copies the `.context` of a workspace into a folder, where what else was kept stays."""
    bring_context: Callable[[Path, Path], Awaitable[CopiedFiles]]
    """Copies what was kept of `.context` from a folder into a workspace, where nothing is overwritten."""
    github_user: Callable[[], Awaitable[str]]
    """The login for branch prefixes; empty when it is not known. Never raises."""
    pull_requests: PullRequests
    is_port_busy: Callable[[int], bool]
    """Whether something listens on a port. Blocking, for microseconds."""
    runner: ScriptRunners
    """What runs the scripts of a repository."""
    clock: Clock
