"""What the settings of workspaces mean for the sessions in their folders, read before Codex loads a thread there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspace_environment import session_config
from conductor_tui.services.sessions.session_folder import Folder

if TYPE_CHECKING:
    from conductor_tui.services.sessions.manager import SessionManager
    from conductor_tui.services.workspaces.workspaces import Workspaces


class FolderSettings:
    """Prepares folders; sessions that are opened before the workspaces are known wait for them."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        """`on_change`: called after `troubles` or `without_effect` changed."""
        self.troubles: dict[Path, tuple[Trouble, ...]] = {}
        """By folder: what is wrong with its variables, as last read."""
        self.without_effect: dict[Path, tuple[str, ...]] = {}
        """By folder: what the repository's files ask for and nothing here does."""
        self._on_change = on_change
        self._workspaces: Workspaces | None = None
        self._is_known = asyncio.Event()
        self._is_read = asyncio.Event()

    def begin(self, workspaces: Workspaces) -> None:
        """The workspaces can be asked; those that the store does not know yet are still being read."""
        self._workspaces = workspaces
        self._is_known.set()

    def end_reading(self) -> None:
        """All that can be known of workspaces is known now, perhaps nothing."""
        self._is_known.set()
        self._is_read.set()

    async def decided(self, manager: SessionManager, repository: Path) -> None:
        """The user has said whether a repository's variables are set: new sessions there follow, also those at hand."""
        for folder in [f for f in manager.folders.values() if f.trust.main_folder == repository]:
            await self.prepare(folder)
            if (unused := manager.unused.of(folder)) is not None:
                manager.unused.renew(unused)

    async def prepare(self, folder: Folder) -> None:
        """Sets what threads in a folder have; leaves it as it was where the workspace cannot be read."""
        await self._is_known.wait()
        if self._workspaces is None:
            return
        troubles, without_effect = list[Trouble](), tuple[str, ...]()
        try:
            record = await self._workspaces.at(folder.path)
            if record is None:
                await self._is_read.wait()
                record = await self._workspaces.at(folder.path)
            if record is not None:
                settings, _ = await asyncio.to_thread(self._workspaces.scripts.settings, record)
                without_effect = settings.without_effect
                variables, troubles = await self._workspaces.environment(record)
                folder.config = session_config(variables)
        except (RepositoryError, WorkspaceError) as error:
            troubles = [error.trouble]
        before = self.troubles.get(folder.path, ()), self.without_effect.get(folder.path, ())
        if before != (tuple(troubles), without_effect):
            self.troubles[folder.path], self.without_effect[folder.path] = tuple(troubles), without_effect
            self._on_change()
