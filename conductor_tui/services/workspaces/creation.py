"""How a workspace comes to be: claimed, made by git, equipped; made again from what was kept; adopted.

Each step is said before it begins. What fails before git has made the worktree leaves nothing; what fails after it
leaves a workspace that can be used, with a note.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from pathlib import Path
from random import Random

from msgspec.structs import replace

from conductor_tui.domain.branch_names import branch_name, branch_prefix, branch_slug
from conductor_tui.domain.copied_files import CopiedFiles
from conductor_tui.domain.errors import RepositoryError, WorkspaceError, WrongUse
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import BranchPrefixType, GitSettings
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.workspace_names import free_city, free_name
from conductor_tui.domain.workspaces import LOCAL, WorkspaceRecord, WorkspaceState
from conductor_tui.domain.worktrees import Branch, Changed, DetachedCommit, ExistingBranch, NewBranch, Start
from conductor_tui.services.interfaces import Progress, Worktrees
from conductor_tui.services.workspaces.dependencies import WorkspaceTools
from conductor_tui.services.workspaces.records import WorkspaceRecords, is_checkout, new_id
from conductor_tui.services.workspaces.workspace_locks import to_its_end

log = logging.getLogger(__name__)

_CLAIMS = 20
"""How often another window may be faster with a name or with ports."""


class WorkspaceCreation:
    """Makes workspaces."""

    def __init__(self, records: WorkspaceRecords, tools: WorkspaceTools, random: Random) -> None:
        self._records = records
        self._tools = tools
        self._random = random

    async def create(
        self,
        repository: Path,
        start: Start,
        name: str,
        prompt: str,
        on_progress: Progress,
        *,
        title: str = "",
        fetches: bool = True,
    ) -> WorkspaceRecord:
        """See `Workspaces.create`. `title`: what it is called on screen until the user says otherwise."""
        if name:
            _check_name(name)
        on_progress("Looking for a free name")
        worktrees = await self._records.worktrees(repository)
        for _ in range(_CLAIMS):
            record = replace(await self._claim(worktrees, name), title=title)
            with self._records.hold(record):
                try:
                    if not await self._records.add(record):
                        continue  # another window was faster with the name or the ports
                    notes = await _fetch(worktrees, on_progress) if fetches else []
                    return await self._make(worktrees, record, start, prompt, notes, on_progress)
                except (RepositoryError, WorkspaceError, asyncio.CancelledError):
                    await to_its_end(self._take_back(worktrees, record))
                    raise
        raise _beaten(name or str(worktrees.root))

    async def _claim(self, worktrees: Worktrees, wanted: str) -> WorkspaceRecord:
        """A record with a name, a folder and ports that nobody has at this moment."""
        root = worktrees.root
        records = await self._records.store.workspaces()
        folder = self._tools.folder / root.name
        on_disk = await asyncio.to_thread(_names_in, folder)
        used = {r.name for r in records if r.repository == root} | on_disk
        if wanted and wanted.casefold() in {name.casefold() for name in used}:
            steps = ("Take another name, or leave it out.",)
            raise WrongUse(Trouble("A workspace of this name exists", wanted, steps))
        branches = {branch.rpartition("/")[2] for branch in _local_names(await worktrees.branches())}
        name = wanted or free_city(used | branches | {LOCAL}, self._random)
        return WorkspaceRecord(
            id=new_id(),
            repository=root,
            name=name,
            path=await asyncio.to_thread(folder.resolve) / name,
            made_by_us=True,
            created_at=int(self._tools.clock()),
            port=await self._records.free_port(records),
            state=WorkspaceState.CREATING,
        )

    async def _make(
        self,
        worktrees: Worktrees,
        record: WorkspaceRecord,
        start: Start,
        prompt: str,
        notes: list[str],
        on_progress: Progress,
    ) -> WorkspaceRecord:
        base = await _base(worktrees, start)
        record = await self._records.keep(replace(record, base=base), "base")
        if isinstance(start, NewBranch):
            record = await self._claim_branch(worktrees, record, start.name, prompt)
            start = replace(start, name=record.branch)
        on_progress("Making the worktree")
        created = await worktrees.create(record.path, start, on_progress=on_progress)
        notes += [_line(note) for note in created.notes]
        branch = created.checkout.branch
        record = replace(record, branch=branch, made_branch=branch if created.made_branch else "")
        record = await self._records.keep(record, "branch", "made_branch")
        return await self.equip(record, notes, on_progress)

    async def equip(self, record: WorkspaceRecord, notes: list[str], on_progress: Progress) -> WorkspaceRecord:
        """What a fresh worktree gets: files that git ignores, `.context`; then it is ready. Failures become notes."""
        on_progress("Copying files")
        try:
            if await asyncio.to_thread(is_checkout, record.repository):  # a bare one has no files
                settings, _ = await asyncio.to_thread(self._tools.read_settings, record.repository, record.path)
                copied = await self._tools.copy_files(record.repository, record.path, settings.file_include_globs)
                notes += copied_notes(copied)
        except RepositoryError as error:
            notes.append(_line(error.trouble))
        on_progress("Making .context")
        try:
            if record.is_restoring:
                await self._tools.bring_context(kept_context(self._tools, record), record.path)
            await self._tools.prepare_context(record.path)
        except RepositoryError as error:
            notes.append(_line(error.trouble))
        on_progress("Ready")
        ready = replace(record, state=WorkspaceState.READY, trouble="\n".join(notes))
        ready = await self._records.keep(ready, "state", "trouble", when=WorkspaceState.CREATING)
        if record.is_restoring:
            await asyncio.to_thread(shutil.rmtree, kept_context(self._tools, record), ignore_errors=True)
        return ready

    async def _take_back(self, worktrees: Worktrees, record: WorkspaceRecord) -> None:
        """Removes what this call made, unless there is something in it that nobody has seen."""
        try:
            made = await self._records.read(record)
            if made is None or made.state is not WorkspaceState.CREATING:
                return
            if await take_back(worktrees, made):
                await self._records.drop(made, WorkspaceState.CREATING)
                return
            note = "It was not finished, and is kept because there is something in it that would be lost."
            ready = replace(made, state=WorkspaceState.READY, trouble=note)
            await self._records.keep(ready, "state", "trouble", when=WorkspaceState.CREATING)
        except (RepositoryError, WorkspaceError) as error:  # the next start repairs it; why it failed is said
            log.warning("%s is not taken back: %s", record.name, error)

    async def _claim_branch(
        self, worktrees: Worktrees, record: WorkspaceRecord, wanted: str, prompt: str
    ) -> WorkspaceRecord:
        """The branch `wanted`, or one named after the prompt, else the city, that nobody has or is about to make.

        Claimed first and looked for afterwards: whoever else wanted it has made it by then, or does not get it.
        """
        ours = "" if wanted else branch_name(branch_slug(prompt) or record.name, await self.prefix(record.repository))
        beaten: set[str] = set()
        for _ in range(_CLAIMS):
            taken = _local_names(await worktrees.branches())
            name = wanted or free_name(ours or branch_name(record.name) or record.id, taken | beaten)
            claimed = replace(record, branch=name, made_branch=name)
            if await self._records.store.change(claimed, "branch", "made_branch"):
                if wanted or name not in _local_names(await worktrees.branches()):
                    return await self._records.keep(claimed, "branch")
            elif wanted:
                raise WorkspaceError(Trouble("Another window is just making this branch", wanted, ("Try again.",)))
            beaten.add(name)
        raise _beaten(record.name)

    async def prefix(self, repository: Path) -> str:
        """What the repository's new branches begin with."""
        settings, _ = await asyncio.to_thread(self._tools.read_settings, repository, None)
        user = await self._tools.github_user() if _wants_user(settings.git) else ""
        return branch_prefix(settings.git, user)

    async def first_prompt(self, record: WorkspaceRecord, text: str) -> WorkspaceRecord:
        """See `Workspaces.first_prompt`."""
        slug = branch_slug(text)
        if not slug or record.made_branch != record.branch or record.state is not WorkspaceState.READY:
            return record
        with self._records.hold(record):
            record = await self._records.current(record, WorkspaceState.READY)
            worktrees = await self._records.worktrees(record.repository)
            checkout = next((c for c in await worktrees.checkouts() if c.path == record.path), None)
            branches = await worktrees.branches()
            last = record.branch.rpartition("/")[2]
            if checkout is None or checkout.branch != record.branch or not _is_city(last, record.name):
                return record
            if any(b.name == record.branch and b.upstream for b in branches):
                return record
            wanted = branch_name(slug, record.branch.removesuffix(last))
            new = free_name(wanted, _local_names(branches) - {record.branch})
            if new == record.branch or not wanted:
                return record
            await worktrees.rename_branch(record.branch, new)
            return await self._records.keep(replace(record, branch=new, made_branch=new), "branch", "made_branch")

    async def adopt(self, path: Path) -> WorkspaceRecord:
        """See `Workspaces.adopt`."""
        worktrees = await self._tools.open_worktrees(path)
        path = await asyncio.to_thread(lambda: path.parent.resolve() / path.name)
        checkout = next((c for c in await worktrees.checkouts() if c.path == path), None)
        if checkout is None or checkout.is_main or checkout.is_bare:
            steps = ("Name the top folder of a worktree, as `git worktree list` shows it.",)
            raise WorkspaceError(Trouble("This is no worktree that can be adopted", str(path), steps))
        for _ in range(_CLAIMS):
            records = await self._records.store.workspaces()
            if any(r.path == path and not r.is_archived for r in records):
                raise WorkspaceError(Trouble("This worktree is a workspace already", str(path)))
            used = {r.name for r in records if r.repository == worktrees.root}
            record = WorkspaceRecord(
                id=new_id(),
                repository=worktrees.root,
                name=free_name(path.name, used | {LOCAL}),
                path=path,
                branch=checkout.branch,
                created_at=int(self._tools.clock()),
                port=await self._records.free_port(records),
            )
            if await self._records.add(record):
                left = self._records.adoptable.get(worktrees.root, ())
                self._records.adoptable[worktrees.root] = tuple(c for c in left if c.path != path)
                return record
        raise _beaten(str(path))


