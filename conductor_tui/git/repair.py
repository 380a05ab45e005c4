"""Clears what a crash has left of a worktree that was being made, and forgets worktrees whose folder is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import Checkout, Operation, Salvage
from conductor_tui.git.creation import OUR_REASON, delete_branch
from conductor_tui.git.journal import JournalEntry, PathLock
from conductor_tui.git.listing import list_checkouts
from conductor_tui.git.losses import inspect, inspect_missing
from conductor_tui.git.program import git
from conductor_tui.git.removal import GIT_REASON, forget_worktree, is_there
from conductor_tui.git.snapshot import keep
from conductor_tui.git.tree_walk import delete_files


async def clear_left_over(root: Path, hold: PathLock, *, common: Path, now: int) -> Salvage | None:
    """Takes away what an earlier process left of a worktree that it was making at the path of `hold`.

    Nobody has worked in it, yet whatever differs from its commit is salvaged first.

    Raises:
        RepositoryError: it is being removed, another program makes one there, or it cannot be taken away.
    """
    entry = hold.left_over()
    checkout = next((c for c in await list_checkouts(root) if c.path == hold.path), None)
    locked = checkout.locked if checkout else None
    if entry is None and locked == GIT_REASON:
        steps = (f"If none is running: git worktree remove -f -f {hold.path}",)
        raise RepositoryError(Trouble("Git is making a worktree there, or was killed in it", str(hold.path), steps))
    if entry is not None and entry.operation is Operation.REMOVE:
        steps = ("Remove it again, which ends that.",)
        raise RepositoryError(Trouble("This worktree is half removed", str(hold.path), steps))
    if entry is None and locked != OUR_REASON:
        return None
    salvage = None
    if checkout is not None:
        if is_there(checkout.path, common):
            salvage = await _empty(root, hold, checkout, common, now)
        await forget_worktree(root, hold, checkout, common)
    elif _is_stray(hold.path, common):
        (hold.path / ".git").unlink()
    if entry is not None and entry.branch and not await _is_checked_out(root, entry.branch):
        with contextlib.suppress(RepositoryError):  # it was not made yet, or has moved
            await delete_branch(root, hold, entry.branch, entry.branch_head)
    hold.done()
    return salvage


async def _is_checked_out(root: Path, branch: str) -> bool:
    """Whether a worktree has it, such as one that won the race for its name."""
    return any(checkout.branch == branch for checkout in await list_checkouts(root))


async def _empty(root: Path, hold: PathLock, checkout: Checkout, common: Path, now: int) -> Salvage | None:
    git_dir = find_git_dir(common, checkout.path)
    if git_dir is not None:
        (git_dir / "index.lock").unlink(missing_ok=True)  # no git of ours runs: the hold is shared with them
    await git(checkout.path, "read-tree", *((checkout.head,) if checkout.head else ("--empty",)), held=(hold.fd,))
    await git(checkout.path, "update-index", "-q", "--refresh", ok=(0, 1), held=(hold.fd,))
    found = await inspect(root, checkout, branch_goes=False, size_limit=1 << 62, unfinished=Operation.CREATE)
    salvage = None
    if found.changed & found.tree.files.keys():
        name = f"{checkout.path.name}-unfinished"
        salvage = await keep(found, checkout, name=name, now=now, common=common, held=(hold.fd,))
    left = await asyncio.to_thread(delete_files, checkout.path, found.tree)
    if left:
        steps = ("Take it away by hand, then try again.",)
        trouble = Trouble("An unfinished worktree cannot be cleared", f"{left[0].path}: {left[0].reason}", steps)
        raise RepositoryError(trouble)
    return salvage


def _is_stray(path: Path, common: Path) -> bool:
    """Whether a folder holds nothing but the pointer to a git folder of ours that is gone."""
    try:
        with os.scandir(path) as entries:
            names = [entry.name for entry in entries]
        pointer = (path / ".git").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    git_dir = Path(pointer.removeprefix("gitdir:").strip())
    return names == [".git"] and git_dir.parent == common / "worktrees" and not git_dir.exists()


def find_git_dir(common: Path, path: Path) -> Path | None:
    """The git folder of the worktree at `path`, which need not exist."""
    for pointer in (common / "worktrees").glob("*/gitdir"):
        with contextlib.suppress(OSError):
            back = pointer.parent / os.fsdecode(pointer.read_bytes()).removesuffix("\n")
            if back.resolve() == (path / ".git").resolve():
                return pointer.parent
    return None


async def prune(root: Path, hold: PathLock, checkout: Checkout, *, common: Path, now: int) -> Salvage:
    """Forgets a worktree whose folder is gone; its HEAD and index are kept.

    Raises:
        RepositoryError: the folder is there, it is locked, or its index cannot be read.
    """
    if checkout.is_main or checkout.prunable is None or checkout.path.exists():
        steps = ("Remove it instead.",)
        raise RepositoryError(Trouble("Git would not forget this worktree", str(checkout.path), steps))
    git_dir = find_git_dir(common, checkout.path)
    if git_dir is None:
        raise RepositoryError(Trouble("Git has forgotten this worktree already", str(checkout.path)))
    found = await inspect_missing(root, checkout, git_dir)
    salvage = await keep(found, checkout, name=checkout.path.name, now=now, common=common, held=(hold.fd,))
    await git(root, "worktree", "remove", "--force", str(checkout.path), held=(hold.fd,))
    entry = hold.left_over()
    if isinstance(entry, JournalEntry):
        hold.done()
    return salvage
