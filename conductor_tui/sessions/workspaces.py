"""Workspaces as use cases: which there are, how one is made, adopted, archived, restored and forgotten.

Records stand in the store, and git has the last word on what is there: both are brought together by `refresh`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from conductor_tui.domain.repository_settings import RepositorySettings, Variables
from conductor_tui.domain.scripts import Place
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.workspaces import RepositoryRecord, WorkspaceRecord
from conductor_tui.domain.worktrees import Changed, Checkout, Losses, Start
from conductor_tui.sessions.ports import Progress, Worktrees
from conductor_tui.sessions.scripts import ScriptRun
from conductor_tui.sessions.workspace_store import WorkspaceStore
from conductor_tui.sessions.workspace_tools import WorkspaceTools

AskGoOn = Callable[[str, ScriptRun | None], Awaitable[bool]]
"""Asked when the archive script did not succeed: why, and its run; whether to archive all the same."""


class Workspaces:
    """All repositories and their workspaces. Every method that is awaited raises WorkspaceError or RepositoryError."""

    def __init__(self, store: WorkspaceStore, tools: WorkspaceTools) -> None:
        self.tools = tools
        self.on_change: Callable[[], None] = lambda: None
        """Called on the loop's thread after any of `repositories`, `records`, `adoptable` or `troubles` changed."""
        self.repositories: tuple[RepositoryRecord, ...] = ()
        self.records: tuple[WorkspaceRecord, ...] = ()
        """All workspaces, archived ones too, as last read."""
        self.adoptable: dict[Path, tuple[Checkout, ...]] = {}
        """By repository: worktrees that are not workspaces yet."""
        self.troubles: dict[Path, Trouble] = {}
        """By repository: why it cannot be read."""

    # What there is

    async def add_repository(self, path: Path) -> RepositoryRecord:
        """Lists the repository that a folder belongs to, with its local workspace; the known one if it is listed."""
        raise NotImplementedError

    async def forget_repository(self, root: Path) -> None:
        """Takes a repository off the list; one that has workspaces, archived ones included, stays, and that is said."""
        raise NotImplementedError

    async def refresh(self) -> None:
        """Reads the records and git anew, all repositories at once."""
        raise NotImplementedError

    async def look(self) -> bool:
        """Refreshes if another window changed anything; cheap enough for every second."""
        raise NotImplementedError

    async def repair(self) -> tuple[Trouble, ...]:
        """Ends or takes back what processes that are gone had begun; says what was done. For the start."""
        raise NotImplementedError

    async def worktrees(self, repository: Path) -> Worktrees:
        """The repository's branches, commits and worktrees, to choose from."""
        raise NotImplementedError

    async def settings(self, record: WorkspaceRecord) -> tuple[RepositorySettings, list[Trouble]]:
        """What the repository's own files ask for in this workspace."""
        raise NotImplementedError

    # A new one

    async def create(
        self,
        repository: Path,
        start: Start,
        *,
        name: str = "",
        prompt: str = "",
        on_progress: Progress | None = None,
    ) -> WorkspaceRecord:
        """A new workspace, ready; `trouble` says what did not work and was gone on without. Cancelling takes it back.

        Args:
            start: a NewBranch without a name gets one, from the prompt or the city, with the repository's prefix.
            name: a city; empty: one that is free.
            prompt: what it is for.
        """
        raise NotImplementedError

    async def adopt(self, path: Path) -> WorkspaceRecord:
        """Takes a worktree that somebody else made among the workspaces; nothing in it changes."""
        raise NotImplementedError

    async def set_up(self, record: WorkspaceRecord) -> ScriptRun | None:
        """Runs the setup script, then the run script where the repository wants that; None: none, or not trusted."""
        raise NotImplementedError

    # Its life

    async def first_prompt(self, record: WorkspaceRecord, text: str) -> WorkspaceRecord:
        """Names the branch after the first prompt, where we named it after the city and it was not pushed yet."""
        raise NotImplementedError

    async def rename(self, record: WorkspaceRecord, title: str) -> WorkspaceRecord:
        """Gives it a name of the user's; empty: none."""
        raise NotImplementedError

    async def pin(self, record: WorkspaceRecord, is_pinned: bool) -> WorkspaceRecord:
        """Puts it on top of the tree, or back."""
        raise NotImplementedError

    async def environment(self, record: WorkspaceRecord) -> tuple[Variables, list[Trouble]]:
        """What its sessions, scripts and terminals have beside the app's own variables, and what was left out, why.

        The repository's own variables are among them once the user trusts them.
        """
        raise NotImplementedError

    async def place(self, record: WorkspaceRecord) -> Place:
        """Where its scripts and terminals run."""
        raise NotImplementedError

    # Its end

    async def losses(self, record: WorkspaceRecord, *, delete_branch: bool = False) -> Losses:
        """All that `archive` with the same `delete_branch` would lose."""
        raise NotImplementedError

    async def archive(
        self,
        record: WorkspaceRecord,
        seen: str,
        *,
        delete_branch: bool = False,
        run_script: bool = True,
        ask: AskGoOn | None = None,
        on_progress: Progress | None = None,
    ) -> WorkspaceRecord | Changed:
        """Runs the archive script, ends the workspace's scripts, keeps everything that can be, removes the folder.

        Changed: what would be lost is not what the user saw, perhaps because of the archive script; nothing was
        removed. The next call may leave the script out.

        Args:
            seen: the fingerprint of the losses that the user agreed to.
            delete_branch: only a branch that we made goes, and only if it has not moved.
            ask: None: a script that fails or is not trusted is passed over, and the record's `trouble` says so.
        """
        raise NotImplementedError

    async def restore(self, record: WorkspaceRecord, on_progress: Progress | None = None) -> WorkspaceRecord:
        """An archived workspace with its files, index and branch as they were."""
        raise NotImplementedError

    async def delete(self, record: WorkspaceRecord, *, drop_salvage: bool = False) -> None:
        """Forgets an archived workspace; what was kept of it stays in the repository unless it is to be dropped."""
        raise NotImplementedError
