"""The records of workspaces in memory: read from the store, brought together with git, changed in one place."""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.port_blocks import free_port_block
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import LOCAL, RepositoryRecord, WorkspaceRecord, WorkspaceState
from conductor_tui.domain.worktrees import Checkout
from conductor_tui.services.interfaces import Worktrees
from conductor_tui.services.workspaces.dependencies import WorkspaceTools
from conductor_tui.services.workspaces.workspace_locks import Holds
from conductor_tui.storage.workspaces import WorkspaceStore


class WorkspaceRecords:
    """What is known of all workspaces, and the only writer of it."""

    def __init__(self, store: WorkspaceStore, tools: WorkspaceTools) -> None:
        self.store = store
        self.on_change: Callable[[], None] = lambda: None
        self.repositories: tuple[RepositoryRecord, ...] = ()
        self.all: tuple[WorkspaceRecord, ...] = ()
        self.adoptable: dict[Path, tuple[Checkout, ...]] = {}
        self.troubles: dict[Path, Trouble] = {}
        self._tools = tools
        self._holds = Holds(tools.state_dir / "workspaces")
        self._worktrees: dict[Path, Worktrees] = {}
        self._refreshing = asyncio.Lock()
        self._changes = 0
        """How often a record was changed from here."""

    # Reading

    async def refresh(self) -> None:
        """Reads the store and git."""
        async with self._refreshing:
            self.repositories = await self.store.repositories()
            listed = await asyncio.gather(*(self._checkouts(r.root) for r in self.repositories))
            for repository, checkouts in zip(self.repositories, listed, strict=True):
                await self._keep_local(repository.root, checkouts)
            gone: set[str] = set()
            for repository, checkouts in zip(self.repositories, listed, strict=True):
                gone |= await self._reconcile(repository.root, checkouts)
            await self._read_all(gone)

    async def _read_all(self, gone: set[str]) -> None:
        """Shows the records as they are now; what is changed while they are read is read again."""
        while True:
            changes = self._changes
            read = await self.store.workspaces()
            if changes == self._changes:
                break
        self.all = tuple(replace(r, is_missing=r.id in gone and r.state is WorkspaceState.READY) for r in read)
        self.on_change()

    async def _checkouts(self, root: Path) -> tuple[Checkout, ...] | None:
        """What git lists; None when it does not answer, which is said."""
        try:
            checkouts = await (await self.worktrees(root)).checkouts()
        except RepositoryError as error:
            self.troubles[root] = error.trouble
            self._worktrees.pop(root, None)
            return None
        self.troubles.pop(root, None)
        return checkouts

    async def _keep_local(self, root: Path, checkouts: tuple[Checkout, ...] | None) -> None:
        """The repository's own checkout is always a workspace; a bare one has none."""
        if not checkouts or checkouts[0].is_bare:
            return
        if not any(r.is_local and r.repository == root for r in self.all):
            at = int(self._tools.clock())
            await self.store.add(
                WorkspaceRecord(id=new_id(), repository=root, name=LOCAL, path=root, is_local=True, created_at=at)
            )

    async def _reconcile(self, root: Path, checkouts: tuple[Checkout, ...] | None) -> set[str]:
        """Keeps the branches as git has them; the ids of the workspaces whose folder is gone."""
        by_path = {checkout.path: checkout for checkout in checkouts or ()}
        ours = [r for r in await self.store.workspaces() if r.repository == root and not r.is_archived]
        gone = await asyncio.to_thread(lambda: {r.id for r in ours if not is_checkout(r.path)})
        if checkouts is not None:
            gone |= {r.id for r in ours if r.path not in by_path}
        for record in ours:
            checkout = by_path.get(record.path)
            if checkout and checkout.branch != record.branch and record.state is WorkspaceState.READY:
                await self.store.change(replace(record, branch=checkout.branch), "branch", when=WorkspaceState.READY)
        known = {r.path for r in ours}
        self.adoptable[root] = tuple(c for c in by_path.values() if _is_adoptable(c) and c.path not in known)
        return gone

    async def worktrees(self, root: Path) -> Worktrees:
        """The worktrees of a repository.

        Raises:
            RepositoryError: there is none, or git does not answer.
        """
        if root not in self._worktrees:
            self._worktrees[root] = await self._tools.open_worktrees(root)
        return self._worktrees[root]

    async def read(self, record: WorkspaceRecord) -> WorkspaceRecord | None:
        """The record as the store has it now, seen from here on; None when it is gone."""
        now = await self.store.workspace(record.id)
        if now is not None:
            self._show(now)
        return now

    async def current(self, record: WorkspaceRecord, *states: WorkspaceState) -> WorkspaceRecord:
        """The record as the store has it now.

        Raises:
            WorkspaceError: it is gone, or in none of these states.
        """
        now = await self.store.workspace(record.id)
        if now is None:
            raise WorkspaceError(Trouble("This workspace is gone", record.name, ("Look at the list again.",)))
        if now.state not in states:
            cause = f"{record.name} is {now.state.value}"
            raise WorkspaceError(Trouble("This cannot be done to the workspace now", cause))
        return now

    # Changing

    def hold(self, record: WorkspaceRecord) -> contextlib.AbstractContextManager[None]:
        """Nobody else works on this workspace meanwhile; raises WorkspaceError if somebody does."""
        return self._holds.hold(record.id, record.name)

    def is_held(self, record: WorkspaceRecord) -> bool:
        """Whether a window is at work on it right now."""
        return self._holds.is_held(record.id)

    async def add(self, record: WorkspaceRecord) -> bool:
        """A new record; False when its name, folder or ports are another's."""
        if not await self.store.add(record):
            return False
        self._show(record)
        return True

    async def keep(self, record: WorkspaceRecord, *fields: str, when: WorkspaceState | None = None) -> WorkspaceRecord:
        """Keeps these fields as they are in `record`; the others are as the store has them.

        Raises:
            WorkspaceError: another window was faster.
        """
        if not await self.store.change(record, *fields, when=when):
            steps = ("Look at the list again.",)
            raise WorkspaceError(Trouble("Another window has changed this workspace", record.name, steps))
        kept = await self.store.workspace(record.id)
        if kept is None:
            return record
        kept = replace(kept, is_missing=record.is_missing)
        self._show(kept)
        return kept

    async def drop(self, record: WorkspaceRecord, when: WorkspaceState) -> None:
        """Forgets a record in this state; nothing happens when it is not there any more."""
        await self.store.remove(record, when)
        self._changes += 1
        self.all = tuple(r for r in self.all if r.id != record.id)
        self.on_change()

    def _show(self, record: WorkspaceRecord) -> None:
        self._changes += 1
        others = {r.id: r for r in self.all}
        others[record.id] = record
        self.all = tuple(others.values())
        self.on_change()

    # Claims

    async def free_port(self, records: Sequence[WorkspaceRecord]) -> int:
        """The first of ten free ports; 0 when there are none."""
        given = [r.port for r in records if r.port]
        return await asyncio.to_thread(free_port_block, given, self._tools.is_port_busy) or 0


def new_id() -> str:
    """Twelve hexadecimal digits."""
    return uuid.uuid4().hex[:12]


def is_checkout(path: Path) -> bool:
    """Whether a folder with a `.git` is there. Blocking."""
    return os.path.lexists(path / ".git")


def _is_adoptable(checkout: Checkout) -> bool:
    is_whole = checkout.prunable is None and checkout.unfinished is None
    return is_whole and not checkout.is_main and not checkout.is_bare
