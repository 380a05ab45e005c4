"""Makes worktrees.

While one is being made it is locked with our reason and stands in the journal, so that a crash leaves something that is
recognised, and the same call again succeeds.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.errors import RepositoryError, StartRefused
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import (
    Checkout,
    Created,
    DetachedCommit,
    ExistingBranch,
    NewBranch,
    Operation,
    Start,
)
from conductor_tui.git.fetch import fill_submodules
from conductor_tui.git.journal import JournalEntry, PathLock
from conductor_tui.git.listing import find_default_branch, find_traits, list_checkouts, list_remotes, resolve
from conductor_tui.git.program import git

OUR_REASON = "conductor-tui is making this worktree"
"""The lock's reason until a worktree is whole."""

CHECKOUT_TIMEOUT = 1800.0
"""Seconds that writing all files may take, hooks included."""

NO_LFS = ("-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false")
"""Leaves pointers in place of large files, where git-lfs is not installed."""

Progress = Callable[[str], None]


class Plan(Struct, frozen=True):
    """A start, looked up: what `git worktree add` is told."""

    commit: str
    branch: str = ""
    is_new: bool = False
    """Whether the branch is made with the worktree."""
    upstream: str = ""
    """What a branch that is made follows, as `origin/fix-1`."""


async def plan_start(root: Path, start: Start) -> Plan:
    """Looks up where to begin.

    Raises:
        StartRefused: no such branch or commit, a bad name, or a branch that is in use.
        RepositoryError: no commits yet.
    """
    match start:
        case NewBranch(name, wanted):
            await check_branch_name(root, name)
            return Plan(await _commit(root, wanted), name, is_new=True)
        case ExistingBranch(name):
            return await _existing(root, name)
        case DetachedCommit(commit):
            return Plan(await _commit(root, commit))


async def check_branch_name(root: Path, name: str) -> None:
    """Says why a branch cannot be made under this name.

    Raises:
        StartRefused: git does not allow the name, or the branch exists.
    """
    allowed = not name.startswith("-") and name != "HEAD"
    if allowed:
        try:
            await git(root, "check-ref-format", f"refs/heads/{name}")
        except (RepositoryError, ValueError):  # ValueError: a NUL in it
            allowed = False
    if not allowed:
        steps = ("Take letters, digits, - and /; no spaces, no .. and none of ~^:?*[\\",)
        raise StartRefused(Trouble("Not a name for a branch", f"Git does not allow “{name}”.", steps))
    if await resolve(root, f"refs/heads/{name}"):
        steps = ("Take another name, or begin from that branch.",)
        raise StartRefused(Trouble(f"Branch {name} exists", "A new branch needs a name of its own.", steps))


async def _commit(root: Path, wanted: str) -> str:
    if wanted and (found := await resolve(root, wanted)):
        return found
    default = await find_default_branch(root)
    if default is None:
        steps = ("Make the first commit, then try again.",)
        raise RepositoryError(Trouble("No commits yet", "A worktree begins at a commit.", steps))
    if wanted:
        steps = ("Fetch first if it is a remote's; a shallow repository lacks older commits.",)
        raise StartRefused(Trouble("No such commit", f"Git does not know “{wanted}”.", steps))
    return default.head


async def _existing(root: Path, name: str) -> Plan:
    remotes = await list_remotes(root)
    named = next((remote for remote in remotes if name.startswith(f"{remote}/")), "")
    if named and not await resolve(root, f"refs/remotes/{name}"):
        named = ""
    local = name.removeprefix(f"{named}/") if named else name
    if named and await resolve(root, f"refs/heads/{name}"):
        local = name  # a local branch that is called like a remote's
    if head := await resolve(root, f"refs/heads/{local}"):
        await _refuse_in_use(root, local)
        return Plan(head, local)
    holders = [named] if named else [r for r in remotes if await resolve(root, f"refs/remotes/{r}/{local}")]
    if len(holders) > 1:
        steps = (f"Name it with its remote: {holders[0]}/{local}",)
        raise StartRefused(Trouble("Several remotes have this branch", f"{local}: {', '.join(holders)}", steps))
    if not holders:
        await _commit(root, "")
        steps = ("Fetch first if it is new on a remote.",)
        raise StartRefused(Trouble("No such branch", f"Neither here nor on a remote: “{name}”.", steps))
    upstream = f"{holders[0]}/{local}"
    return Plan(await resolve(root, f"refs/remotes/{upstream}"), local, is_new=True, upstream=upstream)


async def _refuse_in_use(root: Path, branch: str) -> None:
    for checkout in await list_checkouts(root):
        if checkout.branch != branch:
            continue
        title, where = f"Branch {branch} is in use", f"Checked out in {checkout.path}"
        steps = ("Use that checkout, or make a new branch that begins at this one.",)
        if checkout.prunable is not None:
            where += ", whose folder is gone"
            steps = ("If it was moved: git worktree repair PATH. If it is gone for good: git worktree prune.",)
        raise StartRefused(Trouble(title, where, steps))


