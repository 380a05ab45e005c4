"""What submodules would take with them: their repositories are in the worktree's own git folder, and go with it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.worktrees import Loss, LossKind
from conductor_tui.git.program import git


async def find_described(root: Path) -> set[str]:
    """Paths that `.gitmodules` describes: git can have these submodules again. A link in its place is none."""
    file = root / ".gitmodules"
    if file.is_symlink() or not file.is_file():
        return set()
    said = await git(root, "config", "-z", "--file", str(file), "--get-regexp", r"^submodule\..*\.path$", ok=(0, 1))
    return {os.fsdecode(entry.partition(b"\n")[2]) for entry in said.split(b"\0") if entry}


async def find_submodule_losses(root: Path, git_dir: Path, submodules: list[str]) -> list[Loss]:
    """Commits and stashes in submodules that are on no remote; a submodule that cannot be asked is unknown."""
    stores = {store: store.name for store in await asyncio.to_thread(_stores, git_dir / "modules")}
    for path in submodules:
        inside = root / path / ".git"
        if inside.is_dir():  # never absorbed: its repository is in the working tree
            stores[inside] = path
    losses: list[Loss] = []
    for store, name in stores.items():
        try:
            losses += await _ask(root, store, name)
        except RepositoryError as error:
            detail = f"cannot be asked: {error.trouble.cause or error.trouble.title}"
            losses.append(Loss(LossKind.UNKNOWN, name, detail, is_salvaged=False))
    return losses


def _stores(modules: Path) -> list[Path]:
    """Repositories of submodules, those within submodules included."""
    found = []
    for folder, folders, files in os.walk(modules):
        if "HEAD" in files and "objects" in folders:
            found.append(Path(folder))
            folders[:] = [name for name in folders if name == "modules"]
    return found


async def _ask(root: Path, store: Path, name: str) -> list[Loss]:
    where = (f"--git-dir={store}",)
    head = (await git(root, *where, "rev-parse", "--verify", "--quiet", "HEAD", ok=(0, 1))).decode().strip()
    if not head:
        return []
    count = await git(
        root,
        *where,
        "rev-list",
        "--count",
        head,
        "--branches",
        "--glob=refs/stash",
        "--not",
        "--remotes",
        "--tags",
        "--",
    )
    if not int(count):
        return []
    detail = f"{int(count)} commits or stashes that are on no remote"
    return [Loss(LossKind.SUBMODULE, name, detail, is_salvaged=False)]