WITHOUT_FETCH = "Begun without fetching."


async def _fetch(worktrees: Worktrees, on_progress: Progress) -> list[str]:
    """Gets the newest commits; a note if they could not be had."""
    on_progress("Fetching the newest commits")
    trouble = await worktrees.fetch(on_progress=on_progress)
    return [f"{WITHOUT_FETCH} {trouble.title}: {trouble.cause}"] if trouble else []


def lasting_notes(trouble: str) -> str:
    """What is still worth reading once work has begun: not that nothing was fetched before."""
    return "\n".join(line for line in trouble.split("\n") if not line.startswith(WITHOUT_FETCH))


async def take_back(worktrees: Worktrees, record: WorkspaceRecord) -> bool:
    """Removes the worktree of a workspace that was not finished; False, and it stays, if something would be lost."""
    checkout = next((c for c in await worktrees.checkouts() if c.path == record.path), None)
    if checkout is None or checkout.unfinished is not None:
        await worktrees.clear(record.path)
        return True
    losses = await worktrees.losses(record.path, goes=record.made_branch)
    if not losses.is_clean:
        return False
    removed = await worktrees.remove(record.path, losses.fingerprint, name=record.name, goes=record.made_branch)
    if isinstance(removed, Changed):
        return False
    await worktrees.forget(removed.salvage.ref)
    return True


