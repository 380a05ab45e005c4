"""What processes that are gone have left unfinished: ended, taken back, or explained, once at the start."""

from __future__ import annotations

import asyncio
import logging

from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import WorkspaceRecord, WorkspaceState
from conductor_tui.domain.worktrees import Operation, Removed
from conductor_tui.services.workspaces.archiving import GONE, WorkspaceEnding, newest_salvage
from conductor_tui.services.workspaces.creation import WorkspaceCreation, take_back
from conductor_tui.services.workspaces.records import WorkspaceRecords

log = logging.getLogger(__name__)

PATIENCE, _PAUSE = 5.0, 0.1
"""Seconds that a worktree which is still held is waited for, and between two looks."""


class WorkspaceRepair:
    """Looks at every record that is on its way and that nobody works on."""

    def __init__(self, records: WorkspaceRecords, creation: WorkspaceCreation, ending: WorkspaceEnding) -> None:
        self._records = records
        self._creation = creation
        self._ending = ending

    async def repair(self) -> tuple[Trouble, ...]:
        """What was done, one Trouble for each workspace; what could not be done is one, too."""
        said = []
        for record in await self._records.store.workspaces():
            if record.state not in (WorkspaceState.CREATING, WorkspaceState.ARCHIVING):
                continue
            if self._records.is_held(record):
                continue
            try:
                with self._records.hold(record):
                    await self._records.worktrees(record.repository)
                    said.append(await self._mend_patiently(await self._records.current(record, record.state)))
            except WorkspaceError as error:
                log.info("%s is not repaired: %s", record.name, error)  # another window was faster
            except RepositoryError as error:
                cause = f"{error.trouble.title}: {error.trouble.cause}"
                said.append(Trouble(f"Workspace {record.name} is unfinished", cause, error.trouble.steps))
        return tuple(said)

    async def _mend_patiently(self, record: WorkspaceRecord) -> Trouble:
        """The git of a window that was killed may go on for a moment, and holds its worktree as long."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                return await self._mend(record)
            except RepositoryError:
                if asyncio.get_running_loop().time() > end:
                    raise
            await asyncio.sleep(_PAUSE)

    async def _mend(self, record: WorkspaceRecord) -> Trouble:
        if record.state is WorkspaceState.ARCHIVING:
            return await self._mend_archiving(record)
        if record.is_restoring:
            if await self._ending.take_restored_back(record, None):
                return Trouble(f"Workspace {record.name} is restored", "The window that restored it was closed.")
            cause = "The window that restored it was closed before its files were there."
            return Trouble(f"Workspace {record.name} is still archived", cause, ("Restore it again.",))
        return await self._mend_creating(record)

    async def _mend_creating(self, record: WorkspaceRecord) -> Trouble:
        worktrees = await self._records.worktrees(record.repository)
        checkout = next((c for c in await worktrees.checkouts() if c.path == record.path), None)
        if checkout is not None and checkout.unfinished is None:
            seen = await self._records.keep(replace(record, branch=checkout.branch), "branch")
            await self._creation.equip(seen, [], lambda line: None)
            cause = "The window that made it was closed; the rest is done now."
            return Trouble(f"Workspace {record.name} is ready", cause)
        await take_back(worktrees, record)
        await self._records.drop(record, WorkspaceState.CREATING)
        cause = "The window that made it was closed before git was done; what was there is taken away."
        return Trouble(f"Workspace {record.name} was not made", cause, ("Make it again.",))

    async def _mend_archiving(self, record: WorkspaceRecord) -> Trouble:
        worktrees = await self._records.worktrees(record.repository)
        is_listed = any(checkout.path == record.path for checkout in await worktrees.checkouts())
        unfinished = next((u for u in await worktrees.unfinished() if u.path == record.path), None)
        is_cut = unfinished is not None and unfinished.operation is Operation.REMOVE
        if is_cut and not (is_listed and (record.path / ".git").exists()):
            removed = await worktrees.remove(record.path, GONE, name=record.name)
            if isinstance(removed, Removed):
                await self._ending.archived(record, removed.salvage, [])
                return Trouble(f"Workspace {record.name} is archived", "Its removal had been cut short.")
        if not is_listed:
            await self._ending.archived(record, await newest_salvage(worktrees, record), [])
            return Trouble(f"Workspace {record.name} is archived", "The window that did it was closed.")
        if is_cut:
            words = "Its removal was cut short: some of its files are gone from the folder, and kept. "
            steps = ("Archive it again to go on, or restore it afterwards.",)
            cut = replace(record, trouble=f"{words}{steps[0]}")
            await self._records.keep(cut, "trouble", when=WorkspaceState.ARCHIVING)
            return Trouble(f"Workspace {record.name} is half removed", words.strip(), steps)
        ready = replace(record, state=WorkspaceState.READY, trouble="")
        await self._records.keep(ready, "state", "trouble", when=WorkspaceState.ARCHIVING)
        cause = "Archiving it was cut short before anything was removed."
        return Trouble(f"Workspace {record.name} is as it was", cause, ("Archive it again.",))
