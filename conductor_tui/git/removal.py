"""Removes worktrees: only what the user has seen, after a salvage, and file by file, so that what came meanwhile stays.

The git folder of a worktree goes last: what a crash or a busy file leaves is still a worktree, and the same call goes
on.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import Changed, Checkout, Operation, Removed, Salvage
from conductor_tui.git.creation import OUR_REASON, delete_branch
from conductor_tui.git.journal import JournalEntry, PathLock
from conductor_tui.git.listing import find_default_branch, list_checkouts, resolve
from conductor_tui.git.losses import Inspection, inspect
from conductor_tui.git.program import git
from conductor_tui.git.snapshot import find_salvage, keep
from conductor_tui.git.tree_walk import NotDeleted, delete_files

GIT_REASON = "initializing"
"""The lock's reason while `git worktree add` runs without one of its user's."""

_NAMED = 10
"""Files that an error names; the rest is counted."""


def check_removable(checkout: Checkout, left_over: JournalEntry | None) -> None:
    """Says why a worktree is not ours to remove.

    Raises:
        RepositoryError: the main checkout, a bare repository, a locked one.
    """
    if checkout.is_main or checkout.is_bare:
        raise RepositoryError(Trouble("The repository itself is never removed", str(checkout.path)))
    if checkout.locked is not None and not (left_over and checkout.locked == OUR_REASON):
        reason = f": {checkout.locked}" if checkout.locked else ""
        steps = (f"If you may: git worktree unlock {checkout.path}",)
        raise RepositoryError(Trouble("This worktree is locked", f"{checkout.path}{reason}", steps))


def is_there(path: Path, common: Path) -> bool:
    """Whether the folder at `path` is the worktree that git means: each of the two points to the other."""
    if path.is_symlink():
        return False
    try:
        pointer = os.fsdecode((path / ".git").read_bytes()).removeprefix("gitdir:").strip()
        git_dir = (path / pointer).resolve()
        back = git_dir / os.fsdecode((git_dir / "gitdir").read_bytes()).removesuffix("\n")
        return git_dir.parent == (common / "worktrees").resolve() and back.resolve() == (path / ".git").resolve()
    except (OSError, ValueError):
        return False


def check_there(path: Path, common: Path) -> None:
    """Says what became of a worktree's folder.

    Raises:
        RepositoryError: it is gone, or another one is in its place.
    """
    if is_there(path, common):
        return
    steps = ("If it was moved: repair it with its new place.", "If it is gone for good: prune it.")
    what = (
        "Something else is in the place of this worktree" if path.exists() else "The folder of this worktree is missing"
    )
    raise RepositoryError(Trouble(what, str(path), steps))


async def check_alone(root: Path, path: Path) -> None:
    """Says which worktrees of the repository are inside this one: they would go with its files.

    Raises:
        RepositoryError: there are some.
    """
    inside = [str(c.path) for c in await list_checkouts(root) if path in c.path.parents and c.path.exists()]
    if inside:
        steps = ("Archive or move that one first.",)
        raise RepositoryError(Trouble("Another worktree is inside this one", "\n".join(inside), steps))


async def remove(
    root: Path,
    hold: PathLock,
    checkout: Checkout,
    seen: str,
    *,
    name: str,
    goes: str,
    size_limit: int,
    now: int,
    common: Path,
) -> Removed | Changed:
    """Salvages, deletes, and says what was kept; nothing happens if the losses are no longer those that were `seen`.

    Raises:
        RepositoryError: not ours to remove, not salvaged, or not all could be deleted.
    """
    left_over = hold.left_over()
    check_removable(checkout, left_over)
    if left_over and left_over.operation is Operation.REMOVE and not is_there(checkout.path, common):
        return await _go_on(root, hold, checkout, left_over, common)
    check_there(checkout.path, common)
    await check_alone(root, checkout.path)
    operation = left_over.operation if left_over else None
    is_ours = bool(goes) and goes == checkout.branch
    found = await inspect(root, checkout, branch_goes=is_ours, size_limit=size_limit, unfinished=operation)
    if found.losses.fingerprint != seen:
        return Changed(found.losses)
    _check_whole(found)
    earlier = await find_salvage(root, left_over.ref) if operation is Operation.REMOVE and left_over else None
    salvage = await keep(found, checkout, name=name, now=now, common=common, held=(hold.fd,), earlier=earlier)
    head = found.head if is_ours or not goes else await resolve(root, f"refs/heads/{goes}")
    hold.begin(JournalEntry(Operation.REMOVE, str(checkout.path), branch=goes, branch_head=head, ref=salvage.ref))
    left = await asyncio.to_thread(delete_files, checkout.path, found.tree)
    if left:
        raise RepositoryError(_not_all(checkout.path, left))
    await _check_head(found)
    await forget_worktree(root, hold, checkout, common)
    return await _end(root, hold, salvage, goes, head)


def _check_whole(found: Inspection) -> None:
    """Says why not all of a worktree could be deleted, before anything is."""
    if found.tree.mounts:
        steps = ("Unmount it, then try again.",)
        where = ", ".join(os.fsdecode(mount) for mount in found.tree.mounts)
        raise RepositoryError(Trouble("Another file system is mounted in this worktree", where, steps))
    if found.tree.unread:
        steps = ("Look at who owns it, then try again.",)
        where = ", ".join(f"{os.fsdecode(folder)}: {reason}" for folder, reason in found.tree.unread.items())
        raise RepositoryError(Trouble("A folder of this worktree cannot be read", where[:2000], steps))


async def _check_head(found: Inspection) -> None:
    """A commit that was made while files were deleted must not go with the git folder."""
    now = (await git(found.losses.path, "rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))).decode().strip()
    if now != found.head:
        steps = ("Look at it, then remove it again.",)
        raise RepositoryError(Trouble("Somebody committed in this worktree meanwhile", str(found.losses.path), steps))


async def forget_worktree(root: Path, hold: PathLock, checkout: Checkout, common: Path) -> None:
    """Takes the empty folder away, then what git knows of it.

    Raises:
        RepositoryError: something is in the folder.
    """
    try:
        if is_there(checkout.path, common):
            (checkout.path / ".git").unlink()
        checkout.path.rmdir()
    except FileNotFoundError:
        pass
    except OSError as error:
        left = NotDeleted(checkout.path.name, error.strerror or str(error))
        raise RepositoryError(_not_all(checkout.path, (left,))) from error
    await git(root, "worktree", "remove", "--force", "--force", str(checkout.path), held=(hold.fd,))


async def _go_on(root: Path, hold: PathLock, checkout: Checkout, left_over: JournalEntry, common: Path) -> Removed:
    """Ends a removal that had deleted all files."""
    await forget_worktree(root, hold, checkout, common)
    return await end_removal(root, hold, left_over)


async def end_removal(root: Path, hold: PathLock, entry: JournalEntry) -> Removed:
    """What is left to do when the worktree itself is gone."""
    return await _end(root, hold, await find_salvage(root, entry.ref), entry.branch, entry.branch_head)


async def _end(root: Path, hold: PathLock, salvage: Salvage, branch: str, head: str) -> Removed:
    trouble = await _why_stays(root, branch, head, is_kept=branch == salvage.branch) if branch else None
    deleted = ""
    if branch and trouble is None and await resolve(root, f"refs/heads/{branch}"):
        try:
            await delete_branch(root, hold, branch, head)
            deleted = branch
        except RepositoryError as error:
            trouble = error.trouble
    hold.done()
    return Removed(salvage, deleted, (trouble,) if trouble else ())


async def _why_stays(root: Path, branch: str, head: str, *, is_kept: bool) -> Trouble | None:
    """`is_kept`: whether the salvage has its commits, for it was checked out."""
    default = await find_default_branch(root)
    title = f"Branch {branch} stays"
    if default is not None and default.name == branch:
        return Trouble(title, "It is the default branch.")
    for checkout in await list_checkouts(root):
        if checkout.branch == branch:
            return Trouble(title, f"It is checked out in {checkout.path}")
    at = await resolve(root, f"refs/heads/{branch}")
    if at and at != head:
        return Trouble(title, "It has new commits.")
    if at and not is_kept:
        others = (f"--exclude={branch}", "--branches", "--tags", "--remotes")
        if await git(root, "rev-list", "--max-count=1", at, "--not", *others, "--"):
            return Trouble(title, "It has commits of its own, and was not checked out.")
    return None


def _not_all(path: Path, left: tuple[NotDeleted, ...]) -> Trouble:
    named = [f"{item.path}: {item.reason}" for item in left[:_NAMED]]
    more = [f"and {len(left) - _NAMED} more"] if len(left) > _NAMED else []
    steps = ("All that was to be kept is salvaged. End what uses these files, then remove it again.",)
    return Trouble("Not all of the worktree could be removed", "\n".join((str(path), *named, *more)), steps)