def kept_context(tools: WorkspaceTools, record: WorkspaceRecord) -> Path:
    """Where the `.context` of an archived workspace is kept."""
    return tools.state_dir / "archived-contexts" / record.id


def copied_notes(copied: CopiedFiles) -> list[str]:
    """What a copy did not bring, in a few lines."""
    notes = [f"Not copied: {visible_line(s.path)}: {s.reason}" for s in copied.skipped[:5]]
    if len(copied.skipped) > 5:
        notes.append(f"Not copied: {len(copied.skipped) - 5} more files")
    if copied.over_limit:
        first = visible_line(copied.first_over_limit)
        notes.append(f"Not copied, too much: {copied.over_limit} files, {first} first; a setup script can make them")
    return notes


def _line(trouble: Trouble) -> str:
    return f"{trouble.title}: {trouble.cause}" if trouble.cause else trouble.title


def _names_in(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208 - names only
    except OSError:
        return set()


def _local_names(branches: tuple[Branch, ...]) -> set[str]:
    return {b.name.removeprefix(f"{b.remote}/") if b.remote else b.name for b in branches}


def _wants_user(git: GitSettings) -> bool:
    kind = git.branch_prefix_type
    return kind is BranchPrefixType.GITHUB_USERNAME or (kind is None and not git.branch_prefix)


def _is_city(branch: str, name: str) -> bool:
    """Whether the last part of a branch is the workspace's name, or that with a number."""
    version = branch.removeprefix(f"{name}-v")
    return branch == name or (version != branch and version.isdecimal())


async def _base(worktrees: Worktrees, start: Start) -> str:
    match start:
        case NewBranch(start=named) if named:
            return named
        case DetachedCommit(commit):
            return commit
        case NewBranch() | ExistingBranch():
            default = await worktrees.default_branch()
            return default.start if default else ""


def _beaten(what: str) -> WorkspaceError:
    return WorkspaceError(Trouble("Other windows were always faster", what, ("Try again.",)))


def _check_name(name: str) -> None:
    is_plain = all(c.isalnum() or c in "-_." for c in name) and name[0].isalnum()
    if not is_plain or len(name) > 64 or name.casefold() == LOCAL:
        steps = ("Take letters, digits, - and _, as in `lisbon` or `lisbon-v2`; `local` is the repository itself.",)
        raise WrongUse(Trouble("Not a name for a workspace", visible_line(name), steps))
