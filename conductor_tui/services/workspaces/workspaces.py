"""Workspaces as use cases: which there are, how one is made, adopted, archived, restored and forgotten.

Records stand in the store, and git has the last word on what is there: both are brought together by `refresh`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from msgspec.structs import replace

from conductor_tui.domain.errors import WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import Variables
from conductor_tui.domain.scripts import Place
from conductor_tui.domain.workspaces import RepositoryRecord, WorkspaceRecord, WorkspaceState
from conductor_tui.domain.worktrees import Changed, Checkout, Losses, Salvage, Start
from conductor_tui.services.interfaces import Progress, Worktrees
from conductor_tui.services.scripts.runner import ScriptRun
from conductor_tui.services.workspaces.archiving import AskGoOn, WorkspaceEnding
from conductor_tui.services.workspaces.creation import WorkspaceCreation
from conductor_tui.services.workspaces.dependencies import WorkspaceTools
from conductor_tui.services.workspaces.pull_requests import WorkspaceRequests
from conductor_tui.services.workspaces.records import WorkspaceRecords
from conductor_tui.services.workspaces.repair import WorkspaceRepair
from conductor_tui.services.workspaces.script_settings import WorkspaceScripts
from conductor_tui.storage.workspaces import WorkspaceStore


class Workspaces:
    """All repositories and their workspaces. Every method that is awaited raises WorkspaceError or RepositoryError."""

    def __init__(self, store: WorkspaceStore, tools: WorkspaceTools, random: Random | None = None) -> None:
        self.tools = tools
        self._records = WorkspaceRecords(store, tools)
        self._creation = WorkspaceCreation(self._records, tools, random or Random())
        self.requests = WorkspaceRequests(self._records, tools, self._creation)
        self.scripts = WorkspaceScripts(self._records, tools)
        self._ending = WorkspaceEnding(self._records, tools, self._creation, self.scripts)
        self._repair = WorkspaceRepair(self._records, self._creation, self._ending)

    # What there is

    @property
    def on_change(self) -> Callable[[], None]:
        """Called on the loop's thread after `repositories`, `records`, `adoptable` or `troubles` changed."""
        return self._records.on_change

    @on_change.setter
    def on_change(self, call: Callable[[], None]) -> None:
        self._records.on_change = call

    @property
    def repositories(self) -> tuple[RepositoryRecord, ...]:
        """As last read, the first added first."""
        return self._records.repositories

    @property
    def records(self) -> tuple[WorkspaceRecord, ...]:
        """All workspaces as last read, archived ones too."""
        return self._records.all

    @property
    def adoptable(self) -> dict[Path, tuple[Checkout, ...]]:
        """By repository: worktrees that are no workspaces yet."""
        return self._records.adoptable

    @property
    def troubles(self) -> dict[Path, Trouble]:
        """By repository: why git does not answer there."""
        return self._records.troubles

    def record(self, id: str) -> WorkspaceRecord | None:
        """A workspace as last read."""
        return next((record for record in self.records if record.id == id), None)

    async def at(self, folder: Path) -> WorkspaceRecord | None:
        """The workspace in a folder, as the store has it."""
        records = await self._records.store.workspaces()
        return next((record for record in records if record.path == folder and not record.is_archived), None)

    async def add_repository(self, path: Path) -> RepositoryRecord:
        """Lists the repository that a folder belongs to, with its local workspace; the known one if it is listed."""
        root = (await self.tools.open_worktrees(path)).root
        record = RepositoryRecord(root, root.name.removesuffix(".git") or root.name, int(self.tools.clock()))
        await self._records.store.add_repository(record)
        await self.refresh()
        return next((r for r in self.repositories if r.root == root), record)

    async def forget_repository(self, root: Path) -> None:
        """Takes a repository off the list; one that has workspaces, archived ones included, stays, and that is said."""
        if not await self._records.store.forget_repository(root):
            steps = ("Archive them, then delete them; or leave the repository on the list.",)
            raise WorkspaceError(Trouble("This repository has workspaces", str(root), steps))
        await self.refresh()

    async def refresh(self) -> None:
        """Reads the records and git anew, all repositories at once."""
        await self._records.refresh()

    async def look(self) -> bool:
        """Refreshes if another window changed anything; cheap enough for every second."""
        has_changed = await self._records.store.has_changed()
        if has_changed:
            await self.refresh()
        return has_changed

    async def repair(self) -> tuple[Trouble, ...]:
        """Ends or takes back what processes that are gone had begun; says what was done. For the start."""
        return await self._repair.repair()

    async def worktrees(self, repository: Path) -> Worktrees:
        """The repository's branches, commits and worktrees, to choose from."""
        return await self._records.worktrees(repository)

    # A new one

    async def create(
        self,
        repository: Path,
        start: Start,
        *,
        name: str = "",
        prompt: str = "",
        fetches: bool = True,
        on_progress: Progress | None = None,
    ) -> WorkspaceRecord:
        """A new workspace, ready; `trouble` says what did not work and was gone on without. Cancelling takes it back.

        Args:
            start: a NewBranch without a name gets one, from the prompt or the city, with the repository's prefix.
            name: a city; empty: one that is free.
            prompt: what it is for.
            fetches: whether the newest commits are wanted; not where the start is one that is here.
        """
        return await self._creation.create(repository, start, name, prompt, on_progress or _ignore, fetches=fetches)

    async def adopt(self, path: Path) -> WorkspaceRecord:
        """Takes a worktree that somebody else made among the workspaces; nothing in it changes."""
        return await self._creation.adopt(path)

    # Its life

    async def first_prompt(self, record: WorkspaceRecord, text: str) -> WorkspaceRecord:
        """Names the branch after the first prompt, where we named it after the city and it was not pushed yet."""
        return await self._creation.first_prompt(record, text)

    async def rename(self, record: WorkspaceRecord, title: str) -> WorkspaceRecord:
        """Gives it a name of the user's; empty: none."""
        return await self._records.keep(replace(record, title=title.strip()), "title")

    async def pin(self, record: WorkspaceRecord, is_pinned: bool) -> WorkspaceRecord:
        """Puts it on top of the tree, or back."""
        return await self._records.keep(replace(record, is_pinned=is_pinned), "is_pinned")

    async def clear_trouble(self, record: WorkspaceRecord, lasting: str = "") -> WorkspaceRecord:
        """What the last step could not do was read, or matters no more, apart from what is `lasting`."""
        return await self._records.keep(replace(record, trouble=lasting), "trouble")

    # Scripts and variables

    async def set_up(self, record: WorkspaceRecord) -> ScriptRun | None:
        """Runs the setup script, then the run script where the repository wants that; None: none, or not trusted."""
        return await self.scripts.set_up(record)

    async def environment(self, record: WorkspaceRecord, *, asks: bool = False) -> tuple[Variables, list[Trouble]]:
        """See `WorkspaceScripts.environment`."""
        return await self.scripts.environment(record, asks=asks)

    async def place(self, record: WorkspaceRecord) -> Place:
        """Where its scripts and terminals run."""
        return await self.scripts.place(record)

    # Its end

    async def losses(self, record: WorkspaceRecord, *, delete_branch: bool = False) -> Losses:
        """All that `archive` with the same `delete_branch` would lose."""
        return await self._ending.losses(record, delete_branch=delete_branch)

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
        removed, and the next call may leave the script out.

        Args:
            seen: the fingerprint of the losses that the user agreed to.
            delete_branch: only a branch that we made goes, and only if it has not moved.
            ask: None: a script that fails or is not trusted is passed over, and the record's `trouble` says so.
        """
        return await self._ending.archive(
            record,
            seen,
            delete_branch=delete_branch,
            run_script=run_script,
            ask=ask,
            on_progress=on_progress or _ignore,
        )

    async def restore(self, record: WorkspaceRecord, on_progress: Progress | None = None) -> WorkspaceRecord:
        """An archived workspace with its files, index and branch as they were."""
        return await self._ending.restore(record, on_progress or _ignore)

    async def kept(self, record: WorkspaceRecord) -> Salvage | None:
        """What an archived workspace can be restored from; None: nothing was kept."""
        if record.state is not WorkspaceState.ARCHIVED or not record.salvage:
            return None
        salvages = await (await self.worktrees(record.repository)).salvages()
        return next((salvage for salvage in salvages if salvage.ref == record.salvage), None)

    async def delete(self, record: WorkspaceRecord, *, drop_salvage: bool = False) -> None:
        """Forgets an archived workspace; what was kept of it stays in the repository unless it is to be dropped.

        Show `kept` before it is dropped: that is for ever.
        """
        await self._ending.delete(record, drop_salvage=drop_salvage)


def _ignore(line: str) -> None:
    """Progress that nobody wants to see."""