def check_free(path: Path) -> None:
    """Says why no worktree can be made at `path`.

    Raises:
        RepositoryError: something is there.
    """
    try:
        with os.scandir(path) as entries:
            is_free = not path.is_symlink() and next(entries, None) is None
    except FileNotFoundError:
        is_free = not path.is_symlink()
    except OSError:
        is_free = False
    if not is_free:
        steps = ("Take another place, or move away what is there.",)
        raise RepositoryError(Trouble("Something is there already", str(path), steps))


async def add_worktree(root: Path, hold: PathLock, plan: Plan, *, files: bool, on_progress: Progress) -> list[Trouble]:
    """Runs `git worktree add`; the worktree stays locked with our reason. What was gone on without is returned."""
    where = str(hold.path)
    options: list[str] = []
    notes: list[Trouble] = []
    if files:
        traits = await find_traits(root, plan.commit)
        options = [*NO_LFS] if traits.uses_lfs and not traits.has_lfs_program else []
        notes += [without_lfs(hold.path)] if options else []
    options += ["worktree", "add", "--lock", "--reason", OUR_REASON, *(() if files else ("--no-checkout",))]
    if plan.is_new and plan.upstream:
        options += ["--track", "-b", plan.branch, "--", where, plan.upstream]
    elif plan.is_new:
        options += ["--no-track", "-b", plan.branch, "--", where, plan.commit]
    else:
        options += ["--", where, plan.branch] if plan.branch else ["--detach", "--", where, plan.commit]
    try:
        async with hold.journal.turn():
            await git(
                root, *options, timeout=CHECKOUT_TIMEOUT,
                environment={"GIT_PROGRESS_DELAY": "0"}, on_progress=on_progress, held=(hold.fd,),
            )  # fmt: skip
    except RepositoryError as error:
        if not await _is_whole(hold.path, plan):
            raise
        steps = (f"Run it by hand if it matters: the folder is {hold.path}",)
        notes.append(Trouble("The post-checkout hook failed", error.trouble.cause, steps))
    return notes


async def _is_whole(path: Path, plan: Plan) -> bool:
    """Whether all files are there: git's exit code is that of the hook, which runs last."""
    try:
        head = await git(path, "rev-parse", "--show-toplevel", "HEAD")
        changed = await git(path, "status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=all")
    except RepositoryError:
        return False
    return os.fsdecode(head) == f"{path}\n{plan.commit}\n" and not changed


def without_lfs(path: Path) -> Trouble:
    """What to say where files of Git LFS stay pointers."""
    steps = (f"Install git-lfs, then: git -C {path} lfs pull",)
    return Trouble("Large files are pointers", "This repository uses Git LFS, and git-lfs is not installed.", steps)


async def create(
    root: Path, hold: PathLock, start: Start, *, submodules: bool = True, on_progress: Progress
) -> Created:
    """A new worktree at the path of `hold`, which is free.

    Raises:
        RepositoryError: it cannot be made there or from there; what was begun is in the journal.
    """
    check_free(hold.path)
    plan = await plan_start(root, start)
    hold.begin(
        JournalEntry(
            Operation.CREATE,
            str(hold.path),
            branch=plan.branch if plan.is_new else "",
            branch_head=plan.commit if plan.is_new else "",
        )
    )
    notes = await add_worktree(root, hold, plan, files=True, on_progress=on_progress)
    notes += await finish(root, hold, submodules=submodules, on_progress=on_progress)
    return Created(await checkout_at(root, hold.path), plan.is_new, tuple(notes))


async def finish(root: Path, hold: PathLock, *, submodules: bool, on_progress: Progress) -> list[Trouble]:
    """Submodules, then the end of the lock and of the entry in the journal."""
    notes: list[Trouble] = []
    if submodules and (hold.path / ".gitmodules").is_file():
        trouble = await fill_submodules(hold.path, held=(hold.fd,), on_progress=on_progress)
        notes += [trouble] if trouble else []
    await git(root, "worktree", "unlock", str(hold.path), held=(hold.fd,))
    hold.done()
    return notes


async def checkout_at(root: Path, path: Path) -> Checkout:
    """The worktree that git lists at `path`, links in it resolved.

    Raises:
        RepositoryError: git lists none there.
    """
    wanted = {path, path.parent.resolve() / path.name}
    for checkout in await list_checkouts(root):
        if checkout.path in wanted:
            return checkout
    steps = ("git worktree list shows those that git knows; a moved one is found again by repair.",)
    raise RepositoryError(Trouble("Not a worktree of this repository", str(path), steps))


async def delete_branch(root: Path, hold: PathLock, branch: str, head: str) -> None:
    """Deletes a branch that still stands at `head`, and its settings.

    Raises:
        RepositoryError: it has moved.
    """
    await git(root, "update-ref", "-d", f"refs/heads/{branch}", head, held=(hold.fd,))
    with contextlib.suppress(RepositoryError):
        await git(root, "config", "--local", "--remove-section", f"branch.{branch}", ok=(0, 5, 128), held=(hold.fd,))
