"""How a workspace ends, and comes back: archived with all that can be kept, restored, forgotten.

Nothing is removed that is not in the list which the user has seen. Once git removes, it is not cut short; what a crash
cuts short, `workspace_repair` ends or explains.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from conductor_tui.domain.errors import ConductorError, RepositoryError, WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.scripts import ScriptKind
from conductor_tui.domain.workspaces import WorkspaceRecord, WorkspaceState
from conductor_tui.domain.worktrees import Changed, Losses, Operation, Removed, Salvage
from conductor_tui.services.interfaces import Progress, Worktrees
from conductor_tui.services.scripts.runner import ScriptRun
from conductor_tui.services.workspaces.creation import WorkspaceCreation, copied_notes, kept_context, take_back
from conductor_tui.services.workspaces.dependencies import WorkspaceTools
from conductor_tui.services.workspaces.records import WorkspaceRecords, is_checkout
from conductor_tui.services.workspaces.script_settings import WorkspaceScripts
from conductor_tui.services.workspaces.workspace_locks import to_its_end

AskGoOn = Callable[[str, ScriptRun | None], Awaitable[bool]]
"""Asked when the archive script did not succeed: why, and its run; whether to archive all the same."""

GONE = "gone"
"""The fingerprint of what a workspace would lose whose folder is gone: nothing more."""


class WorkspaceEnding:
    """Archives, restores and forgets workspaces."""

    def __init__(
        self,
        records: WorkspaceRecords,
        tools: WorkspaceTools,
        creation: WorkspaceCreation,
        scripts: WorkspaceScripts,
    ) -> None:
        self._records = records
        self._tools = tools
        self._creation = creation
        self._scripts = scripts

    async def losses(self, record: WorkspaceRecord, *, delete_branch: bool) -> Losses:
        """See `Workspaces.losses`."""
        _check_not_local(record)
        if not await asyncio.to_thread(is_checkout, record.path):
            return Losses(record.path, fingerprint=GONE)
        worktrees = await self._records.worktrees(record.repository)
        return await worktrees.losses(record.path, goes=record.made_branch if delete_branch else "")

    async def archive(
        self,
        record: WorkspaceRecord,
        seen: str,
        *,
        delete_branch: bool,
        run_script: bool,
        ask: AskGoOn | None,
        on_progress: Progress,
    ) -> WorkspaceRecord | Changed:
        """See `Workspaces.archive`."""
        _check_not_local(record)
        with self._records.hold(record):
            before = await self._records.current(record, WorkspaceState.READY, WorkspaceState.ARCHIVING)
            record = replace(before, state=WorkspaceState.ARCHIVING, trouble="")
            try:
                record = await self._records.keep(record, "state", "trouble", when=before.state)
                notes: list[str] = []
                if not await asyncio.to_thread(is_checkout, record.path):
                    return await to_its_end(self._archive_gone(record))
                if run_script:
                    notes += await self._run_script(record, ask, on_progress)
                on_progress("Ending its scripts")
                await self._end_scripts(record)
                on_progress("Keeping .context")
                kept = await self._tools.keep_context(record.path, kept_context(self._tools, record))
                notes += copied_notes(kept)
                on_progress("Keeping and removing its files")
                return await to_its_end(self._remove(record, seen, delete_branch, notes))
            except (ConductorError, asyncio.CancelledError) as error:
                why = error.trouble if isinstance(error, (RepositoryError, WorkspaceError)) else None
                await to_its_end(self._roll_back(record, before, why))
                raise

    async def _remove(
        self, record: WorkspaceRecord, seen: str, delete_branch: bool, notes: list[str]
    ) -> WorkspaceRecord | Changed:
        worktrees = await self._records.worktrees(record.repository)
        goes = record.made_branch if delete_branch else ""
        removed = await worktrees.remove(record.path, seen, name=record.name, goes=goes)
        if isinstance(removed, Changed):
            ready = replace(record, state=WorkspaceState.READY, trouble="\n".join(notes))
            await self._records.keep(ready, "state", "trouble", when=WorkspaceState.ARCHIVING)
            return removed
        notes += [f"{note.title}: {note.cause}" for note in removed.notes]
        return await self.archived(record, removed.salvage, notes)

    async def archived(self, record: WorkspaceRecord, salvage: Salvage | None, notes: list[str]) -> WorkspaceRecord:
        """The record of a workspace whose folder is gone."""
        done = replace(
            record,
            state=WorkspaceState.ARCHIVED,
            salvage=salvage.ref if salvage else "",
            head=salvage.head if salvage else record.head,
            branch=(salvage.branch if salvage else "") or record.branch,
            archived_at=int(self._tools.clock()),
            port=0,
            trouble="\n".join(notes),
            is_missing=False,
        )
        fields = ("state", "salvage", "head", "branch", "archived_at", "port", "trouble")
        return await self._records.keep(done, *fields, when=WorkspaceState.ARCHIVING)

    async def _archive_gone(self, record: WorkspaceRecord) -> WorkspaceRecord:
        """The folder is gone already: what git still knows of it is kept."""
        worktrees = await self._records.worktrees(record.repository)
        notes = ["Its folder was gone already."]
        if any(checkout.path == record.path for checkout in await worktrees.checkouts()):
            seen = await worktrees.unfinished()
            if any(u.path == record.path and u.operation is Operation.REMOVE for u in seen):
                removed = await worktrees.remove(record.path, GONE, name=record.name)
                if isinstance(removed, Removed):
                    return await self.archived(record, removed.salvage, [])
            return await self.archived(record, await worktrees.prune(record.path), notes)
        salvage = await newest_salvage(worktrees, record)
        if salvage is None:
            notes.append("Nothing was kept of it; its branch may still be there.")
        return await self.archived(record, salvage, notes)

    async def _roll_back(self, record: WorkspaceRecord, before: WorkspaceRecord, why: Trouble | None) -> None:
        """Nothing is removed yet, or not all: then it stays in archiving, and the next call goes on."""
        now = await self._records.read(record)
        if now is None or now.state is not WorkspaceState.ARCHIVING:
            return
        worktrees = await self._records.worktrees(record.repository)
        is_cut = any(unfinished.path == record.path for unfinished in await worktrees.unfinished())
        is_cut = is_cut or any(c.path == record.path and c.unfinished for c in await worktrees.checkouts())
        state = WorkspaceState.ARCHIVING if is_cut else WorkspaceState.READY
        trouble = f"{why.title}: {why.cause}" if why else before.trouble
        if is_cut:
            trouble = f"{trouble}\nNot all of it was removed; archive it again to go on.".strip()
        rolled = replace(record, state=state, trouble=trouble)
        await self._records.keep(rolled, "state", "trouble", when=WorkspaceState.ARCHIVING)

    # Scripts

    async def _run_script(self, record: WorkspaceRecord, ask: AskGoOn | None, on_progress: Progress) -> list[str]:
        """What is to be noted; raises WorkspaceError when the user stops here."""
        scripts, _ = await asyncio.to_thread(self._scripts.read, record)
        script = next(iter(scripts.of(ScriptKind.ARCHIVE)), None)
        if script is None:
            return []
        on_progress("Running the archive script")
        runner = self._tools.runner(record.repository)
        run = await runner.start(script, await self._scripts.place(record))
        if run is not None:
            try:
                await run.ended.wait()
            except asyncio.CancelledError:
                await to_its_end(runner.stop(run))
                raise
            if run.has_succeeded:
                return []
        why = _why(run)
        if ask is not None and not await ask(why, run):
            step = "Archive it again: allow the script to run, or archive without it."
            if run is not None:
                step = "Fix the archive script, or archive without running it."
            raise WorkspaceError(Trouble(why, "Nothing was removed.", (step,)))
        return [why]

    async def _end_scripts(self, record: WorkspaceRecord) -> None:
        runner = self._tools.runner(record.repository)
        await asyncio.gather(*(runner.stop(run) for run in runner.runs.values() if run.place.id == record.id))

    # And back

    async def restore(self, record: WorkspaceRecord, on_progress: Progress) -> WorkspaceRecord:
        """See `Workspaces.restore`."""
        with self._records.hold(record):
            record = await self._records.current(record, WorkspaceState.ARCHIVED)
            if not record.salvage:
                steps = (f"Begin a new workspace from its branch: {record.branch}",) if record.branch else ()
                raise WorkspaceError(Trouble("Nothing was kept of this workspace", record.name, steps))
            on_progress("Looking for free ports")
            port = await self._records.free_port(await self._records.store.workspaces())
            begun = replace(record, state=WorkspaceState.CREATING, port=port, trouble="")
            try:
                begun = await self._records.keep(begun, "state", "port", "trouble", when=WorkspaceState.ARCHIVED)
                on_progress("Making the worktree again")
                worktrees = await self._records.worktrees(record.repository)
                restored = await worktrees.restore(record.salvage, record.path, on_progress=on_progress)
                notes = [f"{note.title}: {note.cause}" for note in restored.notes]
                if restored.is_other_branch:
                    notes.append(f"Its branch {record.branch} is taken; it is on {restored.checkout.branch} now.")
                made = replace(
                    begun,
                    branch=restored.checkout.branch,
                    made_branch=restored.checkout.branch if restored.is_other_branch else begun.made_branch,
                    archived_at=0,
                )
                made = await self._records.keep(made, "branch", "made_branch", "archived_at")
                return await self._creation.equip(made, notes, on_progress)
            except (RepositoryError, WorkspaceError, asyncio.CancelledError) as error:
                why = error.trouble if isinstance(error, (RepositoryError, WorkspaceError)) else None
                await to_its_end(self.take_restored_back(begun, why))
                raise

    async def take_restored_back(self, record: WorkspaceRecord, why: Trouble | None) -> bool:
        """A restore that was cut short: archived as before, or ready where the files are all there; which it is."""
        now = await self._records.read(record)
        if now is None or now.state is not WorkspaceState.CREATING:
            return False
        worktrees = await self._records.worktrees(record.repository)
        checkout = next((c for c in await worktrees.checkouts() if c.path == record.path), None)
        if checkout is not None and checkout.unfinished is None:
            there = replace(now, archived_at=0, branch=checkout.branch)
            there = await self._records.keep(there, "archived_at", "branch")
            await self._creation.equip(there, ["Restoring was cut short, and is ended now."], lambda line: None)
            return True
        await take_back(worktrees, replace(now, made_branch=""))
        back = replace(
            now,
            state=WorkspaceState.ARCHIVED,
            port=0,
            archived_at=now.archived_at or int(self._tools.clock()),
            trouble=f"Not restored. {why.title}: {why.cause}" if why else "",
        )
        fields = ("state", "port", "archived_at", "trouble")
        await self._records.keep(back, *fields, when=WorkspaceState.CREATING)
        return False

    async def delete(self, record: WorkspaceRecord, *, drop_salvage: bool) -> None:
        """See `Workspaces.delete`."""
        with self._records.hold(record):
            record = await self._records.current(record, WorkspaceState.ARCHIVED)
            await self._records.drop(record, WorkspaceState.ARCHIVED)
            if drop_salvage:
                if record.salvage:
                    await (await self._records.worktrees(record.repository)).forget(record.salvage)
                await asyncio.to_thread(shutil.rmtree, kept_context(self._tools, record), ignore_errors=True)


async def newest_salvage(worktrees: Worktrees, record: WorkspaceRecord) -> Salvage | None:
    """What was kept last of the worktree in a workspace's folder, since the workspace was made."""
    kept = (s for s in await worktrees.salvages() if s.path == str(record.path) and s.made_at >= record.created_at)
    return max(kept, key=lambda s: s.made_at, default=None)


def _check_not_local(record: WorkspaceRecord) -> None:
    if record.is_local:
        raise WorkspaceError(Trouble("The local checkout is never archived", str(record.path)))


def _why(run: ScriptRun | None) -> str:
    if run is None:
        return "The archive script was not allowed to run"
    if run.trouble:
        return f"The archive script could not be started: {run.trouble}"
    how = "was stopped" if run.was_stopped else f"failed: {run.ending.text}" if run.ending else "failed"
    return f"The archive script {how}"
